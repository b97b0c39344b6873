import { avatar, showOnline } from './avatar.js';
import { confirmed, openDialog } from './dialog.js';
import { fill, h } from './dom.js';
import { t } from './i18n.js';
import { fullName } from './names.js';
import { presenceOf } from './presence.js';
import { isServerAdmin } from './rights.js';
import { orTell } from './toast.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').User} User
 */

/**
 * Shows who somebody is, and what one may do about them.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {number} id
 */
export async function personCard(api, live, id) {
  const user = await orTell(api.user(id));
  if (!user) return;
  live.people.note(user);
  const card = h('div', { class: 'person-card' });
  const dialog = openDialog(t('person.title'), card);
  const show = () => fill(card, ...personOf(live, user), actions(live, user, () => dialog.close()));
  const forget = live.blocks.on('changed', show);
  dialog.addEventListener('close', forget);
  show();
}

/**
 * What somebody says of themselves.
 *
 * @param {Live} live
 * @param {User} user
 */
export function personOf(live, user) {
  const disc = avatar(user.username, user.id, 'large');
  showOnline(disc, user.online === true);
  const name = fullName(user);
  const about = [user.role !== 'user' && roleName(user.role), user.id !== live.me.id && presenceOf(user)].filter(Boolean);
  const text = h(
    'div',
    { class: 'two-lines' },
    h('strong', { dir: 'auto' }, name || user.username),
    name !== '' && h('span', { class: 'muted', dir: 'auto' }, user.username),
    about.length > 0 && h('span', { class: 'muted' }, about.join(' · ')),
  );
  return [h('div', { class: 'me' }, disc, text), user.bio !== '' && h('p', { class: 'bio', dir: 'auto' }, user.bio)];
}

/** @param {string} role Of an account. */
export function roleName(role) {
  return isServerAdmin({ role }) ? t('role.serverAdmin') : role === 'user' ? t('role.user') : role;
}

/**
 * @param {Live} live
 * @param {User} user
 * @param {() => void} close
 */
function actions(live, user, close) {
  if (user.deleted || user.id === live.me.id) return null;
  const blocked = live.blocks.has(user.id);
  // Of whom one shares no chat with one is not told whether they are there.
  const mayWrite = live.people.findsStrangers || user.online !== null;
  const write = async () => {
    const chat = await orTell(live.openDirect(user.id));
    if (!chat) return;
    close();
    location.hash = `#/chats/${chat.id}`;
  };
  return h(
    'div',
    { class: 'row end' },
    h('button', { type: 'button', class: 'button danger', onClick: () => void setBlocked(live, user, !blocked) }, t(blocked ? 'person.unblock' : 'person.block')),
    mayWrite && h('button', { type: 'button', class: 'button primary', onClick: () => void write() }, t('person.write')),
  );
}

/**
 * Blocks somebody, after asking, or takes it back.
 *
 * @param {Live} live
 * @param {{id: number, username: string}} user
 * @param {boolean} on
 */
export async function setBlocked(live, { id, username }, on) {
  const question = { title: t('person.blockTitle', { name: username }), text: t('person.blockText'), action: t('person.block') };
  if (on && !(await confirmed(question))) return;
  await orTell(live.blocks.set(id, on));
}
