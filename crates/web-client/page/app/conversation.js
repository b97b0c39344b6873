import { Composer } from './composer.js';
import { conversationHead } from './conversation-head.js';
import { eachFrame, fill, h, set } from './dom.js';
import { takeDrops } from './drops.js';
import { countText, t } from './i18n.js';
import { icon } from './icons.js';
import { MessageActions } from './message-actions.js';
import { MessageLog } from './message-log.js';
import { nameOf, peerOf } from './names.js';
import { notices } from './notices.js';
import { personCard } from './person-card.js';
import { pinsBar } from './pins-bar.js';
import { mayWrite } from './rights.js';
import { Scope } from './scope.js';
import { orTell } from './toast.js';

/**
 * @typedef {import('../confab.js').Confab} Confab
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/changes.js').Change} Change
 * @typedef {import('./log-rows.js').MessageRow} MessageRow
 */

/** A chat that is open: who it is with, its messages, and where one writes. */
export class Conversation {
  #api;
  #live;
  #chat;
  #scope = new Scope();
  #log;
  #composer;
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
    this.#log = this.#makeLog();
    this.#composer = this.#makeComposer();
    this.#newest.addEventListener('click', () => void this.#log.jumpToNewest());
    const body = h('div', { class: 'log-frame' }, this.#log.element, this.#newest);
    const whisper = live.replica.copy(chat)?.chat.kind === 'whisper';
    this.element = h(
      'section',
      { class: whisper ? 'conversation whispers' : 'conversation', 'data-drop-hint': t('media.drop') },
      conversationHead(this.#api, live, chat, this.#scope),
      pinsBar(this.#api, live, chat, this.#scope, (seq) => void this.jump(seq)),
      body,
      notices(live, chat, this.#scope),
      this.#composer.element,
    );
    takeDrops(this.element, (files) => this.#writes() && this.#composer.attach(files));
    this.#scope.add(live.replica.on('chat', () => this.#showComposer()));
    this.#showComposer();
    this.#scope.listen(window, 'storage', (event) => this.#composer.changedElsewhere(event));
    this.#scope.add(live.changes.on('refused', (change) => change.chat_id === chat && this.#giveBack(change)));
  }

  /**
   * Reads the chat and shows it.
   *
   * @param {number | null} seq Of the message to show, if it is a certain one.
   */
  async open(seq) {
    this.#composer.shown();
    const members = orTell(this.#live.replica.loadMembers(this.#chat));
    await this.#log.open(seq);
    await members;
  }

  /**
   * Shows a message and points at it.
   *
   * @param {number} seq
   */
  async jump(seq) {
    await this.#log.jumpTo(seq);
  }

  focus() {
    this.#composer.focus();
  }

  close() {
    this.#live.typing.say(this.#chat, false);
    this.#scope.close();
  }

  /** Whether one may write here, as the settings of the chat and of the one around it say. */
  #writes() {
    const { replica } = this.#live;
    const chat = replica.copy(this.#chat)?.chat;
    return !chat || mayWrite(chat, replica.copy(chat.parent_id ?? 0)?.chat);
  }

  #showComposer() {
    this.#composer.element.hidden = !this.#writes();
  }

  #makeLog() {
    const { outbox, changes } = this.#live;
    const actions = new MessageActions(this.#api, this.#live, this.#chat, () => this.#composer);
    /** @type {import('./message-row.js').RowActions} */
    const ofRows = {
      openMenu: actions.openMenu.bind(actions),
      react: actions.react.bind(actions),
      jump: (seq) => void this.jump(seq),
      retry: (row) => outbox.retry(row.clientId ?? ''),
      discard: ({ edit, clientId }) => (edit ? changes.discard(edit) : outbox.discard(clientId ?? '')),
      editAgain: ({ edit }) => this.#editAgain(changes.get(edit ?? '')),
      openPerson: (user) => void personCard(this.#api, this.#live, user),
    };
    const changed = eachFrame(() => this.#showNewest());
    return new MessageLog(this.#live, this.#api, this.#chat, this.#scope, ofRows, changed);
  }

  #makeComposer() {
    const chat = this.#live.replica.copy(this.#chat)?.chat;
    const peer = chat && peerOf(chat, this.#live.me.id);
    const whisper = chat?.kind === 'whisper' && peer;
    return new Composer(
      this.#api,
      this.#live.me.id,
      this.#chat,
      {
        send: (text, replyTo, attachments) => this.#send(text, replyTo, attachments),
        edit: (message, text) => this.#live.changes.edit(this.#chat, message, text),
        typing: (typing) => this.#live.typing.say(this.#chat, typing),
        editLast: () => this.#editLast(),
        people: () => this.#others(),
      },
      whisper ? t('compose.whisper', { name: peer.username }) : t('compose.placeholder'),
    );
  }

  /** Those who can be mentioned. */
  #others() {
    const present = this.#live.replica.copy(this.#chat)?.present() ?? [];
    return present.filter(({ user_id }) => user_id !== this.#live.me.id).map(({ user_id, username }) => ({ id: user_id, name: username }));
  }

  #showNewest() {
    const chat = this.#live.replica.copy(this.#chat)?.chat;
    const away = !this.#log.following && Boolean(this.#live.replica.copy(this.#chat)?.history);
    this.#newest.hidden = !away;
    if (!away || !chat) return;
    const n = chat.unread_count;
    set(this.#newest, 'aria-label', n > 0 ? t('chat.newestCount', { n }) : t('chat.newest'));
    const count = h('span', { class: 'badge', 'aria-hidden': 'true' }, countText(n));
    fill(this.#newest, icon('down'), n > 0 && count);
  }

  /**
   * @param {string} text
   * @param {number | null} replyTo
   * @param {import('../confab/types.js').Attachment[]} attachments
   */
  #send(text, replyTo, attachments) {
    this.#log.forgetDivider();
    this.#live.send(this.#chat, text, replyTo, attachments);
    void this.#log.jumpToNewest();
  }

  #editLast() {
    const { me, changes, replica } = this.#live;
    const mine = replica.copy(this.#chat)?.history?.messages.findLast((m) => m.author_id === me.id && changes.applied(m).deleted_at === null);
    if (mine) this.#edit(changes.applied(mine));
  }

  /**
   * @param {import('../confab/types.js').Message} message
   * @param {string} [text] What it is to say, as far as that is written already.
   */
  #edit({ id, author_id, text: said, attachments }, text = said) {
    const author = nameOf(this.#live, this.#chat, author_id);
    this.#composer.edit(/** @type {MessageRow} */ ({ id, text: said, author, attachments }), text);
  }

  /**
   * An edit that was refused comes back into the field, unless something else is written there.
   *
   * @param {Change} change
   */
  #giveBack(change) {
    if (change.kind === 'edit' && this.#composer.idle) this.#editAgain(change);
  }

  /** @param {Change | undefined} change An edit that was refused. */
  #editAgain(change) {
    if (!change) return;
    const message = this.#live.replica.copy(this.#chat)?.history?.byId(change.message_id);
    this.#live.changes.discard(change.client_id);
    if (message && message.deleted_at === null) this.#edit(message, change.text);
    else this.#composer.put(change.text);
  }
}
