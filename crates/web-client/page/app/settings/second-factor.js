import { codeField } from '../code-field.js';
import { openDialog } from '../dialog.js';
import { fill, h } from '../dom.js';
import { form } from '../form.js';
import { t } from '../i18n.js';
import { retype } from '../step-up.js';
import { orTell } from '../toast.js';

/** @typedef {import('../../confab.js').Confab} Confab */

/**
 * The second factor of one's account.
 *
 * @param {Confab} confab
 */
export function secondFactor(confab) {
  const place = h('div', { class: 'form' });
  const load = async () => {
    const profile = await orTell(confab.api.account.profile());
    if (!profile) return;
    const isOn = profile.second_factor;
    fill(place, h('p', { class: 'muted' }, t(isOn ? 'factor.isOn' : 'factor.isOff')), h('div', { class: 'row end' }, ...(isOn ? on(confab, load) : off(confab, load))));
  };
  void load();
  return place;
}

/**
 * The password first; then the secret, and a code of the app that was told it.
 *
 * @param {Confab} confab
 * @param {() => Promise<void>} changed
 */
function off(confab, changed) {
  const begin = () =>
    retype(confab, { title: t('factor.title'), action: t('stepUp.submit') }, async (password) => {
      const begun = await confab.api.account.beginSecondFactor(password);
      return () => confirm(confab, begun, changed);
    });
  return [button(t('factor.turnOn'), begin)];
}

/**
 * @param {Confab} confab
 * @param {() => Promise<void>} changed
 */
function on(confab, changed) {
  const { account } = confab.api;
  const [newCodes, turnOff] = [t('factor.newCodes'), t('factor.turnOff')];
  const renew = () =>
    retype(confab, { title: newCodes, action: newCodes, hasCode: true }, async (password, code) => {
      const { recovery_codes: codes } = await account.newRecoveryCodes(password, code);
      return () => showCodes(codes);
    });
  const end = () =>
    retype(confab, { title: t('factor.title'), action: turnOff, hasCode: true }, async (password, code) => {
      await account.turnOffSecondFactor(password, code);
      await changed();
    });
  return [button(newCodes, renew), button(turnOff, end)];
}

/**
 * @param {string} text
 * @param {() => void} act
 */
function button(text, act) {
  return h('button', { type: 'button', class: 'button', onClick: act }, text);
}

/**
 * @param {Confab} confab
 * @param {{secret: string, otpauth_url: string}} begun
 * @param {() => Promise<void>} changed
 */
function confirm(confab, { secret, otpauth_url: address }, changed) {
  const grouped = (secret.match(/.{1,4}/g) ?? []).join(' ');
  const code = codeField();
  const send = async () => {
    const { recovery_codes: codes } = await confab.api.account.confirmSecondFactor(code.input.value);
    dialog.close();
    await changed();
    showCodes(codes);
  };
  const dialog = openDialog(
    t('factor.title'),
    h('p', {}, t('factor.secret')),
    h('p', { class: 'secret' }, h('code', {}, grouped)),
    h('p', {}, h('a', { class: 'link', href: address }, t('factor.openApp'))),
    form(send, [code.element, h('div', { class: 'row end' }, h('button', { class: 'button primary' }, t('factor.turnOn')))]),
  );
  dialog.classList.add('narrow');
  code.input.focus();
}

/** @param {string[]} codes */
function showCodes(codes) {
  const list = h('ul', { class: 'recovery-codes' }, ...codes.map((code) => h('li', {}, h('code', {}, code))));
  const close = h('div', { class: 'row end' }, button(t('factor.kept'), () => dialog.close()));
  const dialog = openDialog(t('factor.codes'), h('p', {}, t('factor.codesText')), list, close);
  dialog.classList.add('narrow');
}
