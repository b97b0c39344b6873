import { Emitter } from './emitter.js';
import { Http } from './http.js';
import { withLock } from './locks.js';
import { Problem } from './problem.js';
import { browserStorage } from './storage.js';

/** A token that ends this soon is renewed before it is used, unless its whole life is hardly longer. */
const MARGIN_MS = 15_000;

/**
 * @typedef {import('./types.js').Account} Account
 * @typedef {import('./types.js').SignedIn} SignedIn
 * @typedef {Pick<SignedIn, 'user' | 'session_id' | 'access_token' | 'refresh_token'>} Tokens
 * @typedef {Tokens & {renew_at: number, provider?: string | null}} Kept
 */

/**
 * Who is signed in, in every tab of the browser. A refresh token works once, so only one tab at a
 * time renews, and the others take what it got.
 *
 * Events: `changed` when somebody signed in or out here or in another tab; with `ended: true` when
 * the server ended the session.
 *
 * @extends {Emitter<{changed: {user: Account | null, ended: boolean}}>}
 */
export class Session extends Emitter {
  #http;
  #storage;
  #key;

  /**
   * @param {{base?: string, storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>}} [options]
   */
  constructor({ base = '', storage = browserStorage } = {}) {
    super();
    this.#http = new Http(base);
    this.#storage = storage;
    this.#key = `confab.session${base}`;
    globalThis.addEventListener?.('storage', (event) => this.#changedElsewhere(event));
  }

  /** Who is signed in, if somebody is. */
  get user() {
    return this.#kept()?.user ?? null;
  }

  /** The id of the session, if there is one. */
  get id() {
    return this.#kept()?.session_id ?? null;
  }

  /** The word for the identity provider that the session was begun with, if it was with one. */
  get provider() {
    return this.#kept()?.provider ?? null;
  }

  /**
   * How people sign in to this server.
   *
   * @returns {Promise<import('./types.js').SignInWays>}
   */
  ways() {
    return this.#http.request('GET', '/auth/ways');
  }

  /**
   * Where a browser goes to sign in with a provider, which sends it back to the page; or to end its session there.
   *
   * @param {string} provider
   * @param {'again' | 'log-out'} [what] `again` if the provider is to ask who it is although it knows.
   */
  addressOf(provider, what) {
    const rest = { again: '?again=true', 'log-out': '/log-out' };
    return `${this.#http.base}/api/v1/auth/oidc/${encodeURIComponent(provider)}${what ? rest[what] : ''}`;
  }

  /**
   * Signs in with what a provider gave the browser. A session that there was ends.
   *
   * @param {string} provider
   * @param {import('./types.js').ProviderReturn} given
   */
  async finish(provider, given) {
    const before = this.#kept();
    const path = `/auth/oidc/${encodeURIComponent(provider)}`;
    this.#begin(await this.#http.request('POST', path, { body: given, cookies: true }), provider);
    if (before) await this.#end(before);
  }

  /**
   * @param {string} username
   * @param {string} password
   * @param {string | null} [invite] The code of an invitation.
   */
  async register(username, password, invite = null) {
    const body = { username, password, ...(invite === null ? {} : { invite }) };
    this.#begin(await this.#http.request('POST', '/auth/register', { body }));
  }

  /**
   * Makes the server's first admin.
   *
   * @param {import('./types.js').SetUp} wanted
   */
  async setUp(wanted) {
    this.#begin(await this.#http.request('POST', '/set-up', { body: wanted }));
  }

  /**
   * @param {string} username
   * @param {string} password
   * @param {string | null} [code] Of an authenticator app, or a recovery code, if the account has a second factor.
   */
  async logIn(username, password, code = null) {
    const body = { username, password, ...(code === null ? {} : { code }) };
    this.#begin(await this.#http.request('POST', '/auth/login', { body }));
  }

  /**
   * Signs in whom a host's token is about, and makes their account if they have none.
   *
   * @param {string} token The JWT that the host signed.
   */
  async exchange(token) {
    this.#begin(await this.#http.request('POST', '/auth/exchange', { body: { token } }));
  }

  /** Ends the session; without a connection it is only forgotten here. */
  async logOut() {
    const kept = this.#kept();
    this.#forget(false);
    if (kept) await this.#end(kept);
  }

  /** @param {Kept} kept */
  async #end({ refresh_token }) {
    try {
      await this.#http.request('POST', '/auth/logout', { body: { refresh_token } });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /**
   * The account has this role now.
   *
   * @param {number} user
   * @param {string} role
   */
  noteRole(user, role) {
    // What another tab renews meanwhile must not be written over.
    return withLock(`${this.#key}.renew`, async () => {
      const kept = this.#kept();
      if (kept?.user.id !== user || kept.user.role === role) return;
      this.#storage.setItem(this.#key, JSON.stringify({ ...kept, user: { ...kept.user, role } }));
    });
  }

  /**
   * An access token that is good now.
   *
   * @returns {Promise<string>}
   */
  async token() {
    const kept = this.#kept();
    if (!kept) throw signedOut();
    if (kept.renew_at > Date.now()) return kept.access_token;
    return this.renew(kept.access_token);
  }

  /**
   * Another access token than this one, which the server did not like.
   *
   * @param {string} stale
   * @returns {Promise<string>}
   */
  renew(stale) {
    return withLock(`${this.#key}.renew`, async () => {
      const kept = this.#kept();
      if (!kept) throw signedOut();
      if (kept.access_token !== stale) return kept.access_token;
      try {
        const body = { refresh_token: kept.refresh_token };
        const signedIn = await this.#http.request('POST', '/auth/refresh', { body });
        return this.#keep(signedIn, kept.provider).access_token;
      } catch (error) {
        if (error instanceof Problem && [401, 403].includes(error.status)) this.#forget(true);
        throw error;
      }
    });
  }

  /**
   * @param {SignedIn} signedIn
   * @param {string | null} [provider]
   */
  #begin(signedIn, provider = null) {
    this.emit('changed', { user: this.#keep(signedIn, provider).user, ended: false });
  }

  /**
   * @param {SignedIn} signedIn
   * @param {string | null} [provider] With which it was begun.
   */
  #keep({ user, session_id, access_token, refresh_token, expires_in }, provider = null) {
    // The clock here may differ from the server's, so only the length of time is taken from it.
    const life = expires_in * 1000;
    // A refresh token is soon worth nothing. If every request renewed, a tab that has not yet seen what another
    // one kept could come with one that is two generations old, and the server would end the session.
    const renew_at = Date.now() + life - Math.min(MARGIN_MS, life / 2);
    const kept = { user, session_id, access_token, refresh_token, renew_at, provider };
    this.#storage.setItem(this.#key, JSON.stringify(kept));
    return kept;
  }

  /** @param {boolean} ended */
  #forget(ended) {
    this.#storage.removeItem(this.#key);
    this.emit('changed', { user: null, ended });
  }

  /** @returns {Kept | null} */
  #kept() {
    const text = this.#storage.getItem(this.#key);
    return text === null ? null : JSON.parse(text);
  }

  /** @param {StorageEvent} event */
  #changedElsewhere(event) {
    if (event.key !== this.#key) return;
    const before = event.oldValue && JSON.parse(event.oldValue).session_id;
    const after = event.newValue && JSON.parse(event.newValue);
    if (before !== (after?.session_id ?? null)) {
      this.emit('changed', { user: after?.user ?? null, ended: false });
    }
  }
}

function signedOut() {
  return new Problem({ status: 401, code: 'token_missing', detail: 'Nobody is signed in.' });
}
