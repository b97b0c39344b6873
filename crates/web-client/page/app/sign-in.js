import { withCode } from './code-field.js';
import { credentials } from './credentials.js';
import { h } from './dom.js';
import { form } from './form.js';
import { t } from './i18n.js';

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
  const show = async (/** @type {SignInWays} */ ways, /** @type {boolean} */ registering) => {
    // Most servers have none.
    const others = ways.providers.length > 0 ? (await import('./providers.js')).providers(confab, ways) : [];
    const byName = () => entrance(confab, { ...ways, others }, registering, () => void show(ways, !registering));
    card.replaceChildren(...((await settingUp(confab)) ?? byName()));
    if (told && !registering) card.prepend(h('p', { class: 'notice', role: 'status' }, told));
    card.querySelector('input')?.focus();
  };
  const screen = h('main', { class: 'entrance' }, card);
  void confab.session.ways().catch(() => USUAL).then((ways) => show(ways, invitation() !== null));
  return screen;
}

/**
 * The form that makes a server's first admin, where the page's address is that of the link for it.
 *
 * @param {import('../confab.js').Confab} confab
 */
async function settingUp(confab) {
  if (!location.hash.startsWith('#/set-up/')) return null;
  const { setUp, setUpLink } = await import('./set-up.js');
  const link = setUpLink();
  return link && setUp(confab, link);
}

/** What is told where the page's address says that a sign-in did not get as far as its provider. It says so once. */
function addressed() {
  if (!location.hash.startsWith('#/sign-in/')) return null;
  history.replaceState(null, '', location.pathname);
  return t('error.provider_unavailable');
}

/** The code of the invitation that the page was opened by, if it was. */
function invitation() {
  return /^#\/invite\/([0-9a-f]+)$/.exec(location.hash)?.[1] ?? null;
}

/**
 * @param {import('../confab.js').Confab} confab
 * @param {{passwords: boolean, others: HTMLElement[]}} ways
 * @param {boolean} registering
 * @param {() => void} change To the other one.
 */
function entrance(confab, { passwords, others }, registering, change) {
  const kind = registering ? 'register' : 'signIn';
  const lead = registering && invitation() !== null ? t('register.invited') : t(`${kind}.lead`);
  const brand = h('p', { class: 'brand' }, t('app.name'));
  if (!passwords) return [brand, h('h1', {}, t('signIn.title')), ...others];
  return [
    brand,
    h('h1', {}, t(`${kind}.title`)),
    h('p', { class: 'muted' }, lead),
    byPassword(confab, registering),
    ...others,
    h('button', { type: 'button', class: 'link', onClick: change }, t(`${kind}.other`)),
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
  return form(enter.send, [name.element, password.element, submit]);
}
