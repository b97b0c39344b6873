import { Table } from './database.js';
import { Emitter } from './emitter.js';
import { Problem } from './problem.js';

/**
 * @typedef {{client_id: string, user_id: number, chat_id: number, written_at: number,
 *   state: 'waiting' | 'sent' | 'failed', code: string | null}} Entry
 *   Something that the server is to be told. `code` says why it refused what has `failed`.
 */

/** Before a refusal that may pass is tried again. */
const AGAIN_MS = 2_000;
/** After which what comes later in the same chat is tried past an entry: the server may refuse that one for ever. */
const TRIES = 5;

/**
 * What somebody did here and the server does not know yet. It survives a reload, and every tab shows
 * it; one tab delivers it, each chat's in the order of writing.
 *
 * Events: `changed` for whatever happens to an entry, `added` when there is something to deliver.
 *
 * @template {Entry} T
 * @extends {Emitter<{changed: {chat: number}, added: null, refused: T}>}
 */
export class Queue extends Emitter {
  #user;
  #table;
  /** @type {BroadcastChannel | null} */
  #channel;
  /** @type {Map<string, T>} */
  #entries = new Map();
  #delivering = false;
  /** Chats that are told nothing until a moment. @type {Map<number, number>} */
  #heldBack = new Map();
  /** How often what may be taken later was refused, and why. @type {Map<string, {times: number, code: string}>} */
  #tries = new Map();
  /** Entries that what comes later is tried past now. @type {Set<string>} */
  #passed = new Set();
  /** @type {Set<ReturnType<typeof setTimeout>>} */
  #timers = new Set();

  /**
   * @param {number} user Whose it is.
   * @param {Table} table
   * @param {string} channel The name by which tabs tell each other.
   */
  constructor(user, table, channel) {
    super();
    this.#user = user;
    this.#table = table;
    this.#channel = globalThis.BroadcastChannel ? new BroadcastChannel(channel) : null;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hold(data.entry, data.gone);
  }

  /** Reads what an earlier page left. */
  async load() {
    // Without a place to keep things, as in some private windows, they are kept in memory only.
    const entries = await this.#table.all().catch(() => []);
    entries.sort((a, b) => a.written_at - b.written_at);
    for (const entry of entries) this.#hold(this.restored(entry), false);
  }

  /** @param {string} clientId */
  get(clientId) {
    return this.#entries.get(clientId);
  }

