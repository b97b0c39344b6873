import { Completion } from './completion.js';
import { h, set } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { limits } from './limits.js';
import { Tray } from './tray.js';
import { Unsent } from './unsent.js';

/** Characters left from which on they are counted. */
const COUNTED = 200;

/**
 * @typedef {import('./log-rows.js').MessageRow} MessageRow
 * @typedef {import('./unsent.js').Task} Task
 * @typedef {import('../confab/types.js').Attachment} Attachment
 * @typedef {{send: (text: string, replyTo: number | null, attachments: Attachment[]) => void,
 *   edit: (message: number, text: string) => void, typing: (typing: boolean) => void,
 *   editLast: () => void, people: () => import('./completion.js').Candidate[]}} ComposerActions
 */

/** What was attached and not sent, by chat. @type {Map<number, Tray>} */
const trays = new Map();

/** Forgets what was attached and not sent: somebody else signs in. */
export function forgetTrays() {
  trays.clear();
}

/** Where messages are written. */
export class Composer {
  #actions;
  #unsent;
  /** The message that is being written; while another one is edited, it waits. */
  #text;
  /** @type {Task | null} */
  #task = null;
  #tray;
  /** Whether to send as soon as everything is uploaded. */
  #sending = false;

  /**
   * @param {import('../confab/api.js').Api} api
   * @param {number} user Who writes.
   * @param {number} chat
   * @param {ComposerActions} actions
   * @param {string} placeholder
   */
  constructor(api, user, chat, actions, placeholder) {
    this.#actions = actions;
    this.#unsent = new Unsent(user, chat);
    this.#text = this.#unsent.get().text;
    this.input = h('textarea', {
      rows: 1,
      class: 'input',
      'aria-label': t('compose.label'),
      placeholder,
      dir: 'auto',
      onInput: () => this.#typed(),
      onKeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    });
    this.input.value = this.#text;
    this.#tray = trays.get(chat) ?? new Tray(api);
    trays.set(chat, this.#tray);
    this.#tray.changed = () => this.#uploaded();
    this.input.addEventListener('paste', (event) => this.#pasted(event));
    this.completion = new Completion(this.input, actions.people);
    this.button = h('button', { class: 'round primary', 'aria-label': t('compose.send') }, icon('send'));
    this.task = h('div', { class: 'task', hidden: true });
    this.count = h('p', { class: 'count', role: 'status' });
    const onSubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit();
    };
    const line = h('div', { class: 'line' }, ...this.#attaching(), this.input, this.button);
    const { element: offered, status } = this.completion;
    this.element = h('form', { class: 'composer', onSubmit }, offered, status, this.task, this.#tray.element, line, this.count);
  }

  /** To be called once it is in the page: before that a text has no height. */
  shown() {
    const { task, edited } = this.#unsent.get();
    if (task) this.#begin(task, edited);
    this.#fit();
  }

  focus() {
    this.input.focus();
  }

  /** Whether nothing is being written. */
  get idle() {
    return this.#task === null && this.input.value === '';
  }

  /** @param {MessageRow} row To be answered. */
  reply(row) {
    this.#begin(taskOf('reply', row));
    this.#keep();
    this.focus();
  }

  /**
   * @param {MessageRow} row To be changed.
   * @param {string} [text] What it is to say, as far as that is written already.
   */
  edit(row, text = row.text) {
    this.#begin(taskOf('edit', row), text);
    this.#keep();
    this.#fit();
    this.focus();
  }

  /** @param {string} text Of a message to be written, behind what is written already. */
  put(text) {
    if (this.#task?.kind === 'edit') this.#end();
    this.input.value = [this.input.value, text].filter((part) => part !== '').join('\n');
    this.#typed();
    this.focus();
  }

  /**
   * What was written here was sent in another tab.
   *
   * @param {StorageEvent} event
   */
  changedElsewhere({ key, newValue, oldValue }) {
    if (key !== this.#unsent.key || newValue !== null || this.#task) return;
    if (this.#text !== JSON.parse(oldValue ?? 'null')?.text) return;
    this.#text = this.input.value = '';
    this.#fit();
  }

  /**
   * @param {Task} task
   * @param {string} [edited]
   */
  #begin(task, edited) {
    if (this.#task?.kind === 'edit') this.#end();
    this.#task = task;
    const { kind, author, text } = task;
    if (kind === 'edit') this.input.value = edited ?? text;
    const label = kind === 'edit' ? t('compose.editing') : t('compose.replying', { name: author });
    const cancel = { type: 'button', class: 'round', 'aria-label': t('compose.cancel'), onClick: () => this.#cancel() };
    this.task.replaceChildren(
      icon(kind === 'edit' ? 'pencil' : 'reply'),
      h('div', {}, h('strong', {}, label), h('span', { dir: 'auto' }, text.slice(0, 200))),
      h('button', cancel, icon('close')),
    );
    this.task.hidden = false;
    set(this.button, 'aria-label', t(kind === 'edit' ? 'compose.save' : 'compose.send'));
  }

  #cancel() {
    this.#end();
    this.focus();
  }

  #end() {
    if (this.#task?.kind === 'edit') this.input.value = this.#text;
    this.#task = null;
    this.task.hidden = true;
    set(this.button, 'aria-label', t('compose.send'));
    this.#keep();
    this.#fit();
  }

  /** Keeps what is written, in case the page is closed. */
  #keep() {
    const edited = this.#task?.kind === 'edit' ? this.input.value : '';
    this.#unsent.set({ text: this.#text, task: this.#task, edited });
  }

  /** @param {Iterable<File>} files To go with the next message. */
  attach(files) {
    this.#tray.add(files);
    this.focus();
  }

  /** What chooses files. */
  #attaching() {
    const chosen = () => {
      this.attach(picker.files ?? []);
      picker.value = '';
    };
    const picker = h('input', { type: 'file', multiple: true, hidden: true, onChange: chosen });
    const props = { type: 'button', class: 'round', 'aria-label': t('compose.attach'), title: t('compose.attach') };
    return [h('button', { ...props, onClick: () => picker.click() }, icon('clip')), picker];
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    const files = event.clipboardData?.files ?? [];
    // A text that is pasted from an office program brings a picture of itself along.
    if (files.length === 0 || event.clipboardData?.types.includes('text/plain')) return;
    event.preventDefault();
    this.attach(files);
  }

  #uploaded() {
    if (this.#tray.uploading) return;
    const send = this.#sending && this.#tray.ready;
    this.#sending = false;
    set(this.element, 'aria-busy', null);
    if (send) this.#submit();
  }

  #submit() {
    const text = this.input.value.trim();
    const task = this.#task;
    const bare = task?.kind === 'edit' ? task.bare : this.#tray.empty;
    if ((text === '' && bare) || left(text) < 0) return this.focus();
    if (task?.kind !== 'edit' && !this.#tray.ready) {
      this.#sending = this.#tray.uploading;
      set(this.element, 'aria-busy', this.#sending ? 'true' : null);
      return this.focus();
    }
    if (task?.kind === 'edit') {
      this.#end();
      if (text !== task.text) this.#actions.edit(task.id, text);
    } else {
      this.#text = this.input.value = '';
      this.#end();
      this.#actions.send(text, task?.id ?? null, this.#tray.take());
    }
    this.focus();
  }

  #typed() {
    if (this.#task?.kind !== 'edit') {
      this.#text = this.input.value;
      this.#actions.typing(this.#text.trim() !== '');
    }
    this.#keep();
    this.completion.look();
    this.#fit();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Enter also ends the choice of a word in some scripts, which sends nothing.
    if (event.isComposing || this.completion.key(event)) return;
    const coarse = matchMedia('(hover: none)').matches;
    if (event.key === 'Enter' && !event.shiftKey && !coarse) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === 'Escape' && this.#task) {
      this.#cancel();
    } else if (event.key === 'ArrowUp' && this.input.value === '' && !this.#task) {
      event.preventDefault();
      this.#actions.editLast();
    }
  }

  /** Makes the field as high as its text, up to what the style sheet allows. */
  #fit() {
    const { style, offsetHeight, clientHeight } = this.input;
    style.height = 'auto';
    style.height = `${this.input.scrollHeight + offsetHeight - clientHeight}px`;
    const rest = left(this.input.value);
    const text = rest < 0 ? t('compose.over', { n: -rest }) : t('compose.left', { n: rest });
    this.count.textContent = rest <= COUNTED ? text : '';
    set(this.input, 'aria-invalid', rest < 0 ? 'true' : null);
  }
}

/**
 * @param {'reply' | 'edit'} kind
 * @param {MessageRow} row
 * @returns {Task}
 */
function taskOf(kind, { id, author, text, attachments }) {
  return { kind, id: id ?? 0, author, text, bare: attachments.length === 0 };
}

/**
 * How many characters may follow. The server counts them as Unicode does, after trimming.
 *
 * @param {string} text
 */
function left(text) {
  return limits.messageChars - [...text.trim()].length;
}
