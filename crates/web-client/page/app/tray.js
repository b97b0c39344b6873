import { Problem } from '../confab.js';
import { sizeText } from './attachments.js';
import { fill, h, set } from './dom.js';
import { explain, t } from './i18n.js';
import { icon } from './icons.js';
import { limits } from './limits.js';
import { toast } from './toast.js';

/**
 * @typedef {import('../confab/api.js').Api} Api
 * @typedef {import('../confab/types.js').Attachment} Attachment
 * @typedef {{file: File, preview: string | null, state: 'uploading' | 'ready' | 'failed', why: string,
 *   attachment: Attachment | null, stop: AbortController}} Item
 */

/** Files that go with the next message: they are uploaded while the text is written. */
export class Tray {
  #api;
  /** @type {Item[]} */
  #items = [];
  /** Called when something changed. */
  changed = () => {};
  element = h('ul', { class: 'tray', 'aria-label': t('media.tray'), hidden: true });

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
  }

  get empty() {
    return this.#items.length === 0;
  }

  get uploading() {
    return this.#items.some(({ state }) => state === 'uploading');
  }

  /** Whether everything is on the server. */
  get ready() {
    return this.#items.every(({ state }) => state === 'ready');
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      const { messageFiles: n, fileBytes } = limits;
      if (this.#items.length >= n) return toast(t('media.tooMany', { n }));
      if (file.size > fileBytes) toast(t('media.tooLarge', { name: file.name, size: sizeText(fileBytes) }));
      else void this.#upload(this.#newItem(file));
    }
  }

  /** Gives away what is there. */
  take() {
    const taken = this.#items.flatMap(({ attachment }) => (attachment ? [attachment] : []));
    for (const item of this.#items) forget(item);
    this.#items = [];
    this.#show();
    return taken;
  }

  /** @param {File} file */
  #newItem(file) {
    // Whatever it says it is, an image that is not one shows nothing.
    const preview = /^image\/(png|jpeg|gif|webp)$/.test(file.type) ? URL.createObjectURL(file) : null;
    /** @type {Item} */
    const item = { file, preview, state: 'uploading', why: '', attachment: null, stop: new AbortController() };
    this.#items.push(item);
    return item;
  }

  /** @param {Item} item */
  async #upload(item) {
    item.state = 'uploading';
    this.#show();
    try {
      item.attachment = await this.#api.upload(item.file, item.stop.signal);
      item.state = 'ready';
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      item.state = 'failed';
      item.why = explain(error);
    }
    if (this.#items.includes(item)) this.#show();
    else if (item.attachment) void this.#api.discardUpload(item.attachment.id).catch(() => {});
  }

  /** @param {Item} item */
  #remove(item) {
    this.#items = this.#items.filter((other) => other !== item);
    forget(item);
    item.stop.abort();
    // What nobody deletes is deleted by the server after a day.
    if (item.attachment) void this.#api.discardUpload(item.attachment.id).catch(() => {});
    this.#show();
  }

  #show() {
    this.element.hidden = this.empty;
    fill(this.element, ...this.#items.map((item) => this.#rowOf(item)));
    this.changed();
  }

  /** @param {Item} item */
  #rowOf(item) {
    const { file, preview, state, why } = item;
    const states = { uploading: t('media.uploading'), ready: sizeText(file.size), failed: why };
    const picture = preview ? h('img', { src: preview, alt: '', width: 48, height: 48, onError: () => picture.replaceWith(icon('file')) }) : icon('file');
    const remove = { type: 'button', class: 'round', 'aria-label': t('group.remove', { name: file.name }), onClick: () => this.#remove(item) };
    const again = { type: 'button', class: 'link', onClick: () => void this.#upload(item) };
    const row = h(
      'li',
      { class: `upload ${state}` },
      picture,
      h('span', { class: 'two-lines' }, h('strong', { dir: 'auto' }, file.name), h('span', { class: 'muted', role: 'status' }, states[state])),
      state === 'failed' && h('button', again, t('message.retry')),
      h('button', remove, icon('close')),
    );
    set(row, 'aria-busy', state === 'uploading' ? 'true' : null);
    return row;
  }
}

/** @param {Item} item */
function forget({ preview }) {
  if (preview) URL.revokeObjectURL(preview);
}
