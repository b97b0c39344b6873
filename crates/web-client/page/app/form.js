import { Problem } from '../confab.js';
import { h, set } from './dom.js';
import { explain } from './i18n.js';

let count = 0;

/**
 * A labelled text field with room for what is wrong with it.
 *
 * @param {string} label
 * @param {import('./dom.js').Props} props Of the input.
 * @param {string} [hint]
 */
export function field(label, props, hint) {
  const id = `field-${(count += 1)}`;
  const input = h('input', { id, class: 'input', ...props });
  const below = hint ? h('p', { id: `${id}-hint`, class: 'hint' }, hint) : null;
  if (below) set(input, 'aria-describedby', below.id);
  const element = h('div', { class: 'field' }, h('label', { for: id }, label), input, below);
  return { element, input };
}

/**
 * A form that sends what was typed, tells what is wrong, and cannot be sent twice at once.
 *
 * @param {() => Promise<void>} submit
 * @param {HTMLElement[]} content
 */
export function form(submit, content) {
  const complaint = h('p', { class: 'complaint', role: 'alert' });
  let busy = false;
  const onSubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    set(element, 'aria-busy', 'true');
    complaint.textContent = '';
    try {
      await submit();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      complaint.textContent = explain(error);
    } finally {
      busy = false;
      set(element, 'aria-busy', null);
    }
  };
  const element = h('form', { class: 'form', novalidate: true, onSubmit }, ...content);
  // What is wrong stands before the button that was pressed.
  element.insertBefore(complaint, element.lastElementChild);
  return element;
}
