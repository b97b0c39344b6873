/** Messages that are shown at first. */
const SIZE = 60;
/** Messages that are added when the end of what is shown comes near. */
const STEP = 40;
/** Messages that are shown, at most: a page with few elements stays quick. */
const MAX = 140;

/** @typedef {import('../confab/history.js').History} History */

/** Which messages of a history are in the page. It is kept as seqs: places change as more is read. */
export class LogWindow {
  #first = 0;
  /** The last seq; Infinity for whatever comes. */
  #last = Infinity;

  /**
   * The places of the first message and of the one after the last.
   *
   * @param {History} history
   */
  slice(history) {
    const to = this.#last === Infinity ? history.messages.length : history.place(this.#last + 1);
    return { from: Math.min(history.place(this.#first), to), to };
  }

  /** Whether it goes on with whatever comes. */
  get open() {
    return this.#last === Infinity;
  }

  /** @param {History} history Whose end is to be shown. */
  toEnd(history) {
    this.#set(history, history.messages.length - SIZE, history.messages.length);
  }

  /**
   * @param {History} history
   * @param {number} seq To be shown in the middle.
   */
  around(history, seq) {
    const place = history.place(seq);
    this.#set(history, place - SIZE / 2, place + SIZE / 2);
  }

  /**
   * Shows earlier messages, if there are some.
   *
   * @param {History} history
   */
  up(history) {
    const { from, to } = this.slice(history);
    if (from > 0) this.#set(history, from - STEP, Math.min(to, from - STEP + MAX));
    return from > 0;
  }

  /**
   * Shows later messages, if there are some.
   *
   * @param {History} history
   */
  down(history) {
    const { from, to } = this.slice(history);
    const more = to < history.messages.length;
    if (more) this.#set(history, Math.max(from, to + STEP - MAX), to + STEP);
    return more;
  }

  /**
   * Keeps what came at the end from becoming too much.
   *
   * @param {History} history
   * @param {boolean} following Whether the end is looked at.
   */
  trim(history, following) {
    const { from, to } = this.slice(history);
    if (to - from <= MAX) return;
    if (following) this.toEnd(history);
    else this.#set(history, from, from + MAX);
  }

  /**
   * @param {History} history
   * @param {number} from
   * @param {number} to
   */
  #set({ messages }, from, to) {
    this.#first = messages[Math.max(0, from)]?.seq ?? 0;
    this.#last = to >= messages.length ? Infinity : messages[to - 1].seq;
  }
}
