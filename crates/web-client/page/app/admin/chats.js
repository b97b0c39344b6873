import { confirmed } from '../dialog.js';
import { h } from '../dom.js';
import { choice } from '../form.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { PagedList } from '../paged-list.js';
import { brief } from '../times.js';
import { orTell } from '../toast.js';

/**
 * @typedef {import('../../confab/api.js').Api} Api
 * @typedef {import('../../confab/types.js').AdminChat} AdminChat
 */

const KINDS = /** @type {const} */ (['room', 'group', 'direct', 'project', 'whisper']);

/**
 * All chats of the server, without what was said in them.
 *
 * @param {Api} api
 */
export function adminChats(api) {
  const options = /** @type {[string, string][]} */ ([...KINDS.map((kind) => [kind, t(`kind.${kind}`)]), ['', t('admin.all')]]);
  const kind = choice(t('admin.kind'), options, 'room', () => void list.load());
  const where = (/** @type {string | null} */ cursor) => ({ ...(kind.select.value === '' ? {} : { kind: kind.select.value }), cursor });
  const row = (/** @type {AdminChat} */ chat) => chatRow(api, chat, () => void list.load());
  /** @type {PagedList<AdminChat>} */
  const list = new PagedList((cursor) => api.admin.chats(where(cursor)), row, { look: 'accounts' });
  void list.load();
  return h('div', { class: 'tab-body' }, kind.element, list.element);
}

/**
 * @param {Api} api
 * @param {AdminChat} chat
 * @param {() => void} changed
 */
function chatRow(api, chat, changed) {
  const title = chat.title ?? t('admin.chatNumber', { n: chat.id });
  const remove = async () => {
    const question = { title: t('admin.chatTitle', { title }), text: t('info.deleteText'), action: t('info.delete') };
    if ((await confirmed(question)) && (await orTell(api.admin.deleteChat(chat.id))) !== undefined) changed();
  };
  const counts = [t(`kind.${chat.kind}`), t('chat.members', { n: chat.member_count }), t('admin.messageCount', { n: chat.message_count }), brief(new Date(chat.active_at))];
  const text = h('div', { class: 'two-lines' }, h('strong', { dir: 'auto' }, title), h('span', { class: 'muted' }, counts.join(' · ')));
  const button = { type: 'button', class: 'round', 'aria-label': t('admin.chatDelete', { title }), onClick: () => void remove() };
  return h('li', {}, text, h('button', button, icon('trash')));
}
