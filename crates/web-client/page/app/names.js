import { avatar, disc } from './avatar.js';
import { t } from './i18n.js';
import { isOfTwo } from './rights.js';

/**
 * @typedef {import('../confab/types.js').Chat} Chat
 * @typedef {import('../confab/live.js').Live} Live
 */

/**
 * What a chat is called by one of those in it.
 *
 * @param {Chat} chat
 * @param {number} me
 */
export function titleOf(chat, me) {
  if (!isOfTwo(chat)) return chat.title ?? '';
  return chat.peer && chat.peer.id !== me ? chat.peer.username : t('chat.notes');
}

/**
 * The other one of a direct chat or of whispers; null in groups and in notes.
 *
 * @param {Chat} chat
 * @param {number} me
 */
export function peerOf(chat, me) {
  return isOfTwo(chat) && chat.peer && chat.peer.id !== me ? chat.peer : null;
}

/**
 * Somebody's name, as soon as it is known.
 *
 * @param {Live} live
 * @param {number} chat Where they were met.
 * @param {number} user
 */
export function nameOf(live, chat, user) {
  const copy = live.replica.copy(chat);
  const known = copy?.members?.get(user)?.username ?? (copy?.chat.peer?.id === user && copy.chat.peer.username);
  return known || (live.people.get(user)?.username ?? '…');
}

/**
 * The picture of a chat: the other one's, or its initials.
 *
 * @param {Chat} chat
 * @param {number} me
 */
export function pictureOf(chat, me) {
  const name = titleOf(chat, me);
  return chat.peer ? avatar(name, chat.peer.id) : disc(name, chat.id);
}

/**
 * What kind of chat it is, where that is not plain from its title; else empty.
 *
 * @param {Live} live
 * @param {Chat} chat
 */
export function kindOf(live, chat) {
  if (chat.kind === 'room') return t('chat.room');
  if (chat.kind === 'project') return t('chat.project');
  if (chat.kind !== 'whisper') return '';
  const parent = live.replica.copy(chat.parent_id ?? 0)?.chat;
  return parent ? t('chat.whisperIn', { title: titleOf(parent, live.me.id) }) : t('chat.whisper');
}

/**
 * Whether one wants to hear nothing of a chat now.
 *
 * @param {Chat} chat
 */
export function isMuted({ preferences: { muted_until } }) {
  return muted_until !== null && new Date(muted_until).getTime() > Date.now();
}

/**
 * How much of what is unread in a chat one wants to hear of now.
 *
 * @param {Chat} chat
 */
export function unreadOf(chat) {
  if (isMuted(chat) || chat.preferences.archived) return 0;
  return chat.preferences.mentions_only ? chat.mention_count : chat.unread_count;
}

/**
 * What somebody is called in full, if they said so; else empty.
 *
 * @param {{first_name: string, last_name: string}} person
 */
export function fullName({ first_name, last_name }) {
  return `${first_name} ${last_name}`.trim();
}

/**
 * Who is typing in a chat, as a sentence; empty when nobody is.
 *
 * @param {Live} live
 * @param {number} chat
 */
export function typingIn(live, chat) {
  const names = live.typing.of(chat).map((user) => nameOf(live, chat, user));
  if (names.length === 0) return '';
  if (names.length === 1) return t('chat.typingOne', { name: names[0] });
  if (names.length === 2) return t('chat.typingTwo', { a: names[0], b: names[1] });
  return t('chat.typingMany', { n: names.length });
}
