import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { locale, t } from './i18n.js';
import { icon } from './icons.js';

/**
 * @typedef {import('../confab/media.js').Media} Media
 * @typedef {import('../confab/types.js').Attachment} Attachment
 * @typedef {Attachment & {address: string | null, thumbnail: string | null}} Shown
 *   `address` and `thumbnail` are where the page gets it; null until it can.
 */

/** Pixels of a picture that stands alone, at most, and of each side of one among others. */
const [LARGE, SMALL] = [320, 152];
/** Below which a picture is not made smaller, so that it can be pressed. */
const LEAST = 44;

/**
 * What is attached to a message. Pictures have their room before they are there.
 *
 * @param {Shown[]} attachments
 */
export function attachmentsOf(attachments) {
  const pictures = attachments.filter(({ kind }) => kind === 'image');
  const files = attachments.filter(({ kind }) => kind === 'file');
  return h(
    'div',
    { class: 'attachments' },
    pictures.length > 0 && h('div', { class: 'pictures' }, ...pictures.map((picture) => pictureOf(picture, pictures.length > 1))),
    ...files.map(fileOf),
  );
}

/**
 * @param {Shown} picture
 * @param {boolean} among Whether it is one of several.
 */
function pictureOf(picture, among) {
  const size = sizeOf(picture, among);
  const image = h('img', { ...size, alt: picture.name, decoding: 'async', draggable: false, class: among ? 'square' : '' });
  // The real picture's sides are rounded otherwise, which would move what is below.
  image.style.aspectRatio = `${size.width} / ${size.height}`;
  const { preview } = picture;
  if (preview && /^data:image\/[a-z]+;base64,[\w+/=]*$/.test(preview)) image.style.backgroundImage = `url("${preview}")`;
  if (picture.thumbnail) image.src = picture.thumbnail;
  return h('button', { type: 'button', class: 'picture', tabindex: -1, onClick: () => showPicture(picture) }, image);
}

/**
 * @param {Shown} picture
 * @param {boolean} among
 */
function sizeOf({ width, height }, among) {
  if (among) return { width: SMALL, height: SMALL };
  const [w, high] = [width ?? LARGE, height ?? LARGE];
  const scale = Math.min(1, LARGE / w, LARGE / high);
  return { width: Math.max(LEAST, Math.round(w * scale)), height: Math.max(LEAST, Math.round(high * scale)) };
}

/** @param {Shown} picture */
function showPicture({ name, address, width, height, size }) {
  if (!address) return;
  const image = h('img', { src: address, alt: name, width: width ?? '', height: height ?? '' });
  const download = h('a', { class: 'button', href: address, download: name }, `${t('media.download')} (${sizeText(size)})`);
  const dialog = openDialog(name, h('div', { class: 'viewed' }, image), h('div', { class: 'row end' }, download));
  dialog.classList.add('viewer');
}

/** @param {Shown} file */
function fileOf({ name, size, address }) {
  const text = h('span', { class: 'two-lines' }, h('strong', { dir: 'auto' }, name), h('span', { class: 'muted' }, sizeText(size)));
  return h('a', { class: 'file', href: address, download: name, tabindex: -1 }, icon('file'), text);
}

/**
 * How large a file is, in words.
 *
 * @param {number} bytes
 */
export function sizeText(bytes) {
  const large = bytes >= 1_000_000;
  const options = /** @type {const} */ ({ style: 'unit', unit: large ? 'megabyte' : 'kilobyte', maximumFractionDigits: large ? 1 : 0 });
  return new Intl.NumberFormat(locale(), options).format(large ? bytes / 1_000_000 : Math.max(1, bytes / 1_000));
}
