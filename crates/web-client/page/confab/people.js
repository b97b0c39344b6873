import { Emitter } from './emitter.js';
import { Problem } from './problem.js';

/** Requests at the same time, at most. */
const AT_ONCE = 4;

/**
 * @typedef {import('./types.js').User} User
 * @typedef {Pick<User, 'id' | 'username' | 'online' | 'last_seen_at'>} Person
 */

/**
 * Who people are and whether they are there. Whoever is asked for is fetched once; pushes keep them. And whom one
 * finds on this server: read at every connection, and when one's role changes.
 *
 * @extends {Emitter<{changed: {id: number}, finds: null}>}
 */
export class People extends Emitter {
  #api;
  /** @type {Map<number, Person>} */
  #known = new Map();
  /** @type {Set<number>} */
  #asked = new Set();
  /** @type {number[]} */
  #queue = [];
  #running = 0;
  /** @type {import('./types.js').Finds} */
  #finds = 'everybody';

  /** @param {import('./api.js').Api} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** Whether people who share no chat with oneself, and rooms that one is not in, are found. */
  get findsStrangers() {
    return this.#finds === 'everybody';
  }

  /** Whether there are lists of people at all. */
  get areListed() {
    return this.#finds !== 'nobody';
  }

  /** Reads whom one finds. While there is no answer it is what it was. */
  async loadFinds() {
    try {
      const { finds } = await this.#api.account.profile();
      if (finds === this.#finds) return;
      this.#finds = finds;
      this.emit('finds', null);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /**
   * What is known of somebody; `changed` tells when it is more.
   *
   * @param {number} id
   * @returns {Person | undefined}
   */
  get(id) {
    if (!this.#asked.has(id)) {
      this.#asked.add(id);
      this.#queue.push(id);
      void this.#fetch();
    }
    return this.#known.get(id);
  }

  /**
   * Notes what came along with something else.
   *
   * @param {Pick<User, 'id' | 'username'> & Partial<Person>} person
   */
  note(person) {
    const { online = null, last_seen_at = null } = this.#known.get(person.id) ?? {};
    const known = { online, last_seen_at, ...person };
    this.#known.set(person.id, known);
    this.emit('changed', { id: person.id });
  }

  /** @param {{user_id: number, online: boolean, last_seen_at: string}} presence */
  presence({ user_id, online, last_seen_at }) {
    const known = this.#known.get(user_id);
    if (!known) return;
    this.#known.set(user_id, { ...known, online, last_seen_at });
    this.emit('changed', { id: user_id });
  }

  /** Asks for everybody again: nothing told of those who came or went meanwhile. */
  refresh() {
    this.#queue = [...this.#asked];
    void this.#fetch();
  }

  async #fetch() {
    if (this.#running >= AT_ONCE) return;
    this.#running += 1;
    for (let id = this.#queue.shift(); id !== undefined; id = this.#queue.shift()) {
      try {
        this.note(await this.#api.user(id));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // It is asked for again at the next `get`.
        this.#asked.delete(id);
      }
    }
    this.#running -= 1;
  }
}
