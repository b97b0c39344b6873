import { showOnline } from './avatar.js';
import { arrange, eachFrame, fill, h, say, set } from './dom.js';
import { countText, t } from './i18n.js';
import { icon } from './icons.js';
import { isMuted, kindOf, nameOf, peerOf, pictureOf, titleOf, typingIn, unreadOf } from './names.js';
import { isOfTwo } from './rights.js';
import { summary } from './summary.js';
import { brief, eachDay, full } from './times.js';

/**
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Chat} Chat
 * @typedef {{item: HTMLLIElement, link: HTMLAnchorElement, disc: HTMLElement, title: HTMLElement,
 *   time: HTMLTimeElement, text: HTMLElement, marks: HTMLElement, badge: HTMLElement,
 *   mentions: HTMLElement}} Entry
 */

/** One's chats: those that one has pinned, and then the one active last first. */
export class ChatList {
  #live;
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  #list = h('ul', { class: 'chats' });
  #empty = h('div', { class: 'empty', hidden: true });
  /** The chat that is open. @type {number | null} */
  #open = null;
  #filter = '';
  /** Whether those that were put away are shown, and not the others. */
  #archived = false;
  #turn = h('button', { type: 'button', class: 'archived', hidden: true, onClick: () => this.#turnOver() });
  show = eachFrame(() => this.#show());

  /**
   * @param {Live} live
   * @param {import('./scope.js').Scope} scope
   */
  constructor(live, scope) {
    this.#live = live;
    this.element = h('nav', { class: 'chat-list', 'aria-label': t('nav.chats') }, this.#list, this.#empty, this.#turn);
    scope.add(
      live.replica.on('chats', this.show),
      live.people.on('changed', this.show),
      live.typing.on('changed', this.show),
    );
    eachDay(scope, this.show);
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
    const archived = all.filter((chat) => chat.preferences.archived);
    if (archived.length === 0) this.#archived = false;
    const fits = (/** @type {Chat} */ chat) =>
      this.#filter === '' ? chat.preferences.archived === this.#archived : titleOf(chat, me).toLocaleLowerCase().includes(this.#filter);
    const first = (/** @type {Chat} */ { preferences }) => (preferences.pinned ? 1 : 0);
    const chats = all.filter(fits).sort((a, b) => first(b) - first(a));
    this.#showTurn(archived);
    arrange(this.#list, chats.map((chat) => this.#entryOf(chat)));
    const there = new Set(all.map((chat) => chat.id));
    for (const id of this.#entries.keys()) if (!there.has(id)) this.#entries.delete(id);
    this.#empty.hidden = !this.#live.replica.loaded || all.length > 0 || this.#filter !== '';
    if (!this.#empty.hidden) fill(this.#empty, h('strong', {}, t('list.empty')), h('p', {}, t('list.emptyHint')));
  }

  /** @param {Chat[]} archived */
  #showTurn(archived) {
    this.#turn.hidden = archived.length === 0 || this.#filter !== '';
    const text = this.#archived ? t('list.back') : t('list.archived', { n: archived.length });
    if (this.#turn.textContent !== text) fill(this.#turn, icon(this.#archived ? 'back' : 'archive'), text);
  }

  #turnOver() {
    this.#archived = !this.#archived;
    this.show();
  }

  /** @param {Chat} chat */
  #entryOf(chat) {
    const entry = this.#entries.get(chat.id) ?? newEntry(chat, this.#live.me.id);
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
    this.#showMarks(entry, chat);
    showOnline(entry.disc, peer !== null && this.#live.people.get(peer.id)?.online === true);
    return entry.item;
  }

  /**
   * @param {Entry} entry
   * @param {Chat} chat
   */
  #showMarks(entry, chat) {
    const { unread_count: n, mention_count: mentions, preferences } = chat;
    const muted = isMuted(chat);
    const quiet = unreadOf(chat) === 0;
    const kind = kindOf(this.#live, chat);
    const stamp = JSON.stringify([n, mentions, muted, quiet, preferences.pinned, kind]);
    if (entry.marks.dataset.stamp === stamp) return;
    entry.marks.dataset.stamp = stamp;
    const picture = chat.kind === 'whisper' ? 'whisper' : 'room';
    fill(entry.marks, kind !== '' && mark(picture, kind), preferences.pinned && mark('pin', t('chat.pinned')), muted && mark('mute', t('chat.muted')));
    entry.badge.hidden = n === 0;
    set(entry.badge, 'class', quiet ? 'badge quiet' : 'badge');
    fill(entry.badge, h('span', { 'aria-hidden': 'true' }, countText(n)), h('span', { class: 'unseen' }, t('list.unread', { n })));
    entry.mentions.hidden = mentions === 0;
    fill(entry.mentions, h('span', { 'aria-hidden': 'true' }, '@'), h('span', { class: 'unseen' }, t('list.mentions', { n: mentions })));
  }

  /** @param {Chat} chat */
  #preview(chat) {
    const last = chat.last_message;
    if (!last) return t('list.noMessages');
    if (last.deleted_at !== null) return t('list.deleted');
    const text = summary(last);
    if (last.author_id === this.#live.me.id) return t('list.you', { text });
    return isOfTwo(chat) ? text : `${nameOf(this.#live, chat.id, last.author_id)}: ${text}`;
  }
}

/**
 * @param {Chat} chat
 * @param {number} me
 * @returns {Entry}
 */
function newEntry(chat, me) {
  const disc = pictureOf(chat, me);
  const title = h('span', { class: 'title', dir: 'auto' });
  const time = h('time', { datetime: chat.active_at });
  const text = h('span', { class: 'preview', dir: 'auto' });
  const marks = h('span', { class: 'marks' });
  const [mentions, badge] = [h('span', { class: 'at', hidden: true }), h('span', { class: 'badge', hidden: true })];
  const above = h('span', { class: 'line' }, title, marks, time);
  const below = h('span', { class: 'line' }, text, mentions, badge);
  const link = h('a', { href: `#/chats/${chat.id}`, class: chat.kind === 'whisper' ? 'chat whisper' : 'chat' }, disc, h('span', { class: 'chat-text' }, above, below));
  return { item: h('li', {}, link), link, disc, title, time, text, marks, badge, mentions };
}

/**
 * @param {Parameters<typeof icon>[0]} picture
 * @param {string} text
 */
function mark(picture, text) {
  return h('span', { title: text }, icon(picture), h('span', { class: 'unseen' }, text));
}
