import { h } from './dom.js';
import { icon } from './icons.js';

/** Between a menu and the edge of the window, in pixels. */
const MARGIN = 8;

/**
 * @typedef {{label: string, picture: Parameters<typeof icon>[0], danger?: boolean,
 *   act: () => void}} MenuItem
 */

/**
 * Opens a menu beside something. The browser closes it on Escape and on a click elsewhere.
 *
 * @param {HTMLElement} beside
 * @param {MenuItem[]} items
 * @param {HTMLElement} [focusAfter] What has the focus afterwards, unless it is the same.
 */
export function openMenu(beside, items, focusAfter = beside) {
  const menu = h('div', { class: 'menu', role: 'menu', popover: 'auto' });
  for (const { label, picture, danger, act } of items) {
    const choose = () => {
      menu.hidePopover();
      act();
    };
    const props = { type: 'button', role: 'menuitem', class: danger ? 'danger' : '', tabindex: -1, onClick: choose };
    menu.append(h('button', props, icon(picture), label));
  }
  menu.addEventListener('keydown', (event) => walk(menu, event));
  menu.addEventListener('toggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return;
    if (menu.contains(document.activeElement) || document.activeElement === document.body) focusAfter.focus();
    menu.remove();
  });
  // Among the rest of the content, for those who go from landmark to landmark.
  (document.querySelector('main') ?? document.body).append(menu);
  menu.showPopover();
  place(menu, beside.getBoundingClientRect());
  /** @type {HTMLElement | null} */ (menu.firstElementChild)?.focus();
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

/**
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function walk(menu, event) {
  const items = /** @type {HTMLElement[]} */ ([...menu.children]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 };
  if (event.key === 'Tab') menu.hidePopover();
  if (!(event.key in steps)) return;
  event.preventDefault();
  items[steps[/** @type {keyof typeof steps} */ (event.key)] % items.length].focus();
}
