import { Emitter } from './emitter.js';
import { Table } from './database.js';
import { Problem } from './problem.js';
import { randomId } from './random-id.js';

/**
 * @typedef {import('./types.js').Attachment} Attachment
 * @typedef {import('./types.js').Message} Message
 * @typedef {{client_id: string, user_id: number, chat_id: number, text: string,
 *   reply_to: number | null, attachments: Attachment[], written_at: number, state: 'waiting' | 'sent' | 'failed',
 *   code: string | null}} Draft
 *   A message that was written here. It is `sent` from the server's answer until the message
 *   itself has come, and `failed` when the server refused it for the reason `code`.
 */

/** Before a refusal that may pass is tried again. */
const AGAIN_MS = 2_000;

/**
 * What was written and is not sent yet. It survives a reload, and every tab shows it; one tab
 * sends, in the order of writing. Each draft has a client id, so sending it twice sends it once.
 *
 * @extends {Emitter<{changed: {chat: number}, added: null}>}
 */
export class Outbox extends Emitter {
  #user;
  #table;
  /** @type {BroadcastChannel | null} */
  #channel;
  /** @type {Map<string, Draft>} */
  #drafts = new Map();
  #sending = false;
  /** Chats that take nothing until a moment. @type {Map<number, number>} */
  #heldBack = new Map();

  /** @param {number} user Whose it is. */
  constructor(user) {
    super();
    this.#user = user;
    this.#table = new Table('confab', 'outbox', 'client_id');
    this.#channel = globalThis.BroadcastChannel ? new BroadcastChannel('confab.outbox') : null;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hold(data.draft, data.gone);
  }

  /** Reads what an earlier page left. */
  async load() {
    // Without a place to keep things, as in some private windows, they are kept in memory only.
    const drafts = await this.#table.all().catch(() => []);
    drafts.sort((a, b) => a.written_at - b.written_at);
    for (const draft of drafts) this.#hold({ ...draft, attachments: draft.attachments ?? [] }, false);
  }

  /**
   * What is on its way to a chat, in the order of writing.
   *
   * @param {number} chat
   */
  of(chat) {
    return [...this.#drafts.values()].filter((draft) => draft.chat_id === chat);
  }

  /**
   * @param {number} chat
   * @param {string} text
   * @param {number | null} replyTo
   * @param {Attachment[]} [attachments]
   */
  add(chat, text, replyTo, attachments = []) {
    /** @type {Draft} */
    const draft = {
      client_id: randomId(),
      user_id: this.#user,
      chat_id: chat,
      text,
      reply_to: replyTo,
      attachments,
      written_at: this.#now(),
      state: 'waiting',
      code: null,
    };
    void this.#set(draft);
  }

  /**
   * Tries again what failed.
   *
   * @param {string} clientId
   */
  retry(clientId) {
    const draft = this.#drafts.get(clientId);
    if (draft) void this.#set({ ...draft, state: 'waiting', code: null });
  }

  /**
   * Throws a draft away.
   *
   * @param {string} clientId
   */
  discard(clientId) {
    const draft = this.#drafts.get(clientId);
    if (draft) void this.#remove(draft);
  }

  /**
   * A message has come, so its draft is not needed any more.
   *
   * @param {Message} message
   */
  arrived(message) {
    const draft = message.client_id && this.#drafts.get(message.client_id);
    if (draft && message.author_id === this.#user) void this.#remove(draft);
  }

  /**
   * Sends what waits, until nothing does or the connection is gone.
   *
   * @param {(draft: Draft) => Promise<Message>} send
   */
  async deliver(send) {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let draft = this.#next(); draft; draft = this.#next()) {
        if (!(await this.#deliverOne(draft, send))) break;
      }
    } finally {
      this.#sending = false;
    }
  }

  /** Forgets everything, for whoever signs out. */
  async clear() {
    await Promise.all([...this.#drafts.values()].map((draft) => this.#remove(draft)));
  }

  close() {
    this.#channel?.close();
    this.#channel = null;
  }

  /** The time, later than that of everything that was written before. */
  #now() {
    const last = Math.max(0, ...[...this.#drafts.values()].map((draft) => draft.written_at));
    return Math.max(Date.now(), last + 1);
  }

  #next() {
    const free = (/** @type {Draft} */ { chat_id }) => (this.#heldBack.get(chat_id) ?? 0) <= Date.now();
    return [...this.#drafts.values()].find((draft) => draft.state === 'waiting' && free(draft));
  }

  /**
   * Lets a chat in slow mode wait without keeping others from theirs.
   *
   * @param {number} chat
   * @param {number} seconds
   */
  #holdBack(chat, seconds) {
    this.#heldBack.set(chat, Date.now() + seconds * 1000);
    setTimeout(() => this.emit('added', null), seconds * 1000 + 1);
  }

  /**
   * @param {Draft} draft
   * @param {(draft: Draft) => Promise<Message>} send
   * @returns {Promise<boolean>} Whether to go on with the next one.
   */
  async #deliverOne(draft, send) {
    try {
      const message = await send(draft);
      // The message may have come before the answer.
      if (this.#drafts.has(message.client_id ?? '')) await this.#set({ ...draft, state: 'sent' });
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === 'offline') return false;
      if (error.code === 'slow_mode') {
        this.#holdBack(draft.chat_id, error.retryAfter ?? 1);
        return true;
      }
      if (error.retryable) {
        await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? 0) * 1000 || AGAIN_MS));
        return true;
      }
      await this.#set({ ...draft, state: 'failed', code: error.reason });
      return true;
    }
  }

  /** @param {Draft} draft */
  async #set(draft) {
    this.#hold(draft, false);
    this.#channel?.postMessage({ draft, gone: false });
    // What is sent needs no memory: the server has it.
    const kept = draft.state === 'sent' ? this.#table.delete(draft.client_id) : this.#table.put(draft);
    await kept.catch(() => {});
  }

  /** @param {Draft} draft */
  async #remove(draft) {
    this.#hold(draft, true);
    this.#channel?.postMessage({ draft, gone: true });
    await this.#table.delete(draft.client_id).catch(() => {});
  }

  /**
   * @param {Draft} draft
   * @param {boolean} gone
   */
  #hold(draft, gone) {
    if (draft.user_id !== this.#user) return;
    const before = this.#drafts.get(draft.client_id);
    if (gone) this.#drafts.delete(draft.client_id);
    else this.#drafts.set(draft.client_id, draft);
    this.emit('changed', { chat: draft.chat_id });
    const added = !gone && draft.state === 'waiting' && before?.state !== 'waiting';
    if (added) this.emit('added', null);
  }
}
