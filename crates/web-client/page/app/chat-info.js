import { banList } from './bans.js';
import { leave, remove } from './chat-menu.js';
import { openDialog } from './dialog.js';
import { fill, h, refill } from './dom.js';
import { choice, field, form } from './form.js';
import { t } from './i18n.js';
import { memberRow } from './members.js';
import { kindOf, titleOf } from './names.js';
import { pauseName } from './notices.js';
import { PeoplePicker } from './people-picker.js';
import { permissions } from './permissions.js';
import { mayAdd, mayDelete, mayLeave, mayRename, maySeeBans, maySetPermissions, maySetSlowMode, rank } from './rights.js';
import { Scope } from './scope.js';
import { orTell } from './toast.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Chat} Chat
 */

/** Members that are shown, at most: a room may have thousands. */
const SHOWN = 100;
/** Seconds that members may have to wait between two messages. */
const PAUSES = [0, 10, 30, 60, 300, 900, 3_600];

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
  const scope = new Scope();
  const members = h('ul', { class: 'members' });
  const bans = maySeeBans(chat) ? banList(api, id) : null;
  const close = () => dialog.close();
  const kind = kindOf(live, chat);
  const dialog = openDialog(
    t('chat.info'),
    mayRename(chat) ? rename(api, chat) : h('p', { class: 'info-title', dir: 'auto' }, titleOf(chat, live.me.id)),
    kind !== '' && h('p', { class: 'muted', dir: 'auto' }, kind),
    maySetSlowMode(chat) && slowMode(api, chat),
    maySetPermissions(chat) && permissions(api, chat),
    h('h3', {}, t('info.members')),
    members,
    mayAdd(chat) && live.people.areListed && addPeople(api, live, id),
    bans?.element,
    h('div', { class: 'row end' }, ...endings(api, live, chat, close)),
  );
  let shown = '';
  const show = () => {
    const copy = live.replica.copy(id);
    if (!copy) return close();
    const present = copy.present().sort((a, b) => rank(b.role) - rank(a.role) || a.username.localeCompare(b.username));
    const some = present.slice(0, SHOWN);
    const now = JSON.stringify([copy.chat.role, some.map((m) => [m.user_id, m.username, m.role, live.people.get(m.user_id)?.online])]);
    // What did not change keeps its focus.
    if (now === shown) return;
    shown = now;
    const more = present.length > some.length && h('li', { class: 'muted' }, t('info.more', { n: present.length - some.length }));
    refill(members, [...some.map((member) => memberRow(api, live, copy.chat, member, close)), more]);
    void bans?.show();
  };
  scope.add(live.replica.on('chat', (changed) => changed.id === id && show()), live.people.on('changed', show));
  dialog.addEventListener('close', () => scope.close());
  show();
}

/**
 * @param {Api} api
 * @param {Chat} chat
 */
function rename(api, chat) {
  const title = field(t('group.title'), { maxlength: 200, value: chat.title ?? '', autocomplete: 'off' });
  const save = async () => {
    await api.changeChat(chat.id, { title: title.input.value });
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button' }, t('info.rename')));
  return form(save, [title.element, submit]);
}

/**
 * @param {Api} api
 * @param {Chat} chat
 */
function slowMode(api, chat) {
  const pauses = [...new Set([...PAUSES, chat.slow_mode])].sort((a, b) => a - b);
  const change = (/** @type {string} */ value) => void orTell(api.changeChat(chat.id, { slow_mode: Number(value) }));
  return choice(t('slow.title'), pauses.map((seconds) => [String(seconds), pauseName(seconds)]), String(chat.slow_mode), change).element;
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
 * @param {() => void} close
 */
function endings(api, live, chat, close) {
  const props = { type: 'button', class: 'button danger' };
  const away = async () => (await leave(api, live, chat)) && close();
  const gone = async () => (await remove(api, chat)) && close();
  return [
    mayLeave(chat) && h('button', { ...props, onClick: () => void away() }, t(chat.kind === 'room' ? 'room.leave' : 'info.leave')),
    mayDelete(chat) && h('button', { ...props, onClick: () => void gone() }, t('info.delete')),
  ];
}
