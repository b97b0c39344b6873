/**
 * What only the socket says, in the words of docs/api/socket.md. No document describes its frames, so these types are written by
 * hand; the objects in them are those of the REST API, in types.js.
 *
 * @typedef {import('./types.js').ChatBase} ChatBase
 * @typedef {import('./types.js').Member} Member
 * @typedef {import('./types.js').Message} Message
 */

/**
 * When the token of the socket ends.
 *
 * @typedef {{expires_at: string, expires_in: number}} Expiry
 */

/**
 * The first frame to somebody who signed in.
 *
 * @typedef {{user_id: number, session_id: number, role: string, chats: Record<string, number>, heartbeat: number} & Expiry} Ready
 */

/**
 * The answer to `resume`, whose chats were named by their numbers.
 *
 * @typedef {{chats: Record<string, import('./types.js').Changes>, gone: number[], reset: number[]}} Resumed
 */

/**
 * A change of a chat that every member is told of.
 *
 * @typedef {{chat: number, version: number} & (
 *   | {type: 'message.created' | 'message.edited' | 'message.deleted' | 'message.updated', data: Message}
 *   | {type: 'member.joined' | 'member.updated' | 'member.left', data: Member}
 *   | {type: 'read', data: {user_id: number, seq: number}}
 *   | {type: 'chat.created', data: ChatBase & {members: number[]}}
 *   | {type: 'chat.updated', data: ChatBase}
 * )} ChatPush
 */

/**
 * What has no version: it is told to one's own sockets, or passes.
 *
 * @typedef {{version?: undefined} & (
 *   | {type: 'read', chat: number, data: {user_id: number, seq: number}}
 *   | {type: 'chat.deleted', chat: number, data: {id: number}}
 *   | {type: 'chat.preferences', chat: number, data: import('./types.js').Preferences}
 *   | {type: 'chat.silence', chat: number, data: {silence: import('./types.js').Silence | null}}
 *   | {type: 'typing', chat: number, data: {user_id: number, typing: boolean, until: string | null}}
 *   | {type: 'star', chat?: number, data: {message_id: number, starred: boolean}}
 *   | {type: 'block', chat?: undefined, data: {user_id: number, blocked: boolean}}
 *   | {type: 'presence', chat?: undefined, data: {user_id: number, online: boolean, last_seen_at: string}}
 *   | {type: 'role', chat?: undefined, data: {role: string}}
 *   | {type: 'token_expires', chat?: undefined, data: Expiry}
 * )} UnversionedPush
 */

/** @typedef {ChatPush | UnversionedPush} Push */

export {};
