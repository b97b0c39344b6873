import { t } from './i18n.js';

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
  if (chat.kind !== 'direct') return chat.title ?? '';
  return chat.peer && chat.peer.id !== me ? chat.peer.username : t('chat.notes');
}

/**
 * The other one of a direct chat; null in groups and in notes.
 *
 * @param {Chat} chat
 * @param {number} me
 */
export function peerOf(chat, me) {
  return chat.kind === 'direct' && chat.peer && chat.peer.id !== me ? chat.peer : null;
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
