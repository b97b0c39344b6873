import { fill, h } from './dom.js';
import { Problem } from '../confab.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { pinnedMessages } from './message-lists.js';
import { nameOf } from './names.js';
import { summary } from './summary.js';

/** @typedef {import('../confab/types.js').Message} Message */

/**
 * The message of a chat that was pinned last, and the way to all of them.
 *
 * @param {import('../confab/api.js').Api} api
 * @param {import('../confab/live.js').Live} live
 * @param {number} chat
 * @param {import('./scope.js').Scope} scope
 * @param {(seq: number) => void} jump
 */
export function pinsBar(api, live, chat, scope, jump) {
  const element = h('div', { class: 'pins', hidden: true });
  /** @type {Message[]} */
  let pins = [];
  let turn = 0;
  const show = () => {
    const [last] = pins;
    element.hidden = !last;
    if (!last) return;
    const text = h('span', { class: 'pin-text', dir: 'auto' }, h('strong', {}, nameOf(live, chat, last.author_id)), ` ${summary(last)}`);
    const all = () => pinnedMessages(api, live, chat);
    fill(
      element,
      h('button', { type: 'button', class: 'pin-button', onClick: () => jump(last.seq) }, icon('pin'), h('span', { class: 'unseen' }, t('pins.jump')), text),
      pins.length > 1 && h('button', { type: 'button', class: 'link', onClick: all }, t('pins.all', { n: pins.length })),
    );
  };
  const load = async () => {
    const mine = (turn += 1);
    try {
      const { items } = await api.pins(chat);
      if (mine !== turn) return;
      pins = items;
      show();
    } catch (error) {
      // The next connection asks again.
      if (!(error instanceof Problem)) throw error;
    }
  };
  /** @param {import('../confab/frames.js').Push} push */
  const heard = ({ type, chat: where, data }) => {
    const changed = type === 'message.edited' || type === 'message.deleted' || type === 'message.updated';
    if (changed && where === chat && (data.pinned_at !== null || pins.some(({ id }) => id === data.id))) void load();
  };
  scope.add(live.link.on('push', heard), live.link.on('ready', () => void load()), live.people.on('changed', show));
  void load();
  return element;
}
