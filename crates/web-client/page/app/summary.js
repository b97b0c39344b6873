import { t } from './i18n.js';

/** Characters that are shown, at most. */
const SHOWN = 200;

/**
 * A message in a line: its text, or what is attached to it.
 *
 * @param {{text: string, attachments: import('../confab/types.js').Attachment[]}} message
 */
export function summary({ text, attachments }) {
  if (text !== '') return text.slice(0, SHOWN);
  const [first] = attachments;
  if (!first) return '';
  if (attachments.every(({ kind }) => kind === 'image')) return t('media.pictures', { n: attachments.length });
  return attachments.length === 1 ? first.name : t('media.files', { n: attachments.length });
}
