import { fill, h, refill } from './dom.js';
import { t } from './i18n.js';
import { orTell } from './toast.js';

/**
 * A list that is read by pages as somebody asks for more.
 *
 * @template T
 */
export class PagedList {
  #read;
  #row;
  #nothing;
  #turn = 0;
  #list;
  #more = h('button', { type: 'button', class: 'button', hidden: true }, t('list.more'));

  /**
   * @param {(cursor: string | null) => Promise<{items: T[], next: string | null}>} read Reads a page.
   * @param {(item: T) => HTMLElement} row
   * @param {object} [looks]
   * @param {string} [looks.look] A class of the list.
   * @param {string} [looks.nothing] What to say where there is nothing.
   */
  constructor(read, row, { look = 'results', nothing = t('list.nothing') } = {}) {
    this.#read = read;
    this.#row = row;
    this.#nothing = nothing;
    this.#list = h('ul', { class: look });
    this.element = h('div', { class: 'paged' }, this.#list, this.#more);
  }

  /** Reads the first page in the place of what is shown; of several only the last counts. */
  async load() {
    await this.#page(null, (this.#turn += 1));
  }

  /** Shows nothing, not even what is being read. */
  clear() {
    this.#turn += 1;
    fill(this.#list);
    this.#more.hidden = true;
  }

  /**
   * @param {string | null} cursor
   * @param {number} turn
   */
  async #page(cursor, turn) {
    const page = await orTell(this.#read(cursor));
    if (!page || turn !== this.#turn) return;
    const rows = page.items.map(this.#row);
    if (cursor === null) refill(this.#list, rows);
    else this.#list.append(...rows);
    if (this.#list.children.length === 0) fill(this.#list, h('li', { class: 'muted' }, this.#nothing));
    // The button that was pressed moves on; whoever pressed it goes on where the new rows begin.
    const first = /** @type {HTMLElement | null | undefined} */ (cursor === null ? null : rows[0]?.querySelector('a, button'));
    first?.focus();
    this.#more.hidden = page.next === null;
    this.#more.onclick = () => void this.#page(page.next, turn);
  }
}
