import { confirmed, openDialog } from './dialog.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { whisperTo } from './members.js';
import { openMenu } from './menu.js';
import { mayDeleteMessage, mayPin, mayReact, mayWhisper, mayWrite } from './rights.js';
import { full } from './times.js';
import { orTell, toast } from './toast.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('./log-rows.js').MessageRow} MessageRow
 * @typedef {import('./menu.js').MenuItem} MenuItem
 */

/** Reactions that are one click away. */
const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🎉'];

/** What one can do with the messages of a chat. */
export class MessageActions {
  #api;
  #live;
  #chat;
  #composer;

  /**
   * @param {Api} api
   * @param {Live} live
   * @param {number} chat
   * @param {() => import('./composer.js').Composer} composer
   */
  constructor(api, live, chat, composer) {
    this.#api = api;
    this.#live = live;
    this.#chat = chat;
    this.#composer = composer;
  }

  /**
   * @param {MessageRow} row
   * @param {HTMLElement} beside
   * @param {HTMLElement} [focusAfter]
   */
  openMenu(row, beside, focusAfter) {
    const chat = this.#live.replica.copy(this.#chat)?.chat;
    if (!chat) return;
    const quick = QUICK.map((emoji) => {
      const on = !row.reactions.some((mark) => mark.emoji === emoji && mark.mine);
      return { emoji, label: t('message.reactWith', { emoji }), act: () => this.react(row, emoji, on) };
    });
    openMenu(beside, this.#items(row, chat), mayReact(chat, this.#around(chat)) ? quick : [], focusAfter);
  }

  /** @param {import('../confab/types.js').Chat} chat Whispers, of which the chat around them is wanted. */
  #around({ parent_id }) {
    return this.#live.replica.copy(parent_id ?? 0)?.chat;
  }

  /**
   * @param {MessageRow} row
   * @param {string} emoji
   * @param {boolean} on
   */
  react(row, emoji, on) {
    const chat = this.#live.replica.copy(this.#chat)?.chat;
    if (on && chat && !mayReact(chat, this.#around(chat))) return;
    this.#live.changes.react(this.#chat, row.id ?? 0, emoji, on);
  }

  /**
   * @param {MessageRow} row
   * @param {import('../confab/types.js').Chat} chat
   * @returns {MenuItem[]}
   */
  #items(row, chat) {
    const id = row.id ?? 0;
    const mayDelete = mayDeleteMessage(chat, row.own);
    const writes = mayWrite(chat, this.#around(chat));
    const items = /** @type {(MenuItem | false)[]} */ ([
      writes && { label: t('message.reply'), picture: 'reply', act: () => this.#composer().reply(row) },
      !row.own && mayWhisper(chat) && { label: t('member.whisper'), picture: 'whisper', act: () => void whisperTo(this.#live, chat.id, row.authorId) },
      { label: t(row.starred ? 'message.unstar' : 'message.star'), picture: 'star', act: () => void orTell(this.#api.star(id, !row.starred)) },
      mayPin(chat) && { label: t(row.pinned ? 'message.unpin' : 'message.pin'), picture: 'pin', act: () => void orTell(this.#api.pin(chat.id, id, !row.pinned)) },
      { label: t('message.copy'), picture: 'copy', act: () => void copy(row.text) },
      row.own && writes && { label: t('message.edit'), picture: 'pencil', act: () => this.#composer().edit(row) },
      mayDelete && row.edited && { label: t('message.edits'), picture: 'edits', act: () => void this.#showEdits(row) },
      mayDelete && { label: t('message.delete'), picture: 'trash', danger: true, act: () => void this.#delete(row) },
    ]);
    return items.filter((item) => item !== false);
  }

  /** @param {MessageRow} row */
  async #delete(row) {
    const question = { title: t('message.deleteTitle'), text: t('message.deleteText'), action: t('message.delete') };
    if (await confirmed(question)) this.#live.changes.delete(this.#chat, row.id ?? 0);
  }

  /** @param {MessageRow} row */
  async #showEdits(row) {
    const edits = await orTell(this.#api.edits(this.#chat, row.id ?? 0));
    if (!edits) return;
    const rows = edits.map(({ text, written_at }) =>
      h('li', {}, h('time', { class: 'muted', datetime: written_at }, full(new Date(written_at))), h('p', { class: 'text', dir: 'auto' }, text)),
    );
    openDialog(t('message.edits'), h('ul', { class: 'edits' }, ...rows));
  }
}

/** @param {string} text */
async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(t('message.copied'));
}
