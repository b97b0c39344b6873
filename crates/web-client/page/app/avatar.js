import { h, set } from './dom.js';

/** How many colours the style sheet has for them. */
const COLOURS = 8;

/**
 * A disc with somebody's initials. It says nothing that the name beside it does not.
 *
 * @param {string} name
 * @param {number} id Decides the colour.
 * @param {string} [size] A class: `small` or `large`.
 */
export function avatar(name, id, size = '') {
  const props = { class: `avatar colour-${id % COLOURS} ${size}`, 'aria-hidden': 'true' };
  return h('span', props, initials(name));
}

/**
 * Shows beside an avatar whether somebody is there.
 *
 * @param {HTMLElement} disc
 * @param {boolean} online
 */
export function showOnline(disc, online) {
  set(disc, 'data-online', online);
}

/** @param {string} name */
function initials(name) {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '');
  return letters.join('').toLocaleUpperCase();
}
