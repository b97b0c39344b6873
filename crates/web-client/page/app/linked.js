import { h } from './dom.js';

/** @typedef {{name: string, me: boolean}} Mention */

/** An address of the web, without the punctuation that may follow it in a sentence. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}]/gi;

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
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    parts.push(...marked(text.slice(end, index), mentions), link(address));
    end = index + address.length;
  }
  parts.push(...marked(text.slice(end), mentions));
  return parts;
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
