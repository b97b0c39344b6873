import { Problem } from '../confab.js';
import { en } from './i18n/en.js';
import { ru } from './i18n/ru.js';
import { language } from './preferences.js';

/** @typedef {keyof typeof en} Key */

const TEXTS = { en, ru };

/** @type {'en' | 'ru'} */
let current = 'en';
let plurals = new Intl.PluralRules('en');

/** Takes the language that was chosen, or else the first one of the browser's that there is. */
export function showLanguage() {
  const chosen = language();
  const wished = chosen === 'browser' ? navigator.languages : [chosen];
  const found = wished.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'ru');
  current = found === 'ru' ? 'ru' : 'en';
  plurals = new Intl.PluralRules(current);
  document.documentElement.lang = current;
}

/** How dates are written: as where the browser is, if its language is the page's. */
export function locale() {
  return navigator.languages.find((tag) => tag.slice(0, 2) === current) ?? current;
}

/**
 * A text in the language of the page, with its `{places}` filled; `n` decides the plural.
 *
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  /** @type {string | Record<string, string>} */
  const text = TEXTS[current][key];
  const chosen = typeof text === 'string' ? text : text[plurals.select(Number(values.n))];
  return chosen.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/**
 * What to tell somebody about an error.
 *
 * @param {unknown} error
 */
export function explain(error) {
  if (!(error instanceof Problem)) throw error;
  return explainCode(error.reason) ?? error.message;
}

/**
 * @param {string | null} code Of a refusal.
 * @returns {string | null} Null if there is no text for it.
 */
export function explainCode(code) {
  const key = `error.${code}`;
  return key in en ? t(/** @type {Key} */ (key)) : null;
}
