import { Emitter } from './emitter.js';
import { Problem } from './problem.js';
import { Socket } from './socket.js';

/** The first wait before connecting again, at most; each further one is twice as long. */
const FIRST_WAIT_MS = 500;
/** The first wait, at most, when a server is stopping: all its clients look for another one. */
const RESTART_WAIT_MS = 3_000;
const RESTARTING = 4000;
/** The longest wait, at most. */
const LONGEST_WAIT_MS = 15_000;
/** Close codes after which a new token is needed, or there is none: docs/api/close-codes.md. */
const SIGN_IN_AGAIN = [4501, 4502, 4504];

/**
 * @typedef {import('./frames.js').Ready} Ready
 * @typedef {import('./frames.js').Push} Push
 * @typedef {'connecting' | 'connected'} LinkState
 */

/**
 * A connection that comes back by itself.
 *
 * @extends {Emitter<{state: LinkState, ready: Ready, push: Push}>}
 */
export class Link extends Emitter {
  #session;
  #url;
  /** @type {Socket | null} */
  #socket = null;
  #failures = 0;
  #running = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {LinkState} */
  state = 'connecting';

  /**
   * @param {import('./session.js').Session} session
   * @param {string} url Of the socket.
   */
  constructor(session, url) {
    super();
    this.#session = session;
    this.#url = url;
  }

  start() {
    this.#running = true;
    globalThis.addEventListener?.('online', this.retry);
    void this.#connect();
  }

  stop() {
    this.#running = false;
    globalThis.removeEventListener?.('online', this.retry);
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** Tries at once instead of at the next turn; an open connection is tested. */
  retry = () => {
    if (!this.#running) return;
    if (this.#socket) return this.#socket.probe();
    clearTimeout(this.#timer);
    void this.#connect();
  };

  /**
   * @param {string} type
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<any>}
   */
  request(type, fields) {
    if (this.state !== 'connected' || !this.#socket) return Promise.reject(Problem.offline());
    return this.#socket.request(type, fields);
  }

  async #connect() {
    let token;
    try {
      token = await this.#session.token();
    } catch {
      // Without a session there is nothing to come back to; whoever holds it was told.
      if (this.#session.user) this.#later();
      return;
    }
    if (!this.#running || this.#socket) return;
    const socket = new Socket(this.#url, token);
    this.#socket = socket;
    socket.on('ready', (ready) => {
      this.#failures = 0;
      this.#become('connected');
      this.emit('ready', ready);
    });
    socket.on('push', (push) => {
      if (push.type === 'token_expires') void this.#prolong(socket);
      else this.emit('push', push);
    });
    socket.on('closed', ({ code }) => void this.#lost(code, socket.token));
  }

  /**
   * Hands the server a new token before the old one ends.
   *
   * @param {Socket} socket
   */
  async #prolong(socket) {
    try {
      await socket.signIn(await this.#session.renew(socket.token));
    } catch {
      // The socket ends with its token, and what is done then is done for every socket that ends.
    }
  }

  /**
   * @param {number} code
   * @param {string} token The last one that the socket was given.
   */
  async #lost(code, token) {
    this.#socket = null;
    this.#become('connecting');
    if (!this.#running) return;
    if (SIGN_IN_AGAIN.includes(code)) {
      try {
        await this.#session.renew(token);
      } catch {
        if (!this.#session.user) return;
      }
    }
    this.#later(code === RESTARTING ? RESTART_WAIT_MS : FIRST_WAIT_MS);
  }

  #later(first = FIRST_WAIT_MS) {
    const longest = Math.min(LONGEST_WAIT_MS, first * 2 ** this.#failures);
    this.#failures += 1;
    // When a server restarts, all its clients come back; chance keeps them from coming at once.
    const wait = longest * (0.3 + 0.7 * Math.random());
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  /** @param {LinkState} state */
  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.emit('state', state);
  }
}
