import { h } from './dom.js';
import { choice } from './form.js';
import { t } from './i18n.js';
import { orTell } from './toast.js';

/**
 * @typedef {import('../confab/types.js').Chat} Chat
 * @typedef {import('../confab/types.js').Permissions} Permissions
 */

/** What each setting may be, the usual first. @type {{[name in keyof Permissions]: Permissions[name][]}} */
const SETTINGS = {
  posting: ['everyone', 'admins'],
  reacting: ['everyone', 'writers'],
  leaving: ['everyone', 'admins'],
  inviting: ['admins', 'everyone'],
  whispering: ['everyone', 'nobody'],
  history: ['everything', 'from_joining'],
};

/**
 * What a chat lets its people do, for its owner to set.
 *
 * @param {import('../confab/api.js').Api} api
 * @param {Chat} chat
 */
export function permissions(api, chat) {
  const { kind } = chat;
  const now = chat.permissions;
  if (!now) return null;
  // Elsewhere these would change nothing, and the server refuses them.
  const suits = (/** @type {string} */ name) => (name !== 'inviting' || kind === 'group') && (name !== 'leaving' || kind !== 'project');
  const names = /** @type {(keyof Permissions)[]} */ (Object.keys(SETTINGS)).filter(suits);
  const fields = names.map((name) => {
    const options = SETTINGS[name].map((word) => /** @type {[string, string]} */ ([word, t(`permit.${word}`)]));
    const change = (/** @type {string} */ word) => void orTell(api.changeChat(chat.id, { permissions: { [name]: word } }));
    return choice(t(`permit.${name}`), options, now[name], change).element;
  });
  return h('details', { class: 'permissions' }, h('summary', {}, t('permit.title')), ...fields);
}
