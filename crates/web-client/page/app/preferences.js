import { browserStorage } from '../confab.js';

/**
 * What somebody chose for this browser.
 *
 * @typedef {'system' | 'light' | 'dark'} Theme
 * @typedef {'browser' | 'en' | 'ru'} Language
 * @typedef {import('../confab/types.js').PushContent} PushContent
 */

const THEME = 'confab.theme';
const LANGUAGE = 'confab.language';
const NOTIFIES = 'confab.notifies';
const PUSHES = 'confab.pushes';

/** @returns {Theme} */
export function theme() {
  const kept = browserStorage.getItem(THEME);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** @param {Theme} wanted */
export function setTheme(wanted) {
  browserStorage.setItem(THEME, wanted);
  showTheme();
}

/** Gives the page its colours; the style sheet follows the system unless told otherwise. */
export function showTheme() {
  const wanted = theme();
  if (wanted === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
}

/** @returns {Language} */
export function language() {
  const kept = browserStorage.getItem(LANGUAGE);
  return kept === 'en' || kept === 'ru' ? kept : 'browser';
}

/** @param {Language} wanted */
export function setLanguage(wanted) {
  browserStorage.setItem(LANGUAGE, wanted);
}

/** Whether to tell of messages while nobody looks, as far as the browser allows it. */
export function notifies() {
  const allowed = 'Notification' in window && Notification.permission === 'granted';
  return allowed && browserStorage.getItem(NOTIFIES) === 'on';
}

/** @param {boolean} wanted */
export function setNotifies(wanted) {
  browserStorage.setItem(NOTIFIES, wanted ? 'on' : 'off');
}

/**
 * What notifications carry that come while no page is open; null if none come.
 *
 * @returns {PushContent | null}
 */
export function pushes() {
  return /** @type {PushContent | null} */ (browserStorage.getItem(PUSHES));
}

/** @param {PushContent | null} wanted */
export function setPushes(wanted) {
  if (wanted) browserStorage.setItem(PUSHES, wanted);
  else browserStorage.removeItem(PUSHES);
}
