/** @typedef {import('./types.js').Message} Message */

/**
 * A part of a chat's messages without holes, in the order of `seq`, exact at a version of the chat.
 */
export class History {
  /** @type {Message[]} */
  messages = [];
  /** @type {Map<number, Message>} */
  #byId = new Map();
  /** Ids of messages that one has starred; those of messages that are not here may be missing. */
  starred;
  /** Whether the chat has messages before the first one here. */
  older = false;
  /** Whether the chat has messages after the last one here. */
  newer = false;

  /**
   * @param {import('./types.js').MessagePage} page
   * @param {number} version One that the page is not older than.
   */
  constructor(page, version) {
    this.version = version;
    this.messages = page.items;
    this.starred = new Set(page.starred);
    this.quote(page.quoted);
    this.#index(page.items);
    this.older = page.older;
    this.newer = page.newer;
  }

  get first() {
    return this.messages[0];
  }

  get last() {
    return this.messages[this.messages.length - 1];
  }

  /**
   * Where the message with this seq is, or would be.
   *
   * @param {number} seq
   */
  place(seq) {
    let [low, high] = [0, this.messages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * @param {number} seq
   * @returns {Message | undefined}
   */
  at(seq) {
    const found = this.messages[this.place(seq)];
    return found?.seq === seq ? found : undefined;
  }

  /**
   * A message that is here, or is answered by one that is.
   *
   * @param {number} id
   */
  byId(id) {
    return this.#byId.get(id);
  }

  /**
   * Puts a message in the place of what is held of it. One past the end is appended when the end is
   * the chat's; one that is not part of this is left out.
   *
   * @param {Message} message
   */
  put(message) {
    const place = this.place(message.seq);
    const held = this.messages[place];
    if (held?.seq === message.seq) {
      if (held.version > message.version) return;
      this.messages[place] = message;
    } else if (place === this.messages.length && !this.newer) {
      this.messages.push(message);
    } else {
      return this.#byId.has(message.id) ? this.quote([message]) : undefined;
    }
    this.#index([message]);
  }

  /** @param {Message[]} messages What messages of this answer. */
  quote(messages) {
    const news = messages.filter(({ id, version }) => version >= (this.#byId.get(id)?.version ?? 0));
    this.#index(news);
  }

  /** @param {import('./types.js').MessagePage} page The messages before the first one. */
  prepend(page) {
    const before = this.first?.seq ?? Infinity;
    const items = page.items.filter((message) => message.seq < before);
    this.messages = [...items, ...this.messages];
    this.#take(page, items);
    this.older = page.older;
  }

  /** @param {import('./types.js').MessagePage} page The messages after the last one. */
  append(page) {
    const after = this.last?.seq ?? 0;
    const items = page.items.filter((message) => message.seq > after);
    this.messages.push(...items);
    this.#take(page, items);
    this.newer = page.newer;
  }

  /**
   * @param {import('./types.js').MessagePage} page
   * @param {Message[]} items Those of it that are new.
   */
  #take(page, items) {
    for (const id of page.starred) this.starred.add(id);
    this.quote(page.quoted);
    this.#index(items);
  }

  /** @param {Message[]} messages */
  #index(messages) {
    for (const message of messages) this.#byId.set(message.id, message);
  }
}
