import { AccountApi } from './account-api.js';
import { AdminApi } from './admin-api.js';
import { Http } from './http.js';
import { Problem } from './problem.js';
import { query } from './query.js';

/**
 * @typedef {import('./types.js').Ban} Ban
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {import('./types.js').Changes} Changes
 * @typedef {import('./types.js').Member} Member
 * @typedef {import('./types.js').Message} Message
 * @typedef {import('./types.js').MessagePage} MessagePage
 * @typedef {import('./types.js').Preferences} Preferences
 * @typedef {import('./types.js').MemberRole} MemberRole
 * @typedef {import('./types.js').User} User
 */

/** Rows of a page, at most. */
export const PAGE_MAX = 200;

/** The REST API, as the one who is signed in. */
export class Api {
  #http;
  #session;

  /**
   * @param {import('./session.js').Session} session
   * @param {{base?: string}} [options]
   */
  constructor(session, { base = '' } = {}) {
    this.#http = new Http(base);
    this.#session = session;
    /** One's own account. */
    this.account = new AccountApi(this);
    /** For admins of the server. */
    this.admin = new AdminApi(this);
    /**
     * Has somebody prove once more who they are (`account.stepUp`), and tells whether they did. Set it to ask them;
     * what was refused with `step_up_required` is then repeated.
     *
     * @type {() => Promise<boolean>}
     */
    this.stepUp = async () => false;
  }

