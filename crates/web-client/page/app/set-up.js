import { credentials } from './credentials.js';
import { h } from './dom.js';
import { choice, form } from './form.js';
import { t } from './i18n.js';

/**
 * @typedef {'open' | 'invite' | 'closed'} Registration Who may make an account.
 * @typedef {{code: string, registration: Registration | undefined}} SetUpLink `registration` if a setting says it.
 */

/** @type {Registration[]} */
const ALL = ['open', 'invite', 'closed'];

/**
 * What the page's address says, if it is that of the link by which a server gets its first admin.
 *
 * @returns {SetUpLink | null}
 */
export function setUpLink() {
  const [, code, registration] = /^#\/set-up\/([0-9a-f]+)(?:\/(open|invite|closed))?$/.exec(location.hash) ?? [];
  return code === undefined ? null : { code, registration: ALL.find((one) => one === registration) };
}

/**
 * Asks for the first admin's account, and who may register from then on.
 *
 * @param {import('../confab.js').Confab} confab
 * @param {SetUpLink} link
 */
export function setUp(confab, { code, registration }) {
  const { name, password } = credentials(true);
  const named = ALL.map((one) => /** @type {[string, string]} */ ([one, t(`setUp.${one}`)]));
  // The most careful answer is there already.
  const { element, select } = choice(t('setUp.registration'), named, 'closed');
  const chosen = registration === undefined ? element : h('p', { class: 'hint' }, t(`setUp.is.${registration}`));
  const make = async () => {
    const asked = registration === undefined ? { registration: select.value } : {};
    await confab.session.setUp({ code, username: name.input.value, password: password.input.value, ...asked });
    location.hash = '';
  };
  const submit = h('button', { class: 'button primary wide' }, t('setUp.submit'));
  return [
    h('p', { class: 'brand' }, t('app.name')),
    h('h1', {}, t('setUp.title')),
    h('p', { class: 'muted' }, t('setUp.lead')),
    form(make, [name.element, password.element, chosen, submit]),
  ];
}
