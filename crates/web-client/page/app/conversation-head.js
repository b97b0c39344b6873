import { showOnline } from './avatar.js';
import { chatMenu } from './chat-menu.js';
import { eachFrame, fill, h, say, set } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { isMuted, kindOf, peerOf, pictureOf, titleOf, typingIn } from './names.js';
import { personCard } from './person-card.js';
import { presenceOf } from './presence.js';
import { isOfTwo } from './rights.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Chat} Chat
 */

/**
 * What stands above a conversation: who it is with, who types, and what one can do with it.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {number} id
 * @param {import('./scope.js').Scope} scope
 */
export function conversationHead(api, live, id, scope) {
  const title = h('h2', { dir: 'auto' });
  const state = h('p', { class: 'muted', 'aria-live': 'polite' });
  const disc = h('span', { class: 'head-avatar' });
  const marks = h('span', { class: 'marks' });
  const about = { type: 'button', class: 'round', 'aria-label': t('chat.info'), title: t('chat.info') };
  const more = h('button', { type: 'button', class: 'round', 'aria-label': t('chat.actions'), 'aria-haspopup': 'menu' }, icon('more'));
  more.addEventListener('click', () => chatMenu(api, live, id, more));
  const element = h(
    'header',
    { class: 'head' },
    h('a', { href: '#/', class: 'round back', 'aria-label': t('nav.back') }, icon('back')),
    disc,
    h('div', { class: 'head-text' }, h('div', { class: 'head-title' }, title, marks), state),
    more,
    h('button', { ...about, onClick: () => showInfo(api, live, id) }, icon('info')),
  );
  const show = eachFrame(() => {
    const chat = live.replica.copy(id)?.chat;
    if (!chat) return;
    const name = titleOf(chat, live.me.id);
    if (title.textContent !== name) fill(disc, pictureOf(chat, live.me.id));
    say(title, name);
    const peer = peerOf(chat, live.me.id);
    const person = peer && live.people.get(peer.id);
    const typists = typingIn(live, id);
    say(state, typists || aboutOf(live, chat, person ? presenceOf(person) : ''));
    set(state, 'class', typists ? 'typing' : 'muted');
    fill(marks, isMuted(chat) && h('span', { title: t('chat.muted') }, icon('mute'), h('span', { class: 'unseen' }, t('chat.muted'))));
    showOnline(/** @type {HTMLElement} */ (disc.firstElementChild), person?.online === true);
  });
  const minute = setInterval(show, 60_000);
  scope.add(
    () => clearInterval(minute),
    live.replica.on('chat', (changed) => changed.id === id && show()),
    live.people.on('changed', show),
    live.typing.on('changed', ({ chat }) => chat === id && show()),
  );
  show();
  return element;
}

/**
 * @param {Live} live
 * @param {Chat} chat
 * @param {string} presence
 */
function aboutOf(live, chat, presence) {
  const count = isOfTwo(chat) ? presence : t('chat.members', { n: chat.member_count });
  return [kindOf(live, chat), count].filter(Boolean).join(' · ');
}

/**
 * @param {Api} api
 * @param {Live} live
 * @param {number} id
 */
function showInfo(api, live, id) {
  const chat = live.replica.copy(id)?.chat;
  const peer = chat && peerOf(chat, live.me.id);
  if (chat?.kind === 'whisper' && peer) void personCard(api, live, peer.id);
  else void openInfo(api, live, id);
}

/**
 * What is used seldom is loaded when it is used.
 *
 * @param {Api} api
 * @param {Live} live
 * @param {number} id
 */
async function openInfo(api, live, id) {
  const { chatInfo } = await import('./chat-info.js');
  chatInfo(api, live, id);
}
