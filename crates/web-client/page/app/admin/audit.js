import { h } from '../dom.js';
import { t } from '../i18n.js';
import { PagedList } from '../paged-list.js';
import { full } from '../times.js';

/**
 * @typedef {import('../../confab/api.js').Api} Api
 * @typedef {import('../../confab/types.js').AuditEntry} AuditEntry
 */

/**
 * Who managed what, the newest first.
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
  /** @type {PagedList<AuditEntry>} */
  const list = new PagedList((cursor) => api.admin.audit(cursor), (entry) => lineOf(entry, nameOf), { look: 'audit' });
  void list.load();
  return h('div', { class: 'tab-body' }, list.element);
}

/**
 * @param {AuditEntry} entry
 * @param {(id: number) => Promise<string>} nameOf
 */
function lineOf(entry, nameOf) {
  const actor = h('strong', { dir: 'auto' }, entry.actor_id === null ? t('audit.operator') : '…');
  const target = h('span', { dir: 'auto' }, `#${entry.target_id}`);
  if (entry.actor_id !== null) void nameOf(entry.actor_id).then((name) => actor.replaceChildren(name));
  if (entry.target_kind === 'user') void nameOf(entry.target_id).then((name) => target.replaceChildren(name));
  const key = /** @type {import('../i18n.js').Key} */ (`audit.${entry.action}`);
  return h(
    'li',
    {},
    h('p', {}, actor, ` ${t(key)} `, target, entry.detail !== '' && h('span', { class: 'muted', dir: 'auto' }, ` (${entry.detail})`)),
    h('time', { class: 'muted', datetime: entry.at }, full(new Date(entry.at))),
  );
}
