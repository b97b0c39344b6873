import { withCode } from './code-field.js';
import { credentials } from './credentials.js';
import { h } from './dom.js';
import { form } from './form.js';
import { t } from './i18n.js';
import { setUp, setUpLink } from './set-up.js';

/**
 * The screen of somebody who is not signed in.
 *
 * @param {import('../confab.js').Confab} confab
 * @param {boolean} ended Whether their session has just been ended.
 * @returns {HTMLElement}
 */
export function signIn(confab, ended) {
  const card = h('div', { class: 'card' });
  const show = (/** @type {boolean} */ registering) => {
    const link = setUpLink();
    card.replaceChildren(...(link ? setUp(confab, link) : entrance(confab, registering, () => show(!registering))));
    if (ended && !registering) card.prepend(h('p', { class: 'notice', role: 'status' }, t('signIn.ended')));
    card.querySelector('input')?.focus();
  };
  const screen = h('main', { class: 'entrance' }, card);
  queueMicrotask(() => show(invitation() !== null));
  return screen;
}

/** The code of the invitation that the page was opened by, if it was. */
function invitation() {
  return /^#\/invite\/([0-9a-f]+)$/.exec(location.hash)?.[1] ?? null;
}

/**
 * @param {import('../confab.js').Confab} confab
 * @param {boolean} registering
 * @param {() => void} change To the other one.
 */
function entrance(confab, registering, change) {
  const kind = registering ? 'register' : 'signIn';
  const { name, password } = credentials(registering);
  const enter = withCode(password.element, async (code) => {
    const [username, secret] = [name.input.value, password.input.value];
    await (registering ? confab.session.register(username, secret, invitation()) : confab.session.logIn(username, secret, code));
    if (invitation() !== null) location.hash = '';
  });
  const submit = h('button', { class: 'button primary wide' }, t(`${kind}.submit`));
  return [
    h('p', { class: 'brand' }, t('app.name')),
    h('h1', {}, t(`${kind}.title`)),
    h('p', { class: 'muted' }, registering && invitation() !== null ? t('register.invited') : t(`${kind}.lead`)),
    form(enter.send, [name.element, password.element, submit]),
    h('button', { type: 'button', class: 'link', onClick: change }, t(`${kind}.other`)),
  ];
}
