import { Emitter } from './emitter.js';
import { Problem } from './problem.js';

/** How long before its end a key is renewed. */
const MARGIN_MS = 10 * 60_000;
/** Before another try, when there was no answer. */
const AGAIN_MS = 5_000;

/**
 * Addresses of files that a page can show: they carry a key, which is renewed in time.
 *
 * @extends {Emitter<{changed: null}>}
 */
export class Media extends Emitter {
  #api;
  #base;
  #query = '';
  #goodUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #loading = false;

  /**
   * @param {import('./api.js').Api} api
   * @param {string} base The server's address; '' for this page's.
   */
  constructor(api, base) {
    super();
    this.#api = api;
    this.#base = base;
  }

  /**
   * The address of a file; null until there is a key.
   *
   * @param {string} url As an attachment has it.
   */
  address(url) {
    if (Date.now() > this.#goodUntil - MARGIN_MS) void this.load();
    return this.#query === '' ? null : `${this.#base}${url}?${this.#query}`;
  }

  /** Gets a key, unless there is one that is good for long enough. */
  async load() {
    if (this.#loading || Date.now() < this.#goodUntil - MARGIN_MS) return;
    this.#loading = true;
    clearTimeout(this.#timer);
    try {
      const { query, expires_at } = await this.#api.mediaKey();
      this.#goodUntil = new Date(expires_at).getTime();
      // A clock that is wrong here must not lead to asking without end.
      const left = Math.max(this.#goodUntil - MARGIN_MS - Date.now(), 60_000);
      this.#timer = setTimeout(() => void this.load(), left);
      const changed = this.#query !== query;
      this.#query = query;
      if (changed) this.emit('changed', null);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 0 || error.retryable) this.#timer = setTimeout(() => void this.load(), AGAIN_MS);
    } finally {
      this.#loading = false;
    }
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
