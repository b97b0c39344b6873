import { confirmed } from './dialog.js';
import { t } from './i18n.js';
import { openMenu } from './menu.js';
import { pinnedMessages, searchChat } from './message-lists.js';
import { isMuted } from './names.js';
import { mayDelete, mayLeave } from './rights.js';
import { orTell } from './toast.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Chat} Chat
 */

/** When one who wants to hear nothing of a chat for good would hear of it again. */
const FOR_GOOD = '9999-12-31T00:00:00Z';
/** For how long a chat can be silenced, in hours, and what that is called. */
const SILENCES = /** @type {const} */ ([[1, 'mute.hour'], [8, 'mute.hours'], [168, 'mute.week'], [null, 'mute.good']]);

/**
 * Opens what one can do with a chat.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {number} id
 * @param {HTMLElement} beside
 */
export function chatMenu(api, live, id, beside) {
  const chat = live.replica.copy(id)?.chat;
  if (!chat) return;
  const { pinned, archived, mentions_only: mentionsOnly } = chat.preferences;
  const prefer = (/** @type {Partial<import('../confab/types.js').Preferences>} */ wanted) => void orTell(api.prefer(id, wanted));
  const muted = isMuted(chat);
  openMenu(beside, [
    { label: t('search.title'), picture: 'search', act: () => searchChat(api, live, id) },
    { label: t('pins.title'), picture: 'pin', act: () => pinnedMessages(api, live, id) },
    muted
      ? { label: t('chat.unmute'), picture: 'bell', act: () => prefer({ muted_until: null }) }
      : { label: t('chat.mute'), picture: 'mute', act: () => muteMenu(api, id, beside) },
    { label: t(mentionsOnly ? 'chat.everything' : 'chat.mentionsOnly'), picture: mentionsOnly ? 'bell' : 'at', act: () => prefer({ mentions_only: !mentionsOnly }) },
    { label: t(pinned ? 'chat.unpin' : 'chat.pin'), picture: 'top', act: () => prefer({ pinned: !pinned }) },
    { label: t(archived ? 'chat.unarchive' : 'chat.archive'), picture: 'archive', act: () => prefer({ archived: !archived }) },
  ]);
}

/**
 * @param {Api} api
 * @param {number} id
 * @param {HTMLElement} beside
 */
function muteMenu(api, id, beside) {
  const items = SILENCES.map(([hours, name]) => {
    const until = hours === null ? FOR_GOOD : new Date(Date.now() + hours * 3_600_000).toISOString();
    const act = () => void orTell(api.prefer(id, { muted_until: until }));
    return { label: t(name), picture: /** @type {const} */ ('mute'), act };
  });
  openMenu(beside, items);
}

/**
 * Asks, and then leaves a chat.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {Chat} chat
 * @returns {Promise<boolean>} Whether it was left.
 */
export async function leave(api, live, chat) {
  const room = chat.kind === 'room';
  const question = { title: t(room ? 'room.leaveTitle' : 'info.leaveTitle'), text: t('info.leaveText'), action: t(room ? 'room.leave' : 'info.leave') };
  if (!mayLeave(chat) || !(await confirmed(question))) return false;
  return (await orTell(api.removeMember(chat.id, live.me.id))) !== undefined;
}

/**
 * Asks, and then deletes a chat.
 *
 * @param {Api} api
 * @param {Chat} chat
 * @returns {Promise<boolean>} Whether it was deleted.
 */
export async function remove(api, chat) {
  const question = { title: t('info.deleteTitle'), text: t('info.deleteText'), action: t('info.delete') };
  if (!mayDelete(chat) || !(await confirmed(question))) return false;
  return (await orTell(api.deleteChat(chat.id))) !== undefined;
}
