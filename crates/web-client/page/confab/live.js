import { Blocks } from './blocks.js';
import { Changes } from './changes.js';
import { Media } from './media.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { Replica } from './replica.js';
import { SharedLink } from './shared-link.js';
import { Typing } from './typing.js';

/**
 * Everything that goes on while somebody is signed in: the connection, the copy of their chats, and
 * what they have written.
 */
export class Live {
  #api;
  #session;

  /**
   * @param {import('./session.js').Session} session
   * @param {import('./api.js').Api} api
   * @param {{base: string, url: string}} where The server's address, and the socket's.
   */
  constructor(session, api, { base, url }) {
    const user = session.user;
    if (!user) throw new Error('somebody is signed in');
    this.#api = api;
    this.#session = session;
    /** One's own account. */
    this.me = user;
    this.link = new SharedLink(session, url);
    this.replica = new Replica(api, this.link, user.id);
    this.people = new People(api);
    this.typing = new Typing(this.link);
    this.outbox = new Outbox(user.id, base);
    this.changes = new Changes(user.id, base);
    this.blocks = new Blocks(api);
    this.media = new Media(api, base);
    this.people.note(user);
    this.link.on('push', (push) => this.#push(push));
    this.link.on('ready', (ready) => void this.#ready(ready));
    this.link.on('state', () => this.typing.forget());
    this.outbox.on('added', () => this.#deliver());
    this.changes.on('added', () => this.#deliverChanges());
    this.replica.on('chat', ({ id }) => this.#settle(id));
  }

  start() {
    void this.outbox.load();
    void this.changes.load();
    this.link.start();
  }

  stop() {
    this.link.stop();
    this.media.stop();
    this.outbox.close();
    this.changes.close();
  }

  /**
   * Sends a message: now, or as soon as there is a connection.
   *
   * @param {number} chat
   * @param {string} text
   * @param {number | null} [replyTo] The id of the message that it answers.
   * @param {import('./types.js').Attachment[]} [attachments] Uploads that go with it.
   * @param {import('./outbox.js').Extra} [extra] Data that goes with it, and whether an app shows that.
   */
  send(chat, text, replyTo = null, attachments = [], extra = {}) {
    this.typing.say(chat, false);
    this.outbox.add(chat, text, replyTo, attachments, extra);
  }

  /**
   * Says that everything up to a message was read.
   *
   * @param {number} chat
   * @param {number} seq
   */
  async markRead(chat, seq) {
    await this.link.request('read', { chat, seq });
  }

  /**
   * The direct chat with somebody.
   *
   * @param {number} user
   */
  async openDirect(user) {
    const chat = await this.#api.openDirect(user);
    this.replica.put(chat);
    return chat;
  }

  /**
   * A new group.
   *
   * @param {string} title
   * @param {number[]} members
   */
  async createGroup(title, members) {
    const chat = await this.#api.createGroup(title, members);
    this.replica.put(chat);
    return chat;
  }

  /**
   * Enters a room, which is made if it is not there.
   *
   * @param {string} name
   */
  async enterRoom(name) {
    const chat = await this.#api.enterRoom(name);
    this.replica.put(chat);
    return chat;
  }

  /**
   * What is whispered to another member of a chat.
   *
   * @param {number} parent The chat that both are in.
   * @param {number} user
   */
  async openWhispers(parent, user) {
    const chat = await this.#api.openWhispers(parent, user);
    this.replica.put(chat);
    return chat;
  }

  /** @param {import('./frames.js').Ready | null} ready */
  async #ready(ready) {
    this.#deliver();
    if (ready) this.#setRole(ready.role);
    void this.people.loadFinds();
    await this.replica.sync(ready);
    this.#deliverChanges();
    this.people.refresh();
    await this.blocks.load();
  }

  /** @param {import('./frames.js').Push} push */
  #push({ type, chat, data }) {
    if (type === 'presence') this.people.presence(data);
    if (type === 'presence' && !data.online) this.typing.left(data.user_id);
    if (type === 'role') this.#setRole(data.role);
    if (type === 'block') this.blocks.hold(data.user_id, data.blocked);
    if (type === 'typing' && chat !== undefined) this.typing.heard(chat, data);
    if (type === 'message.created' && chat !== undefined) {
      this.typing.heard(chat, { user_id: data.author_id, typing: false });
    }
  }

  /** @param {string} role Of one's own account. */
  #setRole(role) {
    if (role === this.me.role) return;
    this.me = { ...this.me, role };
    void this.#session.noteRole(this.me.id, role);
    this.people.note(this.me);
    void this.people.loadFinds();
  }

  #deliver() {
    if (!this.link.leads || this.link.state !== 'connected') return;
    void this.outbox.deliver(async ({ chat_id, text, reply_to, client_id, attachments, extra }) => {
      const files = attachments.length > 0 ? { attachments: attachments.map(({ id }) => id) } : {};
      const fields = { ...extra, chat: chat_id, text, client_id, ...files, ...(reply_to === null ? {} : { reply_to }) };
      const { message } = await this.link.request('send', fields);
      // Where the end of the chat is not looked at, the message itself does not come.
      if (this.replica.copy(chat_id)?.history?.newer !== false) this.outbox.arrived(message);
      return message;
    });
  }

  #deliverChanges() {
    if (!this.link.leads || this.link.state !== 'connected') return;
    void this.changes.deliver(async (change) => this.replica.note(await this.#tell(change)));
  }

  /**
   * @param {import('./changes.js').Change} change
   * @returns {Promise<import('./types.js').Message>} The message with it.
   */
  #tell({ kind, chat_id, message_id, text, emoji, on }) {
    if (kind === 'edit') return this.#api.edit(chat_id, message_id, text);
    if (kind === 'delete') return this.#api.deleteMessage(chat_id, message_id);
    return this.#api.react(message_id, emoji, on);
  }

  /**
   * Drafts that have come as messages are done.
   *
   * @param {number} chat
   */
  #settle(chat) {
    const history = this.replica.copy(chat)?.history;
    const drafts = this.outbox.of(chat);
    if (drafts.length === 0 || !history) return;
    const ids = new Set(drafts.map((draft) => draft.client_id));
    for (const message of history.messages.slice(-200)) {
      if (message.client_id && ids.has(message.client_id)) this.outbox.arrived(message);
    }
  }
}

