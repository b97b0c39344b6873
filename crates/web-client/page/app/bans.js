import { openDialog } from './dialog.js';
import { fill, h } from './dom.js';
import { choice, field, form } from './form.js';
import { t } from './i18n.js';
import { full } from './times.js';
import { orTell } from './toast.js';

/** @typedef {import('../confab/api.js').Api} Api */

/** For how long somebody can be kept out, in hours. @type {[string, import('./i18n.js').Key][]} */
const SPANS = [['1', 'ban.hour'], ['24', 'ban.day'], ['168', 'ban.week'], ['', 'ban.ever']];

/**
 * Asks for how long to keep somebody out of a chat, and does it.
 *
 * @param {Api} api
 * @param {number} chat
 * @param {number} user
 * @param {string} name
 */
export function banDialog(api, chat, user, name) {
  const span = choice(t('ban.until'), SPANS.map(([hours, key]) => [hours, t(key)]), '24');
  const reason = field(t('ban.reason'), { maxlength: 500, autocomplete: 'off' });
  const ban = async () => {
    const hours = Number(span.select.value);
    const until = hours > 0 ? { until: new Date(Date.now() + hours * 3_600_000).toISOString() } : {};
    const why = reason.input.value.trim();
    await api.ban(chat, user, { ...until, ...(why === '' ? {} : { reason: why }) });
    dialog.close();
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button danger' }, t('ban.do')));
  const dialog = openDialog(t('ban.title', { name }), form(ban, [span.element, reason.element, submit]));
  dialog.classList.add('narrow');
  span.select.focus();
}

/**
 * Those who are kept out of a chat, to be let in again.
 *
 * @param {Api} api
 * @param {number} chat
 */
export function banList(api, chat) {
  const list = h('ul', { class: 'bans' });
  const section = h('section', { hidden: true }, h('h3', {}, t('ban.list')), list);
  const show = async () => {
    const bans = (await orTell(api.bans(chat)))?.items ?? [];
    section.hidden = bans.length === 0;
    fill(list, ...bans.map((ban) => banRow(ban)));
  };
  const banRow = (/** @type {import('../confab/types.js').Ban} */ { user, until, reason }) => {
    const lift = async () => {
      await orTell(api.unban(chat, user.id));
      await show();
    };
    const end = until === null ? t('ban.ever') : t('ban.ends', { when: full(new Date(until)) });
    const text = h('div', { class: 'two-lines' }, h('strong', { dir: 'auto' }, user.username), h('span', { class: 'muted', dir: 'auto' }, [end, reason].filter(Boolean).join(' · ')));
    return h('li', {}, text, h('button', { type: 'button', class: 'link', 'aria-label': t('ban.liftOf', { name: user.username }), onClick: () => void lift() }, t('ban.lift')));
  };
  return { element: section, show };
}
