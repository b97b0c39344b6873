import { query } from './query.js';

/**
 * @typedef {import('./types.js').AdminUser} AdminUser
 * @typedef {import('./types.js').AdminChat} AdminChat
 * @typedef {import('./types.js').AuditEntry} AuditEntry
 */

/** The part of the REST API that is for admins of the server. */
export class AdminApi {
  #api;

  /** @param {import('./api.js').Api} api */
  constructor(api) {
    this.#api = api;
  }

  /**
   * Accounts, disabled ones too.
   *
   * @param {{q?: string, role?: string, active?: boolean, cursor?: string | null}} [where]
   * @returns {Promise<import('./types.js').List<AdminUser>>}
   */
  users(where = {}) {
    return this.#api.call('GET', `/admin/users${query(where)}`);
  }

  /**
   * @param {number} id
   * @param {import('./types.js').AccountUpdate} wanted
   * @returns {Promise<AdminUser>}
   */
  changeUser(id, wanted) {
    return this.#api.call('PATCH', `/admin/users/${id}`, wanted);
  }

  /**
   * Gives somebody a password, and ends their sessions.
   *
   * @param {number} id
   * @param {string} password
   * @returns {Promise<null>}
   */
  setPassword(id, password) {
    return this.#api.call('PUT', `/admin/users/${id}/password`, { password });
  }

  /**
   * Signs somebody out everywhere.
   *
   * @param {number} id
   * @returns {Promise<null>}
   */
  endSessions(id) {
    return this.#api.call('DELETE', `/admin/users/${id}/sessions`);
  }

  /**
   * Deletes an account for ever.
   *
   * @param {number} id
   * @param {import('./types.js').LeftMessages} messages What becomes of what they wrote.
   * @returns {Promise<null>}
   */
  deleteUser(id, messages) {
    return this.#api.call('DELETE', `/admin/users/${id}${query({ messages })}`);
  }

  /**
   * Chats, without what was said in them.
   *
   * @param {{kind?: string, cursor?: string | null}} [where]
   * @returns {Promise<import('./types.js').List<AdminChat>>}
   */
  chats(where = {}) {
    return this.#api.call('GET', `/admin/chats${query(where)}`);
  }

  /**
   * @param {number} id
   * @returns {Promise<null>}
   */
  deleteChat(id) {
    return this.#api.call('DELETE', `/admin/chats/${id}`);
  }

  /**
   * Invites people to make accounts. The code is told once.
   *
   * @param {import('./types.js').NewInvite} wanted
   * @returns {Promise<import('./types.js').MadeInvite>}
   */
  invite(wanted) {
    return this.#api.call('POST', '/admin/invites', wanted);
  }

  /**
   * Invitations, the newest first.
   *
   * @param {string | null} [cursor]
   * @returns {Promise<import('./types.js').List<import('./types.js').Invite>>}
   */
  invites(cursor = null) {
    return this.#api.call('GET', `/admin/invites${query({ cursor })}`);
  }

  /**
   * @param {number} id
   * @returns {Promise<null>}
   */
  revokeInvite(id) {
    return this.#api.call('DELETE', `/admin/invites/${id}`);
  }

  /**
   * Who managed what and who signed in, the newest first.
   *
   * @param {{kind?: string, cursor?: string | null}} [where]
   * @returns {Promise<import('./types.js').List<AuditEntry>>}
   */
  audit(where = {}) {
    return this.#api.call('GET', `/admin/audit${query(where)}`);
  }
}
