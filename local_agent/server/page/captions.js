// The conversation as it is spoken, and as text to copy. Kept in the page only.

const NEAR = 60; // pixels from the end that still count as being there
const NAMES = { you: 'You', agent: 'Agent', other: 'Another person' };
const ENDED = /[.!?…。！？:]["'”’)\]]*\s*$/;

/** Writes segments into a list; a segment keeps its line while its words change. */
export class Captions {
  #list;
  #lines = new Map(); // segment id -> {item, words, cut, who, text, final}
  #speaking = null; // the agent's line that is being spoken
  #onGrow;
  #reading = false; // somebody scrolled back
  #forgotten = new Set(); // ids of segments of which no more is shown

  /** `onGrow()` is called whenever a line is added. */
  constructor(list, onGrow) {
    this.#list = list;
    this.#onGrow = onGrow;
    list.addEventListener('scroll', () => { this.#reading = list.scrollHeight - list.scrollTop - list.clientHeight > NEAR; });
    new ResizeObserver(() => this.#follow()).observe(list);
  }

  get empty() {
    return this.#list.children.length === 0;
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
        if (text.trim()) this.#write(id, who, text, false);
      }
    } catch {
      this.#settle(id, true); // the room went away in the middle of a sentence
      return;
    }
    const final = who === 'agent' || reader.info.attributes?.['lk.transcription_final'] === 'true';
    if (!final || !this.#lines.has(id)) return;
    this.#settle(id, false);
    onFinal();
  }

  /** What a person typed. */
  typed(text) {
    const id = `typed-${this.#lines.size}-${Date.now()}`;
    this.#write(id, 'you', text, false);
    this.#settle(id, false);
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
    if (!line || line.marked || ENDED.test(line.text)) return;
    line.marked = true;
    line.cut.textContent = ' —\u00a0interrupted';
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
    this.note('Forgotten');
  }

  /** @returns {string} one line a segment */
  transcript() {
    const said = [...this.#lines.values()].filter((line) => line.text.trim());
    return said.map((line) => `${NAMES[line.who]}: ${line.text.trim()}${line.cut.textContent}`).join('\n');
  }

  #write(id, who, text, final) {
    if (this.#forgotten.has(id)) return;
    const line = this.#lines.get(id) ?? this.#begin(id, who);
    if (line.final) return;
    line.text = text;
    line.words.textContent = text.trim();
    line.item.classList.toggle('interim', isPerson(line) && !final);
    if (who === 'agent') this.#speaking = line;
    this.#follow();
  }

  #settle(id, cut) {
    const line = this.#lines.get(id);
    if (!line) return;
    line.final = true;
    line.item.classList.remove('interim');
    line.item.removeAttribute('aria-busy');
    if (cut && line.who === 'agent') line.cut.textContent = ' —\u00a0cut\u00a0off';
  }

  #begin(id, who) {
    const item = document.createElement('li');
    item.className = who;
    item.setAttribute('aria-busy', 'true'); // read out when the words stand, not at every change
    const name = document.createElement('span');
    name.className = who === 'other' ? 'cut' : 'unseen';
    name.textContent = `${NAMES[who]}: `;
    const words = document.createElement('span');
    const cut = document.createElement('span');
    cut.className = 'cut';
    item.append(name, words, cut);
    this.#append(item);
    const line = { item, words, cut, who, text: '', final: false, marked: false };
    this.#lines.set(id, line);
    return line;
  }

  #append(item) {
    this.#list.hidden = false;
    this.#list.append(item);
    this.#onGrow();
    this.#follow();
  }

  /** Keep the newest words in sight, unless somebody scrolled back to read. */
  #follow() {
    if (!this.#reading) this.#list.scrollTop = this.#list.scrollHeight;
  }
}

function isPerson(line) {
  return line !== undefined && line.who !== 'agent';
}
