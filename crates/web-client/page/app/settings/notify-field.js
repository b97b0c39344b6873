import { h } from '../dom.js';
import { choice } from '../form.js';
import { t } from '../i18n.js';
import { notifies, setNotifies } from '../preferences.js';

/** Asks whether messages are told of while nobody looks at the page. */
export function notifyField() {
  if (!('Notification' in window)) return h('p', { class: 'muted' }, t('notify.impossible'));
  const complaint = h('p', { class: 'complaint', role: 'alert' });
  const change = async (/** @type {string} */ value) => {
    const wanted = value === 'on';
    const granted = !wanted || (await Notification.requestPermission()) === 'granted';
    setNotifies(wanted && granted);
    complaint.textContent = granted ? '' : t('notify.denied');
    select.value = notifies() ? 'on' : 'off';
  };
  const options = /** @type {[string, string][]} */ ([['off', t('notify.off')], ['on', t('notify.on')]]);
  const { element, select } = choice(t('notify.label'), options, notifies() ? 'on' : 'off', (value) => void change(value));
  return h('div', { class: 'form' }, element, complaint);
}
