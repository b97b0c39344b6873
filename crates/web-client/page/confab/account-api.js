import { query } from './query.js';

/**
 * @typedef {import('./types.js').Block} Block
 * @typedef {import('./types.js').SessionInfo} SessionInfo
 * @typedef {import('./types.js').Me} Me
 * @typedef {import('./types.js').PushSubscription} PushSubscription
 */

/** The part of the REST API that is about one's own account. */
export class AccountApi {
  #api;

  /** @param {import('./api.js').Api} api */
  constructor(api) {
    this.#api = api;
  }

  /** @returns {Promise<Me>} */
  profile() {
    return this.#api.call('GET', '/users/me');
  }

  /**
   * What is not named stays; an empty text takes a thing away.
   *
   * @param {import('./types.js').ProfileUpdate} wanted
   * @returns {Promise<Me>}
   */
  changeProfile(wanted) {
    return this.#api.call('PATCH', '/users/me', wanted);
  }

  /** @returns {Promise<SessionInfo[]>} One's sessions. */
  async sessions() {
    return (await this.#api.call('GET', '/auth/sessions')).items;
  }

  /**
   * @param {number} id
   * @returns {Promise<null>}
   */
  endSession(id) {
    return this.#api.call('DELETE', `/auth/sessions/${id}`);
  }

  /**
   * Changes the password; every other session ends.
   *
   * @param {string} old
   * @param {string} wanted
   * @returns {Promise<null>}
   */
  changePassword(old, wanted) {
    return this.#api.call('PUT', '/auth/password', { old_password: old, new_password: wanted });
  }

  /**
   * Proves once more who one is. For five minutes this session may do what is refused with `step_up_required`.
   *
   * @param {string} password
   * @param {string | null} [code] Where there is a second factor.
   * @returns {Promise<null>}
   */
  stepUp(password, code = null) {
    return this.#api.call('POST', '/auth/step-up', { password, code });
  }

  /**
   * A secret for an authenticator app, told this once.
   *
   * @param {string} password
   * @returns {Promise<import('./types.js').BegunSecondFactor>}
   */
  beginSecondFactor(password) {
    return this.#api.call('POST', '/users/me/second-factor', { password });
  }

  /**
   * Turns the second factor on. The recovery codes are told this once.
   *
   * @param {string} code Of the app.
   * @returns {Promise<import('./types.js').RecoveryCodes>}
   */
  confirmSecondFactor(code) {
    return this.#api.call('POST', '/users/me/second-factor/confirm', { code });
  }

  /**
   * @param {string} password
   * @param {string | null} code Of the app, or a recovery code.
   * @returns {Promise<null>}
   */
  turnOffSecondFactor(password, code) {
    return this.#api.call('DELETE', '/users/me/second-factor', { password, code });
  }

  /**
   * Other recovery codes in the place of those that there are.
   *
   * @param {string} password
   * @param {string | null} code
   * @returns {Promise<import('./types.js').RecoveryCodes>}
   */
  newRecoveryCodes(password, code) {
    return this.#api.call('POST', '/users/me/second-factor/recovery-codes', { password, code });
  }

  /**
   * Chooses one's picture, or takes it away.
   *
   * @param {Blob | null} picture A JPEG, PNG, GIF or WebP.
   * @returns {Promise<null>}
   */
  setAvatar(picture) {
    return this.#api.call(picture ? 'PUT' : 'DELETE', '/users/me/avatar', picture ?? undefined);
  }

  /**
   * Whom one has blocked.
   *
   * @param {string | null} [cursor]
   * @returns {Promise<import('./types.js').List<Block>>}
   */
  blocks(cursor = null) {
    return this.#api.call('GET', `/users/me/blocks${query({ cursor, limit: 200 })}`);
  }

  /**
   * Wants nothing of somebody any more, or takes that back.
   *
   * @param {number} user
   * @param {boolean} on
   * @returns {Promise<null>}
   */
  block(user, on) {
    return this.#api.call(on ? 'PUT' : 'DELETE', `/users/${user}/block`);
  }

  /**
   * The key to subscribe to Web Push with, and how this device is told.
   *
   * @returns {Promise<import('./types.js').PushState>}
   */
  push() {
    return this.#api.call('GET', '/push');
  }

  /**
   * Has this device told, there and of that.
   *
   * @param {import('./types.js').NewPushSubscription} wanted
   * @returns {Promise<PushSubscription>}
   */
  subscribe(wanted) {
    return this.#api.call('PUT', '/push/subscription', wanted);
  }

  /** @returns {Promise<null>} */
  unsubscribe() {
    return this.#api.call('DELETE', '/push/subscription');
  }
}
