import { Problem } from '../confab.js';
import { isAttentive } from './attention.js';

/** Pixels of a message that must be in view for it to count as shown. */
const ENOUGH = 12;

/** @typedef {import('../confab/live.js').Live} Live */

/** Says that messages were read: those that were in view while the window had the focus. */
export class Reading {
  #live;
  #chat;
  #log;
  #said = 0;

  /**
   * @param {Live} live
   * @param {number} chat
   * @param {HTMLElement} log Scrolls; its rows have their seq in `data-seq`.
   * @param {import('./scope.js').Scope} scope
   */
  constructor(live, chat, log, scope) {
    this.#live = live;
    this.#chat = chat;
    this.#log = log;
    scope.listen(window, 'focus', () => this.check());
    scope.listen(document, 'visibilitychange', () => this.check());
    scope.add(live.link.on('ready', () => this.#again()));
  }

  /** Looks what is in view now. */
  check() {
    const copy = this.#live.replica.copy(this.#chat);
    if (!copy?.history || !isAttentive()) return;
    const seq = this.#lastInView();
    const { read_seq } = copy.chat;
    if (seq <= Math.max(read_seq, this.#said)) return;
    const { messages } = copy.history;
    const passed = messages.slice(copy.history.place(read_seq + 1), copy.history.place(seq + 1));
    // One's own messages are no news.
    if (passed.some((message) => message.author_id !== this.#live.me.id)) void this.#say(seq);
  }

  #lastInView() {
    const { top, bottom } = this.#log.getBoundingClientRect();
    const rows = [...this.#log.querySelectorAll('[data-seq]')].reverse();
    const shown = rows.find((row) => {
      const rect = row.getBoundingClientRect();
      return rect.top + ENOUGH < bottom && rect.bottom > top;
    });
    return Number(shown?.getAttribute('data-seq') ?? 0);
  }

  /** @param {number} seq */
  async #say(seq) {
    this.#said = seq;
    try {
      await this.#live.markRead(this.#chat, seq);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#said = 0;
    }
  }

  #again() {
    this.#said = 0;
    this.check();
  }
}
