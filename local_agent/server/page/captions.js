// The conversation as it is spoken. Kept in this tab only.

import { t } from './texts.js';
import { kept } from './transcript.js';

const NEAR = 60; // pixels from the end that still count as being there
const ENDED = /[.!?…。！？:]["'”’)\]]*\s*$/;

/** Writes segments into a list; a segment keeps its line while its words change. */
export class Captions {
  #box;
  #list;
  #lines = new Map(); // segment id -> {item, words, cut, who, text, mark, final}
  #speaking = null; // the agent's line that is being spoken
  #onGrow;
  #reading = false; // somebody scrolled back
  #forgotten = new Set(); // ids of segments of which no more is shown

  /** box: what scrolls, a list in it. `onGrow()` is called whenever a line is added. */
  constructor(box, onGrow) {
    this.#box = box;
    this.#list = box.firstElementChild;
    this.#onGrow = onGrow;
    box.addEventListener('scroll', () => { this.#reading = box.scrollHeight - box.scrollTop - box.clientHeight > NEAR; });
    new ResizeObserver(() => this.#follow()).observe(box);
  }

  get empty() {
    return this.#list.children.length === 0;
  }

  /** Show what this tab kept from before it was loaded again. */
  restore() {
    const lines = kept.read();
    lines.forEach((line, n) => {
      this.#write(`kept-${n}`, line.who, line.text);
      this.#settle(`kept-${n}`, line.mark);
    });
    if (lines.length) this.note(t('note.before'));
  }

  /**
   * Read one text stream of `lk.transcription` to its end. A person's segment comes as one stream per version, an agent's as
   * one stream that grows while it is spoken. `who` is `you`, `agent` or `other`; `onFinal()` is called when the words stand.
   */
  async follow(reader, who, onFinal) {
    const id = reader.info.attributes?.['lk.segment_id'] ?? reader.info.id;
    let text = '';
    try {
      for await (const piece of reader) {
        text += piece;
        if (text.trim()) this.#write(id, who, text);
      }
    } catch {
      this.#settle(id, who === 'agent' ? 'cut' : ''); // the room went away in the middle of a sentence
      return;
    }
    const final = who === 'agent' || reader.info.attributes?.['lk.transcription_final'] === 'true';
    if (!final || !this.#lines.has(id)) return;
    this.#settle(id);
    onFinal();
  }

  /** What a person typed. */
  typed(text) {
    const id = `typed-${this.#lines.size}-${Date.now()}`;
    this.#write(id, 'you', text);
    this.#settle(id);
  }

  /** A remark of the page itself, not part of the transcript. */
  note(text) {
    const item = document.createElement('li');
    item.className = 'note';
    item.textContent = text;
    this.#append(item);
  }

  /** The agent stopped because the person spoke: mark the sentence that was left unfinished. */
  interrupted() {
    const line = this.#speaking;
    if (!line || line.mark || ENDED.test(line.text)) return;
    this.#mark(line, 'interrupted');
    if (line.final) this.#keep();
  }

  /** Drop the last exchanges, from a person's words to the end of the answer; `null` drops all there is. */
  forget(exchanges) {
    const lines = [...this.#lines.entries()];
    const begins = lines.flatMap(([, line], at) => (isPerson(line) && !isPerson(lines[at - 1]?.[1]) ? [at] : []));
    const first = exchanges === null ? 0 : begins.at(-Math.min(exchanges, begins.length)) ?? lines.length;
    for (const [id, line] of begins.length || exchanges === null ? lines.slice(first) : []) {
      line.item.remove();
      this.#lines.delete(id);
      this.#forgotten.add(id);
    }
    if (exchanges === null) this.#list.replaceChildren();
    this.#speaking = null;
    this.#keep();
    this.note(t('note.forgotten'));
  }

  /** Empty the page. */
  clear() {
    this.#lines.clear();
    this.#list.replaceChildren();
    this.#speaking = null;
    this.#keep();
    this.#onGrow();
  }

  /** @returns {import('./transcript.js').Line[]} */
  lines() {
    const said = [...this.#lines.values()].filter((line) => line.text.trim());
    return said.map(({ who, text, mark }) => ({ who, text: text.trim(), mark }));
  }

  #keep() {
    kept.write(this.lines());
  }

  #write(id, who, text) {
    if (this.#forgotten.has(id)) return;
    const line = this.#lines.get(id) ?? this.#begin(id, who);
    if (line.final) return;
    line.text = text;
    line.words.textContent = text.trim();
    line.item.classList.toggle('interim', isPerson(line));
    if (who === 'agent') this.#speaking = line;
    this.#follow();
  }

  #settle(id, mark = '') {
    const line = this.#lines.get(id);
    if (!line) return;
    line.final = true;
    line.item.classList.remove('interim');
    line.item.removeAttribute('aria-busy');
    if (mark) this.#mark(line, mark);
    this.#keep();
  }

  #mark(line, mark) {
    line.mark = mark;
    line.cut.textContent = ` —\u00a0${t(`note.${mark}`)}`;
  }

  #begin(id, who) {
    const item = document.createElement('li');
    item.className = who;
    item.setAttribute('aria-busy', 'true'); // read out when the words stand, not at every change
    const name = document.createElement('span');
    name.className = who === 'other' ? 'cut' : 'unseen';
    name.textContent = `${t(`name.${who}`)}: `;
    const words = document.createElement('span');
    const cut = document.createElement('span');
    cut.className = 'cut';
    item.append(name, words, cut);
    this.#append(item);
    const line = { item, words, cut, who, text: '', mark: '', final: false };
    this.#lines.set(id, line);
    return line;
  }

  #append(item) {
    this.#list.append(item);
    this.#onGrow();
    this.#follow();
  }

  /** Keep the newest words in sight, unless somebody scrolled back to read. */
  #follow() {
    if (!this.#reading) this.#box.scrollTop = this.#box.scrollHeight;
  }
}

function isPerson(line) {
  return line !== undefined && line.who !== 'agent';
}
