import { Emitter } from './emitter.js';
import { Problem } from './problem.js';

/** How often to ask whether the server is still there. */
const PING_MS = 20_000;
/** After which a request counts as lost, and the socket with it. */
const ANSWER_MS = 10_000;

/**
 * @typedef {import('./frames.js').Ready} Ready
 * @typedef {import('./frames.js').Push} Push
 */

/**
 * One WebSocket, from its first frame to its last.
 *
 * Events: `ready` once somebody is signed in, `push` for each push, `closed` at the end.
 *
 * @extends {Emitter<{ready: Ready, push: Push, closed: {code: number}}>}
 */
export class Socket extends Emitter {
  #socket;
  #next = 0;
  #closed = false;
  /** @type {Map<string, {resolve: (ok: any) => void, reject: (problem: Problem) => void,
   *   timer: ReturnType<typeof setTimeout>}>} */
  #waiting = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pings;
  /** The access token that it was given last. */
  token;

  /**
   * @param {string} url
   * @param {string} token An access token.
   */
  constructor(url, token) {
    super();
    this.token = token;
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => this.#socket.send(JSON.stringify({ type: 'auth', token }));
    this.#socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    this.#socket.onclose = ({ code }) => this.#end(code);
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  request(type, fields = {}) {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(Problem.offline());
    const id = String((this.#next += 1));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.close(), ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ id, type, ...fields }));
    });
  }

  /**
   * Goes on with another access token of the same account.
   *
   * @param {string} token
   */
  async signIn(token) {
    await this.request('auth', { token });
    this.token = token;
  }

  /** Whether it still works is found out now, not at the next turn. */
  probe() {
    this.request('ping').catch(() => this.close());
  }

  /** A browser may take a minute to notice that a closed socket is closed, so this does not wait. */
  close() {
    this.#socket.close();
    this.#end(1000);
  }

  /** @param {any} frame */
  #take(frame) {
    if ('re' in frame) {
      const waiting = this.#waiting.get(frame.re);
      if (!waiting) return;
      this.#waiting.delete(frame.re);
      clearTimeout(waiting.timer);
      if (frame.error) waiting.reject(new Problem(frame.error));
      else waiting.resolve(frame.ok);
    } else if (frame.type === 'ready') {
      this.#pings = setInterval(() => this.probe(), PING_MS);
      this.emit('ready', frame.data);
    } else {
      this.emit('push', frame);
    }
  }

  /** @param {number} code */
  #end(code) {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.onmessage = null;
    clearInterval(this.#pings);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(Problem.offline());
    }
    this.#waiting.clear();
    this.emit('closed', { code });
  }
}
