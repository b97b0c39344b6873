import { BASE } from './base.js';
import { h, set } from './dom.js';

/** How many colours the style sheet has for them. */
const COLOURS = 8;
/** Where pictures of people are, from the server's address on. */
const PATH = '/api/v1/users';

/** Who looks. Where people are hidden, pictures need a key that says so. @type {import('../confab/live.js').Live | null} */
let viewer = null;

/** @param {import('../confab/live.js').Live | null} live */
export function lookAs(live) {
  viewer = live;
}

/** Pictures that were changed here, which the browser keeps an older one of. @type {Map<string, string>} */
const changed = new Map();

/**
 * A disc with the initials of a chat. It says nothing that the name beside it does not.
 *
 * @param {string} name
 * @param {number} id Decides the colour.
 * @param {string} [size] A class: `small` or `large`.
 */
export function disc(name, id, size = '') {
  const props = { class: `avatar colour-${id % COLOURS} ${size}`, 'aria-hidden': 'true' };
  return h('span', props, initials(name));
}

/**
 * Somebody's picture; their initials stand there until it has come.
 *
 * @param {string} name
 * @param {number} user
 * @param {string} [size]
 */
export function avatar(name, user, size = '') {
  const image = h('img', { alt: '', loading: 'lazy', decoding: 'async', draggable: false });
  const show = () => {
    const address = addressOf(user, size);
    if (address !== null) image.src = changed.get(address) ?? address;
    return address !== null;
  };
  if (!show()) {
    const forget = viewer?.media.on('changed', () => show() && forget?.());
  }
  // Without a connection the initials stay.
  image.addEventListener('error', () => image.remove());
  const element = disc(name, user, size);
  element.append(image);
  return element;
}

/**
 * Whether somebody has a picture that they chose; the one that is made for everybody else is an SVG.
 *
 * @param {number} user
 */
export async function hasPicture(user) {
  const address = addressOf(user, 'large');
  if (address === null) return false;
  const response = await fetch(address);
  return response.ok && !response.headers.get('Content-Type')?.startsWith('image/svg');
}

/**
 * Reads somebody's picture anew.
 *
 * @param {number} user
 */
export async function refreshAvatar(user) {
  for (const size of ['small', 'large']) {
    const address = addressOf(user, size);
    if (address === null) continue;
    const response = await fetch(address, { cache: 'reload' });
    const old = changed.get(address);
    changed.set(address, URL.createObjectURL(await response.blob()));
    if (old) URL.revokeObjectURL(old);
  }
}

/**
 * Shows beside an avatar whether somebody is there.
 *
 * @param {HTMLElement} element
 * @param {boolean} online
 */
export function showOnline(element, online) {
  set(element, 'data-online', online);
}

/**
 * Where a picture is; null while the key is missing that it needs.
 *
 * @param {number} user
 * @param {string} size
 */
function addressOf(user, size) {
  const path = `${PATH}/${user}/avatar`;
  const wanted = `size=${size === 'large' ? 'large' : 'small'}`;
  if (!viewer || viewer.people.findsStrangers) return `${BASE}${path}?${wanted}`;
  const keyed = viewer.media.address(path);
  return keyed && `${keyed}&${wanted}`;
}

/** @param {string} name */
function initials(name) {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '');
  return letters.join('').toLocaleUpperCase();
}
