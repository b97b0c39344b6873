import { ChatCopy } from './chat-copy.js';
import { Emitter } from './emitter.js';
import { History } from './history.js';
import { Problem } from './problem.js';

/** A history that is further behind is thrown away and read anew: that is less to load. */
const FAR_BEHIND = 1_000;
/** Messages that are read at a time when somebody scrolls. */
const STEP = 100;
/** Stars that are read at a time. */
const STARS = 200;

/**
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {import('./frames.js').Push} Push
 * @typedef {import('./frames.js').Ready} Ready
 * @typedef {import('./frames.js').Resumed} Resumed
 */

/**
 * A copy of one's chats that follows the server's. While it catches up, pushes wait.
 *
 * Events: `chats` when the list of chats changed, `chat` when something in one did, `reset` when
 * the messages of one must be read anew.
 *
 * @extends {Emitter<{chats: null, chat: {id: number}, reset: {id: number}}>}
 */
export class Replica extends Emitter {
  #api;
  #link;
  #me;
  /** @type {Map<number, ChatCopy>} */
  #copies = new Map();
  /** What came while it was catching up. @type {(() => void)[] | null} */
  #held = null;
  #turn = 0;
  /** Chats whose messages were thrown away. @type {Set<number>} */
  #stale = new Set();
  /** @type {Set<number>} */
  #refreshing = new Set();
  /** Whether the list of chats has been read once. */
  loaded = false;

