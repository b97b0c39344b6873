import { avatar, showOnline } from './avatar.js';
import { arrange, eachFrame, fill, h, say, set } from './dom.js';
import { t } from './i18n.js';
import { nameOf, peerOf, titleOf, typingIn } from './names.js';
import { brief, full } from './times.js';

/**
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Chat} Chat
 * @typedef {{item: HTMLLIElement, link: HTMLAnchorElement, disc: HTMLElement, title: HTMLElement,
 *   time: HTMLTimeElement, text: HTMLElement, badge: HTMLElement}} Entry
 */

/** One's chats, the one active last first. */
export class ChatList {
  #live;
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  #list = h('ul', { class: 'chats' });
  #empty = h('div', { class: 'empty', hidden: true });
  /** The chat that is open. @type {number | null} */
  #open = null;
  #filter = '';
  show = eachFrame(() => this.#show());

  /**
   * @param {Live} live
   * @param {import('./scope.js').Scope} scope
   */
  constructor(live, scope) {
    this.#live = live;
    this.element = h('nav', { class: 'chat-list', 'aria-label': t('nav.chats') }, this.#list, this.#empty);
    scope.add(
      live.replica.on('chats', this.show),
      live.people.on('changed', this.show),
      live.typing.on('changed', this.show),
    );
    this.show();
  }

  /** @param {number | null} chat */
  setOpen(chat) {
    this.#open = chat;
    this.show();
  }

  /**
   * Shows only chats whose title contains this.
   *
   * @param {string} text
   */
  setFilter(text) {
    this.#filter = text.toLocaleLowerCase();
    this.show();
  }

  #show() {
    const me = this.#live.me.id;
    const all = this.#live.replica.chats();
    const fits = (/** @type {Chat} */ chat) => titleOf(chat, me).toLocaleLowerCase().includes(this.#filter);
    const chats = all.filter(fits);
    arrange(this.#list, chats.map((chat) => this.#entryOf(chat)));
    const there = new Set(all.map((chat) => chat.id));
    for (const id of this.#entries.keys()) if (!there.has(id)) this.#entries.delete(id);
    this.#empty.hidden = !this.#live.replica.loaded || all.length > 0 || this.#filter !== '';
    if (!this.#empty.hidden) fill(this.#empty, h('strong', {}, t('list.empty')), h('p', {}, t('list.emptyHint')));
  }

  /** @param {Chat} chat */
  #entryOf(chat) {
    const entry = this.#entries.get(chat.id) ?? newEntry(chat, titleOf(chat, this.#live.me.id));
    this.#entries.set(chat.id, entry);
    const me = this.#live.me.id;
    const peer = peerOf(chat, me);
    const at = new Date(chat.active_at);
    set(entry.link, 'aria-current', chat.id === this.#open ? 'page' : null);
    say(entry.title, titleOf(chat, me));
    say(entry.time, brief(at));
    set(entry.time, 'title', full(at));
    const typing = typingIn(this.#live, chat.id);
    say(entry.text, typing || this.#preview(chat));
    set(entry.text, 'class', typing ? 'preview typing' : 'preview');
    const n = chat.unread_count;
    entry.badge.hidden = n === 0;
    if (n > 0) fill(entry.badge, h('span', { 'aria-hidden': 'true' }, String(n)), h('span', { class: 'unseen' }, t('list.unread', { n })));
    showOnline(entry.disc, peer !== null && this.#live.people.get(peer.id)?.online === true);
    return entry.item;
  }

  /** @param {Chat} chat */
  #preview(chat) {
    const last = chat.last_message;
    if (!last) return t('list.noMessages');
    if (last.deleted_at !== null) return t('list.deleted');
    const text = last.text.slice(0, 200);
    if (last.author_id === this.#live.me.id) return t('list.you', { text });
    return chat.kind === 'direct' ? text : `${nameOf(this.#live, chat.id, last.author_id)}: ${text}`;
  }
}

/**
 * @param {Chat} chat
 * @param {string} name
 * @returns {Entry}
 */
function newEntry(chat, name) {
  const disc = avatar(name, chat.peer?.id ?? chat.id);
  const title = h('span', { class: 'title', dir: 'auto' });
  const time = h('time', { datetime: chat.active_at });
  const text = h('span', { class: 'preview', dir: 'auto' });
  const badge = h('span', { class: 'badge' });
  const above = h('span', { class: 'line' }, title, time);
  const below = h('span', { class: 'line' }, text, badge);
  const link = h('a', { href: `#/chats/${chat.id}`, class: 'chat' }, disc, h('span', { class: 'chat-text' }, above, below));
  return { item: h('li', {}, link), link, disc, title, time, text, badge };
}
