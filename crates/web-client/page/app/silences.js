import { t } from './i18n.js';
import { isSilenced, maySilence } from './rights.js';
import { full } from './times.js';
import { orTell } from './toast.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('../confab/types.js').Chat} Chat
 * @typedef {import('../confab/types.js').Member} Member
 * @typedef {import('./menu.js').MenuItem} MenuItem
 */

/** For how long somebody can be silenced, in hours. @type {[number | null, import('./i18n.js').Key][]} */
const SPANS = [[1, 'silence.hour'], [24, 'silence.day'], [null, 'silence.ever']];

/** The longest that a browser waits, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * What one may do about a member's voice. What others are told of a member has no silence, so it is asked for.
 *
 * @param {Api} api
 * @param {Chat} chat
 * @param {Member} member
 * @returns {Promise<MenuItem[]>}
 */
export async function silenceItems(api, chat, { user_id: user, role, version }) {
  if (!maySilence(chat, role)) return [];
  const changes = await orTell(api.changes(chat.id, version - 1));
  if (changes?.members.some((member) => member.user_id === user && isSilenced(member))) {
    return [{ label: t('silence.lift'), picture: 'whisper', act: () => void orTell(api.liftSilence(chat.id, user)) }];
  }
  return SPANS.map(([hours, key]) => {
    const until = () => (hours === null ? {} : { until: new Date(Date.now() + hours * 3_600_000).toISOString() });
    return { label: t(key), picture: 'mute', act: () => void orTell(api.silence(chat.id, user, until())) };
  });
}

/**
 * That one is silenced, until when and what for, in words.
 *
 * @param {Chat} chat
 */
export function silenceNote({ silence }) {
  const until = silence?.until;
  const ends = until ? t('silence.noteUntil', { when: full(new Date(until)) }) : t('silence.note');
  return silence?.reason ? `${ends} ${t('silence.reason', { reason: silence.reason })}` : ends;
}

/**
 * Shows a chat anew when one's silence in it ends, which nobody is told.
 *
 * @param {Live} live
 * @param {number} id
 * @param {import('./scope.js').Scope} scope
 */
export function watchSilence(live, id, scope) {
  let timer = 0;
  const stop = () => window.clearTimeout(timer);
  const wait = () => {
    stop();
    const chat = live.replica.copy(id)?.chat;
    if (!chat?.silence?.until || !isSilenced(chat)) return;
    const rest = new Date(chat.silence.until).getTime() - Date.now();
    timer = window.setTimeout(() => live.replica.emit('chat', { id }), Math.min(rest + 1, LONGEST));
  };
  scope.add(live.replica.on('chat', (changed) => changed.id === id && wait()), stop);
  wait();
}
