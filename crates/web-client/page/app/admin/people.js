import { avatar } from '../avatar.js';
import { confirmed, openDialog } from '../dialog.js';
import { h } from '../dom.js';
import { choice, field, form } from '../form.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { openMenu } from '../menu.js';
import { fullName } from '../names.js';
import { PagedList } from '../paged-list.js';
import { roleName } from '../person-card.js';
import { ago } from '../times.js';
import { orTell, toast } from '../toast.js';

/**
 * @typedef {import('../../confab/api.js').Api} Api
 * @typedef {import('../../confab/types.js').AdminUser} AdminUser
 */

/** After the last key before people are searched. */
const PAUSE_MS = 200;
/** Roles that are offered; a server may have others, which can be typed. */
const ROLES = ['user', 'admin', 'seller', 'salon_member'];

/**
 * All accounts, to be searched and managed.
 *
 * @param {Api} api
 * @param {number} me
 */
export function adminPeople(api, me) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void list.load(), PAUSE_MS);
  };
  const name = field(t('admin.find'), { type: 'search', autocomplete: 'off', onInput: typed });
  const states = /** @type {[string, string][]} */ ([['', t('admin.all')], ['true', t('admin.active')], ['false', t('admin.disabled')]]);
  const state = choice(t('admin.state'), states, '', () => void list.load());
  const where = (/** @type {string | null} */ cursor) => ({
    ...(name.input.value.trim() === '' ? {} : { q: name.input.value.trim() }),
    ...(state.select.value === '' ? {} : { active: state.select.value === 'true' }),
    cursor,
  });
  const row = (/** @type {AdminUser} */ user) => accountRow(api, user, me, () => void changed(user.id));
  /** @type {PagedList<AdminUser>} */
  const list = new PagedList((cursor) => api.admin.users(where(cursor)), row, { look: 'accounts' });
  // The button that opened the dialog may have made way for another while it was open.
  const changed = async (/** @type {number} */ id) => {
    await list.load();
    if (document.activeElement !== document.body) return;
    /** @type {HTMLElement | null} */ (list.element.querySelector(`[data-user="${id}"] button`))?.focus();
  };
  void list.load();
  return h('div', { class: 'tab-body' }, name.element, state.element, list.element);
}

/**
 * @param {Api} api
 * @param {AdminUser} user
 * @param {number} me
 * @param {() => void} changed
 */
function accountRow(api, user, me, changed) {
  const seen = user.last_seen_at ? t('presence.seen', { when: ago(new Date(user.last_seen_at)) }) : t('admin.never');
  const about = [fullName(user), user.email, roleName(user.role), !user.is_active && t('admin.isDisabled'), seen].filter(Boolean);
  const more = h('button', { type: 'button', class: 'round', 'aria-label': t('member.actions', { name: user.username }), 'aria-haspopup': 'menu' }, icon('more'));
  more.addEventListener('click', () => openMenu(more, itemsOf(api, user, changed)));
  const text = h('div', { class: 'two-lines' }, h('strong', { dir: 'auto' }, user.username), h('span', { class: 'muted', dir: 'auto' }, about.join(' · ')));
  return h('li', { 'data-user': user.id, class: user.is_active ? '' : 'disabled' }, avatar(user.username, user.id, 'small'), text, user.id !== me && more);
}

/**
 * @param {Api} api
 * @param {AdminUser} user
 * @param {() => void} changed
 * @returns {import('../menu.js').MenuItem[]}
 */
function itemsOf(api, user, changed) {
  const { id, username: name, is_active: active } = user;
  const change = async (/** @type {Promise<unknown>} */ work, /** @type {string} */ done) => {
    if ((await orTell(work)) === undefined) return;
    toast(done);
    changed();
  };
  const sure = async (/** @type {import('../i18n.js').Key} */ title, /** @type {import('../i18n.js').Key} */ action, /** @type {() => Promise<unknown>} */ act) => {
    if (await confirmed({ title: t(title, { name }), action: t(action) })) await change(act(), t('admin.done', { name }));
  };
  return [
    { label: t('admin.role'), picture: 'shield', act: () => roleDialog(api, user, changed) },
    { label: t('admin.password'), picture: 'pencil', act: () => passwordDialog(api, user) },
    { label: t('admin.sessions'), picture: 'door', act: () => void sure('admin.sessionsTitle', 'admin.sessions', () => api.admin.endSessions(id)) },
    active
      ? { label: t('admin.disable'), picture: 'ban', danger: true, act: () => void sure('admin.disableTitle', 'admin.disable', () => api.admin.changeUser(id, { is_active: false })) }
      : { label: t('admin.enable'), picture: 'check', act: () => void change(api.admin.changeUser(id, { is_active: true }), t('admin.done', { name })) },
    { label: t('admin.delete'), picture: 'trash', danger: true, act: () => deleteDialog(api, user, changed) },
  ];
}

/**
 * @param {Api} api
 * @param {AdminUser} user
 * @param {() => void} changed
 */
function roleDialog(api, { id, username, role }, changed) {
  const words = h('datalist', { id: 'account-roles' }, ...ROLES.map((value) => h('option', { value })));
  const wanted = field(t('admin.roleName'), { value: role, list: 'account-roles', maxlength: 32, autocomplete: 'off' }, t('admin.roleHint'));
  const save = async () => {
    await api.admin.changeUser(id, { role: wanted.input.value.trim() });
    dialog.close();
    changed();
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button primary' }, t('compose.save')));
  const dialog = openDialog(t('info.role', { name: username }), form(save, [words, wanted.element, submit]));
  dialog.classList.add('narrow');
  wanted.input.focus();
}

/**
 * @param {Api} api
 * @param {AdminUser} user
 */
function passwordDialog(api, { id, username }) {
  const password = field(t('settings.newPassword'), { type: 'password', autocomplete: 'new-password', required: true }, t('admin.passwordHint'));
  const save = async () => {
    await api.admin.setPassword(id, password.input.value);
    dialog.close();
    toast(t('admin.done', { name: username }));
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button primary' }, t('compose.save')));
  const dialog = openDialog(t('admin.passwordTitle', { name: username }), form(save, [password.element, submit]));
  dialog.classList.add('narrow');
  password.input.focus();
}

/**
 * @param {Api} api
 * @param {AdminUser} user
 * @param {() => void} changed
 */
function deleteDialog(api, { id, username }, changed) {
  const messages = choice(t('admin.messages'), [['keep', t('admin.keep')], ['delete', t('admin.deleteToo')]], 'keep');
  const remove = async () => {
    await api.admin.deleteUser(id, messages.select.value === 'delete' ? 'delete' : 'keep');
    dialog.close();
    changed();
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button danger' }, t('admin.delete')));
  const hint = h('p', {}, t('admin.deleteText'));
  const dialog = openDialog(t('admin.deleteTitle', { name: username }), form(remove, [hint, messages.element, submit]));
  dialog.classList.add('narrow');
}
