import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { t } from './i18n.js';

/** @typedef {import('../confab.js').Confab} Confab */

/**
 * Buttons to sign in with identity providers, after what else there is.
 *
 * @param {Confab} confab
 * @param {import('../confab/types.js').SignInWays} ways
 */
export function providers(confab, { passwords, providers }) {
  // The only way is the one that is looked for.
  const look = `button wide${passwords || providers.length > 1 ? '' : ' primary'}`;
  const buttons = providers.map(({ name, label }) =>
    h('a', { class: look, href: confab.session.addressOf(name) }, t('signIn.with', { provider: label })));
  const list = h('div', { class: 'ways' }, ...buttons);
  return passwords ? [h('p', { class: 'or muted' }, t('signIn.or')), list] : [h('p', { class: 'muted' }, t('signIn.lead')), list];
}

/**
 * Offers to sign in once more with the provider of the session, which leaves the page: what was to be done is done again
 * by whoever wants it.
 *
 * @param {Confab} confab
 * @param {string} provider
 */
export function again(confab, provider) {
  const go = h('a', { class: 'button primary', href: confab.session.addressOf(provider, 'again') }, t('stepUp.submit'));
  const dialog = openDialog(t('stepUp.title'), h('p', { class: 'muted' }, t('stepUp.provider')), h('div', { class: 'row end' }, go));
  dialog.classList.add('narrow');
  return dialog;
}
