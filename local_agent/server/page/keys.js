// Shortcuts, and the key and the button that are held to be heard.

import { preferences } from './preferences.js';

const TAIL = 250; // ms that a person is still heard after they let go: a word's end comes later than the finger
const WRITES = 'input:not([type=checkbox], [type=range]), textarea, select';

/** key: as the browser tells it. name: of the text. shown: where that is not the key itself. */
export const SHORTCUTS = [
  { key: 't', name: 'key.talk' },
  { key: 'm', name: 'key.mute' },
  { key: ' ', name: 'key.space', shown: 'key.spaceName' },
  { key: '/', name: 'key.message' },
  { key: 'c', name: 'key.copy' },
  { key: ',', name: 'key.settings' },
  { key: '?', name: 'key.help' },
];

/** `act(name)` is called with a shortcut's name, but for the space bar, which `hold` is for. */
export function listen(act) {
  addEventListener('keydown', (event) => {
    if (!preferences.shortcuts || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest(WRITES) || document.querySelector('dialog[open]')) return;
    const found = SHORTCUTS.find(({ key }) => key !== ' ' && key === event.key.toLowerCase());
    if (!found) return;
    event.preventDefault();
    act(found.name);
  });
}

/** While the space bar or the button is held, `held(true)`; `held(false)` a moment after. `wanted()`: whether that is on. */
export function hold(button, wanted, held) {
  let timer = 0;
  const press = () => {
    clearTimeout(timer);
    held(true);
  };
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(() => held(false), TAIL);
  };
  button.addEventListener('pointerdown', (event) => {
    button.setPointerCapture(event.pointerId);
    press();
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) button.addEventListener(end, release);
  button.addEventListener('contextmenu', (event) => event.preventDefault()); // a long touch is no wish for a menu
  const isHold = ({ key, target }) => key === ' ' && wanted() && !document.querySelector('dialog[open]')
    && (target === button || !target.closest(`${WRITES}, button, a`));
  addEventListener('keydown', (event) => {
    if (!isHold(event)) return;
    event.preventDefault();
    if (!event.repeat) press();
  });
  addEventListener('keyup', (event) => {
    if (!isHold(event)) return;
    event.preventDefault();
    release();
  });
  addEventListener('blur', release);
}
