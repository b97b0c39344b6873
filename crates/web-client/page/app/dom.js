/**
 * Making elements. Texts become text nodes and never markup, so whatever people write is harmless.
 *
 * @typedef {Node | string | null | undefined | false} Child
 * @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Props
 */

/**
 * An element. Of the properties, functions named `on…` listen, `class` and `value` are set as such,
 * `true` and `false` switch an attribute on and off, and all others are attributes.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...present(children));
  return element;
}

/**
 * Puts these in the place of what an element has.
 *
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

/**
 * Puts rows in the place of those that a list has. Whoever was in one with the keyboard is in the
 * same one afterwards, by its `data-user`, or else in the one in its place.
 *
 * @param {Element} list
 * @param {Child[]} rows
 */
export function refill(list, rows) {
  const before = /** @type {HTMLElement[]} */ ([...list.children]);
  const at = before.findIndex((row) => row.contains(document.activeElement));
  const user = before[at]?.dataset.user;
  fill(list, ...rows);
  if (at < 0) return;
  const after = /** @type {HTMLElement[]} */ ([...list.children]);
  const same = after.find((row) => user !== undefined && row.dataset.user === user);
  const next = same ?? after[Math.min(at, after.length - 1)];
  /** @type {HTMLElement | null | undefined} */ (next?.querySelector('a, button'))?.focus();
}

/**
 * Shows a text, and touches nothing when it is shown already: a screen reader reads what changes.
 *
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined | ((event: any) => void)} value
 */
export function set(element, name, value) {
  if (typeof value === 'function') element.addEventListener(name.slice(2).toLowerCase(), value);
  else if (name === 'class') element.className = String(value);
  else if (name === 'value' && 'value' in element) element.value = value;
  else if (value === true) element.setAttribute(name, '');
  else if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/**
 * Gives a parent these children in this order, keeping those that stay where they are: moving an
 * element would take its focus away.
 *
 * @param {Element} parent
 * @param {Element[]} wanted
 */
export function arrange(parent, wanted) {
  const stay = new Set(wanted);
  for (const child of [...parent.children]) if (!stay.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/**
 * Calls a function before the next frame, once however often it was asked for.
 *
 * @param {() => void} act
 */
export function eachFrame(act) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    // A hidden page has no frames, and its list of messages is to be right when it is shown.
    const later = document.hidden ? (/** @type {() => void} */ run) => setTimeout(run) : requestAnimationFrame;
    later(() => {
      asked = false;
      act();
    });
  };
}

/** @param {Child[]} children */
function present(children) {
  return children.filter((child) => child !== null && child !== undefined && child !== false);
}
