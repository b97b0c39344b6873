import { auditLog } from './audit.js';
import { adminChats } from './chats.js';
import { adminInvites } from './invites.js';
import { adminPeople } from './people.js';
import { openDialog } from '../dialog.js';
import { fill, h, set } from '../dom.js';
import { t } from '../i18n.js';

/** @typedef {{key: import('../i18n.js').Key, show: () => HTMLElement}} Part */

/**
 * What admins of the server do: people, chats, and the log of who did what.
 *
 * @param {import('../../confab/api.js').Api} api
 * @param {import('../../confab/live.js').Live} live
 * @returns {HTMLDialogElement}
 */
export function administration(api, live) {
  /** @type {Part[]} */
  const parts = [
    { key: 'admin.people', show: () => adminPeople(api, live.me.id) },
    { key: 'admin.chats', show: () => adminChats(api) },
    { key: 'admin.invites', show: () => adminInvites(api) },
    { key: 'admin.audit', show: () => auditLog(api) },
  ];
  const dialog = openDialog(t('nav.admin'), tabs(parts));
  dialog.classList.add('broad');
  return dialog;
}

/**
 * Parts of which one is shown; the arrow keys walk from one tab to the next.
 *
 * @param {Part[]} parts
 */
function tabs(parts) {
  const panel = h('div', { role: 'tabpanel', id: 'admin-panel', tabindex: 0 });
  const buttons = parts.map(({ key, show }) => {
    const choose = () => {
      for (const other of buttons) {
        set(other, 'aria-selected', String(other === button));
        other.tabIndex = other === button ? 0 : -1;
      }
      set(panel, 'aria-labelledby', button.id);
      fill(panel, show());
    };
    const button = h('button', { type: 'button', role: 'tab', id: key.replace('.', '-'), 'aria-controls': panel.id, onClick: choose }, t(key));
    return button;
  });
  const walk = (/** @type {KeyboardEvent} */ { key }) => {
    const step = { ArrowRight: 1, ArrowLeft: buttons.length - 1 }[key];
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (step === undefined || at < 0) return;
    const next = buttons[(at + step) % buttons.length];
    next.focus();
    next.click();
  };
  const list = h('div', { class: 'tabs', role: 'tablist', 'aria-label': t('nav.admin'), onKeydown: walk }, ...buttons);
  queueMicrotask(() => buttons[0].click());
  return h('div', { class: 'tabbed' }, list, panel);
}
