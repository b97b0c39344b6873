import { Problem } from '../../confab.js';
import { h } from '../dom.js';
import { choice } from '../form.js';
import { explain, t } from '../i18n.js';
import { pushes } from '../preferences.js';
import { canPush, startPush, stopPush } from './push.js';

/** @typedef {import('../../confab/types.js').PushContent} PushContent */

/**
 * Asks whether this device is told of messages while no page is open, and of what.
 *
 * @param {import('../../confab.js').Confab} confab
 */
export function pushField(confab) {
  if (!canPush()) return h('p', { class: 'muted' }, t('push.impossible'));
  const complaint = h('p', { class: 'complaint', role: 'alert' });
  const change = async (/** @type {string} */ value) => {
    complaint.textContent = '';
    select.disabled = true;
    try {
      if (value === 'off') await stopPush(confab);
      else if ((await Notification.requestPermission()) === 'granted') await startPush(confab, /** @type {PushContent} */ (value));
      else complaint.textContent = t('notify.denied');
    } catch (error) {
      if (!(error instanceof Problem || error instanceof DOMException)) throw error;
      complaint.textContent = error instanceof Problem ? explain(error) : t('push.failed');
    }
    select.disabled = false;
    select.value = pushes() ?? 'off';
  };
  const options = /** @type {[string, string][]} */ ([
    ['off', t('notify.off')],
    ['sender', t('push.sender')],
    ['sender_and_text', t('push.senderAndText')],
  ]);
  const { element, select } = choice(t('push.label'), options, pushes() ?? 'off', (value) => void change(value));
  return h('div', { class: 'form' }, element, complaint);
}
