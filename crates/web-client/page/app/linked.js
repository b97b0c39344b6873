import { h } from './dom.js';

/**
 * Where a text mentions somebody, as the server says: in code points.
 *
 * @typedef {{offset: number, length: number, me: boolean}} Mention
 * @typedef {{from: number, to: number, me: boolean}} Span
 */

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
 * @param {Mention[]} [mentions] Where somebody is mentioned in it.
 * @returns {(string | HTMLElement)[]}
 */
export function linked(text, mentions = []) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  const mentioned = spans(text, mentions);
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutEnd(found);
    if (address.endsWith('://')) continue;
    parts.push(...marked(text, end, index, mentioned), link(address));
    end = index + address.length;
  }
  parts.push(...marked(text, end, text.length, mentioned));
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
 * Where mentions are in a text as JavaScript counts. The server counts code points.
 *
 * @param {string} text
 * @param {Mention[]} mentions
 * @returns {Span[]}
 */
function spans(text, mentions) {
  if (mentions.length === 0) return [];
  const starts = [0];
  for (const character of text) starts.push((starts.at(-1) ?? 0) + character.length);
  const at = (/** @type {number} */ offset) => starts[offset] ?? text.length;
  return mentions.map(({ offset, length, me }) => ({ from: at(offset), to: at(offset + length), me }));
}

/**
 * A part of a text, with the mentions in it.
 *
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @param {Span[]} mentioned
 */
function marked(text, from, to, mentioned) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let end = from;
  for (const span of mentioned.filter((one) => one.from >= from && one.to <= to)) {
    const name = h('span', { class: span.me ? 'mention mine' : 'mention' }, text.slice(span.from, span.to));
    parts.push(text.slice(end, span.from), name);
    end = span.to;
  }
  parts.push(text.slice(end, to));
  return parts;
}

/** @param {string} address */
function link(address) {
  const props = { href: address, target: '_blank', rel: 'noopener noreferrer nofollow', tabindex: -1 };
  return h('a', props, address);
}
