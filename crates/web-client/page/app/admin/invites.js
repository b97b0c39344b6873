import { confirmed } from '../dialog.js';
import { h } from '../dom.js';
import { field, form } from '../form.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { PagedList } from '../paged-list.js';
import { full } from '../times.js';
import { orTell } from '../toast.js';

/**
 * @typedef {import('../../confab/api.js').Api} Api
 * @typedef {import('../../confab/types.js').Invite} Invite
 */

/**
 * Invitations to make an account: those that there are, and new ones.
 *
 * @param {Api} api
 */
export function adminInvites(api) {
  const link = h('div', { class: 'invite-link', role: 'status' });
  const row = (/** @type {Invite} */ invite) => inviteRow(api, invite, () => void list.load());
  /** @type {PagedList<Invite>} */
  const list = new PagedList((cursor) => api.admin.invites(cursor), row, { look: 'accounts' });
  void list.load();
  const made = (/** @type {string} */ code) => {
    link.replaceChildren(madeLink(code));
    void list.load();
  };
  return h('div', { class: 'tab-body' }, inviteForm(api, made), link, list.element);
}

/**
 * @param {Api} api
 * @param {(code: string) => void} made
 */
function inviteForm(api, made) {
  const uses = field(t('invite.uses'), { type: 'number', min: 1, max: 10000, value: '1', required: true });
  const days = field(t('invite.days'), { type: 'number', min: 1, max: 365, value: '7', required: true });
  const note = field(t('invite.note'), { maxlength: 100, autocomplete: 'off' });
  const make = async () => {
    const { code } = await api.admin.invite({ uses: Number(uses.input.value), days: Number(days.input.value), note: note.input.value });
    note.input.value = '';
    made(code);
  };
  const numbers = h('div', { class: 'row' }, uses.element, days.element);
  return form(make, [numbers, note.element, h('button', { class: 'button primary' }, t('invite.make'))]);
}

/** @param {string} code */
function madeLink(code) {
  const address = new URL(`#/invite/${code}`, document.baseURI).href;
  const { element, input } = field(t('invite.link'), { value: address, readonly: true }, t('invite.once'));
  input.addEventListener('focus', () => input.select());
  return element;
}

/**
 * @param {Api} api
 * @param {Invite} invite
 * @param {() => void} changed
 */
function inviteRow(api, invite, changed) {
  const { id, uses, used, note } = invite;
  const name = note === '' ? t('invite.number', { n: id }) : note;
  const revoke = async () => {
    const question = { title: t('invite.revokeTitle', { name }), action: t('invite.revoke') };
    if ((await confirmed(question)) && (await orTell(api.admin.revokeInvite(id))) !== undefined) changed();
  };
  const end = new Date(invite.expires_at);
  const until = end.getTime() <= Date.now() ? t('invite.expired') : t('invite.until', { when: full(end) });
  const about = h('span', { class: 'muted' }, [t('invite.used', { n: used, uses }), until].join(' · '));
  const text = h('div', { class: 'two-lines' }, h('strong', { dir: 'auto' }, name), about);
  const button = { type: 'button', class: 'round', 'aria-label': t('invite.revokeTitle', { name }), onClick: () => void revoke() };
  return h('li', {}, text, h('button', button, icon('trash')));
}
