import { avatar } from './avatar.js';
import { fill, h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { MessageHits } from './message-hits.js';
import { PeopleSearch } from './people-search.js';
import { orTell } from './toast.js';

/** @typedef {import('../confab/types.js').User} User */

/** After the last key before messages are searched. */
const PAUSE_MS = 250;

/** The field above the chats: it leaves those that fit, and finds people to write to and messages. */
export class Finder {
  #live;
  #list;
  #search;
  #people = h('div', { class: 'found', hidden: true });
  #messages;
  #hits;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {import('../confab/api.js').Api} api
   * @param {import('../confab/live.js').Live} live
   * @param {import('./chat-list.js').ChatList} list
   */
  constructor(api, live, list) {
    this.#live = live;
    this.#list = list;
    this.#search = new PeopleSearch(api, (people) => this.#show(people));
    const words = () => this.input.value.trim();
    const what = t(live.people.areListed ? 'nav.search' : 'nav.searchChats');
    this.#hits = new MessageHits(live, (cursor) => api.search(words(), { cursor }), () => {}, words);
    this.#messages = h('div', { class: 'found', hidden: true }, h('h2', {}, t('list.messages')), this.#hits.element);
    this.input = h('input', {
      type: 'search',
      class: 'input',
      'aria-label': what,
      placeholder: what,
      autocomplete: 'off',
      spellcheck: 'false',
      onInput: () => this.#typed(),
      onKeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && this.#clear(),
    });
    this.element = h('div', { class: 'finder', role: 'search' }, icon('search'), this.input);
    this.results = h('div', {}, this.#people, this.#messages);
  }

  #typed() {
    const text = this.input.value.trim();
    this.#list.setFilter(text);
    if (text === '') return this.#clear();
    if (this.#live.people.areListed) this.#search.search(text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#find(), PAUSE_MS);
  }

  async #find() {
    await this.#hits.load();
    this.#messages.hidden = this.input.value.trim() === '';
  }

  #clear() {
    this.#search.cancel();
    clearTimeout(this.#timer);
    this.#hits.clear();
    this.#messages.hidden = true;
    this.input.value = '';
    this.#list.setFilter('');
    this.#people.hidden = true;
  }

  /** @param {User[]} people */
  #show(people) {
    // Those whom one writes to already are among the chats.
    const met = new Set(this.#live.replica.chats().map(({ kind, peer }) => kind === 'direct' && peer?.id));
    const rows = people.filter(({ id }) => !met.has(id)).map((user) => h('li', {}, this.#row(user)));
    const nothing = h('li', { class: 'muted' }, t('list.nothing'));
    const list = h('ul', { class: 'results' }, ...(rows.length > 0 ? rows : [nothing]));
    fill(this.#people, h('h2', {}, t('list.people')), list);
    this.#people.hidden = false;
  }

  /** @param {User} user */
  #row({ id, username }) {
    const open = async () => {
      const chat = await orTell(this.#live.openDirect(id));
      if (!chat) return;
      this.#clear();
      location.hash = `#/chats/${chat.id}`;
    };
    const name = h('span', { dir: 'auto' }, username);
    return h('button', { type: 'button', class: 'person', onClick: () => void open() }, avatar(username, id), name);
  }
}
