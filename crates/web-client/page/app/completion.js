import { avatar } from './avatar.js';
import { fill, h, set } from './dom.js';
import { t } from './i18n.js';

/** People who are offered, at most. */
const OFFERED = 6;
/** What may stand between the `@` and the caret: a name may hold spaces. */
const BEGUN = /(?:^|[^\p{L}\p{N}_])@([^@\n]{0,40})$/u;

/** @typedef {{id: number, name: string}} Candidate */

let count = 0;

/** Offers the names of those in the chat to whoever writes an `@`. */
export class Completion {
  #input;
  #people;
  #id = `completion-${(count += 1)}`;
  /** @type {Candidate[]} */
  #offered = [];
  #chosen = 0;
  /** Where somebody said that they want none. @type {number | null} */
  #dismissed = null;

  /**
   * @param {HTMLTextAreaElement} input
   * @param {() => Candidate[]} people Who can be mentioned.
   */
  constructor(input, people) {
    this.#input = input;
    this.#people = people;
    this.element = h('ul', { class: 'completion', role: 'listbox', id: this.#id, 'aria-label': t('mention.label'), hidden: true });
    this.status = h('p', { class: 'unseen', role: 'status' });
    set(input, 'aria-autocomplete', 'list');
    input.addEventListener('click', () => this.look());
    input.addEventListener('blur', () => this.#close());
  }

  /** Looks whether a name is being written. */
  look() {
    const begun = this.#begun();
    if (!begun || begun.at === this.#dismissed) return this.#close();
    this.#dismissed = null;
    const query = begun.query.toLocaleLowerCase();
    const fits = (/** @type {Candidate} */ { name }) => {
      const folded = name.toLocaleLowerCase();
      return folded.startsWith(query) || folded.split(/[\s._-]+/u).some((word) => word.startsWith(query));
    };
    this.#offered = this.#people().filter(fits).slice(0, OFFERED);
    this.#chosen = 0;
    // A name that stands there whole needs no help, and Enter is to send it.
    const done = this.#offered.length === 1 && this.#offered[0].name.toLocaleLowerCase() === query;
    if (this.#offered.length === 0 || done) return this.#close();
    this.#show();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} Whether the key was meant for this.
   */
  key(event) {
    if (this.element.hidden) return false;
    const steps = { ArrowDown: 1, ArrowUp: this.#offered.length - 1 };
    if (event.key in steps) {
      this.#chosen = (this.#chosen + steps[/** @type {keyof typeof steps} */ (event.key)]) % this.#offered.length;
      this.#show();
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      this.#take(this.#offered[this.#chosen]);
    } else if (event.key === 'Escape') {
      this.#dismissed = this.#begun()?.at ?? null;
      this.#close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  #begun() {
    const { selectionStart, selectionEnd, value } = this.#input;
    if (selectionStart !== selectionEnd) return null;
    const found = BEGUN.exec(value.slice(0, selectionStart));
    return found && { query: found[1], at: selectionStart - found[1].length };
  }

  #show() {
    const options = this.#offered.map((person, n) => {
      const props = { class: 'person', role: 'option', id: `${this.#id}-${n}`, 'aria-selected': String(n === this.#chosen) };
      // The field keeps the focus.
      const keep = (/** @type {Event} */ event) => event.preventDefault();
      const take = () => this.#take(person);
      const name = h('span', { dir: 'auto' }, person.name);
      return h('li', { ...props, onMousedown: keep, onClick: take }, avatar(person.name, person.id, 'small'), name);
    });
    fill(this.element, ...options);
    this.element.hidden = false;
    this.status.textContent = t('mention.offered', { n: options.length });
    set(this.#input, 'aria-controls', this.#id);
    set(this.#input, 'aria-activedescendant', `${this.#id}-${this.#chosen}`);
  }

  /** @param {Candidate} person */
  #take({ name }) {
    const begun = this.#begun();
    if (!begun) return this.#close();
    this.#input.setRangeText(`${name} `, begun.at, this.#input.selectionStart, 'end');
    this.#close();
    this.#input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }

  #close() {
    this.element.hidden = true;
    this.status.textContent = '';
    set(this.#input, 'aria-controls', null);
    set(this.#input, 'aria-activedescendant', null);
  }
}
