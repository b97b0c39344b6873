import { attachmentsOf } from './attachments.js';
import { avatar } from './avatar.js';
import { fill, h, set } from './dom.js';
import { explainCode, t } from './i18n.js';
import { icon } from './icons.js';
import { linked } from './linked.js';
import { full, time } from './times.js';

/**
 * @typedef {import('./log-rows.js').Row} Row
 * @typedef {import('./log-rows.js').MessageRow} MessageRow
 * @typedef {{openMenu: (row: MessageRow, beside: HTMLElement, focusAfter?: HTMLElement) => void, jump: (seq: number) => void,
 *   retry: (row: MessageRow) => void, discard: (row: MessageRow) => void, editAgain: (row: MessageRow) => void,
 *   react: (row: MessageRow, emoji: string, on: boolean) => void,
 *   openPerson: (user: number) => void}} RowActions
 */

/** @param {Row} row */
export function emptyRow(row) {
  return h('div', { class: row.kind });
}

/**
 * Makes a row's element show the row.
 *
 * @param {HTMLElement} element
 * @param {Row} row
 * @param {RowActions} actions
 */
export function fillRow(element, row, actions) {
  if (row.kind === 'day') fill(element, h('span', {}, row.heading));
  if (row.kind === 'unread') fill(element, h('span', {}, t('chat.unread')));
  if (row.kind === 'beginning') fill(element, h('p', {}, t('chat.beginning')));
  if (row.kind === 'joined') fill(element, h('p', {}, t('chat.joinedHere')));
  if (row.kind === 'message') fillMessage(element, row, actions);
}

/**
 * @param {HTMLElement} element
 * @param {MessageRow} row
 * @param {RowActions} actions
 */
function fillMessage(element, row, actions) {
  const classes = ['message', row.own && 'own', row.first && 'first', row.last && 'last'];
  const forMe = !row.own && row.mentions.some((mention) => mention.me);
  const states = [row.deleted && 'deleted', row.status === 'failed' && 'failed', forMe && 'for-me'];
  set(element, 'class', [...classes, ...states].filter(Boolean).join(' '));
  set(element, 'role', 'article');
  set(element, 'aria-label', labelOf(row));
  set(element, 'data-seq', row.id === null ? null : row.seq);
  if (!element.hasAttribute('tabindex')) element.tabIndex = -1;
  fill(
    element,
    row.pictured && h('span', { class: 'message-avatar' }, row.last && avatar(row.author, row.authorId, 'small')),
    h(
      'div',
      { class: 'bubble' },
      row.named && author(row, actions),
      row.quote && quote(row.quote, actions),
      row.attachments.length > 0 && attachmentsOf(row.attachments),
      row.deleted ? h('p', { class: 'text' }, t('message.deleted')) : row.text !== '' && h('p', { class: 'text', dir: 'auto' }, ...linked(row.text, row.mentions)),
      row.reactions.length > 0 && reactions(row, actions),
      meta(row),
    ),
    row.status === 'failed' ? failure(row, actions) : menuButton(row, actions),
  );
}

/**
 * @param {MessageRow} row
 * @param {RowActions} actions
 */
function author(row, actions) {
  const open = () => actions.openPerson(row.authorId);
  const props = { type: 'button', class: `author colour-${row.authorId % 8}`, dir: 'auto', tabindex: -1, onClick: open };
  return h('button', props, row.author);
}

/**
 * @param {import('./log-rows.js').Quote} quoted
 * @param {RowActions} actions
 */
function quote({ author, text, seq }, actions) {
  const content = [h('strong', { dir: 'auto' }, author), h('span', { dir: 'auto' }, text)];
  if (seq === null) return h('div', { class: 'quote' }, ...content);
  return h('button', { type: 'button', class: 'quote', tabindex: -1, onClick: () => actions.jump(seq) }, ...content);
}

/**
 * @param {MessageRow} row
 * @param {RowActions} actions
 */
