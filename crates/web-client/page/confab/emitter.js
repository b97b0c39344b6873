/**
 * Something that tells its listeners what happens to it. `E` maps the name of each event to what
 * comes with it.
 *
 * @template {Record<string, any>} E
 */
export class Emitter {
  /** @type {Map<keyof E, Set<(detail: any) => void>>} */
  #listeners = new Map();

  /**
   * Listens; the function that is returned stops it.
   *
   * @template {keyof E} K
   * @param {K} event
   * @param {(detail: E[K]) => void} listener
   * @returns {() => void}
   */
  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * @template {keyof E} K
   * @param {K} event
   * @param {E[K]} detail
   */
  emit(event, detail) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(detail);
  }
}
