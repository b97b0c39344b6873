/**
 * What the browser keeps over reloads, as far as it does: where it refuses, as with cookies blocked or
 * with no room left, memory keeps it until the page is closed.
 */
class BrowserStorage {
  /** @type {Map<string, string>} */
  #memory = new Map();

  /** @param {string} key */
  getItem(key) {
    const kept = attempt((storage) => storage.getItem(key));
    // What another tab has kept meanwhile is newer than what only this one remembers.
    return kept ?? this.#memory.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  setItem(key, value) {
    this.#memory.delete(key);
    const set = () => attempt((storage) => storage.setItem(key, value) ?? true);
    if (set()) return;
    // The older value gives its room to this one, and must not be taken for it.
    attempt((storage) => storage.removeItem(key));
    if (!set()) this.#memory.set(key, value);
  }

  /** @param {string} key */
  removeItem(key) {
    this.#memory.delete(key);
    attempt((storage) => storage.removeItem(key));
  }

  /** The names of everything that is kept. */
  keys() {
    return [...new Set([...this.#memory.keys(), ...Object.keys(attempt((storage) => storage) ?? {})])];
  }
}

/**
 * @template T
 * @param {(storage: Storage) => T} act
 * @returns {T | null} Null where the browser refuses.
 */
function attempt(act) {
  try {
    return act(globalThis.localStorage);
  } catch {
    return null;
  }
}

export const browserStorage = new BrowserStorage();
