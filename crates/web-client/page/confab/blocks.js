import { Emitter } from './emitter.js';
import { Problem } from './problem.js';

/**
 * Whom one has blocked: read at every connection, and pushed from then on.
 *
 * @extends {Emitter<{changed: null}>}
 */
export class Blocks extends Emitter {
  #api;
  /** @type {Set<number>} */
  #blocked = new Set();

  /** @param {import('./api.js').Api} api */
  constructor(api) {
    super();
    this.#api = api;
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
    this.hold(user, on);
  }

  /**
   * That is how it is now.
   *
   * @param {number} user
   * @param {boolean} on
   */
  hold(user, on) {
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
