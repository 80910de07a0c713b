// What a person set on this page, kept by their browser. Nothing that was said is in it.

const KEPT = 'preferences';
const USUAL = {
  theme: 'system', size: 'normal', pageLanguage: 'auto', push: false, shortcuts: true, microphone: '', speaker: '',
  voice: '', speed: 0, language: '', instructions: '', greeting: '', // '' and 0: as the operator chose
};
const CHOICES = ['voice', 'speed', 'language', 'instructions', 'greeting'];

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    return Object.fromEntries(Object.entries(USUAL).map(([name, usual]) => [name, typeof found[name] === typeof usual ? found[name] : usual]));
  } catch {
    return { ...USUAL };
  }
}

export const preferences = read();

export function set(name, value) {
  preferences[name] = value;
  const changed = Object.entries(preferences).filter(([key, one]) => one !== USUAL[key]);
  try {
    if (changed.length) localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(changed)));
    else localStorage.removeItem(KEPT);
  } catch {
    // no storage: it holds until the page is closed
  }
}

/** What is to be told to the agent. @param {object} offered what the server lets people choose */
export function choices(offered) {
  return Object.fromEntries(CHOICES.filter((name) => name in offered && preferences[name]).map((name) => [name, preferences[name]]));
}

/** Put what concerns the page alone on it. */
export function apply() {
  const root = document.documentElement;
  if (preferences.theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = preferences.theme;
  root.dataset.size = preferences.size;
}
