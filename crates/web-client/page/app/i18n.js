import { Problem } from '../confab.js';
import { language } from './preferences.js';

/**
 * @typedef {typeof import('./i18n/en.js').en} Texts
 * @typedef {keyof Texts} Key
 */

/** Only the language that is spoken is loaded. */
const LOADERS = {
  en: async () => (await import('./i18n/en.js')).en,
  ru: async () => (await import('./i18n/ru.js')).ru,
};

/** @type {'en' | 'ru'} */
let current = 'en';
/** @type {Record<string, string | Record<string, string>>} */
let texts = {};
let plurals = new Intl.PluralRules('en');

/** Takes the language that was chosen, or else the first one of the browser's that there is. */
export async function showLanguage() {
  const chosen = language();
  const wished = chosen === 'browser' ? navigator.languages : [chosen];
  const found = wished.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'ru');
  const wanted = found === 'ru' ? 'ru' : 'en';
  texts = await LOADERS[wanted]();
  current = wanted;
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
  const text = texts[key];
  const chosen = typeof text === 'string' ? text : text[plurals.select(Number(values.n))];
  return chosen.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/**
 * A count as a badge shows it: the server counts up to 100, which means as many or more.
 *
 * @param {number} n
 */
export function countText(n) {
  return n < 100 ? String(n) : '99+';
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
  return key in texts ? t(/** @type {Key} */ (key)) : null;
}