function reactions(row, actions) {
  const marks = row.reactions.map(({ emoji, count, mine, names }) => {
    const label = t('message.reactedWith', { emoji, n: count, names });
    const toggle = () => actions.react(row, emoji, !mine);
    const props = { type: 'button', class: 'reaction', tabindex: -1, title: names, 'aria-label': label };
    return h('button', { ...props, 'aria-pressed': String(mine), onClick: toggle }, `${emoji} ${count}`);
  });
  return h('div', { class: 'reactions' }, ...marks);
}

/** @param {MessageRow} row */
function meta(row) {
  const at = new Date(row.at);
  return h(
    'span',
    { class: 'meta' },
    row.pinned && mark('pin', t('message.pinned')),
    row.starred && mark('star', t('message.starred')),
    row.edited && !row.deleted && h('span', {}, t('message.edited')),
    h('time', { datetime: row.at, title: full(at) }, time(at)),
    row.status && !row.deleted && statusOf(row),
  );
}

/**
 * @param {'pin' | 'star'} picture
 * @param {string} text
 */
function mark(picture, text) {
  return h('span', { class: `mark ${picture}`, title: text }, icon(picture), h('span', { class: 'unseen' }, text));
}

/** @param {MessageRow} row */
function statusOf(row) {
  const pictures = /** @type {const} */ ({ waiting: 'clock', sent: 'check', read: 'checks', failed: 'warning' });
  const text = statusText(row);
  const props = { class: `status ${row.status}`, title: text, 'data-status': row.status };
  return h('span', props, icon(pictures[row.status ?? 'sent']), h('span', { class: 'unseen' }, text));
}

/** @param {MessageRow} row */
function statusText({ status, readers, edit }) {
  if (status === 'waiting') return t(edit ? 'message.saving' : 'message.sending');
  if (status === 'failed') return t(edit ? 'message.notSaved' : 'message.failed');
  if (status === 'read') return readers > 1 ? t('message.readBy', { n: readers }) : t('message.read');
  return status === 'sent' ? t('message.sent') : '';
}

/**
 * @param {MessageRow} row
 * @param {RowActions} actions
 */
function menuButton(row, actions) {
  if (row.id === null || row.deleted) return null;
  const props = { type: 'button', class: 'more round', tabindex: -1, 'aria-label': t('message.actions'), 'aria-haspopup': 'menu' };
  const button = h('button', { ...props, onClick: () => actions.openMenu(row, button) }, icon('more'));
  return button;
}

/**
 * @param {MessageRow} row
 * @param {RowActions} actions
 */
function failure(row, actions) {
  const why = explainCode(row.code) ?? '';
  const again = { type: 'button', class: 'link', tabindex: -1, onClick: () => actions.retry(row) };
  const edit = { type: 'button', class: 'link', tabindex: -1, onClick: () => actions.editAgain(row) };
  const away = { type: 'button', class: 'link', tabindex: -1, onClick: () => actions.discard(row) };
  return h(
    'div',
    { class: 'failure' },
    h('span', {}, t(row.edit ? 'message.unsaved' : 'message.failedWhy', { why })),
    row.edit ? h('button', edit, t('message.edit')) : h('button', again, t('message.retry')),
    h('button', away, t('message.discard')),
  );
}

/**
 * What a screen reader calls a message: its author, its text, and then the rest.
 *
 * @param {MessageRow} row
 */
function labelOf(row) {
  const parts = [
    row.own ? t('message.you') : row.author,
    row.deleted ? t('message.deleted') : row.text,
    ...row.attachments.map(({ kind, name }) => t(kind === 'image' ? 'media.picture' : 'media.file', { name })),
    row.quote && t('message.inReplyTo', { author: row.quote.author }),
    time(new Date(row.at)),
    row.edited && !row.deleted && t('message.edited'),
    !row.deleted && statusText(row),
    row.pinned && t('message.pinned'),
    row.starred && t('message.starred'),
    ...row.reactions.map(({ emoji, count }) => `${emoji} ${count}`),
  ];
  return parts.filter(Boolean).join(', ');
}
