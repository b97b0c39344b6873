import { Emitter } from './emitter.js';
import { Link } from './link.js';
import { tabsCanAgree } from './locks.js';
import { Problem } from './problem.js';
import { randomId } from './queue.js';

/** After which a request to another tab counts as lost. */
const ANSWER_MS = 15_000;

/**
 * @typedef {import('./frames.js').Push} Push
 * @typedef {import('./frames.js').Ready} Ready
 * @typedef {import('./frames.js').Resumed} Resumed
 * @typedef {import('./link.js').LinkState} LinkState
 * @typedef {{since: Record<string, number>, resumed: Resumed}} CaughtUp
 */

/**
 * One connection for all tabs. The tab that holds a lock leads: it has the connection, passes on
 * what comes, and asks for the others. When it closes, the lock goes to another one.
 *
 * Events: those of a `Link`; `ready` without what the server said when this tab came later; and
 * `caughtUp` when the tab that leads learnt of changes that are not pushed any more.
 *
 * @extends {Emitter<{state: LinkState, ready: Ready | null, push: Push, caughtUp: CaughtUp}>}
 */
export class SharedLink extends Emitter {
  #link;
  #name;
  #me = randomId();
  /** Which tab leads, as far as this one knows. @type {string | null} */
  #leader = null;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** @type {Map<string, {resolve: (ok: any) => void, reject: (problem: Problem) => void}>} */
  #waiting = new Map();
  #stopping = new AbortController();
  /** @type {LinkState} */
  state = 'connecting';

  /**
   * @param {import('./session.js').Session} session
   * @param {string} url Of the socket.
   */
  constructor(session, url) {
    super();
    this.#link = new Link(session, url);
    this.#name = `confab.link.${url}.${session.id}`;
  }

  /** Whether this tab has the connection. */
  get leads() {
    return this.#leader === this.#me;
  }

  start() {
    if (!tabsCanAgree()) return this.#lead();
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#take(data);
    this.#post({ kind: 'hello' });
    const { signal } = this.#stopping;
    const untilStopped = () =>
      new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
        this.#lead();
      });
    navigator.locks.request(this.#name, { signal }, untilStopped).catch(() => {
      // It is rejected when this tab stops before its turn came, and where the browser keeps nothing for
      // the page: no tab can lead another one then.
      if (!signal.aborted) this.#lead();
    });
  }

  stop() {
    this.#stopping.abort();
    this.#link.stop();
    this.#channel?.close();
    this.#channel = null;
    this.#giveUpWaiting();
  }

  /** Tries to connect at once. */
  retry() {
    if (this.leads) this.#link.retry();
    else this.#post({ kind: 'retry' });
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  request(type, fields = {}) {
    if (this.leads) return this.#link.request(type, fields);
    if (this.state !== 'connected') return Promise.reject(Problem.offline());
    const id = randomId();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      setTimeout(() => {
        if (this.#waiting.delete(id)) reject(Problem.offline());
      }, ANSWER_MS);
      this.#post({ kind: 'request', from: this.#me, id, type, fields });
    });
  }

  /**
   * What changed since these versions. Only the tab that leads may ask: pushes go on from there.
   *
   * @param {Record<string, number>} since Versions by chat.
   * @returns {Promise<Resumed>}
   */
  async resume(since) {
    const resumed = await this.#link.request('resume', { chats: since });
    this.#post({ kind: 'caughtUp', caughtUp: { since, resumed } });
    return resumed;
  }

  #lead() {
    this.#leader = this.#me;
    this.#giveUpWaiting();
    this.#link.on('state', (state) => {
      this.#become(state);
      this.#announce();
    });
    this.#link.on('ready', (ready) => {
      this.#post({ kind: 'ready', ready });
      this.emit('ready', ready);
    });
    this.#link.on('push', (push) => {
      this.#post({ kind: 'push', push });
      this.emit('push', push);
    });
    this.#become(this.#link.state);
    this.#announce();
    this.#link.start();
  }

  #announce() {
    this.#post({ kind: 'state', leader: this.#me, state: this.state });
  }

  /** @param {any} message */
  #take(message) {
    if (this.leads) this.#serve(message);
    else this.#follow(message);
  }

  /** @param {any} message From a tab that does not lead. */
  #serve({ kind, from, id, type, fields }) {
    if (kind === 'hello') this.#announce();
    if (kind === 'retry') this.#link.retry();
    if (kind !== 'request') return;
    this.#link.request(type, fields).then(
      (ok) => this.#post({ kind: 'answer', to: from, id, ok }),
      ({ status, code, message: detail, retryable, retryAfter: retry_after, errors }) => {
        const error = { status, code, detail, retryable, retry_after, errors };
        this.#post({ kind: 'answer', to: from, id, error });
      },
    );
  }

  /** @param {any} message From the tab that leads. */
  #follow(message) {
    if (message.kind === 'push') this.emit('push', message.push);
    if (message.kind === 'ready') this.emit('ready', message.ready);
    if (message.kind === 'caughtUp') this.emit('caughtUp', message.caughtUp);
    if (message.kind === 'answer' && message.to === this.#me) {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) waiting?.reject(new Problem(message.error));
      else waiting?.resolve(message.ok);
    }
    if (message.kind === 'state') {
      const came = this.#leader === null;
      if (this.#leader !== message.leader) this.#giveUpWaiting();
      this.#leader = message.leader;
      this.#become(message.state);
      if (came && message.state === 'connected') this.emit('ready', null);
    }
  }

  /** The tab that was asked is gone. */
  #giveUpWaiting() {
    for (const { reject } of this.#waiting.values()) reject(Problem.offline());
    this.#waiting.clear();
  }

  /** @param {unknown} message */
  #post(message) {
    this.#channel?.postMessage(message);
  }

  /** @param {LinkState} state */
  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.emit('state', state);
  }
}
