/**
 * The rows of a conversation as plain data: what to show, without how.
 *
 * @typedef {import('../confab/types.js').Message} Message
 * @typedef {import('../confab/changes.js').Change} Change
 * @typedef {import('../confab/outbox.js').Draft} Draft
 * @typedef {{kind: 'beginning' | 'joined' | 'unread', key: string}} MarkRow
 * @typedef {{kind: 'day', key: string, heading: string}} DayRow
 * @typedef {import('./attachments.js').Shown} Shown
 * @typedef {import('./linked.js').Mention} Mention
 * @typedef {{author: string, text: string, seq: number | null}} Quote
 * @typedef {{emoji: string, count: number, mine: boolean, names: string}} ReactionMark
 * @typedef {'waiting' | 'sent' | 'read' | 'failed' | null} Status
 * @typedef {{kind: 'message', key: string, id: number | null, seq: number, clientId: string | null,
 *   own: boolean, authorId: number, author: string, pictured: boolean, named: boolean, first: boolean, last: boolean,
 *   text: string, at: string, edited: boolean, deleted: boolean, status: Status, readers: number,
 *   code: string | null, edit: string | null, quote: Quote | null, reactions: ReactionMark[], pinned: boolean,
 *   starred: boolean, mentions: Mention[], attachments: Shown[]}} MessageRow
 * @typedef {MarkRow | DayRow | MessageRow} Row
 */

/** Messages of one person within this time stand together. */
const TOGETHER_MS = 5 * 60_000;
/** People who are named beside a reaction, at most. */
const NAMED = 20;

/**
 * @param {{messages: Message[], before: Message | undefined, beginning: 'beginning' | 'joined' | null, drafts: Draft[],
 *   me: number, group: boolean, divider: number | null, markers: number[],
 *   starred: Set<number>, address: (url: string) => string | null, name: (user: number) => string,
 *   applied: (message: Message) => Message, editOf: (message: Message) => Change | undefined,
 *   heading: (at: string) => string, quote: (id: number) => Quote}} view `beginning` is how the
 *   log begins, if that is shown; `divider` is the seq after
 *   which messages are new; `markers` are the seqs up to which the others have read.
 * @returns {Row[]}
 */
export function rowsOf(view) {
  const entries = [
    ...view.messages.map((message) => ofMessage(message, view)),
    ...view.drafts.map((draft) => ofDraft(draft, view)),
  ];
  /** @type {Row[]} */
  const rows = view.beginning ? [{ kind: view.beginning, key: view.beginning }] : [];
  let before = view.before && ofMessage(view.before, view);
  let divided = view.divider === null || (before !== undefined && isNew(before, view.divider));
  for (const entry of entries) {
    const newDay = !before || dayOf(before.at) !== dayOf(entry.at);
    if (newDay) rows.push({ kind: 'day', key: `day ${dayOf(entry.at)}`, heading: view.heading(entry.at) });
    const divides = !divided && isNew(entry, view.divider ?? 0);
    if (divides) rows.push({ kind: 'unread', key: 'unread' });
    divided ||= divides;
    entry.first = newDay || divides || !before || !together(before, entry);
    if (before) before.last = entry.first;
    entry.pictured = view.group && !entry.own;
    entry.named = entry.pictured && entry.first;
    rows.push(entry);
    before = entry;
  }
  return rows;
}

/**
 * @param {MessageRow} row
 * @param {number} divider
 */
function isNew(row, divider) {
  return row.seq > divider && !row.own;
}

/**
 * @param {MessageRow} before
 * @param {MessageRow} row
 */
function together(before, row) {
  const apart = new Date(row.at).getTime() - new Date(before.at).getTime();
  return before.authorId === row.authorId && apart < TOGETHER_MS;
}

/** @param {string} at */
function dayOf(at) {
  return new Date(at).toDateString();
}

/**
 * @param {Message} held
 * @param {Parameters<typeof rowsOf>[0]} view
 * @returns {MessageRow}
 */
function ofMessage(held, { me, markers, starred, applied, editOf, address, name, quote }) {
  const [message, edit] = [applied(held), editOf(held)];
  const own = message.author_id === me;
  const readers = own ? markers.filter((seq) => seq >= message.seq).length : 0;
  return {
    kind: 'message',
    // A draft that becomes a message keeps its key, and so its place in the page.
    key: own && message.client_id ? `c ${message.client_id}` : `m ${message.id}`,
    id: message.id,
    seq: message.seq,
    clientId: message.client_id,
    own,
    authorId: message.author_id,
    author: name(message.author_id),
    pictured: false,
    named: false,
    first: true,
    last: true,
    text: message.text,
    at: message.created_at,
    edited: message.edited_at !== null,
    deleted: message.deleted_at !== null,
    status: own ? (edit?.state ?? (readers > 0 ? 'read' : 'sent')) : null,
    readers,
    code: edit?.code ?? null,
    edit: edit?.client_id ?? null,
    quote: message.reply_to === null || message.deleted_at !== null ? null : quote(message.reply_to),
    reactions: message.reactions.map(({ emoji, user_ids }) => ({
      emoji,
      count: user_ids.length,
      mine: user_ids.includes(me),
      names: user_ids.slice(0, NAMED).map(name).join(', '),
    })),
    pinned: message.pinned_at !== null,
    starred: starred.has(message.id),
    mentions: message.mention_ranges.map(({ user_id, offset, length }) => ({ offset, length, me: user_id === me })),
    attachments: shown(message.attachments, address),
  };
}

/**
 * @param {Draft} draft
 * @param {Parameters<typeof rowsOf>[0]} view
 * @returns {MessageRow}
 */
function ofDraft(draft, { me, address, name, quote }) {
  return {
    kind: 'message',
    key: `c ${draft.client_id}`,
    id: null,
    seq: Infinity,
    clientId: draft.client_id,
    own: true,
    authorId: me,
    author: name(me),
    pictured: false,
    named: false,
    first: true,
    last: true,
    text: draft.text,
    at: new Date(draft.written_at).toISOString(),
    edited: false,
    deleted: false,
    status: draft.state,
    readers: 0,
    code: draft.code,
    edit: null,
    quote: draft.reply_to === null ? null : quote(draft.reply_to),
    reactions: [],
    pinned: false,
    starred: false,
    mentions: [],
    attachments: shown(draft.attachments, address),
  };
}

/**
 * @param {import('../confab/types.js').Attachment[]} attachments
 * @param {(url: string) => string | null} address
 * @returns {Shown[]}
 */
function shown(attachments, address) {
  return attachments.map((attachment) => {
    const { url, thumbnail_url } = attachment;
    return { ...attachment, address: address(url), thumbnail: thumbnail_url === null ? null : address(thumbnail_url) };
  });
}
