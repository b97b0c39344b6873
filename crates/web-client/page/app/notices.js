import { fill, h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { kindOf, peerOf } from './names.js';
import { setBlocked } from './person-card.js';
import { isSilenced, mayWrite, waitsInSlowMode } from './rights.js';
import { silenceNote, watchSilence } from './silences.js';

/**
 * What one should know before one writes in a chat: that it is a whisper, or slow, that one may not write
 * there or is silenced, or that the other one is blocked.
 *
 * @param {import('../confab/live.js').Live} live
 * @param {number} id
 * @param {import('./scope.js').Scope} scope
 */
export function notices(live, id, scope) {
  const element = h('div', { class: 'notices' });
  let shown = '';
  const show = () => {
    const chat = live.replica.copy(id)?.chat;
    if (!chat) return;
    const peer = peerOf(chat, live.me.id);
    const blocked = peer !== null && live.blocks.has(peer.id);
    const writes = mayWrite(chat, live.replica.copy(chat.parent_id ?? 0)?.chat);
    const silence = isSilenced(chat) && silenceNote(chat);
    const slow = writes && waitsInSlowMode(chat);
    const kind = kindOf(live, chat);
    const now = JSON.stringify([chat.kind, kind, peer, blocked, writes, silence, slow && chat.slow_mode]);
    if (now === shown) return;
    shown = now;
    const unblock = () => peer && void setBlocked(live, peer, false);
    fill(
      element,
      chat.kind === 'whisper' && peer && h('p', { class: 'note whisper' }, icon('whisper'), h('span', {}, t('whisper.note', { name: peer.username, where: kind }))),
      silence && h('p', { class: 'note silence' }, icon('mute'), h('span', { dir: 'auto' }, silence)),
      !writes && !silence && h('p', { class: 'note' }, icon('ban'), h('span', {}, t(chat.kind === 'whisper' ? 'permit.noWhispers' : 'permit.adminsWrite'))),
      slow && h('p', { class: 'note' }, icon('clock'), h('span', {}, t('slow.note', { pause: pauseName(chat.slow_mode) }))),
      blocked && h('p', { class: 'note' }, icon('ban'), h('span', {}, t('person.blocked', { name: peer.username })), h('button', { type: 'button', class: 'link', onClick: unblock }, t('person.unblock'))),
    );
  };
  scope.add(live.replica.on('chat', (changed) => changed.id === id && show()), live.replica.on('chats', show), live.blocks.on('changed', show));
  watchSilence(live, id, scope);
  show();
  return element;
}

/** @param {number} seconds */
export function pauseName(seconds) {
  if (seconds === 0) return t('slow.off');
  if (seconds % 3_600 === 0) return t('slow.hours', { n: seconds / 3_600 });
  return seconds % 60 === 0 ? t('slow.minutes', { n: seconds / 60 }) : t('slow.seconds', { n: seconds });
}
