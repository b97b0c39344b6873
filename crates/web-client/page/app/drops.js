import { set } from './dom.js';

/**
 * Takes files that are dropped on an element; the style sheet shows where they would go.
 *
 * @param {HTMLElement} element
 * @param {(files: Iterable<File>) => void} take
 */
export function takeDrops(element, take) {
  // Going from one child to the next leaves and enters too.
  let depth = 0;
  const over = (/** @type {number} */ change) => {
    depth = Math.max(0, depth + change);
    set(element, 'data-drop', depth > 0);
  };
  const holds = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
  element.addEventListener('dragenter', (event) => holds(event) && over(1));
  element.addEventListener('dragleave', (event) => holds(event) && over(-1));
  element.addEventListener('dragover', (event) => holds(event) && event.preventDefault());
  element.addEventListener('drop', (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    over(-depth);
    take(event.dataTransfer?.files ?? []);
  });
}
