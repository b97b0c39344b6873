import { Emitter } from './emitter.js';

/** How often to say that one is still typing; the server forgets it after 5 seconds. */
const REPEAT_MS = 3_000;
/** For how long somebody counts as typing after they said so. */
const LIFE_MS = 5_000;

/**
 * Who is typing where.
 *
 * @extends {Emitter<{changed: {chat: number}}>}
 */
export class Typing extends Emitter {
  #link;
  /** @type {Map<number, Map<number, ReturnType<typeof setTimeout>>>} */
  #typing = new Map();
  /** When it was last said that one types, by chat. @type {Map<number, number>} */
  #said = new Map();

  /** @param {import('./shared-link.js').SharedLink} link */
  constructor(link) {
    super();
    this.#link = link;
  }

  /**
   * Ids of those who are typing in a chat.
   *
   * @param {number} chat
   */
  of(chat) {
    return [...(this.#typing.get(chat)?.keys() ?? [])];
  }

  /**
   * Says that one is typing, or not any more.
   *
   * @param {number} chat
   * @param {boolean} typing
   */
  say(chat, typing) {
    const last = this.#said.get(chat);
    if (typing && last !== undefined && Date.now() - last < REPEAT_MS) return;
    if (!typing && last === undefined) return;
    if (typing) this.#said.set(chat, Date.now());
    else this.#said.delete(chat);
    // Nothing is lost when this is.
    this.#link.request('typing', { chat, typing }).catch(() => {});
  }

  /**
   * @param {number} chat
   * @param {{user_id: number, typing: boolean}} data
   */
  heard(chat, { user_id, typing }) {
    const here = this.#typing.get(chat) ?? new Map();
    this.#typing.set(chat, here);
    clearTimeout(here.get(user_id));
    here.delete(user_id);
    if (typing) here.set(user_id, setTimeout(() => this.heard(chat, { user_id, typing: false }), LIFE_MS));
    this.emit('changed', { chat });
  }

  /**
   * Somebody is not there any more, so they type nowhere.
   *
   * @param {number} user
   */
  left(user) {
    for (const [chat, here] of this.#typing) if (here.has(user)) this.heard(chat, { user_id: user, typing: false });
  }

  /** What was heard over a connection that is lost may have ended unheard. */
  forget() {
    for (const here of this.#typing.values()) for (const user of here.keys()) this.left(user);
  }
}
