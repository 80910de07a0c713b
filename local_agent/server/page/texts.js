// What the page says, in the language of whoever reads it. A table a language: texts/*.json, all with the same keys.

export const LANGUAGES = { de: 'Deutsch', en: 'English', es: 'Español', fr: 'Français', it: 'Italiano', nl: 'Nederlands', pt: 'Português' };
const USUAL = 'en';

let table = {};
export let language = USUAL;

/** Load a language's table and put it on the page. `wanted`: one of LANGUAGES, or 'auto' for the browser's first that is there. */
export async function speak(wanted) {
  const asked = wanted === 'auto' ? navigator.languages.map((one) => one.slice(0, 2).toLowerCase()) : [wanted];
  language = asked.find((one) => one in LANGUAGES) ?? USUAL;
  const answer = await fetch(`/texts/${language}.json`).catch(() => null);
  const found = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!found) return; // the page's own words stay
  table = found;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll('[data-t-label]')) element.ariaLabel = t(element.dataset.tLabel);
  for (const element of document.querySelectorAll('[data-t-placeholder]')) element.placeholder = t(element.dataset.tPlaceholder);
}

/** @returns {string} the text of a key, with `{words}` filled in; the key itself where there is none. */
export function t(key, words = {}) {
  return Object.entries(words).reduce((text, [name, value]) => text.replace(`{${name}}`, value), table[key] ?? key);
}

export function number(value, digits) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** A day as people write it. `iso`: date and time. */
export function day(iso) {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(new Date(iso));
}

export function languageName(code) {
  return new Intl.DisplayNames([language], { type: 'language' }).of(code) ?? code;
}
