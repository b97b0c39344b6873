import { isLookedAt, shareAttention } from './attention.js';
import { t } from './i18n.js';
import { isMuted, kindOf, nameOf, titleOf } from './names.js';
import { notifies, pushes } from './preferences.js';
import { isOfTwo } from './rights.js';
import { summary } from './summary.js';

/**
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Message} Message
 */

/** Tells of messages that come while nobody looks at the page. One tab does it for all. */
export class Notifier {
  #live;
  /** What was told and not looked at yet, by chat. @type {Map<number, Notification>} */
  #shown = new Map();
  /** Messages of chats that are not known yet. @type {Message[]} */
  #early = [];

  /**
   * @param {Live} live
   * @param {import('./scope.js').Scope} scope
   */
  constructor(live, scope) {
    this.#live = live;
    shareAttention(scope);
    scope.add(
      live.link.on('push', ({ type, data }) => type === 'message.created' && void this.#heard(data)),
      live.replica.on('chats', () => this.#again()),
      live.replica.on('chat', ({ id }) => this.#settle(id)),
      () => this.#shown.forEach((notification) => notification.close()),
    );
  }

  /** @param {Message} message */
  async #heard(message) {
    const { link, me, blocks } = this.#live;
    const unwanted = message.author_id === me.id || blocks.has(message.author_id);
    // Where Web Push is on, its worker tells: once, whether or not a page is open.
    if (!link.leads || unwanted || pushes() || !notifies() || (await isLookedAt())) return;
    if (this.#live.replica.copy(message.chat_id)) this.#tell(message);
    else this.#early.push(message);
  }

  /** A chat that has just begun is known a moment after its first message. */
  #again() {
    const known = this.#early.filter(({ chat_id }) => this.#live.replica.copy(chat_id));
    this.#early = this.#early.filter((message) => !known.includes(message));
    known.forEach((message) => this.#tell(message));
  }

  /** @param {Message} message */
  #tell(message) {
    const chat = this.#live.replica.copy(message.chat_id)?.chat;
    if (!chat || isMuted(chat) || chat.preferences.archived) return;
    if (chat.preferences.mentions_only && !message.mentions.includes(this.#live.me.id)) return;
    const title = [titleOf(chat, this.#live.me.id), chat.kind === 'whisper' && kindOf(this.#live, chat)].filter(Boolean).join(' · ');
    const text = summary(message);
    const body = isOfTwo(chat) ? text : t('notify.said', { name: nameOf(this.#live, chat.id, message.author_id), text });
    const notification = notify(title, body, tagOf(chat.id));
    if (!notification) return;
    this.#shown.set(chat.id, notification);
    notification.onclick = () => {
      window.focus();
      location.hash = `#/chats/${chat.id}/${message.seq}`;
      notification.close();
    };
  }

  /**
   * What was read, here or elsewhere, needs no telling any more.
   *
   * @param {number} id
   */
  #settle(id) {
    const { unread_count: unread = 0, last_seq: newest = Infinity } = this.#live.replica.copy(id)?.chat ?? {};
    if (unread > 0) return;
    if (pushes()) void closeShown(tagOf(id), newest);
    this.#shown.get(id)?.close();
    this.#shown.delete(id);
  }
}

/**
 * Of several notifications with the same one the last is shown; the worker's have it, too.
 *
 * @param {number} chat
 */
function tagOf(chat) {
  return `confab-${chat}`;
}

/**
 * Closes what the worker told, but not what it tells meanwhile.
 *
 * @param {string} tag
 * @param {number} newest The last message that was read.
 */
async function closeShown(tag, newest) {
  const registration = await navigator.serviceWorker?.getRegistration();
  const shown = (await registration?.getNotifications({ tag })) ?? [];
  for (const notification of shown) if (notification.data.seq <= newest) notification.close();
}

/**
 * @param {string} title
 * @param {string} body
 * @param {string} tag
 */
function notify(title, body, tag) {
  try {
    return new Notification(title, { body, tag, icon: new URL('icons/icon-192.png', document.baseURI).href });
  } catch {
    // Some browsers of phones show only what comes by Web Push.
    return null;
  }
}
