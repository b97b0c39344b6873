import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';

let count = 0;

/**
 * Opens a dialog over the page. The browser keeps the focus inside, and gives it back afterwards.
 *
 * @param {string} title
 * @param {...import('./dom.js').Child} content
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, ...content) {
  const id = `dialog-${(count += 1)}`;
  const close = () => dialog.close();
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': id, onClose: () => dialog.remove() },
    h(
      'header',
      { class: 'dialog-head' },
      h('h2', { id }, title),
      h('button', { type: 'button', class: 'round', 'aria-label': t('dialog.close'), onClick: close }, icon('close')),
    ),
    h('div', { class: 'dialog-body' }, ...content),
  );
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Closes a dialog, and those that were opened over it.
 *
 * @param {HTMLDialogElement} dialog
 */
export function closeAllFrom(dialog) {
  const open = [...document.querySelectorAll('dialog')];
  const at = open.indexOf(dialog);
  if (at >= 0) open.slice(at).reverse().forEach((one) => one.close());
}

/**
 * Asks before something that cannot be taken back.
 *
 * @param {{title: string, text?: string, action: string}} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, action }) {
  return new Promise((resolve) => {
    let answer = false;
    const decide = (/** @type {boolean} */ yes) => {
      answer = yes;
      dialog.close();
    };
    const cancel = h('button', { type: 'button', class: 'button', onClick: () => decide(false) }, t('dialog.cancel'));
    const act = h('button', { type: 'button', class: 'button danger', onClick: () => decide(true) }, action);
    const dialog = openDialog(title, text && h('p', {}, text), h('div', { class: 'row end' }, cancel, act));
    dialog.classList.add('narrow');
    dialog.addEventListener('close', () => resolve(answer));
    cancel.focus();
  });
}
