import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { field } from './form.js';
import { t } from './i18n.js';
import { MessageHits } from './message-hits.js';
import { titleOf } from './names.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 */

/** After the last key before messages are searched. */
const PAUSE_MS = 250;

/**
 * The messages that one has starred.
 *
 * @param {Api} api
 * @param {Live} live
 */
export function starredMessages(api, live) {
  const hits = new MessageHits(live, (cursor) => api.starred(cursor), () => dialog.close());
  const dialog = openDialog(t('starred.title'), h('p', { class: 'muted' }, t('starred.hint')), hits.element);
  void hits.load();
}

/**
 * The pinned messages of a chat.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {number} chat
 */
export function pinnedMessages(api, live, chat) {
  const hits = new MessageHits(live, () => api.pins(chat), () => dialog.close());
  const dialog = openDialog(t('pins.title'), hits.element);
  void hits.load();
}

/**
 * Searches the messages of one chat.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {number} id
 */
export function searchChat(api, live, id) {
  const chat = live.replica.copy(id)?.chat;
  if (!chat) return;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const label = t('search.in', { title: titleOf(chat, live.me.id) });
  const search = () => {
    if (input.value.trim() === '') hits.clear();
    else void hits.load();
  };
  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE_MS);
  };
  const { element, input } = field(label, { type: 'search', autocomplete: 'off', onInput: typed });
  const read = (/** @type {string | null} */ cursor) => api.search(input.value, { in: id, cursor });
  const hits = new MessageHits(live, read, () => dialog.close(), () => input.value);
  const dialog = openDialog(t('search.title'), element, hits.element);
  input.focus();
}
