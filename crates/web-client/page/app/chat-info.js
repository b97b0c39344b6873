import { avatar, showOnline } from './avatar.js';
import { confirmed, openDialog } from './dialog.js';
import { fill, h, set } from './dom.js';
import { field, form } from './form.js';
import { t } from './i18n.js';
import { PeoplePicker } from './people-picker.js';
import { titleOf } from './names.js';
import { Scope } from './scope.js';
import { orTell } from './toast.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Chat} Chat
 * @typedef {import('../confab/types.js').Member} Member
 * @typedef {import('../confab/types.js').Role} Role
 */

/**
 * Shows who is in a chat, and what one may do about it.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {number} id
 */
export function chatInfo(api, live, id) {
  const { chat } = live.replica.copy(id) ?? {};
  if (!chat) return;
  const governs = chat.kind === 'group' && chat.role !== 'member';
  const scope = new Scope();
  const members = h('ul', { class: 'members' });
  const dialog = openDialog(
    t('chat.info'),
    governs ? rename(api, chat) : h('p', { class: 'info-title', dir: 'auto' }, titleOf(chat, live.me.id)),
    h('h3', {}, t('info.members')),
    members,
    governs && addPeople(api, live, id),
    h('div', { class: 'row end' }, ...endings(api, live, chat, () => dialog.close())),
  );
  const show = () => {
    const copy = live.replica.copy(id);
    if (!copy) return dialog.close();
    const present = copy.present().sort((a, b) => rank(b.role) - rank(a.role) || a.username.localeCompare(b.username));
    // A menu of roles that is open would close.
    if (members.contains(document.activeElement) && document.activeElement?.tagName === 'SELECT') return;
    fill(members, ...present.map((member) => memberRow(api, live, copy.chat, member)));
  };
  scope.add(live.replica.on('chat', (changed) => changed.id === id && show()), live.people.on('changed', show));
  dialog.addEventListener('close', () => scope.close());
  show();
}

/** @param {Role} role */
function rank(role) {
  return ['member', 'admin', 'owner'].indexOf(role);
}

/**
 * @param {Api} api
 * @param {Chat} chat
 */
function rename(api, chat) {
  const title = field(t('group.title'), { maxlength: 200, value: chat.title ?? '', autocomplete: 'off' });
  const save = async () => {
    await api.rename(chat.id, title.input.value);
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button' }, t('info.rename')));
  return form(save, [title.element, submit]);
}

/**
 * @param {Api} api
 * @param {Live} live
 * @param {number} id
 */
function addPeople(api, live, id) {
  const place = h('div', {});
  const begin = () => {
    const present = live.replica.copy(id)?.present() ?? [];
    const picker = new PeoplePicker(api, t('group.find'), present.map((member) => member.user_id));
    const add = async () => {
      for (const user of picker.chosen) await api.setMember(id, user, 'member');
      fill(place, opener);
    };
    const submit = h('div', { class: 'row end' }, h('button', { class: 'button primary' }, t('info.add')));
    fill(place, form(add, [picker.element, submit]));
    picker.input.focus();
  };
  const opener = h('button', { type: 'button', class: 'button', onClick: begin }, t('info.add'));
  fill(place, opener);
  return place;
}

/**
 * @param {Api} api
 * @param {Live} live
 * @param {Chat} chat
 * @param {Member} member
 */
function memberRow(api, live, chat, member) {
  const { user_id: user, username: name, role } = member;
  const disc = avatar(name, user, 'small');
  showOnline(disc, live.people.get(user)?.online === true);
  const self = user === live.me.id;
  const mayRemove = chat.kind === 'group' && !self && chat.role !== 'member' && rank(chat.role) > rank(role);
  const remove = async () => {
    const question = { title: t('info.removeTitle', { name }), action: t('info.removeMember') };
    if (await confirmed(question)) await orTell(api.removeMember(chat.id, user));
  };
  return h(
    'li',
    {},
    disc,
    h('span', { class: 'name', dir: 'auto' }, name),
    chat.kind === 'group' && (chat.role === 'owner' && !self ? roleMenu(api, chat, member) : h('span', { class: 'muted' }, t(`role.${role}`))),
    mayRemove && h('button', { type: 'button', class: 'link danger', 'aria-label': t('group.remove', { name }), onClick: remove }, t('info.removeMember')),
  );
}

/**
 * @param {Api} api
 * @param {Chat} chat
 * @param {Member} member
 */
function roleMenu(api, chat, { user_id, username, role }) {
  const options = /** @type {const} */ (['member', 'admin', 'owner']).map((value) => h('option', { value }, t(`role.${value}`)));
  const change = async () => {
    const wanted = /** @type {Role} */ (select.value);
    const question = { title: t('info.ownerTitle', { name: username }), text: t('info.ownerText'), action: t('info.handOver') };
    select.blur();
    if (wanted === 'owner' && !(await confirmed(question))) return set(select, 'value', role);
    const changed = await orTell(api.setMember(chat.id, user_id, wanted));
    if (!changed) set(select, 'value', role);
  };
  const select = h('select', { class: 'input', 'aria-label': t('info.role', { name: username }), onChange: () => void change() }, ...options);
  select.value = role;
  return select;
}

/**
 * @param {Api} api
 * @param {Live} live
 * @param {Chat} chat
 * @param {() => void} close
 */
function endings(api, live, chat, close) {
  const leave = async () => {
    const question = { title: t('info.leaveTitle'), text: t('info.leaveText'), action: t('info.leave') };
    if (!(await confirmed(question))) return;
    if ((await orTell(api.removeMember(chat.id, live.me.id))) !== undefined) close();
  };
  const remove = async () => {
    const question = { title: t('info.deleteTitle'), text: t('info.deleteText'), action: t('info.delete') };
    if (!(await confirmed(question))) return;
    if ((await orTell(api.deleteChat(chat.id))) !== undefined) close();
  };
  const mayLeave = chat.kind === 'group' && chat.role !== 'owner';
  const mayDelete = chat.kind === 'direct' || chat.role === 'owner';
  return [
    mayLeave && h('button', { type: 'button', class: 'button danger', onClick: () => void leave() }, t('info.leave')),
    mayDelete && h('button', { type: 'button', class: 'button danger', onClick: () => void remove() }, t('info.delete')),
  ];
}
