import { History } from './history.js';

/**
 * @typedef {import('./frames.js').ChatPush} ChatPush
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {import('./types.js').Changes} Changes
 * @typedef {import('./types.js').Member} Member
 * @typedef {import('./types.js').Message} Message
 */

/**
 * What is known of one chat: how it stands in the list, and, once it was opened, its members and a
 * part of its messages. Each of the first and the last is exact at a version of its own, so a push
 * that one has seen already may still be news to the other.
 */
export class ChatCopy {
  #me;
  /** @type {History | null} */
  history = null;
  /** By user id, with those who left. @type {Map<number, Member> | null} */
  members = null;

  /**
   * @param {Chat} chat
   * @param {number} me The user who is signed in.
   */
  constructor(chat, me) {
    this.chat = chat;
    this.#me = me;
  }

  /** Those who are in it now. */
  present() {
    return [...(this.members?.values() ?? [])].filter((member) => member.left_at === null);
  }

  /**
   * The same chat as the server shows it now, unless more is known already.
   *
   * @param {Chat} chat
   */
  refresh(chat) {
    if (chat.version >= this.chat.version) this.chat = chat;
  }

  /**
   * @param {ChatPush} push
   * @returns {boolean} Whether the chat must be asked for again to know its numbers.
   */
  push({ type, version, data }) {
    const news = version > this.chat.version;
    const newsOfMessages = this.history !== null && version > this.history.version;
    if (news) this.chat = { ...this.chat, version };
    this.#reached(version);
    switch (type) {
      case 'message.created':
      case 'message.edited':
      case 'message.deleted':
      case 'message.updated':
        if (newsOfMessages) this.history?.put(data);
        return news && this.#summarise(type, data);
      case 'member.joined':
      case 'member.updated':
      case 'member.left':
        return this.#setMember(data, news);
      case 'read':
        return this.#read(data, news);
      case 'chat.updated':
        this.#become(data);
        return false;
      default:
        return false;
    }
  }

  /**
   * What changed up to a version, from one that the history has.
   *
   * @param {Changes} changes
   */
  catchUp(changes) {
    for (const member of changes.members) {
      this.#setMember(member, false);
      // Unlike a push, this is for oneself alone.
      if (member.user_id === this.#me) this.silence(member.silence);
    }
    for (const message of changes.messages) this.history?.put(message);
    this.history?.quote(changes.quoted);
    if (changes.chat) this.#become(changes.chat);
    this.#reached(changes.version);
  }

  /** @param {Member[]} members All that there are, or those that changed. */
  setMembers(members) {
    this.members ??= new Map();
    for (const member of members) this.#hold(member);
  }

  /** @param {import('./types.js').Preferences} preferences What one wants of the chat. */
  prefer(preferences) {
    this.chat = { ...this.chat, preferences };
  }

  /** @param {import('./types.js').Silence | null} silence Whether one says nothing in the chat. */
  silence(silence) {
    this.chat = { ...this.chat, silence };
  }

  /** @param {import('./types.js').ChatBase} chat */
  #become({ title, description, slow_mode, permissions, data }) {
    this.chat = { ...this.chat, title, description, slow_mode, permissions, data };
  }

  /** @param {number} version */
  #reached(version) {
    if (this.history) this.history.version = Math.max(this.history.version, version);
  }

  /**
   * @param {string} type
   * @param {Message} message
   */
  #summarise(type, message) {
    const { chat } = this;
    const unread = message.author_id !== this.#me && message.seq > chat.read_seq;
    const counts = unread && message.deleted_at === null && message.counts_as_unread;
    // A message that came into a gap may be told of by what was put on it since.
    if (message.seq > chat.last_seq) {
      const last = { last_seq: message.seq, last_message: message, active_at: message.created_at };
      this.chat = { ...chat, ...last, unread_count: chat.unread_count + (counts ? 1 : 0) };
      // Whether a mention counts is the server's to say: those of blocked people do not.
      return counts && message.mentions.includes(this.#me);
    }
    if (chat.last_message?.id === message.id) this.chat = { ...chat, last_message: message };
    // A deleted message counts no longer, if it did: one that was overtaken by its deletion did not.
    return unread && (type === 'message.deleted' || type === 'message.edited');
  }

  /**
   * @param {Member} member
   * @param {boolean} news
   */
  #setMember(member, news) {
    if (this.members) this.#hold(member);
    if (member.user_id === this.#me) this.chat = { ...this.chat, role: member.role };
    return news;
  }

  /** @param {Member} member */
  #hold(member) {
    const held = this.members?.get(member.user_id);
    if (!held || held.version <= member.version) this.members?.set(member.user_id, member);
  }

  /**
   * @param {{user_id: number, seq: number}} marker
   * @param {boolean} news
   */
  #read({ user_id, seq }, news) {
    const member = this.members?.get(user_id);
    if (member) this.members?.set(user_id, { ...member, read_seq: Math.max(member.read_seq, seq) });
    if (user_id !== this.#me || seq <= this.chat.read_seq) return false;
    this.chat = { ...this.chat, read_seq: seq };
    if (seq < this.chat.last_seq) return news;
    this.chat = { ...this.chat, unread_count: 0, mention_count: 0 };
    return false;
  }
}
