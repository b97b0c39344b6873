import { avatar, showOnline } from './avatar.js';
import { chatInfo } from './chat-info.js';
import { Composer } from './composer.js';
import { confirmed } from './dialog.js';
import { eachFrame, fill, h, say, set } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { openMenu } from './menu.js';
import { MessageLog } from './message-log.js';
import { nameOf, peerOf, titleOf, typingIn } from './names.js';
import { Scope } from './scope.js';
import { ago } from './times.js';
import { orTell, toast } from './toast.js';

/**
 * @typedef {import('../confab.js').Confab} Confab
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('./log-rows.js').MessageRow} MessageRow
 */

/** Reactions that are one click away. */
const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🎉'];

/** A chat that is open: who it is with, its messages, and where one writes. */
export class Conversation {
  #api;
  #live;
  #chat;
  #scope = new Scope();
  #log;
  #composer;
  #head = h('header', { class: 'head' });
  #newest = h('button', { type: 'button', class: 'newest', hidden: true });

  /**
   * @param {Confab} confab
   * @param {Live} live
   * @param {number} chat
   */
  constructor(confab, live, chat) {
    this.#api = confab.api;
    this.#live = live;
    this.#chat = chat;
    const actions = {
      openMenu: this.#openMenu.bind(this),
      react: this.#react.bind(this),
      jump: (/** @type {number} */ seq) => void this.#log.jumpTo(seq),
      retry: (/** @type {MessageRow} */ row) => live.outbox.retry(row.clientId ?? ''),
      discard: (/** @type {MessageRow} */ row) => live.outbox.discard(row.clientId ?? ''),
    };
    const changed = eachFrame(() => this.#showNewest());
    this.#log = new MessageLog(live, this.#api, chat, this.#scope, actions, changed);
    this.#composer = new Composer(chat, {
      send: (text, replyTo) => this.#send(text, replyTo),
      edit: (row, text) => void orTell(this.#api.edit(chat, row.id ?? 0, text)),
      typing: (typing) => live.typing.say(chat, typing),
      editLast: () => this.#editLast(),
    });
    this.#newest.addEventListener('click', () => void this.#log.jumpToNewest());
    const body = h('div', { class: 'log-frame' }, this.#log.element, this.#newest);
    this.element = h('section', { class: 'conversation' }, this.#head, body, this.#composer.element);
    this.#makeHead();
  }

  /** Reads the chat and shows it. */
  async open() {
    this.#composer.shown();
    const members = orTell(this.#live.replica.loadMembers(this.#chat));
    await this.#log.open();
    await members;
  }

  focus() {
    this.#composer.focus();
  }

  close() {
    this.#live.typing.say(this.#chat, false);
    this.#scope.close();
  }

  #makeHead() {
    const { replica, people, typing, me } = this.#live;
    const title = h('h2', { dir: 'auto' });
    const state = h('p', { class: 'muted', 'aria-live': 'polite' });
    const disc = h('span', { class: 'head-avatar' });
    const info = { type: 'button', class: 'round', 'aria-label': t('chat.info') };
    const showInfo = () => chatInfo(this.#api, this.#live, this.#chat);
    fill(
      this.#head,
      h('a', { href: '#/', class: 'round back', 'aria-label': t('nav.back') }, icon('back')),
      disc,
      h('div', { class: 'head-text' }, title, state),
      h('button', { ...info, onClick: showInfo }, icon('info')),
    );
    const show = eachFrame(() => {
      const chat = replica.copy(this.#chat)?.chat;
      if (!chat) return;
      const name = titleOf(chat, me.id);
      if (title.textContent !== name) fill(disc, avatar(name, chat.peer?.id ?? chat.id));
      say(title, name);
      const peer = peerOf(chat, me.id);
      const person = peer && people.get(peer.id);
      const there = person ? presenceOf(person) : '';
      const about = chat.kind === 'direct' ? there : t('chat.members', { n: chat.member_count });
      const typists = typingIn(this.#live, this.#chat);
      say(state, typists || about);
      set(state, 'class', typists ? 'typing' : 'muted');
      showOnline(/** @type {HTMLElement} */ (disc.firstElementChild), person?.online === true);
    });
    const minute = setInterval(show, 60_000);
    this.#scope.add(
      () => clearInterval(minute),
      replica.on('chat', ({ id }) => id === this.#chat && show()),
      people.on('changed', show),
      typing.on('changed', ({ chat }) => chat === this.#chat && show()),
    );
    show();
  }

  #showNewest() {
    const chat = this.#live.replica.copy(this.#chat)?.chat;
    const away = !this.#log.following && Boolean(this.#live.replica.copy(this.#chat)?.history);
    this.#newest.hidden = !away;
    if (!away || !chat) return;
    const n = chat.unread_count;
    set(this.#newest, 'aria-label', n > 0 ? t('chat.newestCount', { n }) : t('chat.newest'));
    const count = h('span', { class: 'badge', 'aria-hidden': 'true' }, String(n));
    fill(this.#newest, icon('down'), n > 0 && count);
  }

  /**
   * @param {string} text
   * @param {number | null} replyTo
   */
  #send(text, replyTo) {
    this.#log.forgetDivider();
    this.#live.send(this.#chat, text, replyTo);
    void this.#log.jumpToNewest();
  }

  /**
   * @param {MessageRow} row
   * @param {HTMLElement} beside
   * @param {HTMLElement} [focusAfter]
   */
  #openMenu(row, beside, focusAfter) {
    const copy = this.#live.replica.copy(this.#chat);
    const governs = copy?.chat.kind === 'group' && copy.chat.role !== 'member';
    /** @type {import('./menu.js').MenuItem[]} */
    const items = [
      { label: t('message.reply'), picture: 'reply', act: () => this.#composer.reply(row) },
      { label: t('message.copy'), picture: 'copy', act: () => void this.#copy(row) },
    ];
    if (row.own) items.push({ label: t('message.edit'), picture: 'pencil', act: () => this.#composer.edit(row) });
    if (row.own || governs) {
      items.push({ label: t('message.delete'), picture: 'trash', danger: true, act: () => void this.#delete(row) });
    }
    const quick = QUICK.map((emoji) => {
      const on = !row.reactions.some((mark) => mark.emoji === emoji && mark.mine);
      return { emoji, label: t('message.reactWith', { emoji }), act: () => this.#react(row, emoji, on) };
    });
    openMenu(beside, items, quick, focusAfter);
  }

  /**
   * @param {MessageRow} row
   * @param {string} emoji
   * @param {boolean} on
   */
  #react(row, emoji, on) {
    void orTell(this.#api.react(row.id ?? 0, emoji, on));
  }

  /** @param {MessageRow} row */
  async #copy(row) {
    await navigator.clipboard.writeText(row.text);
    toast(t('message.copied'));
  }

  /** @param {MessageRow} row */
  async #delete(row) {
    const question = { title: t('message.deleteTitle'), text: t('message.deleteText'), action: t('message.delete') };
    if (await confirmed(question)) await orTell(this.#api.deleteMessage(this.#chat, row.id ?? 0));
  }

  #editLast() {
    const { history } = this.#live.replica.copy(this.#chat) ?? {};
    const mine = history?.messages.findLast((m) => m.author_id === this.#live.me.id && m.deleted_at === null);
    if (!mine) return;
    const author = nameOf(this.#live, this.#chat, mine.author_id);
    this.#composer.edit(/** @type {MessageRow} */ ({ id: mine.id, text: mine.text, author }));
  }
}

/** @param {import('../confab/people.js').Person} person */
function presenceOf(person) {
  if (person.online) return t('presence.online');
  if (!person.last_seen_at) return t('presence.offline');
  return t('presence.seen', { when: ago(new Date(person.last_seen_at)) });
}
