import { withCode } from './code-field.js';
import { credentials } from './credentials.js';
import { h } from './dom.js';
import { form } from './form.js';
import { explainCode, t } from './i18n.js';
import { setUp, setUpLink } from './set-up.js';

/** @typedef {import('../confab/types.js').SignInWays} SignInWays */

/** What is offered where the server does not say. @type {SignInWays} */
const USUAL = { passwords: true, providers: [] };

/**
 * The screen of somebody who is not signed in.
 *
 * @param {import('../confab.js').Confab} confab
 * @param {boolean} ended Whether their session has just been ended.
 * @param {string | null} refusal Why a provider did not sign them in.
 * @returns {HTMLElement}
 */
export function signIn(confab, ended, refusal) {
  const card = h('div', { class: 'card' });
  const told = refusal ?? addressed() ?? (ended ? t('signIn.ended') : null);
  const show = (/** @type {SignInWays} */ ways, /** @type {boolean} */ registering) => {
    const link = setUpLink();
    card.replaceChildren(...(link ? setUp(confab, link) : entrance(confab, ways, registering, () => show(ways, !registering))));
    if (told && !registering) card.prepend(h('p', { class: 'notice', role: 'status' }, told));
    card.querySelector('input')?.focus();
  };
  const screen = h('main', { class: 'entrance' }, card);
  void confab.session.ways().catch(() => USUAL).then((ways) => show(ways, invitation() !== null));
  return screen;
}

/** What the page's address says of a sign-in that did not get as far as its provider. It says so once. */
function addressed() {
  const code = /^#\/sign-in\/(\w+)$/.exec(location.hash)?.[1];
  if (code === undefined) return null;
  history.replaceState(null, '', location.pathname);
  return explainCode(code) ?? t('error.provider_failed');
}

/** The code of the invitation that the page was opened by, if it was. */
function invitation() {
  return /^#\/invite\/([0-9a-f]+)$/.exec(location.hash)?.[1] ?? null;
}

/**
 * @param {import('../confab.js').Confab} confab
 * @param {SignInWays} ways
 * @param {boolean} registering
 * @param {() => void} change To the other one.
 */
function entrance(confab, ways, registering, change) {
  const kind = registering ? 'register' : 'signIn';
  const lead = registering && invitation() !== null ? t('register.invited') : t(`${kind}.lead`);
  return [
    h('p', { class: 'brand' }, t('app.name')),
    h('h1', {}, ways.passwords ? t(`${kind}.title`) : t('signIn.title')),
    h('p', { class: 'muted' }, ways.passwords ? lead : t('signIn.lead')),
    ...(ways.passwords ? byPassword(confab, registering) : []),
    ...(ways.passwords && ways.providers.length > 0 ? [h('p', { class: 'or muted' }, t('signIn.or'))] : []),
    ...(ways.providers.length > 0 ? [buttons(confab, ways)] : []),
    ...(ways.passwords ? [h('button', { type: 'button', class: 'link', onClick: change }, t(`${kind}.other`))] : []),
  ];
}

/**
 * @param {import('../confab.js').Confab} confab
 * @param {boolean} registering
 */
function byPassword(confab, registering) {
  const { name, password } = credentials(registering);
  const enter = withCode(password.element, async (code) => {
    const [username, secret] = [name.input.value, password.input.value];
    await (registering ? confab.session.register(username, secret, invitation()) : confab.session.logIn(username, secret, code));
    if (invitation() !== null) location.hash = '';
  });
  const submit = h('button', { class: 'button primary wide' }, t(`${registering ? 'register' : 'signIn'}.submit`));
  return [form(enter.send, [name.element, password.element, submit])];
}

/**
 * @param {import('../confab.js').Confab} confab
 * @param {SignInWays} ways
 */
function buttons(confab, { passwords, providers }) {
  // The only way is the one that is looked for.
  const look = `button wide${passwords || providers.length > 1 ? '' : ' primary'}`;
  const button = (/** @type {{name: string, label: string}} */ { name, label }) =>
    h('a', { class: look, href: confab.session.addressOf(name) }, t('signIn.with', { provider: label }));
  return h('div', { class: 'ways' }, ...providers.map(button));
}
