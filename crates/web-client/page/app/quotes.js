import { Problem } from '../confab.js';
import { t } from './i18n.js';
import { nameOf } from './names.js';
import { summary } from './summary.js';

/** @typedef {import('../confab/types.js').Message} Message */

/** Messages that others answer. Those that are not part of what is held are fetched, once. */
export class Quotes {
  #live;
  #api;
  #chat;
  #changed;
  /** Null for one that is not there any more. @type {Map<number, Message | null | undefined>} */
  #fetched = new Map();

  /**
   * @param {import('../confab/live.js').Live} live
   * @param {import('../confab/api.js').Api} api
   * @param {number} chat
   * @param {() => void} changed Called when one has come.
   */
  constructor(live, api, chat, changed) {
    this.#live = live;
    this.#api = api;
    this.#chat = chat;
    this.#changed = changed;
  }

  /**
   * @param {number} id
   * @returns {import('./log-rows.js').Quote}
   */
  get(id) {
    const message = this.#live.replica.copy(this.#chat)?.history?.byId(id) ?? this.#fetched.get(id);
    if (message === undefined && !this.#fetched.has(id)) void this.#fetch(id);
    if (message === undefined) return { author: '…', text: '', seq: null };
    if (message === null) return { author: '', text: t('message.quoteGone'), seq: null };
    const author = nameOf(this.#live, this.#chat, message.author_id);
    if (message.deleted_at !== null) return { author, text: t('message.deleted'), seq: message.seq };
    return { author, text: summary(message), seq: message.seq };
  }

  /** @param {number} id */
  async #fetch(id) {
    this.#fetched.set(id, undefined);
    try {
      this.#fetched.set(id, await this.#api.message(this.#chat, id));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 404) this.#fetched.set(id, null);
      else this.#fetched.delete(id);
    }
    this.#changed();
  }
}
