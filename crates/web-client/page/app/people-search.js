import { Problem } from '../confab.js';

/** After the last key before people are searched. */
const PAUSE_MS = 150;

/** Searches for people while somebody types; only the last answer counts. */
export class PeopleSearch {
  #api;
  #found;
  #turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {import('../confab/api.js').Api} api
   * @param {(people: import('../confab/types.js').User[]) => void} found
   */
  constructor(api, found) {
    this.#api = api;
    this.#found = found;
  }

  /** @param {string} text */
  search(text) {
    const turn = (this.#turn += 1);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(text.trim(), turn), PAUSE_MS);
  }

  /** Forgets what was asked. */
  cancel() {
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  /**
   * @param {string} text
   * @param {number} turn
   */
  async #ask(text, turn) {
    try {
      const { items } = await this.#api.findPeople(text);
      if (turn === this.#turn) this.#found(items);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (turn === this.#turn) this.#found([]);
    }
  }
}
