import { Api } from './api.js';
import { Emitter } from './emitter.js';
import { Live } from './live.js';
import { Session } from './session.js';

/**
 * A client of a Confab server. `live` is there while somebody is signed in, and changes with them.
 *
 * @extends {Emitter<{live: {live: Live | null, ended: boolean}}>}
 */
export class Confab extends Emitter {
  #where;
  /** @type {Live | null} */
  live = null;

  /**
   * @param {{base?: string, storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>}} [options] `base` is the server's address without a
   *   slash at the end, unless it is this page's; `storage` is where the session is kept; localStorage unless given.
   */
  constructor({ base = '', storage } = {}) {
    super();
    this.session = new Session({ base, storage });
    this.api = new Api(this.session, { base });
    const page = globalThis.location?.href;
    this.#where = { base, url: new URL(`${base}/api/v1/ws`, page).href.replace(/^http/, 'ws') };
    this.session.on('changed', ({ ended }) => this.#follow(ended));
  }

  /** Goes on with the session that the browser kept, if there is one. */
  start() {
    this.#follow(false);
  }

  /** Ends the session, and forgets what the server was not told. */
  async logOut() {
    await Promise.all([this.live?.outbox.clear(), this.live?.changes.clear()]);
    await this.session.logOut();
  }

  /** @param {boolean} ended */
  #follow(ended) {
    this.live?.stop();
    this.live = this.session.user ? new Live(this.session, this.api, this.#where) : null;
    this.live?.start();
    this.emit('live', { live: this.live, ended });
  }
}
