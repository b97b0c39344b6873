import { h } from './dom.js';
import { explain } from './i18n.js';

/** For how long a note stays. */
const LIFE_MS = 5_000;

/**
 * Tells something in passing.
 *
 * @param {string} text
 */
export function toast(text) {
  const note = h('p', { class: 'toast' }, text);
  document.getElementById('toasts')?.append(note);
  setTimeout(() => note.remove(), LIFE_MS);
}

/**
 * Does something that somebody asked for, and tells them if it is refused.
 *
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function orTell(work) {
  try {
    return await work;
  } catch (error) {
    toast(explain(error));
    return undefined;
  }
}
