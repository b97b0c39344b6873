import { Table } from './database.js';
import { Queue } from './queue.js';

/**
 * @typedef {import('./types.js').Message} Message
 * @typedef {import('./queue.js').Entry & {message_id: number, kind: 'edit' | 'delete' | 'react',
 *   text: string, emoji: string, on: boolean}} Change
 *   `text` is what an edited message says, `emoji` what is put on one, or taken back unless it is `on`.
 */

/**
 * Edits, deletions and reactions that the server does not have yet. Each may be told twice.
 *
 * Events: `refused` in the tab where somebody made a change that the server does not take. An edit is
 * kept then, since its text must not be lost; all else is forgotten.
 *
 * @extends {Queue<Change>}
 */
export class Changes extends Queue {
  #user;
  /** Changes that were made in this tab. @type {Set<string>} */
  #own = new Set();

  /**
   * @param {number} user Whose they are.
   * @param {string} [base] The server's address; a browser may know several servers.
   */
  constructor(user, base = '') {
    // A database of its own: an earlier version of the page, open in another tab, would take these for messages.
    super(user, new Table(`confab-changes${base}`, 'changes', 'client_id'), `confab.changes${base}`);
    this.#user = user;
    this.on('changed', ({ chat }) => this.#tellRefused(chat));
  }

  /**
   * @param {number} chat
   * @param {number} message
   * @param {string} text
   */
  edit(chat, message, text) {
    this.#add({ ...this.begin(chat), kind: 'edit', message_id: message, text, emoji: '', on: true });
  }

  /**
   * @param {number} chat
   * @param {number} message
   */
  delete(chat, message) {
    this.#add({ ...this.begin(chat), kind: 'delete', message_id: message, text: '', emoji: '', on: true });
  }

  /**
   * @param {number} chat
   * @param {number} message
   * @param {string} emoji
   * @param {boolean} on
   */
  react(chat, message, emoji, on) {
    this.#add({ ...this.begin(chat), kind: 'react', message_id: message, text: '', emoji, on });
  }

  /**
   * The edit of a message that is on its way, or was refused.
   *
   * @param {Message} message
   */
  editOf(message) {
    return this.#ofMessage(message).find(({ kind }) => kind === 'edit');
  }

  /**
   * A message as it is once everything has been told.
   *
   * @param {Message} message
   */
  applied(message) {
    return this.#ofMessage(message).reduce((now, change) => applied(now, change, this.#user), message);
  }

  /** @param {Message} message */
  #ofMessage({ id, chat_id }) {
    return this.of(chat_id).filter(({ message_id }) => message_id === id);
  }

  /** @param {Change} change */
  #add(change) {
    this.#own.add(change.client_id);
    for (const earlier of this.of(change.chat_id)) if (overtakes(change, earlier)) void this.remove(earlier);
    void this.put(change);
  }

  /** @param {number} chat */
  #tellRefused(chat) {
    for (const change of this.of(chat)) {
      if (change.state !== 'failed') continue;
      const own = this.#own.delete(change.client_id);
      if (change.kind !== 'edit') void this.remove(change);
      if (own) this.emit('refused', change);
    }
  }
}

/**
 * Whether a change makes an earlier one needless.
 *
 * @param {Change} change
 * @param {Change} earlier
 */
function overtakes({ message_id, kind, emoji }, earlier) {
  if (message_id !== earlier.message_id) return false;
  return kind === 'delete' || (kind === earlier.kind && emoji === earlier.emoji);
}

/**
 * @param {Message} message
 * @param {Change} change
 * @param {number} me
 * @returns {Message}
 */
function applied(message, { kind, text, emoji, on, written_at }, me) {
  const at = new Date(written_at).toISOString();
  if (message.deleted_at !== null) return message;
  if (kind === 'edit') return { ...message, text, edited_at: message.edited_at ?? at };
  if (kind === 'delete') return { ...message, text: '', data: null, deleted_at: at, attachments: [], mentions: [], reactions: [] };
  const held = message.reactions.find((reaction) => reaction.emoji === emoji)?.user_ids ?? [];
  const user_ids = on ? [...new Set([...held, me])] : held.filter((user) => user !== me);
  const known = message.reactions.some((reaction) => reaction.emoji === emoji);
  const reactions = known ? message.reactions.map((reaction) => (reaction.emoji === emoji ? { emoji, user_ids } : reaction)) : [...message.reactions, { emoji, user_ids }];
  return { ...message, reactions: reactions.filter((reaction) => reaction.user_ids.length > 0) };
}
