import { withCode } from './code-field.js';
import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { field, form } from './form.js';
import { t } from './i18n.js';

/** @typedef {import('../confab.js').Confab} Confab */

/** The question that is asked, if one is: of several acts at once none asks again. @type {Promise<boolean> | null} */
let asked = null;

/**
 * Asks for the password, and the code if there is a second factor, before an act that needs it.
 *
 * @param {Confab} confab
 * @returns {Promise<boolean>} Whether it was proved, so that the act can be repeated.
 */
export function stepUp(confab) {
  const { provider } = confab.session;
  asked ??= new Promise((resolve) => {
    const forget = () => {
      asked = null;
      resolve(false);
    };
    if (provider) {
      void import('./providers.js').then(({ again }) => again(confab, provider).addEventListener('close', forget));
      return;
    }
    const ask = { title: t('stepUp.title'), lead: t('stepUp.lead'), action: t('stepUp.submit') };
    const dialog = retype(confab, ask, async (password, code) => {
      await confab.api.account.stepUp(password, code);
      resolve(true);
    });
    dialog.addEventListener('close', forget);
  });
  return asked;
}

/**
 * Asks for the password once more, and for a code if it takes one.
 *
 * @param {Confab} confab
 * @param {{title: string, lead?: string, action: string, hasCode?: boolean}} ask `hasCode` if it is known that it does.
 * @param {(password: string, code: string | null) => Promise<void | (() => void)>} act What it returns is done once the
 *   dialog is closed.
 */
export function retype(confab, { title, lead, action, hasCode }, act) {
  const password = field(t('field.password'), { type: 'password', autocomplete: 'current-password', required: true });
  const prove = withCode(password.element, async (code) => {
    const next = await act(password.input.value, code);
    dialog.close();
    next?.();
  });
  // Password managers want to know whose password it is.
  const name = h('input', { type: 'text', autocomplete: 'username', value: confab.live?.me.username ?? '', hidden: true });
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button primary' }, action));
  const dialog = openDialog(title, lead && h('p', { class: 'muted' }, lead), form(prove.send, [name, password.element, submit]));
  dialog.classList.add('narrow');
  if (hasCode) prove.ask();
  password.input.focus();
  return dialog;
}
