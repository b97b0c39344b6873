import { openDialog } from '../dialog.js';
import { fill, h } from '../dom.js';
import { choice, field, form } from '../form.js';
import { t } from '../i18n.js';
import { language, setLanguage, setTheme, theme } from '../preferences.js';
import { notifyField } from './notify-field.js';
import { ownPicture } from './own-picture.js';
import { PagedList } from '../paged-list.js';
import { profileForm } from './profile-form.js';
import { pushField } from './push-field.js';
import { secondFactor } from './second-factor.js';
import { ago } from '../times.js';
import { orTell, toast } from '../toast.js';

/**
 * @typedef {import('../../confab.js').Confab} Confab
 * @typedef {import('../../confab/types.js').SessionInfo} SessionInfo
 */

/**
 * What one can change about oneself and about this browser.
 *
 * @param {Confab} confab
 * @param {() => Promise<void>} rebuild Called when every text of the page is to be written anew.
 */
export function settings(confab, rebuild) {
  const me = confab.live?.me;
  if (!me) return;
  const { provider } = confab.session;
  const logOut = async () => {
    dialog.close();
    await confab.logOut();
    // Else the next click on its button would sign them in again without a question.
    if (provider) location.href = confab.session.addressOf(provider, 'log-out');
  };
  const relabel = async () => {
    dialog.close();
    await rebuild();
    settings(confab, rebuild);
  };
  const picture = ownPicture(confab, me);
  const dialog = openDialog(
    t('settings.title'),
    h(
      'div',
      { class: 'me' },
      picture.element,
      h('strong', { dir: 'auto' }, me.username),
      h('button', { type: 'button', class: 'button', onClick: () => void logOut() }, t('settings.logOut')),
    ),
    section(t('profile.title'), picture.buttons, profileForm(confab)),
    section(t('settings.appearance'), themeField(), languageField(() => void relabel())),
    section(t('notify.title'), notifyField(), pushField(confab)),
    // Whoever signs in with a provider has no password here, and their second factor there.
    ...(provider ? [] : [section(t('settings.password'), passwordForm(confab)), section(t('factor.title'), secondFactor(confab))]),
    section(t('settings.sessions'), sessions(confab)),
    section(t('settings.blocked'), blockedPeople(confab)),
  );
}

/**
 * @param {string} title
 * @param {...HTMLElement} content
 */
function section(title, ...content) {
  return h('section', {}, h('h3', {}, title), ...content);
}

function themeField() {
  /** @type {[import('../preferences.js').Theme, string][]} */
  const options = [
    ['system', t('settings.themeSystem')],
    ['light', t('settings.themeLight')],
    ['dark', t('settings.themeDark')],
  ];
  return choice(t('settings.theme'), options, theme(), (value) => setTheme(/** @type {import('../preferences.js').Theme} */ (value))).element;
}

/** @param {() => void} relabel */
function languageField(relabel) {
  /** @type {[import('../preferences.js').Language, string][]} */
  const options = [
    ['browser', t('settings.languageBrowser')],
    // A language is called by its own name, for those who cannot read this one.
    ['en', 'English'],
    ['ru', 'Русский'],
  ];
  return choice(t('settings.language'), options, language(), (value) => {
    setLanguage(/** @type {import('../preferences.js').Language} */ (value));
    relabel();
  }).element;
}

/** @param {Confab} confab */
function passwordForm(confab) {
  const old = field(t('settings.oldPassword'), { type: 'password', autocomplete: 'current-password', required: true });
  const wanted = field(
    t('settings.newPassword'),
    { type: 'password', autocomplete: 'new-password', required: true },
    t('field.passwordHint'),
  );
  const change = async () => {
    await confab.api.account.changePassword(old.input.value, wanted.input.value);
    old.input.value = wanted.input.value = '';
    toast(t('settings.passwordChanged'));
  };
  // Password managers want to know whose password it is.
  const name = h('input', { type: 'text', autocomplete: 'username', value: confab.live?.me.username ?? '', hidden: true });
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button' }, t('settings.changePassword')));
  return form(change, [name, old.element, wanted.element, submit]);
}

/** @param {Confab} confab */
function sessions(confab) {
  const list = h('ul', { class: 'sessions' });
  const show = async () => {
    const devices = await orTell(confab.api.account.sessions());
    fill(list, ...(devices ?? []).map((device) => sessionRow(confab, device, show)));
  };
  void show();
  return list;
}

/** @param {Confab} confab */
function blockedPeople(confab) {
  /** @type {PagedList<import('../../confab/types.js').Block>} */
  const list = new PagedList((cursor) => confab.api.account.blocks(cursor), ({ user: { id, username } }) => {
    const unblock = async () => {
      await orTell(confab.live?.blocks.set(id, false) ?? Promise.resolve());
      await list.load();
    };
    const name = t('person.unblockOf', { name: username });
    return h('li', {}, h('span', { class: 'name', dir: 'auto' }, username), h('button', { type: 'button', class: 'link', 'aria-label': name, onClick: () => void unblock() }, t('person.unblock')));
  }, { look: 'members', nothing: t('settings.nobodyBlocked') });
  void list.load();
  return list.element;
}

/**
 * @param {Confab} confab
 * @param {SessionInfo} device
 * @param {() => Promise<void>} changed
 */
function sessionRow(confab, device, changed) {
  const name = deviceName(device.device);
  const end = async () => {
    await orTell(confab.api.account.endSession(device.id));
    await changed();
  };
  const props = { type: 'button', class: 'link danger', 'aria-label': t('settings.endSessionOf', { device: name }) };
  return h(
    'li',
    {},
    h(
      'div',
      {},
      h('strong', { title: device.device }, name),
      h('span', { class: 'muted' }, device.current ? t('settings.thisDevice') : t('settings.lastUsed', { when: ago(new Date(device.last_used_at)) })),
    ),
    !device.current && h('button', { ...props, onClick: () => void end() }, t('settings.endSession')),
  );
}

/**
 * A short name for what a browser says of itself.
 *
 * @param {string} agent
 */
function deviceName(agent) {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1];
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1];
  const names = [browser?.replace('Edg', 'Edge').replace('OPR', 'Opera'), system?.replace('Mac OS X', 'macOS')];
  return names.filter(Boolean).join(', ') || agent.slice(0, 60) || t('settings.unknownDevice');
}