  /**
   * Any request of the API. An access token that has expired is renewed on the way.
   *
   * @param {string} method
   * @param {string} path Under `/api/v1`.
   * @param {unknown} [body] JSON, or a file or form as it is.
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async call(method, path, body, signal) {
    try {
      return await this.#ask(method, path, body, signal);
    } catch (error) {
      const isStale = error instanceof Problem && error.code === 'step_up_required';
      if (!isStale || !(await this.stepUp())) throw error;
      return this.#ask(method, path, body, signal);
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {AbortSignal} [signal]
   */
  async #ask(method, path, body, signal) {
    const token = await this.#session.token();
    try {
      return await this.#http.request(method, path, { token, body, signal });
    } catch (error) {
      if (!(error instanceof Problem && error.code.startsWith('token_'))) throw error;
      const renewed = await this.#session.renew(token);
      return this.#http.request(method, path, { token: renewed, body, signal });
    }
  }

  /**
   * People whose name contains the text.
   *
   * @param {string} text
   * @param {string | null} [cursor]
   * @returns {Promise<import('./types.js').List<User>>}
   */
  findPeople(text, cursor = null) {
    return this.call('GET', `/users${query({ q: text, cursor })}`);
  }

  /**
   * @param {number} id
   * @returns {Promise<import('./types.js').Person>}
   */
  user(id) {
    return this.call('GET', `/users/${id}`);
  }

  /**
   * What this server allows.
   *
   * @returns {Promise<import('./types.js').Limits>}
   */
  limits() {
    return this.call('GET', '/limits');
  }

  /**
   * A page of one's chats, the one active last first.
   *
   * @param {string | null} [cursor]
   * @returns {Promise<import('./types.js').List<Chat>>}
   */
  chats(cursor = null) {
    return this.call('GET', `/chats${query({ cursor, limit: PAGE_MAX })}`);
  }

  /**
   * @param {number} id
   * @returns {Promise<Chat>}
   */
  chat(id) {
    return this.call('GET', `/chats/${id}`);
  }

  /**
   * The direct chat with somebody, which is made if it is not there.
   *
   * @param {number} userId
   * @returns {Promise<Chat>}
   */
  openDirect(userId) {
    return this.call('PUT', `/chats/direct/${userId}`);
  }

  /**
   * @param {string} title
   * @param {number[]} members Ids of people besides oneself.
   * @returns {Promise<Chat>}
   */
  createGroup(title, members) {
    return this.call('POST', '/chats', { title, members });
  }

  /**
   * All rooms, the one active last first.
   *
   * @param {string | null} [cursor]
   * @returns {Promise<import('./types.js').List<import('./types.js').Room>>}
   */
  rooms(cursor = null) {
    return this.call('GET', `/rooms${query({ cursor })}`);
  }

  /**
   * Enters a room, which is made if it is not there.
   *
   * @param {string} name
   * @returns {Promise<Chat>}
   */
  enterRoom(name) {
    return this.call('PUT', `/rooms/${encodeURIComponent(name)}`);
  }

  /**
   * What oneself and another member whisper in a chat.
   *
   * @param {number} chat
   * @param {number} user
   * @returns {Promise<Chat>}
   */
  openWhispers(chat, user) {
    return this.call('PUT', `/chats/${chat}/whispers/${user}`);
  }

  /**
   * @param {number} chat
   * @param {import('./types.js').ChatUpdate} wanted
   * @returns {Promise<Chat>}
   */
  changeChat(chat, wanted) {
    return this.call('PATCH', `/chats/${chat}`, wanted);
  }

  /**
   * Changes what one wants of a chat; what is not named stays.
   *
   * @param {number} chat
   * @param {import('./types.js').PreferencesUpdate} wanted
   * @returns {Promise<Preferences>}
   */
  prefer(chat, wanted) {
    return this.call('PATCH', `/chats/${chat}/preferences`, wanted);
  }

  /**
   * Deletes a chat for everybody.
   *
   * @param {number} chat
   * @returns {Promise<null>}
   */
  deleteChat(chat) {
    return this.call('DELETE', `/chats/${chat}`);
  }

  /**
   * Everybody who is in a chat.
   *
   * @param {number} chat
   * @returns {Promise<Member[]>}
   */
  async members(chat) {
    /** @type {Member[]} */
    const all = [];
    /** @type {string | null} */
    let cursor = null;
    do {
      const page = await this.call('GET', `/chats/${chat}/members${query({ cursor, limit: PAGE_MAX })}`);
      all.push(...page.items);
      cursor = page.next;
    } while (cursor);
    return all;
  }

  /**
   * Lets somebody into a group, or changes their role.
   *
   * @param {number} chat
   * @param {number} user
   * @param {MemberRole} role
   * @returns {Promise<import('./types.js').MemberUpdate>}
   */
  setMember(chat, user, role) {
    return this.call('PUT', `/chats/${chat}/members/${user}`, { role });
  }

  /**
   * Takes somebody out of a group; oneself leaves it.
   *
   * @param {number} chat
   * @param {number} user
   * @returns {Promise<null>}
   */
  removeMember(chat, user) {
    return this.call('DELETE', `/chats/${chat}/members/${user}`);
  }

  /**
   * Takes somebody out of a group or a room and keeps them out.
   *
   * @param {number} chat
   * @param {number} user
   * @param {import('./types.js').NewBan} [ban] Without an end it is for ever.
   * @returns {Promise<null>}
   */
  ban(chat, user, ban = {}) {
    return this.call('PUT', `/chats/${chat}/bans/${user}`, ban);
  }

  /**
   * Takes a member's voice in a chat: they read, and say nothing.
   *
   * @param {number} chat
   * @param {number} user
   * @param {import('./types.js').NewSilence} [silence] Without an end it is until it is lifted.
   * @returns {Promise<null>}
   */
  silence(chat, user, silence = {}) {
    return this.call('PUT', `/chats/${chat}/silences/${user}`, silence);
  }

  /**
   * @param {number} chat
   * @param {number} user
   * @returns {Promise<null>}
   */
  liftSilence(chat, user) {
    return this.call('DELETE', `/chats/${chat}/silences/${user}`);
  }

  /**
   * @param {number} chat
   * @param {number} user
   * @returns {Promise<null>}
   */
  unban(chat, user) {
    return this.call('DELETE', `/chats/${chat}/bans/${user}`);
  }

  /**
   * @param {number} chat
   * @param {string | null} [cursor]
   * @returns {Promise<import('./types.js').List<Ban>>}
   */
  bans(chat, cursor = null) {
    return this.call('GET', `/chats/${chat}/bans${query({ cursor, limit: PAGE_MAX })}`);
  }

  /**
   * A part of a chat's history: the latest messages, or those beside a seq.
   *
   * @param {number} chat
   * @param {{before?: number, after?: number, around?: number, limit?: number}} [where]
   * @returns {Promise<MessagePage>}
   */
  history(chat, where = {}) {
    return this.call('GET', `/chats/${chat}/messages${query(where)}`);
  }

  /**
   * @param {number} chat
   * @param {number} message
   * @returns {Promise<Message>}
   */
  message(chat, message) {
    return this.call('GET', `/chats/${chat}/messages/${message}`);
  }

  /**
   * Sending again with the same `client_id` sends nothing, and answers with what was sent.
   *
   * @param {number} chat
   * @param {import('./types.js').NewMessage} message
   * @returns {Promise<Message>}
   */
  send(chat, message) {
    return this.call('POST', `/chats/${chat}/messages`, message);
  }

  /**
   * Uploads a file, which waits for its message for a day.
   *
   * @param {File} file
   * @param {AbortSignal} [signal]
   * @returns {Promise<import('./types.js').Attachment>}
   */
  upload(file, signal) {
    const form = new FormData();
    form.append('file', file);
    return this.call('POST', '/attachments', form, signal);
  }

  /**
   * Deletes an upload that no message has.
   *
   * @param {number} id
   * @returns {Promise<null>}
   */
  discardUpload(id) {
    return this.call('DELETE', `/attachments/${id}`);
  }

  /**
   * What follows the address of a file, for whoever cannot send a token with it.
   *
   * @returns {Promise<import('./types.js').MediaKey>}
   */
  mediaKey() {
    return this.call('GET', '/media-key');
  }

  /**
   * @param {number} chat
   * @param {number} message
   * @param {string} text
   * @returns {Promise<Message>}
   */
  edit(chat, message, text) {
    return this.call('PATCH', `/chats/${chat}/messages/${message}`, { text });
  }

  /**
   * @param {number} chat
   * @param {number} message
   * @param {Record<string, any> | null} patch Merged into its data, whose members go where it has `null`.
   * @returns {Promise<Message>}
   */
  patchData(chat, message, patch) {
    return this.call('PATCH', `/chats/${chat}/messages/${message}`, { data: patch });
  }

  /**
   * @param {number} chat
   * @param {number} message
   * @returns {Promise<Message>} The tombstone.
   */
  deleteMessage(chat, message) {
    return this.call('DELETE', `/chats/${chat}/messages/${message}`);
  }

  /**
   * What a message said before it was edited, the first first.
   *
   * @param {number} chat
   * @param {number} message
   * @returns {Promise<import('./types.js').EarlierText[]>}
   */
  async edits(chat, message) {
    return (await this.call('GET', `/chats/${chat}/messages/${message}/edits`)).items;
  }

  /**
   * Puts an emoji on a message, or takes it back.
   *
   * @param {number} message
   * @param {string} emoji
   * @param {boolean} on
   * @returns {Promise<Message>}
   */
  react(message, emoji, on) {
    return this.call(on ? 'PUT' : 'DELETE', `/messages/${message}/reactions/${encodeURIComponent(emoji)}`);
  }

  /**
   * Pins a message to its chat, or takes it down.
   *
   * @param {number} chat
   * @param {number} message
   * @param {boolean} on
   * @returns {Promise<Message>}
   */
  pin(chat, message, on) {
    return this.call(on ? 'PUT' : 'DELETE', `/chats/${chat}/pins/${message}`);
  }

  /**
   * The pinned messages of a chat, the one pinned last first.
   *
   * @param {number} chat
   * @returns {Promise<import('./types.js').List<Message>>}
   */
  pins(chat) {
    return this.call('GET', `/chats/${chat}/pins`);
  }

  /**
   * Keeps a message for oneself, or no longer.
   *
   * @param {number} message
   * @param {boolean} on
   * @returns {Promise<null>}
   */
  star(message, on) {
    return this.call(on ? 'PUT' : 'DELETE', `/messages/${message}/star`);
  }

  /**
   * The messages that one has starred, the newest first.
   *
   * @param {string | null} [cursor]
   * @param {number} [limit]
   * @returns {Promise<import('./types.js').List<Message>>}
   */
  starred(cursor = null, limit = 50) {
    return this.call('GET', `/messages/starred${query({ cursor, limit })}`);
  }

  /**
   * Messages of one's chats that have these words, the newest first; docs/api/search.md has the rest.
   *
   * @param {string} text
   * @param {{in?: number, from?: string, before?: string, cursor?: string | null, limit?: number}} [where]
   * @returns {Promise<import('./types.js').Found>}
   */
  search(text, where = {}) {
    return this.call('GET', `/messages/search${query({ q: text, ...where })}`);
  }

  /**
   * @param {number} chat
   * @param {number} seq
   * @returns {Promise<import('./types.js').Marker>}
   */
  markRead(chat, seq) {
    return this.call('PUT', `/chats/${chat}/read`, { seq });
  }

  /**
   * What changed in a chat since a version.
   *
   * @param {number} chat
   * @param {number} since
   * @returns {Promise<Changes>}
   */
  changes(chat, since) {
    return this.call('GET', `/chats/${chat}/changes${query({ since, limit: PAGE_MAX })}`);
  }
}
