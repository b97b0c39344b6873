import { Emitter } from './emitter.js';
import { Problem } from './problem.js';

/**
 * Whom one finds on this server: read at every connection, and when one's role changes.
 *
 * @extends {Emitter<{changed: null}>}
 */
export class Directory extends Emitter {
  #api;
  /** @type {import('./types.js').Finds} */
  #finds = 'everybody';

  /** @param {import('./api.js').Api} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** Whether people who share no chat with oneself, and rooms that one is not in, are found. */
  get findsStrangers() {
    return this.#finds === 'everybody';
  }

  /** Whether there are lists of people at all. */
  get listsPeople() {
    return this.#finds !== 'nobody';
  }

  /** Reads it. While there is no answer it is what it was. */
  async load() {
    try {
      const { finds } = await this.#api.account.profile();
      if (finds === this.#finds) return;
      this.#finds = finds;
      this.emit('changed', null);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
}