  /**
   * @param {import('./api.js').Api} api
   * @param {import('./shared-link.js').SharedLink} link
   * @param {number} me The user who is signed in.
   */
  constructor(api, link, me) {
    super();
    this.#api = api;
    this.#link = link;
    this.#me = me;
    link.on('push', (push) => this.#inTurn(() => this.#push(push)));
    link.on('caughtUp', ({ since, resumed }) => {
      this.#inTurn(() => {
        this.#apply(resumed, (id, history) => history.version >= since[id]);
        this.#tellStale();
      });
    });
  }

  /** One's chats, the one active last first. */
  chats() {
    const chats = [...this.#copies.values()].map((copy) => copy.chat);
    return chats.sort((a, b) => b.active_at.localeCompare(a.active_at) || b.id - a.id);
  }

  /** @param {number} id */
  copy(id) {
    return this.#copies.get(id);
  }

  /**
   * A chat that the server has just shown.
   *
   * @param {Chat} chat
   */
  put(chat) {
    const copy = this.#copies.get(chat.id);
    if (copy) copy.refresh(chat);
    else this.#copies.set(chat.id, new ChatCopy(chat, this.#me));
    this.emit('chat', { id: chat.id });
    this.emit('chats', null);
  }

  /**
   * A message that the server has just shown.
   *
   * @param {import('./types.js').Message} message
   */
  note(message) {
    this.#copies.get(message.chat_id)?.history?.put(message);
    this.emit('chat', { id: message.chat_id });
  }

  /**
   * Reads a part of a chat's messages in the place of what is held of them, unless they are left as
   * they are: the latest, or those around a seq.
   *
   * @param {number} id
   * @param {{around?: number}} [where]
   */
  async open(id, where = {}) {
    await this.#read(id, where, (copy, page, version) => {
      copy.history = new History(page, version);
    });
  }

  /**
   * Reads the messages before those that are held.
   *
   * @param {number} id
   */
  async loadOlder(id) {
    const history = this.#copies.get(id)?.history;
    if (!history?.older) return;
    const where = { before: history.first.seq, limit: STEP };
    await this.#read(id, where, (_, page) => history.prepend(page));
  }

  /**
   * Reads the messages after those that are held.
   *
   * @param {number} id
   */
  async loadNewer(id) {
    const history = this.#copies.get(id)?.history;
    if (!history?.newer) return;
    const where = { after: history.last.seq, limit: STEP };
    await this.#read(id, where, (_, page) => history.append(page));
  }

  /**
   * Reads a page and puts it where it belongs. What changed while it was on its way may have been
   * pushed before the page could take it, so that is asked for afterwards.
   *
   * @param {number} id
   * @param {{before?: number, after?: number, around?: number, limit?: number}} where
   * @param {(copy: ChatCopy, page: import('./types.js').MessagePage, version: number) => void} place
   */
  async #read(id, where, place) {
    const copy = this.#copies.get(id);
    if (!copy) return;
    const [version, turn] = [copy.chat.version, this.#turn];
    place(copy, await this.#api.history(id, where), version);
    let since = version;
    while (copy.history && (copy.chat.version > since || turn !== this.#turn)) {
      const changes = await this.#api.changes(id, since);
      copy.catchUp(changes);
      since = changes.version;
      if (!changes.more) break;
    }
    this.emit('chat', { id });
  }

  /**
   * Reads who is in a chat.
   *
   * @param {number} id
   */
  async loadMembers(id) {
    const members = await this.#api.members(id);
    this.#copies.get(id)?.setMembers(members);
    this.emit('chat', { id });
  }

  /**
   * Comes to where the server is. Pushes of what is read meanwhile are applied after it.
   *
   * @param {Ready | null} ready What the server said about its chats, if it did.
   */
  async sync(ready) {
    const turn = (this.#turn += 1);
    this.#held ??= [];
    try {
      await this.#resume(ready);
      await this.#readList();
      await this.#readStars();
      // Told with the list, since how much is unread decides where such a chat is opened.
      this.#tellStale();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (turn === this.#turn) this.#syncLater();
      return;
    }
    if (turn !== this.#turn) return;
    const held = this.#held ?? [];
    this.#held = null;
    for (const act of held) act();
    this.emit('chats', null);
  }

  /**
   * A sync failed. Pushes go on being held: applied without what came before them they would leave a hole
   * that no later sync knows of. Those that came so far are in what the next one reads.
   */
  #syncLater() {
    this.#held = [];
    // If the connection was lost again, the next one begins anew.
    if (this.#link.state === 'connected') setTimeout(() => void this.sync(null), 1_000);
  }

  /** @param {Ready | null} ready */
  async #resume(ready) {
    /** @type {Record<string, number>} */
    let since = {};
    for (const [id, { history }] of this.#copies) {
      if (!history) continue;
      const now = ready?.chats[id] ?? Infinity;
      if (ready && now - history.version > FAR_BEHIND) this.#reset(id);
      else if (now > history.version) since[id] = history.version;
    }
    while (Object.keys(since).length > 0) {
      const resumed = this.#link.leads ? await this.#link.resume(since) : await this.#changes(since);
      since = this.#apply(resumed, () => true);
    }
  }

  /**
   * What a `resume` would answer: only the tab that leads may send one.
   *
   * @param {Record<string, number>} since
   * @returns {Promise<Resumed>}
   */
  async #changes(since) {
    /** @type {Resumed} */
    const resumed = { chats: {}, gone: [], reset: [] };
    for (const [id, version] of Object.entries(since)) {
      try {
        resumed.chats[id] = await this.#api.changes(Number(id), version);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (error.status === 404) resumed.gone.push(Number(id));
        else if (error.code === 'version_ahead') resumed.reset.push(Number(id));
        else throw error;
      }
    }
    return resumed;
  }

  /**
   * @param {Resumed} resumed
   * @param {(id: string, history: History) => boolean} fits Whether a history can be brought up to
   *   date by this.
   * @returns {Record<string, number>} What to ask for again, because there is more.
   */
  #apply(resumed, fits) {
    /** @type {Record<string, number>} */
    const more = {};
    for (const [id, changes] of Object.entries(resumed.chats)) {
      const copy = this.#copies.get(Number(id));
      if (!copy?.history || !fits(id, copy.history)) continue;
      copy.catchUp(changes);
      if (changes.more) more[id] = changes.version;
      this.emit('chat', { id: Number(id) });
    }
    resumed.gone.forEach((id) => this.#forget(id));
    resumed.reset.forEach((id) => this.#reset(id));
    return more;
  }

  async #readList() {
    /** @type {Set<number>} */
    const there = new Set();
    /** @type {string | null} */
    let cursor = null;
    do {
      const page = await this.#api.chats(cursor);
      for (const chat of page.items) {
        there.add(chat.id);
        this.put(chat);
      }
      cursor = page.next;
    } while (cursor);
    for (const id of this.#copies.keys()) if (!there.has(id)) this.#forget(id);
    this.loaded = true;
  }

  /** @param {() => void} act */
  #inTurn(act) {
    if (this.#held) this.#held.push(act);
    else act();
  }

  /** @param {Push} push */
  #push(push) {
    const { type, chat: id, data } = push;
    if (type === 'star') return this.#star(data.message_id, data.starred);
    if (id === undefined) return;
    if (type === 'chat.deleted') return this.#forget(id);
    if (type === 'chat.preferences') return this.#prefer(id, data);
    if (type === 'chat.silence') return this.#silence(id, data.silence);
    if (push.version === undefined) return;
    if (type === 'member.left' && data.user_id === this.#me) return this.#forget(id);
    const copy = this.#copies.get(id);
    const unsure = copy ? copy.push(push) : true;
    if (unsure) void this.#refresh(id);
    this.emit('chat', { id });
    this.emit('chats', null);
  }

  /**
   * @param {number} id
   * @param {import('./types.js').Preferences} preferences
   */
  #prefer(id, preferences) {
    this.#copies.get(id)?.prefer(preferences);
    this.emit('chat', { id });
    this.emit('chats', null);
  }

  /**
   * @param {number} id
   * @param {import('./types.js').Silence | null} silence
   */
  #silence(id, silence) {
    this.#copies.get(id)?.silence(silence);
    this.emit('chat', { id });
  }

  /**
   * @param {number} message
   * @param {boolean} starred
   */
  #star(message, starred) {
    for (const [id, { history }] of this.#copies) {
      if (starred) history?.starred.add(message);
      else history?.starred.delete(message);
      if (history?.byId(message)) this.emit('chat', { id });
    }
  }

  /** Stars have no version, so all that may be shown are read anew. */
  async #readStars() {
    const histories = [...this.#copies.values()].flatMap(({ history }) => (history?.first ? [history] : []));
    if (histories.length === 0) return;
    const first = Math.min(...histories.map((history) => history.first.id));
    /** @type {number[]} */
    const starred = [];
    /** @type {string | null} */
    let cursor = null;
    do {
      const page = await this.#api.starred(cursor, STARS);
      starred.push(...page.items.map(({ id }) => id));
      cursor = (starred.at(-1) ?? 0) > first ? page.next : null;
    } while (cursor);
    for (const history of histories) history.starred = new Set(starred);
    for (const id of this.#copies.keys()) this.emit('chat', { id });
  }

  /** @param {number} id */
  async #refresh(id) {
    if (this.#refreshing.has(id)) return;
    this.#refreshing.add(id);
    try {
      this.put(await this.#api.chat(id));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 404) this.#forget(id);
    } finally {
      this.#refreshing.delete(id);
    }
  }

  /** @param {number} id */
  #reset(id) {
    const copy = this.#copies.get(id);
    if (copy) copy.history = null;
    this.#stale.add(id);
  }

  #tellStale() {
    for (const id of this.#stale) {
      this.#stale.delete(id);
      this.emit('reset', { id });
    }
  }

  /** @param {number} id */
  #forget(id) {
    if (!this.#copies.delete(id)) return;
    this.emit('chat', { id });
    this.emit('chats', null);
  }
}
