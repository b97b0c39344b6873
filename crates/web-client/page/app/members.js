import { avatar, showOnline } from './avatar.js';
import { banDialog } from './bans.js';
import { confirmed } from './dialog.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { openMenu, replacementOf } from './menu.js';
import { personCard } from './person-card.js';
import { isOfTwo, isSpecial, mayRemove, maySetRoles, mayWhisper } from './rights.js';
import { silenceItems } from './silences.js';
import { orTell } from './toast.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Chat} Chat
 * @typedef {import('../confab/types.js').Member} Member
 * @typedef {import('../confab/types.js').MemberRole} MemberRole
 * @typedef {import('./menu.js').MenuItem} MenuItem
 */

/**
 * Somebody who is in a chat, with what one may do about them.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {Chat} chat
 * @param {Member} member
 * @param {() => void} close What to do before the page goes elsewhere.
 */
export function memberRow(api, live, chat, member, close) {
  const { user_id: user, username: name, role } = member;
  const disc = avatar(name, user, 'small');
  showOnline(disc, live.people.get(user)?.online === true);
  const button = h('button', { type: 'button', class: 'round', 'aria-label': t('member.actions', { name }), 'aria-haspopup': 'menu' }, icon('more'));
  const open = async () => {
    const replacement = replacementOf(button);
    const items = await itemsOf(api, live, chat, member, close);
    // Meanwhile the list may have been filled anew, or be gone.
    const there = button.isConnected ? button : replacement();
    if (there) openMenu(there, items);
  };
  button.addEventListener('click', () => void open());
  return h(
    'li',
    { 'data-user': user },
    disc,
    h('span', { class: 'name', dir: 'auto' }, name),
    !isOfTwo(chat) && isSpecial(role) && h('span', { class: 'muted' }, t(`role.${role}`)),
    button,
  );
}

/**
 * @param {Api} api
 * @param {Live} live
 * @param {Chat} chat
 * @param {Member} member
 * @param {() => void} close
 * @returns {Promise<MenuItem[]>}
 */
async function itemsOf(api, live, chat, member, close) {
  const { user_id: user, username: name, role } = member;
  /** @type {MenuItem[]} */
  const items = [{ label: t('person.title'), picture: 'person', act: () => void personCard(api, live, user) }];
  if (user === live.me.id) return items;
  if (mayWhisper(chat)) items.push({ label: t('member.whisper'), picture: 'whisper', act: () => void whisperTo(live, chat.id, user, close) });
  if (maySetRoles(chat)) items.push(...roleItems(api, chat, member));
  items.push(...(await silenceItems(api, chat, member)));
  if (!mayRemove(chat, role)) return items;
  const remove = async () => {
    if (await confirmed({ title: t('info.removeTitle', { name }), action: t('info.removeMember') })) await orTell(api.removeMember(chat.id, user));
  };
  items.push({ label: t('info.removeMember'), picture: 'door', danger: true, act: () => void remove() });
  items.push({ label: t('ban.open'), picture: 'ban', danger: true, act: () => banDialog(api, chat.id, user, name) });
  return items;
}

/**
 * @param {Api} api
 * @param {Chat} chat
 * @param {Member} member
 * @returns {MenuItem[]}
 */
function roleItems(api, chat, { user_id: user, username: name, role }) {
  const become = (/** @type {MemberRole} */ wanted) => void orTell(api.setMember(chat.id, user, wanted));
  const handOver = async () => {
    const question = { title: t('info.ownerTitle', { name }), text: t('info.ownerText'), action: t('info.handOver') };
    if (await confirmed(question)) become('owner');
  };
  return [
    role === 'admin'
      ? { label: t('member.demote'), picture: 'person', act: () => become('member') }
      : { label: t('member.promote'), picture: 'shield', act: () => become('admin') },
    { label: t('info.handOver'), picture: 'crown', act: () => void handOver() },
  ];
}

/**
 * Goes to what one whispers to somebody.
 *
 * @param {Live} live
 * @param {number} chat
 * @param {number} user
 * @param {() => void} [close]
 */
export async function whisperTo(live, chat, user, close = () => {}) {
  const whispers = await orTell(live.openWhispers(chat, user));
  if (!whispers) return;
  close();
  location.hash = `#/chats/${whispers.id}`;
}
