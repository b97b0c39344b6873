/**
 * Who may do what in a chat: the same as docs/roles.md, to offer nobody what would be refused.
 *
 * @typedef {import('../confab/types.js').Chat} Chat
 * @typedef {import('../confab/types.js').MemberRole} Role
 */

/** @param {Role} role */
export function rank(role) {
  return ['member', 'admin', 'owner'].indexOf(role);
}

/**
 * Whether a chat is between two people by its nature.
 *
 * @param {Chat} chat
 */
export function isOfTwo({ kind }) {
  return kind === 'direct' || kind === 'whisper';
}

/** @param {Chat} chat */
export function mayGovern(chat) {
  return !isOfTwo(chat) && chat.role !== 'member';
}

/** @param {Chat} chat */
export function mayRename(chat) {
  return mayGovern(chat) && chat.kind !== 'room';
}

/** @param {Chat} chat */
export function mayAdd(chat) {
  return mayGovern(chat) && chat.kind === 'group';
}

/** @param {Chat} chat */
export function maySeeBans(chat) {
  return mayGovern(chat) && choosesItsPeople(chat);
}

/**
 * Whether somebody else of that role may be removed and kept out.
 *
 * @param {Chat} chat
 * @param {Role} role
 */
export function mayRemove(chat, role) {
  return maySeeBans(chat) && rank(chat.role) > rank(role);
}

/** @param {Chat} chat */
export function maySetRoles(chat) {
  return !isOfTwo(chat) && chat.role === 'owner';
}

/** @param {Chat} chat */
export function mayPin(chat) {
  return isOfTwo(chat) || mayGovern(chat);
}

/** @param {Chat} chat */
export function mayLeave(chat) {
  return chat.kind === 'room' || (chat.kind === 'group' && chat.role !== 'owner');
}

/** @param {Chat} chat */
export function mayDelete(chat) {
  return chat.kind === 'direct' || (choosesItsPeople(chat) && chat.role === 'owner');
}

/** @param {Chat} chat */
function choosesItsPeople({ kind }) {
  return kind === 'group' || kind === 'room';
}
