import { h } from './dom.js';
import { icon } from './icons.js';

/** Between a menu and the edge of the window, in pixels. */
const MARGIN = 8;

/**
 * @typedef {{label: string, picture: Parameters<typeof icon>[0], danger?: boolean,
 *   act: () => void}} MenuItem
 * @typedef {{emoji: string, label: string, act: () => void}} QuickItem
 */

/**
 * Opens a menu beside something. The browser closes it on Escape and on a click elsewhere.
 *
 * @param {HTMLElement} beside
 * @param {MenuItem[]} items
 * @param {QuickItem[]} [quick] Shown in a row above the others.
 * @param {HTMLElement} [focusAfter] What has the focus afterwards, unless it is the same.
 */
export function openMenu(beside, items, quick = [], focusAfter = beside) {
  const menu = h('div', { class: 'menu', role: 'menu', popover: 'auto' });
  const replacement = replacementOf(focusAfter);
  /** @param {() => void} act */
  const item = (act) => {
    const choose = () => {
      menu.hidePopover();
      act();
    };
    return { type: 'button', role: 'menuitem', tabindex: -1, onClick: choose };
  };
  const row = quick.map(({ emoji, label, act }) => h('button', { ...item(act), 'aria-label': label }, emoji));
  if (row.length > 0) menu.append(h('div', { class: 'quick', role: 'group' }, ...row));
  for (const { label, picture, danger, act } of items) {
    menu.append(h('button', { ...item(act), class: danger ? 'danger' : '' }, icon(picture), label));
  }
  menu.addEventListener('keydown', (event) => walk(menu, event));
  menu.addEventListener('toggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return;
    if (menu.contains(document.activeElement) || document.activeElement === document.body) {
      (focusAfter.isConnected ? focusAfter : replacement())?.focus();
    }
    menu.remove();
  });
  // Among the rest of the content, for those who go from landmark to landmark; a dialog that is
  // open takes everything else out of reach.
  (beside.closest('dialog') ?? document.querySelector('main') ?? document.body).append(menu);
  menu.showPopover();
  place(menu, beside.getBoundingClientRect());
  itemsOf(menu)[0]?.focus();
}

/**
 * How to find what stands for a button of somebody's row once the list was filled anew. To be asked for while the
 * button is there.
 *
 * @param {HTMLElement} button
 */
export function replacementOf(button) {
  const [label, user] = [button.ariaLabel, button.closest('[data-user]')?.getAttribute('data-user')];
  return () => {
    /** @type {NodeListOf<HTMLElement>} */
    const buttons = document.querySelectorAll(`[data-user="${user}"] button`);
    return [...buttons].find((other) => other.ariaLabel === label);
  };
}

/**
 * @param {HTMLElement} menu
 * @param {DOMRect} beside
 */
function place(menu, beside) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.min(Math.max(MARGIN, beside.right - width), innerWidth - width - MARGIN);
  const below = beside.bottom + 4;
  const top = below + height + MARGIN > innerHeight ? Math.max(MARGIN, beside.top - height - 4) : below;
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

/** @param {HTMLElement} menu */
function itemsOf(menu) {
  return /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('[role=menuitem]')]);
}

/**
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function walk(menu, event) {
  const items = itemsOf(menu);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const [next, last] = [at + 1, at - 1 + items.length];
  const steps = { ArrowDown: next, ArrowRight: next, ArrowUp: last, ArrowLeft: last, Home: 0, End: items.length - 1 };
  if (event.key === 'Tab') menu.hidePopover();
  if (!(event.key in steps)) return;
  event.preventDefault();
  items[steps[/** @type {keyof typeof steps} */ (event.key)] % items.length].focus();
}
