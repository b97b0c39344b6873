/** What a part of the page listens to, to be let go of together when the part is gone. */
export class Scope {
  /** @type {(() => void)[]} */
  #endings = [];

  /** @param {...() => void} endings */
  add(...endings) {
    this.#endings.push(...endings);
  }

  /**
   * @param {EventTarget} target
   * @param {string} event
   * @param {(event: any) => void} listener
   */
  listen(target, event, listener) {
    target.addEventListener(event, listener);
    this.add(() => target.removeEventListener(event, listener));
  }

  close() {
    for (const end of this.#endings.splice(0)) end();
  }
}
