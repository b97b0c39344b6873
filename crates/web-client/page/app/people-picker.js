import { avatar } from './avatar.js';
import { fill, h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { PeopleSearch } from './people-search.js';

/** @typedef {import('../confab/types.js').User} User */

/** A field that finds people and collects those who are chosen. */
export class PeoplePicker {
  /** @type {Map<number, string>} */
  #chosen = new Map();
  #chips = h('ul', { class: 'chips' });
  #results = h('ul', { class: 'results' });
  #search;
  #left;

  /**
   * @param {import('../confab/api.js').Api} api
   * @param {string} label
   * @param {number[]} left Ids of those who are not offered.
   */
  constructor(api, label, left) {
    this.#left = left;
    this.#search = new PeopleSearch(api, (people) => this.#show(people));
    this.input = h('input', {
      class: 'input',
      type: 'search',
      'aria-label': label,
      placeholder: label,
      autocomplete: 'off',
      onInput: () => this.#search.search(this.input.value),
    });
    this.element = h('div', { class: 'picker' }, this.#chips, this.input, this.#results);
    this.#search.search('');
  }

  /** Ids of those who were chosen. */
  get chosen() {
    return [...this.#chosen.keys()];
  }

  /** @param {User[]} people */
  #show(people) {
    const offered = people.filter(({ id }) => !this.#left.includes(id) && !this.#chosen.has(id));
    fill(this.#results, ...offered.map((user) => h('li', {}, this.#offer(user))));
    if (offered.length === 0) fill(this.#results, h('li', { class: 'muted' }, t('list.nothing')));
  }

  /** @param {User} user */
  #offer({ id, username }) {
    const choose = () => {
      this.#chosen.set(id, username);
      this.input.value = '';
      this.input.focus();
      this.#search.search('');
      this.#showChosen();
    };
    const name = h('span', { dir: 'auto' }, username);
    return h('button', { type: 'button', class: 'person', onClick: choose }, avatar(username, id, 'small'), name);
  }

  #showChosen() {
    const chips = [...this.#chosen].map(([id, name]) => {
      const remove = () => {
        this.#chosen.delete(id);
        this.#showChosen();
        this.#search.search(this.input.value);
        this.input.focus();
      };
      const props = { type: 'button', class: 'round', 'aria-label': t('group.remove', { name }), onClick: remove };
      return h('li', { class: 'chip' }, h('span', { dir: 'auto' }, name), h('button', props, icon('close')));
    });
    fill(this.#chips, ...chips);
  }
}
