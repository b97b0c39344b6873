import { Emitter } from './emitter.js';
import { Problem } from './problem.js';

/**
 * Whom one has blocked. It is not pushed, so it is read at every connection; tabs tell each other.
 *
 * @extends {Emitter<{changed: null}>}
 */
export class Blocks extends Emitter {
  #api;
  /** @type {Set<number>} */
  #blocked = new Set();

  /** @type {BroadcastChannel | null} */
  #channel;

  /**
   * @param {import('./api.js').Api} api
   * @param {number} me Whose they are.
   */
  constructor(api, me) {
    super();
    this.#api = api;
    this.#channel = globalThis.BroadcastChannel ? new BroadcastChannel(`confab.blocks.${me}`) : null;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hold(data.user, data.on);
  }

  /** @param {number} user */
  has(user) {
    return this.#blocked.has(user);
  }

  /**
   * Wants nothing of somebody any more, or takes that back.
   *
   * @param {number} user
   * @param {boolean} on
   */
  async set(user, on) {
    await this.#api.account.block(user, on);
    this.#channel?.postMessage({ user, on });
    this.#hold(user, on);
  }

  close() {
    this.#channel?.close();
    this.#channel = null;
  }

  /**
   * @param {number} user
   * @param {boolean} on
   */
  #hold(user, on) {
    if (on) this.#blocked.add(user);
    else this.#blocked.delete(user);
    this.emit('changed', null);
  }

  async load() {
    /** @type {Set<number>} */
    const blocked = new Set();
    /** @type {string | null} */
    let cursor = null;
    try {
      do {
        const page = await this.#api.account.blocks(cursor);
        for (const { user } of page.items) blocked.add(user.id);
        cursor = page.next;
      } while (cursor);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // The next connection reads it again.
      return;
    }
    this.#blocked = blocked;
    this.emit('changed', null);
  }
}
