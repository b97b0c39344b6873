/**
 * What the server says, as docs/api describes it.
 *
 * @typedef {{id: number, username: string, role: string, created_at: string}} Account
 * @typedef {{user: Account, session_id: number, access_token: string, expires_at: string,
 *   expires_in: number, refresh_token: string}} SignedIn
 * @typedef {{id: number, device: string, created_at: string, last_used_at: string,
 *   expires_at: string, current: boolean}} Device
 * @typedef {{id: number, username: string, role: string, created_at: string,
 *   online: boolean | null, last_seen_at: string | null}} User
 * @typedef {'member' | 'admin' | 'owner'} Role
 * @typedef {{id: number, kind: 'direct' | 'group', title: string | null, created_at: string,
 *   active_at: string, version: number, last_seq: number, role: Role, member_count: number,
 *   peer: {id: number, username: string} | null, read_seq: number, unread_count: number,
 *   last_message: Message | null}} Chat
 * @typedef {{id: number, kind: 'direct' | 'group', title: string | null, created_at: string,
 *   version: number}} ChatBase
 * @typedef {{user_id: number, username: string, role: Role, joined_at: string,
 *   left_at: string | null, read_seq: number, version: number}} Member
 * @typedef {{emoji: string, user_ids: number[]}} Reaction
 * @typedef {{id: number, chat_id: number, seq: number, version: number, author_id: number,
 *   client_id: string | null, reply_to: number | null, text: string, created_at: string,
 *   edited_at: string | null, deleted_at: string | null, reactions: Reaction[]}} Message
 * @typedef {{items: Message[], older: boolean, newer: boolean}} MessagePage
 * @typedef {{version: number, more: boolean, chat: ChatBase | null, members: Member[],
 *   messages: Message[]}} Changes
 * @typedef {{chats: Record<string, Changes>, gone: number[], reset: number[]}} Resumed
 * @typedef {{user_id: number, session_id: number, chats: Record<string, number>,
 *   heartbeat: number}} Ready
 * @typedef {{type: string, chat?: number, version?: number, data: any}} Push
 */

/**
 * @template T
 * @typedef {{items: T[], next: string | null}} List
 */

export {};
