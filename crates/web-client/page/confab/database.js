/** A table of a browser's IndexedDB, in which nothing is lost when the page is closed. */
export class Table {
  #opened;
  #name;

  /**
   * @param {string} database
   * @param {string} name
   * @param {string} key The field that tells rows apart.
   */
  constructor(database, name, key) {
    this.#name = name;
    /** @type {Promise<IDBDatabase>} */
    this.#opened = new Promise((resolve, reject) => {
      const opening = indexedDB.open(database, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(name, { keyPath: key });
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    // Whoever uses the table hears of it.
    this.#opened.catch(() => {});
  }

  /** @returns {Promise<any[]>} */
  all() {
    return this.#run('readonly', (rows) => rows.getAll());
  }

  /** @param {object} row */
  put(row) {
    return this.#run('readwrite', (rows) => rows.put(row));
  }

  /** @param {string} key */
  delete(key) {
    return this.#run('readwrite', (rows) => rows.delete(key));
  }

  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(rows: IDBObjectStore) => IDBRequest<T>} act
   * @returns {Promise<T>}
   */
  async #run(mode, act) {
    const transaction = (await this.#opened).transaction(this.#name, mode, { durability: 'strict' });
    const request = act(transaction.objectStore(this.#name));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}