  /**
   * What is on its way to a chat, in the order of writing.
   *
   * @param {number} chat
   */
  of(chat) {
    return [...this.#entries.values()].filter((entry) => entry.chat_id === chat);
  }

  /**
   * Tries again what failed.
   *
   * @param {string} clientId
   */
  retry(clientId) {
    const entry = this.#entries.get(clientId);
    if (!entry) return;
    this.#tries.delete(clientId);
    void this.put(/** @type {T} */ ({ ...entry, state: 'waiting', code: null }));
  }

  /**
   * Throws an entry away.
   *
   * @param {string} clientId
   */
  discard(clientId) {
    const entry = this.#entries.get(clientId);
    if (entry) void this.remove(entry);
  }

  /**
   * Delivers what waits, until nothing does or the connection is gone.
   *
   * @param {(entry: T) => Promise<any>} send
   */
  async deliver(send) {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let entry = this.#next(); entry; entry = this.#next()) {
        if (!(await this.#deliverOne(entry, send))) break;
      }
    } finally {
      this.#delivering = false;
    }
  }

  /** Forgets everything, for whoever signs out. */
  async clear() {
    await Promise.all([...this.#entries.values()].map((entry) => this.remove(entry)));
  }

  close() {
    this.#channel?.close();
    this.#channel = null;
    this.#timers.forEach(clearTimeout);
  }

  /**
   * The first fields of a new entry. It is later than everything that was written before.
   *
   * @param {number} chat
   * @returns {Entry}
   */
  begin(chat) {
    const last = Math.max(0, ...[...this.#entries.values()].map((entry) => entry.written_at));
    const written_at = Math.max(Date.now(), last + 1);
    return { client_id: randomId(), user_id: this.#user, chat_id: chat, written_at, state: 'waiting', code: null };
  }

  /** @param {T} entry */
  async put(entry) {
    this.#channel?.postMessage({ entry, gone: false });
    this.#hold(entry, false);
    // Whoever heard of it may have removed it.
    if (this.#entries.get(entry.client_id) !== entry) return;
    // What is sent needs no memory: the server has it.
    const kept = entry.state === 'sent' ? this.#table.delete(entry.client_id) : this.#table.put(entry);
    await kept.catch(() => {});
  }

  /** @param {T} entry */
  async remove(entry) {
    this.#channel?.postMessage({ entry, gone: true });
    this.#hold(entry, true);
    await this.#table.delete(entry.client_id).catch(() => {});
  }

  /**
   * An entry as it is used now, of one that was kept.
   *
   * @param {T} entry
   */
  restored(entry) {
    return entry;
  }

  /**
   * The server has taken an entry.
   *
   * @param {T} entry
   */
  async taken(entry) {
    await this.remove(entry);
  }

  /**
   * The server will never take an entry.
   *
   * @param {T} entry
   * @param {string} code
   */
  async refused(entry, code) {
    await this.put(/** @type {T} */ ({ ...entry, state: 'failed', code }));
  }

  #next() {
    const free = (/** @type {T} */ { client_id, chat_id }) => !this.#passed.has(client_id) && (this.#heldBack.get(chat_id) ?? 0) <= Date.now();
    return [...this.#entries.values()].find((entry) => entry.state === 'waiting' && free(entry));
  }

  /**
   * @param {T} entry
   * @param {(entry: T) => Promise<any>} send
   * @returns {Promise<boolean>} Whether to go on with the next one.
   */
  async #deliverOne(entry, send) {
    try {
      await send(entry);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return this.#notTaken(entry, error);
    }
    this.#tries.delete(entry.client_id);
    await this.#failPassed(entry);
    // It may have been settled before the answer came.
    if (this.#entries.has(entry.client_id)) await this.taken(entry);
    return true;
  }

  /**
   * @param {T} entry
   * @param {Problem} error
   * @returns {Promise<boolean>}
   */
  async #notTaken(entry, error) {
    // Whoever is signed out by the server may sign in again; nothing is lost until then.
    if (error.code === 'offline' || error.status === 401) {
      this.#later(AGAIN_MS);
      return false;
    }
    if (error.retryable || error.code === 'slow_mode') this.#postpone(entry, error);
    else if (this.#entries.has(entry.client_id)) await this.refused(entry, error.reason);
    return true;
  }

  /**
   * Lets an entry wait, and with it what comes later in its chat, but no other chat.
   *
   * @param {T} entry
   * @param {Problem} error
   */
  #postpone({ client_id, chat_id }, { code, reason, retryAfter }) {
    const wait = (retryAfter ?? 0) * 1000 || AGAIN_MS;
    // A chat in slow mode takes it when its time has come.
    const times = code === 'slow_mode' ? 0 : (this.#tries.get(client_id)?.times ?? 0) + 1;
    this.#tries.set(client_id, { times, code: reason });
    if (times < TRIES) this.#heldBack.set(chat_id, Date.now() + wait);
    else this.#passed.add(client_id);
    this.#later(wait, () => this.#passed.delete(client_id));
  }

  /**
   * Something was taken past entries of the same chat: it is they that the server cannot take.
   *
   * @param {T} entry
   */
  async #failPassed({ chat_id, written_at }) {
    for (const before of this.of(chat_id)) {
      const { times, code } = this.#tries.get(before.client_id) ?? { times: 0, code: '' };
      if (before.state === 'waiting' && before.written_at < written_at && times >= TRIES) await this.refused(before, code);
    }
  }

  /**
   * Looks for something to deliver after a while.
   *
   * @param {number} ms
   * @param {() => void} [act] What to do before.
   */
  #later(ms, act = () => {}) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
      this.emit('added', null);
    }, ms + 1);
    this.#timers.add(timer);
  }

  /**
   * @param {T} entry
   * @param {boolean} gone
   */
  #hold(entry, gone) {
    if (entry.user_id !== this.#user) return;
    const before = this.#entries.get(entry.client_id);
    if (gone) this.#entries.delete(entry.client_id);
    else this.#entries.set(entry.client_id, entry);
    this.emit('changed', { chat: entry.chat_id });
    const added = !gone && entry.state === 'waiting' && before?.state !== 'waiting';
    if (added) this.emit('added', null);
  }
}

/** 128 random bits as text; `crypto.randomUUID` is missing on plain HTTP. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
