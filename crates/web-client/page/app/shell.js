import { avatar } from './avatar.js';
import { banner } from './banner.js';
import { ChatList } from './chat-list.js';
import { Conversation } from './conversation.js';
import { closeAllFrom } from './dialog.js';
import { fill, h, set } from './dom.js';
import { Finder } from './finder.js';
import { countText, explainCode, t } from './i18n.js';
import { icon } from './icons.js';
import { starredMessages } from './message-lists.js';
import { unreadOf } from './names.js';
import { newGroup } from './new-group.js';
import { Notifier } from './notifier.js';
import { roleName } from './person-card.js';
import { isServerAdmin } from './rights.js';
import { rooms } from './rooms.js';
import { Scope } from './scope.js';
import { toast } from './toast.js';

/**
 * @typedef {import('../confab.js').Confab} Confab
 * @typedef {import('../confab/live.js').Live} Live
 */

/** The screen of somebody who is signed in: their chats, and the one that is open. */
export class Shell {
  #confab;
  #live;
  #scope = new Scope();
  #list;
  #pane = h('section', { class: 'pane', id: 'conversation', tabindex: -1 });
  /** @type {Conversation | null} */
  #conversation = null;
  /** The way to administration, for those who may. @type {HTMLButtonElement} */
  #shield;
  /** @type {HTMLDialogElement | null} */
  #administration = null;
  /** The chat that is open. @type {number | null} */
  #open = null;
  /** The message to go to in it. @type {number | null} */
  #seq = null;

