import { Table } from './database.js';
import { Queue } from './queue.js';

/**
 * @typedef {import('./types.js').Attachment} Attachment
 * @typedef {import('./types.js').Message} Message
 * @typedef {{kind?: 'text' | 'app', data?: Record<string, any>}} Extra
 * @typedef {import('./queue.js').Entry & {text: string, reply_to: number | null,
 *   attachments: Attachment[], extra: Extra}} Draft
 *   A message that was written here. It is `sent` from the server's answer until the message
 *   itself has come, and `failed` when the server refused it.
 */

/**
 * What was written and is not sent yet. Each draft has a client id, so sending it twice sends it once.
 *
 * @extends {Queue<Draft>}
 */
export class Outbox extends Queue {
  #user;

  /**
   * @param {number} user Whose it is.
   * @param {string} [base] The server's address; a browser may know several servers.
   */
  constructor(user, base = '') {
    super(user, new Table(`confab${base}`, 'outbox', 'client_id'), `confab.outbox${base}`);
    this.#user = user;
  }

  /**
   * @param {number} chat
   * @param {string} text
   * @param {number | null} replyTo
   * @param {Attachment[]} [attachments]
   * @param {Extra} [extra]
   */
  add(chat, text, replyTo, attachments = [], extra = {}) {
    void this.put({ ...this.begin(chat), text, reply_to: replyTo, attachments, extra });
  }

  /**
   * A message has come, so its draft is not needed any more.
   *
   * @param {Message} message
   */
  arrived(message) {
    const draft = message.client_id && this.get(message.client_id);
    if (draft && message.author_id === this.#user) void this.remove(draft);
  }

  /** @param {Draft} draft One of an earlier version of the page may lack its attachments and what is extra. */
  restored(draft) {
    return { ...draft, attachments: draft.attachments ?? [], extra: draft.extra ?? {} };
  }

  /** @param {Draft} draft */
  async taken(draft) {
    await this.put({ ...draft, state: 'sent' });
  }
}
