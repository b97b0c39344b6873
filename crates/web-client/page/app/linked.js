import { h } from './dom.js';

/** An address of the web, without the punctuation that may follow it in a sentence. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}]/gi;

/**
 * A text whose addresses are links.
 *
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function linked(text) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let end = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    parts.push(text.slice(end, index), link(address));
    end = index + address.length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** @param {string} address */
function link(address) {
  const props = { href: address, target: '_blank', rel: 'noopener noreferrer nofollow', tabindex: -1 };
  return h('a', props, address);
}
