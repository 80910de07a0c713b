// The panel: what is set before a call and in it, and what runs here.

import { facts, fetchAbout, short } from './about.js';
import { SHORTCUTS } from './keys.js';
import { apply, choices, preferences, set } from './preferences.js';
import { LANGUAGES, languageName, number, speak, t } from './texts.js';

const ask = (id) => document.getElementById(id);
const AFTER = 600; // ms after the last letter of an instruction until it is told
const CALM_LEVEL = 10; // steps of the level that a screen reader is told

/** Events: `microphone`, `speaker` (ids of devices), `push`, `look` (colours changed), `texts`, `choices` (those that changed). */
export class Panel extends EventTarget {
  #dialog = ask('settings');
  #about = null;
  #trial = null; // a microphone that is tried before a call
  #levels;
  #timer = 0;
  #calling = false;

  constructor(levels) {
    super();
    this.#levels = levels;
    ask('open-settings').addEventListener('click', () => this.open());
    ask('runs').addEventListener('click', () => this.open('about'));
    ask('close-settings').addEventListener('click', () => this.#dialog.close());
    this.#dialog.addEventListener('click', (event) => event.target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener('close', () => this.endTrial());
    this.#choose('theme', 'theme', () => this.#look());
    this.#choose('size', 'size', () => this.#look());
    this.#choose('page-language', 'pageLanguage', () => this.retell());
    this.#choose('microphone', 'microphone', (id) => this.#tell('microphone', id));
    this.#choose('speaker', 'speaker', (id) => this.#tell('speaker', id));
    for (const [id, name] of [['push-to-talk', 'push'], ['shortcuts', 'shortcuts']]) {
      ask(id).checked = preferences[name];
      ask(id).addEventListener('change', ({ target }) => {
        set(name, target.checked);
        this.#tell(name, target.checked);
      });
    }
    ask('try-microphone').addEventListener('click', () => this.#try());
    ask('page-language').append(...Object.entries(LANGUAGES).map(([code, name]) => new Option(name, code)));
    ask('page-language').value = preferences.pageLanguage;
    ask('speaker').hidden = ask('speaker').labels[0].hidden = !('setSinkId' in HTMLMediaElement.prototype);
    this.#bindChoices();
  }

  /** @returns {object} what the person wants of the agent and may choose */
  get choices() {
    return choices(this.#about?.choices ?? {});
  }

  /** Load the texts of the language that is set, and fill in what is not in the page itself. */
  async retell() {
    await speak(preferences.pageLanguage);
    ask('key-list').replaceChildren(...pairs(SHORTCUTS.map(({ key, shown, name }) => [shown ? t(shown) : key.toUpperCase(), t(name)])));
    this.#showAbout();
    this.listDevices();
    this.#tell('texts', null);
  }

  open(at = null) {
    if (this.#dialog.open) return;
    this.#dialog.showModal();
    this.listDevices();
    if (at) ask(at).scrollIntoView();
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /** Ask the server what runs and what may be chosen; again when the access key is known. */
  async learn() {
    this.#about = await fetchAbout();
    this.#showAbout();
  }

  calling(on) {
    if (on) this.endTrial();
    this.#calling = on;
    ask('try-microphone').hidden = on;
  }

  level(loudness) {
    ask('test-level').style.setProperty('--level', loudness.toFixed(2));
    const told = String(Math.round(loudness * CALM_LEVEL) * (100 / CALM_LEVEL));
    if (ask('test-level').ariaValueNow !== told) ask('test-level').ariaValueNow = told;
  }

  async listDevices() {
    const found = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
    for (const [id, kind, name] of [['microphone', 'audioinput', 'label.microphoneNumber'], ['speaker', 'audiooutput', 'label.speakerNumber']]) {
      const devices = found.filter((device) => device.kind === kind && device.deviceId && device.deviceId !== 'default');
      const options = devices.map((device, n) => new Option(device.label || t(name, { number: n + 1 }), device.deviceId));
      ask(id).replaceChildren(new Option(t('label.usual'), ''), ...options);
      ask(id).value = devices.some((device) => device.deviceId === preferences[id]) ? preferences[id] : '';
    }
  }

  endTrial() {
    if (!this.#trial) return;
    for (const track of this.#trial.getTracks()) track.stop();
    this.#trial = null;
    ask('try-microphone').hidden = this.#calling;
    if (!this.#calling) this.#levels.rest();
  }

  async #try() {
    this.#levels.wake();
    const device = preferences.microphone ? { deviceId: preferences.microphone } : true;
    this.#trial = await navigator.mediaDevices?.getUserMedia({ audio: device }).catch(() => null) ?? null;
    if (!this.#trial) return this.#tell('untried', null);
    if (this.#calling || !this.#dialog.open) return this.endTrial();
    ask('try-microphone').hidden = true;
    this.#levels.use('you', this.#trial.getAudioTracks()[0]);
    this.listDevices(); // with their names now
  }

  #choose(id, name, then) {
    ask(id).value = preferences[name];
    ask(id).addEventListener('change', ({ target }) => {
      set(name, target.value);
      then(target.value);
      if (name === 'microphone' && this.#trial) {
        this.endTrial();
        this.#try();
      }
    });
  }

  #look() {
    apply();
    this.#tell('look', null);
  }

  #bindChoices() {
    const bind = (id, name, event, value, wait) => ask(id).addEventListener(event, ({ target }) => {
      set(name, value(target.value));
      this.#showSpeed();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#tell('choices', { [name]: preferences[name] }), wait);
    });
    bind('choose-voice', 'voice', 'change', String, 0);
    bind('choose-speed', 'speed', 'input', Number, AFTER);
    bind('choose-language', 'language', 'change', String, 0);
    bind('choose-instructions', 'instructions', 'input', String, AFTER);
    bind('choose-greeting', 'greeting', 'input', String, AFTER);
  }

  #showAbout() {
    const about = this.#about;
    ask('about').hidden = !about;
    ask('runs').textContent = about ? short(about) : '';
    if (about) ask('facts').replaceChildren(...pairs(facts(about)));
    const offered = about?.choices ?? {};
    ask('agent-choices').hidden = !Object.keys(offered).length;
    for (const part of document.querySelectorAll('[data-choice]')) part.hidden = !(part.dataset.choice in offered);
    const fill = (id, name, shown) => {
      const options = (offered[name] ?? []).map((one) => new Option(shown(one), one));
      ask(id).replaceChildren(new Option(t('label.unchosen'), ''), ...options);
      ask(id).value = offered[name]?.includes(preferences[name]) ? preferences[name] : '';
    };
    fill('choose-voice', 'voice', String);
    fill('choose-language', 'language', languageName);
    const { speed } = offered;
    if (speed) Object.assign(ask('choose-speed'), { min: speed.slowest, max: speed.fastest, value: preferences.speed || speed.usual });
    for (const name of ['instructions', 'greeting']) {
      ask(`choose-${name}`).maxLength = offered[name] ?? 0;
      ask(`choose-${name}`).value = preferences[name];
    }
    ask('next-call').hidden = !('greeting' in offered);
    this.#showSpeed();
  }

  #showSpeed() {
    ask('speed-shown').textContent = `${number(Number(ask('choose-speed').value), 2)} ×`;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Rows of a list of terms. @param {[string, string][]} rows */
function pairs(rows) {
  return rows.map(([term, fact]) => {
    const row = document.createElement('div');
    for (const [tag, text] of [['dt', term], ['dd', fact]]) {
      const part = document.createElement(tag);
      part.textContent = text;
      row.append(part);
    }
    return row;
  });
}
