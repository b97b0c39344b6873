import { browserStorage } from '../confab.js';
import { BASE } from './base.js';

/**
 * @typedef {import('../confab/types.js').Attachment} Attachment
 * @typedef {{kind: 'reply' | 'edit', id: number, author: string, text: string, bare: boolean}} Task
 *   The message that is answered or edited; `bare` if nothing is left of it without its text.
 * @typedef {{text: string, task: Task | null, edited: string}} Written
 *   What stands in the field: a message, and what an edited one is to say.
 */

const PREFIX = `confab.unsent${BASE}.`;
/** @type {Written} */
const NOTHING = { text: '', task: null, edited: '' };

/** What somebody wrote in a chat and has not sent. It survives a reload. */
export class Unsent {
  /**
   * @param {number} user Whose it is.
   * @param {number} chat
   */
  constructor(user, chat) {
    this.key = `${ofUser(user)}${chat}`;
  }

  /** @returns {Written} */
  get() {
    const kept = browserStorage.getItem(this.key);
    return kept === null ? NOTHING : { ...NOTHING, ...JSON.parse(kept) };
  }

  /** @param {Written} written */
  set(written) {
    if (written.text === '' && written.task === null) browserStorage.removeItem(this.key);
    else browserStorage.setItem(this.key, JSON.stringify(written));
  }
}

/**
 * Forgets what was written and not sent, for whoever uses this browser next.
 *
 * @param {number | null} user Whose is kept.
 */
export function forgetUnsent(user) {
  const others = browserStorage.keys().filter((key) => key.startsWith(PREFIX) && (user === null || !key.startsWith(ofUser(user))));
  others.forEach((key) => browserStorage.removeItem(key));
}

/** @param {number} user */
function ofUser(user) {
  return `${PREFIX}${user}.`;
}
