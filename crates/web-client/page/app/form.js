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
  return labelled(h('input', { class: 'input', ...props }), label, hint);
}

/**
 * The same for a text of several lines.
 *
 * @param {string} label
 * @param {import('./dom.js').Props} props
 * @param {string} [hint]
 */
export function area(label, props, hint) {
  return labelled(h('textarea', { class: 'input', dir: 'auto', ...props }), label, hint);
}

/**
 * @template {HTMLElement} E
 * @param {E} input
 * @param {string} label
 * @param {string} [hint]
 */
function labelled(input, label, hint) {
  input.id = `field-${(count += 1)}`;
  const below = hint ? h('p', { id: `${input.id}-hint`, class: 'hint' }, hint) : null;
  if (below) set(input, 'aria-describedby', below.id);
  const element = h('div', { class: 'field' }, h('label', { for: input.id }, label), input, below);
  return { element, input };
}

/**
 * A labelled menu.
 *
 * @param {string} label
 * @param {[string, string][]} options Values and what they are called.
 * @param {string} value
 * @param {(value: string) => void} [change]
 */
export function choice(label, options, value, change = () => {}) {
  const entries = options.map(([option, text]) => h('option', { value: option }, text));
  const select = h('select', { class: 'input', onChange: () => change(select.value) }, ...entries);
  select.value = value;
  return { element: h('label', { class: 'field inline' }, h('span', {}, label), select), select };
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
