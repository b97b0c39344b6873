import { Http } from './http.js';
import { Problem } from './problem.js';

/**
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {import('./types.js').Changes} Changes
 * @typedef {import('./types.js').Device} Device
 * @typedef {import('./types.js').Member} Member
 * @typedef {import('./types.js').Message} Message
 * @typedef {import('./types.js').MessagePage} MessagePage
 * @typedef {import('./types.js').Role} Role
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
  }

  /**
   * Any request of the API. An access token that has expired is renewed on the way.
   *
   * @param {string} method
   * @param {string} path Under `/api/v1`.
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async call(method, path, body) {
    const token = await this.#session.token();
    try {
      return await this.#http.request(method, path, { token, body });
    } catch (error) {
      if (!(error instanceof Problem && error.code.startsWith('token_'))) throw error;
      const renewed = await this.#session.renew(token);
      return this.#http.request(method, path, { token: renewed, body });
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
   * @returns {Promise<User>}
   */
  user(id) {
    return this.call('GET', `/users/${id}`);
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
   * @param {number} chat
   * @param {string} title
   * @returns {Promise<Chat>}
   */
  rename(chat, title) {
    return this.call('PATCH', `/chats/${chat}`, { title });
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
   * @param {Role} role
   * @returns {Promise<{role: Role}>}
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
   * @param {{text: string, reply_to?: number, client_id?: string}} message
   * @returns {Promise<Message>}
   */
  send(chat, message) {
    return this.call('POST', `/chats/${chat}/messages`, message);
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
   * @returns {Promise<Message>} The tombstone.
   */
  deleteMessage(chat, message) {
    return this.call('DELETE', `/chats/${chat}/messages/${message}`);
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
   * @param {number} chat
   * @param {number} seq
   * @returns {Promise<{seq: number, version: number | null}>}
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

  /** @returns {Promise<Device[]>} One's sessions. */
  async sessions() {
    return (await this.call('GET', '/auth/sessions')).items;
  }

  /**
   * @param {number} id
   * @returns {Promise<null>}
   */
  endSession(id) {
    return this.call('DELETE', `/auth/sessions/${id}`);
  }

  /**
   * Changes the password; every other session ends.
   *
   * @param {string} old
   * @param {string} wanted
   * @returns {Promise<null>}
   */
  changePassword(old, wanted) {
    return this.call('PUT', '/auth/password', { old_password: old, new_password: wanted });
  }
}

/** @param {Record<string, string | number | null | undefined>} values */
function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}
