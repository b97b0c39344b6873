import { h } from './dom.js';
import { icon } from './icons.js';
import { nameOf, titleOf } from './names.js';
import { PagedList } from './paged-list.js';
import { summary } from './summary.js';
import { brief, full } from './times.js';

/**
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Message} Message
 * @typedef {import('../confab/types.js').List<Message>} Page
 */

/** Characters of a message that are shown. */
const SHOWN = 160;
/** Characters that are shown before the word that was found. */
const BEFORE = 30;

/**
 * Messages of any chats as a list to choose from.
 */
export class MessageHits {
  #live;
  #chosen;
  #words;
  #list;

  /**
   * @param {Live} live
   * @param {(cursor: string | null) => Promise<Page>} read Reads a page.
   * @param {() => void} chosen Called when one was chosen, which the page then goes to.
   * @param {() => string} [words] What was searched for.
   */
  constructor(live, read, chosen, words = () => '') {
    this.#live = live;
    this.#chosen = chosen;
    this.#words = words;
    /** @type {PagedList<Message>} */
    this.#list = new PagedList(read, (message) => h('li', {}, this.#row(message)), { look: 'results hits' });
    this.element = this.#list.element;
  }

  /** Reads the first page in the place of what is shown. */
  load() {
    return this.#list.load();
  }

  clear() {
    this.#list.clear();
  }

  /** @param {Message} message */
  #row(message) {
    const chat = this.#live.replica.copy(message.chat_id)?.chat;
    const at = new Date(message.created_at);
    const author = nameOf(this.#live, message.chat_id, message.author_id);
    const where = chat ? titleOf(chat, this.#live.me.id) : '';
    return h(
      'a',
      { class: 'hit', href: `#/chats/${message.chat_id}/${message.seq}`, onClick: () => this.#chosen() },
      h(
        'span',
        { class: 'line' },
        h('strong', { dir: 'auto' }, author),
        where !== author && h('span', { class: 'where', dir: 'auto' }, where),
        h('time', { datetime: message.created_at, title: full(at) }, brief(at)),
      ),
      h('span', { class: 'said', dir: 'auto' }, message.pinned_at !== null && icon('pin'), this.#said(message.text || summary(message))),
    );
  }

  /** @param {string} text The part of it that shows why it was found. */
  #said(text) {
    const folded = text.toLocaleLowerCase();
    const words = this.#words().toLocaleLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
    const found = words.map((word) => folded.indexOf(word)).filter((place) => place >= 0);
    const from = Math.max(0, Math.min(...found, text.length) - BEFORE);
    const start = found.length > 0 ? from : 0;
    return `${start > 0 ? '…' : ''}${text.slice(start, start + SHOWN)}`;
  }
}
