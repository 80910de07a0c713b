// A conversation as text and as a file, and kept in this tab so that loading the page again loses nothing.

import { t } from './texts.js';

const KEPT = 'transcript';
const MOST = 400; // lines that are kept; a call of an hour has about as many

/** @typedef {{who: 'you' | 'agent' | 'other', text: string, mark: '' | 'interrupted' | 'cut'}} Line */

function ending(line) {
  return line.mark ? ` —\u00a0${t(`note.${line.mark}`)}` : '';
}

/** @param {Line[]} lines @returns {string} one line a segment */
export function asText(lines) {
  return lines.map((line) => `${t(`name.${line.who}`)}: ${line.text.trim()}${ending(line)}`).join('\n');
}

/** @param {Line[]} lines @returns {string} with a heading; what was said stays what it was, whatever signs are in it */
export function asMarkdown(lines, title, now = new Date()) {
  const plain = (text) => text.trim().replace(/[\\`*_[\]<>#|~]/g, '\\$&');
  const said = lines.map((line) => `**${t(`name.${line.who}`)}:** ${plain(line.text)}${ending(line)}`);
  return [`# ${plain(title)}`, now.toLocaleString(document.documentElement.lang), ...said].join('\n\n') + '\n';
}

/** Hand a text to the browser as a download. */
export function save(name, text, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Lives as long as the tab. */
export const kept = {
  /** @param {Line[]} lines */
  write(lines) {
    try {
      if (lines.length) sessionStorage.setItem(KEPT, JSON.stringify(lines.slice(-MOST)));
      else sessionStorage.removeItem(KEPT);
    } catch {
      // no room, or no storage at all: the page shows them all the same
    }
  },
  /** @returns {Line[]} */
  read() {
    try {
      const found = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]');
      return found.filter((line) => ['you', 'agent', 'other'].includes(line.who) && typeof line.text === 'string');
    } catch {
      return [];
    }
  },
};
