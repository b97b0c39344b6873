import { h } from './dom.js';

/** @typedef {{name: string, me: boolean}} Mention */

/**
 * An address of the web and what stands directly behind it. The punctuation of Chinese and Japanese ends
 * it: they put no space there. U+30FB and U+301C are left out, which titles have inside.
 */
const ADDRESS = /\bhttps?:\/\/[^\s<>"\u201c\u201d\u2026\u3001-\u3003\u3008-\u3011\u3014-\u301b\u301d-\u301f\uff01\uff02\uff07-\uff09\uff0c\uff0e\uff1a-\uff1c\uff1e\uff1f\uff3b\uff3d\uff5b\uff5d\uff5f-\uff64]+/gi;

/** What an address may end with, unlike all other punctuation. */
const ENDS = new Set('/-_&#%@*\\');

/** Closing brackets and quotation marks with what opens them: one that was opened inside an address is part of it. */
const OPENING = new Map([[')', '('], [']', '['], ['}', '{'], ['’', '‘'], ['»', '«']]);

/**
 * A text whose addresses are links and whose mentions stand out.
 *
 * @param {string} text
 * @param {Mention[]} [mentions] Who is mentioned in it.
 * @returns {(string | HTMLElement)[]}
 */
export function linked(text, mentions = []) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutEnd(found);
    if (address.endsWith('://')) continue;
    parts.push(...marked(text.slice(end, index), mentions), link(address));
    end = index + address.length;
  }
  parts.push(...marked(text.slice(end), mentions));
  return parts;
}

/**
 * An address without the punctuation of the sentence that it stands in.
 *
 * @param {string} found
 */
function withoutEnd(found) {
  const characters = [...found];
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const one of characters) counts.set(one, (counts.get(one) ?? 0) + 1);
  const count = (/** @type {string} */ one) => counts.get(one) ?? 0;
  for (let last = characters.at(-1) ?? ''; isEnd(last); last = characters.at(-1) ?? '') {
    const opening = OPENING.get(last);
    if (opening && count(last) <= count(opening)) break;
    counts.set(last, count(last) - 1);
    characters.pop();
  }
  return characters.join('');
}

/** @param {string} character */
function isEnd(character) {
  // Characters that cannot be seen, such as marks of direction, are no part of an address either.
  return !ENDS.has(character) && /^[\p{P}\p{Cf}]$/u.test(character);
}

/**
 * @param {string} text
 * @param {Mention[]} mentions
 */
function marked(text, mentions) {
  if (mentions.length === 0) return [text];
  const longestFirst = [...mentions].sort((a, b) => b.name.length - a.name.length);
  const names = longestFirst.map(({ name }) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const places = text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}_])@(${names.join('|')})(?![\\p{L}\\p{N}_])`, 'giu'));
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let end = 0;
  for (const { 0: found, 1: name, index } of places) {
    const self = mentions.some((mention) => mention.me && mention.name.toLocaleLowerCase() === name.toLocaleLowerCase());
    parts.push(text.slice(end, index), h('span', { class: self ? 'mention mine' : 'mention' }, found));
    end = index + found.length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** @param {string} address */
function link(address) {
  const props = { href: address, target: '_blank', rel: 'noopener noreferrer nofollow', tabindex: -1 };
  return h('a', props, address);
}
