/**
 * Who may do what, so that nobody is offered what the server would refuse. The rest of the page asks here and compares no role
 * itself. A test compares this with the table of docs/roles.md.
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

/**
 * Whether somebody manages the server: what an account may do everywhere has nothing to do with its role in a chat.
 *
 * @param {{role: string}} account
 */
export function isServerAdmin({ role }) {
  return role === 'admin';
}

/**
 * Whether a role in a chat is more than that of everybody.
 *
 * @param {Role} role
 */
export function isSpecial(role) {
  return role !== 'member';
}

/** @param {Chat} chat */
function mayGovern(chat) {
  return !isOfTwo(chat) && isSpecial(chat.role);
}

/**
 * Whether somebody may whisper to another member.
 *
 * @param {Chat} chat
 */
export function mayWhisper(chat) {
  return !isOfTwo(chat) && !isSilenced(chat) && chat.permissions?.whispering !== 'nobody';
}

/**
 * Whether somebody says nothing in a chat, by the clock of this machine. A silence ends by itself.
 *
 * @param {{silence?: import('../confab/types.js').Silence | null}} chat The chat as they see it, or they as its member.
 */
export function isSilenced({ silence }) {
  return Boolean(silence) && (silence?.until === null || new Date(silence?.until ?? 0).getTime() > Date.now());
}

/**
 * Whether the settings of a chat and its admins let somebody write there. Blocks are something else.
 *
 * @param {Chat} chat
 * @param {Chat} [around] The chat that whispers are whispered in.
 */
export function mayWrite(chat, around) {
  if (isSilenced(chat)) return false;
  if (isOfTwo(chat)) return !around || mayWhisper(around);
  return mayGovern(chat) || chat.permissions?.posting !== 'admins';
}

/**
 * The same of reactions.
 *
 * @param {Chat} chat
 * @param {Chat} [around]
 */
export function mayReact(chat, around) {
  return mayWrite(chat, around) || (!isOfTwo(chat) && !isSilenced(chat) && chat.permissions?.reacting !== 'writers');
}

/**
 * Whether somebody may delete a message, and see what it said before it was edited.
 *
 * @param {Chat} chat
 * @param {boolean} own Whether they wrote it.
 */
export function mayDeleteMessage(chat, own) {
  return own || mayGovern(chat);
}

/** @param {Chat} chat */
export function maySetSlowMode(chat) {
  return mayGovern(chat);
}

/**
 * Whether slow mode makes somebody wait.
 *
 * @param {Chat} chat
 */
export function waitsInSlowMode(chat) {
  return chat.slow_mode > 0 && !mayGovern(chat);
}

/** @param {Chat} chat */
export function mayRename(chat) {
  return mayGovern(chat) && chat.kind !== 'room';
}

/** @param {Chat} chat */
export function mayAdd(chat) {
  return chat.kind === 'group' && (mayGovern(chat) || chat.permissions?.inviting === 'everyone');
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

/**
 * Whether a member of that role may be silenced, or be given their voice back.
 *
 * @param {Chat} chat
 * @param {Role} role
 */
export function maySilence(chat, role) {
  return mayGovern(chat) && rank(chat.role) > rank(role);
}

/** @param {Chat} chat */
export function maySetRoles(chat) {
  return !isOfTwo(chat) && chat.role === 'owner';
}

/**
 * Whether somebody may set what the chat lets its people do.
 *
 * @param {Chat} chat
 */
export function maySetPermissions(chat) {
  return !isOfTwo(chat) && chat.role === 'owner';
}

/** @param {Chat} chat */
export function mayPin(chat) {
  return !isSilenced(chat) && (isOfTwo(chat) || mayGovern(chat));
}

/** @param {Chat} chat */
export function mayLeave(chat) {
  if (chat.permissions?.leaving === 'admins' && !mayGovern(chat)) return false;
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
