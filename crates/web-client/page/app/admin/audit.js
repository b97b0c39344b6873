import { h } from '../dom.js';
import { choice } from '../form.js';
import { t } from '../i18n.js';
import { PagedList } from '../paged-list.js';
import { full } from '../times.js';

/**
 * @typedef {import('../../confab/api.js').Api} Api
 * @typedef {import('../../confab/types.js').AuditEntry} AuditEntry
 */

/** Why somebody was refused. @type {Record<string, import('../i18n.js').Key>} */
const REASONS = {
  wrong_credentials: 'audit.reason.password',
  wrong_old_password: 'audit.reason.password',
  wrong_password: 'audit.reason.password',
  account_disabled: 'audit.reason.disabled',
  second_factor_required: 'audit.reason.code',
  wrong_second_factor: 'audit.reason.code',
};

const KINDS = /** @type {const} */ (['change', 'sign_in']);

/**
 * Who managed what and who signed in, the newest first.
 *
 * @param {Api} api
 */
export function auditLog(api) {
  /** People who were looked up, and are looked up once. @type {Map<number, Promise<string>>} */
  const names = new Map();
  const nameOf = (/** @type {number} */ id) => {
    const name = names.get(id) ?? api.user(id).then((user) => user.username, () => `#${id}`);
    names.set(id, name);
    return name;
  };
  const options = /** @type {[string, string][]} */ ([...KINDS.map((kind) => [kind, t(`audit.kind.${kind}`)]), ['', t('admin.all')]]);
  const kind = choice(t('audit.kind'), options, 'change', () => void list.load());
  const where = (/** @type {string | null} */ cursor) => ({ ...(kind.select.value === '' ? {} : { kind: kind.select.value }), cursor });
  /** @type {PagedList<AuditEntry>} */
  const list = new PagedList((cursor) => api.admin.audit(where(cursor)), (entry) => lineOf(entry, nameOf), { look: 'audit' });
  void list.load();
  return h('div', { class: 'tab-body' }, kind.element, list.element);
}

/**
 * @param {AuditEntry} entry
 * @param {(id: number) => Promise<string>} nameOf
 */
function lineOf(entry, nameOf) {
  const key = /** @type {import('../i18n.js').Key} */ (`audit.${entry.action}`);
  const more = detailOf(entry);
  return h(
    'li',
    {},
    h('p', {}, actorOf(entry, nameOf), ` ${t(key)}`, ...targetOf(entry, nameOf), more !== '' && h('span', { class: 'muted', dir: 'auto' }, ` (${more})`)),
    entry.origin !== null && h('p', { class: 'muted', dir: 'auto' }, originOf(entry.origin)),
    h('time', { class: 'muted', datetime: entry.at }, full(new Date(entry.at))),
  );
}

/**
 * @param {AuditEntry} entry
 * @param {(id: number) => Promise<string>} nameOf
 */
function actorOf(entry, nameOf) {
  const nobody = entry.action === 'session.refused' ? t('audit.somebody') : t('audit.operator');
  const actor = h('strong', { dir: 'auto' }, entry.actor_id === null ? nobody : '…');
  if (entry.actor_id !== null) void nameOf(entry.actor_id).then((name) => actor.replaceChildren(name));
  return actor;
}

/**
 * What it was done to, unless that is who did it.
 *
 * @param {AuditEntry} entry
 * @param {(id: number) => Promise<string>} nameOf
 */
function targetOf(entry, nameOf) {
  const { target_kind: kind, target_id: id } = entry;
  if (id === null) return [` ${t('audit.nobody')}`];
  if (kind === 'user' && id === entry.actor_id) return [];
  const target = h('span', { dir: 'auto' }, `#${id}`);
  if (kind === 'user') void nameOf(id).then((name) => target.replaceChildren(name));
  return [' ', target];
}

/** @param {AuditEntry} entry */
function detailOf(entry) {
  if (entry.count > 1) return t('audit.attempts', { n: entry.count });
  return Object.hasOwn(REASONS, entry.detail) ? t(REASONS[entry.detail]) : entry.detail;
}

/** @param {NonNullable<AuditEntry['origin']>} origin */
function originOf({ address, protocol, device }) {
  return [address, protocol === 'native' ? '' : protocol, device].filter((part) => part !== '').join(' · ');
}
