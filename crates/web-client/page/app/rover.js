/**
 * One stop of the Tab key for a whole list of messages: the arrow keys walk inside it, and Enter
 * opens the actions of a message.
 */
export class Rover {
  #list;
  #open;
  /** @type {HTMLElement | null} */
  #stop = null;

  /**
   * @param {HTMLElement} list
   * @param {(element: HTMLElement) => void} open
   */
  constructor(list, open) {
    this.#list = list;
    this.#open = open;
    list.addEventListener('keydown', (event) => this.#key(event));
    list.addEventListener('focusin', ({ target }) => this.#take(/** @type {Element} */ (target).closest('.message')));
    list.addEventListener('contextmenu', (event) => this.#menu(event));
  }

  /** The elements have changed; the last one is the stop unless somebody was at another. */
  settle() {
    if (this.#stop) this.#setReachable(this.#stop, true);
    if (this.#stop?.isConnected && this.#stop.contains(document.activeElement)) return;
    this.#take(this.#messages().at(-1) ?? null);
  }

  #messages() {
    return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll('.message')]);
  }

  /** @param {Element | null} element */
  #take(element) {
    if (!element || element === this.#stop) return;
    if (this.#stop) this.#setReachable(this.#stop, false);
    this.#stop = /** @type {HTMLElement} */ (element);
    this.#setReachable(this.#stop, true);
  }

  /**
   * What is inside of a message is reached from the message.
   *
   * @param {HTMLElement} element
   * @param {boolean} reachable
   */
  #setReachable(element, reachable) {
    const inside = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll('a, button'));
    for (const stop of [element, ...inside]) stop.tabIndex = reachable ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const on = /** @type {HTMLElement} */ (event.target);
    if (!on.classList.contains('message')) return;
    const messages = this.#messages();
    const at = messages.indexOf(on);
    const steps = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: messages.length - 1 };
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#open(on);
    } else if (event.key in steps) {
      event.preventDefault();
      const next = messages[steps[/** @type {keyof typeof steps} */ (event.key)]];
      next?.focus({ preventScroll: true });
      next?.scrollIntoView({ block: 'nearest' });
    }
  }

  /** @param {MouseEvent} event */
  #menu(event) {
    const target = /** @type {Element} */ (event.target);
    // A selected text or a link has a menu of the browser's.
    if (target.closest('a') || String(getSelection()) !== '') return;
    const message = /** @type {HTMLElement | null} */ (target.closest('.message'));
    if (!message) return;
    event.preventDefault();
    this.#open(message);
  }
}
