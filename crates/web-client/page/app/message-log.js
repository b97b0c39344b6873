import { Problem } from '../confab.js';
import { isAttentive } from './attention.js';
import { arrange, eachFrame, h, set } from './dom.js';
import { t } from './i18n.js';
import { LogWindow } from './log-window.js';
import { rowsOf } from './log-rows.js';
import { emptyRow, fillRow } from './message-row.js';
import { nameOf } from './names.js';
import { Quotes } from './quotes.js';
import { Reading } from './reading.js';
import { isOfTwo } from './rights.js';
import { Rover } from './rover.js';
import { day, eachDay } from './times.js';

/** Pixels to the end of what is shown from which on more is shown. */
const REACH = 800;
/** Pixels to the end within which new messages are followed. */
const CLOSE = 32;
/** After which a chat whose messages could not be read is read again. */
const AGAIN_MS = 1_000;
/** Messages past the read marker from which on they are not read with the latest page. */
const FAR = 40;

/**
 * @typedef {import('../confab/live.js').Live} Live
 * @typedef {import('./log-rows.js').Row} Row
 */

/** The messages of a chat, as a list that scrolls without end and has few elements. */
export class MessageLog {
  #live;
  #chat;
  #actions;
  #quotes;
  #reading;
  #rover;
  #changed;
  #window = new LogWindow();
  /** @type {Map<string, {element: HTMLElement, stamp: string, row: Row}>} */
  #rows = new Map();
  /** The seq after which messages are new. @type {number | null} */
  #divider = null;
  /** Whether new messages are to be kept in view. */
  #following = true;
  /** @type {Promise<void> | null} */
  #loading = null;
  #left = false;
  render = eachFrame(() => this.#render());
  #look = eachFrame(() => this.#looked());

  /**
   * @param {Live} live
   * @param {import('../confab/api.js').Api} api
   * @param {number} chat
   * @param {import('./scope.js').Scope} scope
   * @param {import('./message-row.js').RowActions} actions
   * @param {() => void} changed Called when what is in view may have changed.
   */
  constructor(live, api, chat, scope, actions, changed) {
    this.#live = live;
    this.#chat = chat;
    this.#actions = actions;
    this.#changed = changed;
    this.list = h('div', { class: 'log-list' });
    this.element = h('div', { class: 'log', role: 'log', 'aria-label': t('chat.log'), 'aria-busy': 'true' }, this.list);
    this.#quotes = new Quotes(live, api, chat, this.render);
    this.#reading = new Reading(live, chat, this.element, scope);
    this.#rover = new Rover(this.list, (element) => this.#openMenuOf(element));
    scope.listen(this.element, 'scroll', this.#look);
    const resized = new ResizeObserver(() => this.#stay());
    resized.observe(this.element);
    scope.add(
      () => resized.disconnect(),
      () => (this.#left = true),
      live.replica.on('chat', ({ id }) => id === chat && this.render()),
      live.replica.on('reset', ({ id }) => id === chat && void this.open()),
      live.outbox.on('changed', (draft) => draft.chat === chat && this.render()),
      live.changes.on('changed', (change) => change.chat === chat && this.render()),
      live.people.on('changed', this.render),
      live.media.on('changed', this.render),
    );
    eachDay(scope, this.render);
  }

  /** Whether the newest message is in view. */
  get following() {
    return this.#following;
  }

  /**
   * Shows the chat: a message of it, or where it was read up to, or else its end.
   *
   * @param {number | null} [seq]
   */
  async open(seq = null) {
    const copy = this.#live.replica.copy(this.#chat);
    if (!copy) return;
    const { unread_count, read_seq, last_seq } = copy.chat;
    this.#divider = unread_count > 0 ? read_seq : null;
    if (seq !== null && (await this.jumpTo(seq))) return;
    const far = unread_count > 0 && last_seq - read_seq > FAR;
    if (!copy.history || copy.history.newer || far) {
      await this.#read(() => this.#live.replica.open(this.#chat, far ? { around: read_seq } : {}));
    }
    if (!copy.history) return this.#openAgain(seq);
    if (far) this.#window.around(copy.history, read_seq + 1);
    else this.#window.toEnd(copy.history);
    this.#following = unread_count === 0;
    this.#render();
    if (!this.#following) this.#showDivider();
    this.#looked();
  }

  /**
   * The messages could not be read. Nothing else would: the list of chats may be read and the connection stand.
   *
   * @param {number | null} seq
   */
  #openAgain(seq) {
    setTimeout(() => {
      const isMissing = !this.#live.replica.copy(this.#chat)?.history;
      if (isMissing && !this.#left) void this.open(seq);
    }, AGAIN_MS);
  }

  /**
   * Shows a message and points at it.
   *
   * @param {number} seq
   * @returns {Promise<boolean>} Whether it is there.
   */
  async jumpTo(seq) {
    const { replica } = this.#live;
    if (!replica.copy(this.#chat)?.history?.at(seq)) {
      await this.#read(() => replica.open(this.#chat, { around: seq }));
    }
    const history = replica.copy(this.#chat)?.history;
    if (!history?.at(seq)) return false;
    this.#following = false;
    this.#window.around(history, seq);
    this.#render();
    const row = /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-seq="${seq}"]`));
    row?.scrollIntoView({ block: 'center' });
    row?.classList.add('pointed-at');
    row?.addEventListener('animationend', () => row.classList.remove('pointed-at'), { once: true });
    row?.focus({ preventScroll: true });
    return true;
  }

  /** Shows the end of the chat. */
  async jumpToNewest() {
    const { replica } = this.#live;
    if (replica.copy(this.#chat)?.history?.newer) {
      await this.#read(() => replica.open(this.#chat));
    }
    const history = replica.copy(this.#chat)?.history;
    if (!history) return;
    this.#window.toEnd(history);
    this.#following = true;
    this.#render();
  }

  /** The new messages are not new any more. */
  forgetDivider() {
    this.#divider = null;
  }

  #render() {
    const copy = this.#live.replica.copy(this.#chat);
    if (!copy?.history) return;
    this.#divideWhileAway(copy.chat);
    this.#window.trim(copy.history, this.#following);
    const keep = this.#following ? () => this.#stay() : this.#anchor();
    const rows = this.#rowsOf(copy, copy.history);
    const shown = new Set(rows.map((row) => row.key));
    arrange(this.list, rows.map((row) => this.#elementOf(row)));
    for (const key of this.#rows.keys()) if (!shown.has(key)) this.#rows.delete(key);
    keep();
    set(this.element, 'aria-busy', this.#loading ? 'true' : null);
    this.#rover.settle();
    this.#reading.check();
    this.#changed();
  }

  /**
   * @param {import('../confab/chat-copy.js').ChatCopy} copy
   * @param {import('../confab/history.js').History} history
   */
  #rowsOf(copy, history) {
    const { from, to } = this.#window.slice(history);
    const me = this.#live.me.id;
    const others = copy.present().filter((member) => member.user_id !== me);
    const toEnd = to === history.messages.length && !history.newer;
    const held = new Set(history.messages.slice(-200).map((message) => message.client_id));
    const drafts = toEnd ? this.#live.outbox.of(this.#chat) : [];
    return rowsOf({
      messages: history.messages.slice(from, to),
      before: history.messages[from - 1],
      beginning: from > 0 || history.older ? null : copy.chat.visible_from > 1 ? 'joined' : 'beginning',
      drafts: drafts.filter((draft) => !held.has(draft.client_id)),
      me,
      group: !isOfTwo(copy.chat),
      starred: history.starred,
      address: (url) => this.#live.media.address(url),
      divider: this.#divider,
      markers: others.map((member) => member.read_seq),
      applied: (message) => this.#live.changes.applied(message),
      editOf: (message) => this.#live.changes.editOf(message),
      heading: (at) => day(new Date(at)),
      name: (user) => nameOf(this.#live, this.#chat, user),
      quote: (id) => this.#quotes.get(id),
    });
  }

  /** @param {Row} row */
  #elementOf(row) {
    const held = this.#rows.get(row.key) ?? { element: emptyRow(row), stamp: '', row };
    const stamp = JSON.stringify(row);
    if (stamp !== held.stamp) fillRow(held.element, row, this.#actions);
    this.#rows.set(row.key, { element: held.element, stamp, row });
    return held.element;
  }

  /**
   * What comes while nobody looks is new when they look again.
   *
   * @param {import('../confab/types.js').Chat} chat
   */
  #divideWhileAway(chat) {
    if (this.#divider === null && chat.unread_count > 0 && !isAttentive()) this.#divider = chat.read_seq;
  }

  /** Remembers where a message in view stands; what is returned puts it there again. */
  #anchor() {
    const { top } = this.element.getBoundingClientRect();
    const inView = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll('.message')])
      .map((element) => ({ element, rect: element.getBoundingClientRect() }))
      .filter(({ rect }) => rect.bottom > top);
    return () => {
      const stayed = inView.find(({ element }) => element.isConnected);
      if (!stayed) return;
      const moved = stayed.element.getBoundingClientRect().top - stayed.rect.top;
      if (moved !== 0) this.element.scrollTop += moved;
    };
  }

  #stay() {
    if (this.#following) this.element.scrollTop = this.element.scrollHeight;
    this.#look();
  }

  #showDivider() {
    const divider = this.list.querySelector('.unread');
    if (!divider) return;
    const { top } = this.element.getBoundingClientRect();
    this.element.scrollTop += divider.getBoundingClientRect().top - top - this.element.clientHeight / 4;
  }

  /** The view was moved: shows more where its end comes near. */
  #looked() {
    const history = this.#live.replica.copy(this.#chat)?.history;
    // A log that was left is scrolled to nowhere, and would read on to the beginning.
    if (!history || !this.element.isConnected) return;
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const below = scrollHeight - scrollTop - clientHeight;
    this.#following = this.#window.open && !history.newer && below < CLOSE;
    if (scrollTop < REACH) this.#goOn(this.#window.up(history), history.older && (() => this.#live.replica.loadOlder(this.#chat)));
    else if (below < REACH) this.#goOn(this.#window.down(history), history.newer && (() => this.#live.replica.loadNewer(this.#chat)));
    this.#reading.check();
    this.#changed();
  }

  /**
   * @param {boolean} shown Whether more could be shown of what is held.
   * @param {false | (() => Promise<void>)} load What reads more, if there is more.
   */
  #goOn(shown, load) {
    if (shown) {
      this.#render();
      this.#look();
    } else if (load && !this.#loading) {
      // What was read is shown before the next frame. A frame without it would have the first message
      // know what is before it, lose its heading, and move up where nothing is above it yet.
      void this.#read(load).then(() => this.#looked());
    }
  }

  /**
   * Reads messages, after whatever is being read.
   *
   * @param {() => Promise<void>} read
   */
  async #read(read) {
    while (this.#loading) await this.#loading;
    set(this.element, 'aria-busy', 'true');
    // Without a connection the page says so, and the next look tries again.
    this.#loading = read().catch((error) => {
      if (!(error instanceof Problem)) throw error;
    });
    await this.#loading;
    this.#loading = null;
    this.render();
    this.#look();
  }

  /** @param {HTMLElement} element */
  #openMenuOf(element) {
    const found = [...this.#rows.values()].find((held) => held.element === element);
    if (found?.row.kind === 'message' && found.row.id !== null && !found.row.deleted) {
      const beside = /** @type {HTMLElement | null} */ (element.querySelector('.bubble'));
      this.#actions.openMenu(found.row, beside ?? element, element);
    }
  }
}