  /**
   * @param {Confab} confab
   * @param {Live} live
   * @param {() => Promise<void>} rebuild
   */
  constructor(confab, live, rebuild) {
    this.#confab = confab;
    this.#live = live;
    this.#list = new ChatList(live, this.#scope);
    this.#shield = round('shield', t('nav.admin'), () => void this.#administer());
    this.#shield.hidden = !isServerAdmin(live.me);
    const finder = new Finder(confab.api, live, this.#list);
    const chats = h('div', { class: 'side-body' }, this.#list.element, finder.results);
    this.element = h(
      'div',
      { class: 'shell' },
      h('a', { href: '#conversation', class: 'skip', onClick: (/** @type {Event} */ event) => this.#skip(event) }, t('nav.skip')),
      banner(live, this.#scope),
      h(
        'main',
        { class: 'panes' },
        h('h1', { class: 'unseen' }, t('app.name')),
        h('div', { class: 'side' }, this.#sideHead(rebuild), finder.element, chats),
        this.#pane,
      ),
    );
    new Notifier(live, this.#scope);
    this.#scope.add(live.changes.on('refused', ({ code }) => toast(t('message.unsaved', { why: explainCode(code) ?? '' }))));
    this.#followRole();
    this.#scope.listen(window, 'hashchange', () => this.#follow());
    this.#scope.add(live.replica.on('chats', () => this.#chatsChanged()));
    this.#follow();
  }

  close() {
    this.#conversation?.close();
    this.#scope.close();
  }

  /** @param {() => Promise<void>} rebuild */
  #sideHead(rebuild) {
    const { me } = this.#live;
    const { api } = this.#confab;
    return h(
      'header',
      { class: 'side-head' },
      this.#ownPicture(),
      h('strong', { class: 'me-name', dir: 'auto' }, me.username),
      this.#shield,
      round('star', t('starred.title'), () => starredMessages(api, this.#live)),
      this.#live.people.findsStrangers && round('room', t('nav.rooms'), () => rooms(api, this.#live)),
      round('group', t('nav.newGroup'), () => newGroup(api, this.#live)),
      round('gear', t('nav.settings'), () => void this.#set(rebuild)),
    );
  }

  /** One's own picture, which one may change. */
  #ownPicture() {
    const { me, people } = this.#live;
    const place = h('span', {}, avatar(me.username, me.id, 'small'));
    const show = () => {
      const picture = avatar(me.username, me.id, 'small');
      const [now, then] = [picture, place].map((element) => element.querySelector('img')?.src);
      if (now !== then) fill(place, picture);
    };
    this.#scope.add(people.on('changed', ({ id }) => id === me.id && show()));
    return place;
  }

  /** Who is given another role is told, and offered what they may do from now on. */
  #followRole() {
    const live = this.#live;
    let { role } = live.me;
    const show = () => {
      if (live.me.role === role) return;
      ({ role } = live.me);
      toast(t('role.now', { role: roleName(role) }));
      const focused = this.#administration?.open || document.activeElement === this.#shield;
      this.#shield.hidden = !isServerAdmin(live.me);
      if (isServerAdmin(live.me)) return;
      if (this.#administration) closeAllFrom(this.#administration);
      // The dialog would give the focus back to what is not there any more.
      if (focused) /** @type {HTMLElement} */ (this.#shield.nextElementSibling).focus();
    };
    this.#scope.add(live.people.on('changed', ({ id }) => id === live.me.id && show()));
  }

  /** What is used seldom is loaded when it is used. */
  async #administer() {
    const { administration } = await import('./admin/administration.js');
    this.#administration = administration(this.#confab.api, this.#live);
  }

  /** @param {() => Promise<void>} rebuild */
  async #set(rebuild) {
    const { settings } = await import('./settings/settings.js');
    settings(this.#confab, rebuild);
  }

  /** @param {Event} event */
  #skip(event) {
    // The address names the chat that is open, and is to stay.
    event.preventDefault();
    if (this.#conversation) this.#conversation.focus();
    else this.#pane.focus();
  }

  /** Opens the chat that the address names, at the message that it names. */
  #follow() {
    const [, chat, seq] = /^#\/chats\/(\d+)(?:\/(\d+))?$/.exec(location.hash) ?? [];
    const id = Number(chat ?? 0) || null;
    this.#seq = seq === undefined ? null : Number(seq);
    // The message is gone to once; the same address may be chosen again.
    if (this.#seq !== null) history.replaceState(null, '', `#/chats/${id}`);
    if (id === this.#open && this.#conversation) return void this.#jump(this.#conversation);
    this.#conversation?.close();
    this.#conversation = null;
    this.#open = id;
    this.#list.setOpen(id);
    set(this.element, 'data-open', id !== null);
    this.#show();
  }

  /** @param {Conversation} conversation */
  #jump(conversation) {
    const seq = this.#seq;
    this.#seq = null;
    if (seq !== null) void conversation.jump(seq);
  }

  #show() {
    if (this.#open === null) return fill(this.#pane, h('p', { class: 'placeholder' }, t('chat.pick')));
    if (!this.#live.replica.copy(this.#open)) {
      const text = this.#live.replica.loaded ? t('chat.gone') : t('app.loading');
      return fill(this.#pane, h('p', { class: 'placeholder' }, text));
    }
    const conversation = new Conversation(this.#confab, this.#live, this.#open);
    this.#conversation = conversation;
    fill(this.#pane, conversation.element);
    const jumping = this.#seq !== null;
    void conversation.open(this.#seq);
    this.#seq = null;
    // A keyboard that covers half of the screen is not wanted before something is to be written.
    if (!jumping && !matchMedia('(hover: none)').matches) conversation.focus();
  }

  #chatsChanged() {
    const unread = this.#live.replica.chats().reduce((sum, chat) => sum + unreadOf(chat), 0);
    document.title = unread > 0 ? `(${countText(unread)}) ${t('app.name')}` : t('app.name');
    if (this.#open === null) return;
    const there = this.#live.replica.copy(this.#open) !== undefined;
    if (there === (this.#conversation !== null) && there) return;
    if (!there) this.#conversation?.close();
    if (!there) this.#conversation = null;
    this.#show();
  }
}

/**
 * A button that is a picture.
 *
 * @param {Parameters<typeof icon>[0]} picture
 * @param {string} name
 * @param {() => void} act
 */
function round(picture, name, act) {
  return h('button', { type: 'button', class: 'round', 'aria-label': name, title: name, onClick: act }, icon(picture));
}
