/**
 * What the server says, as docs/api describes it.
 *
 * @typedef {{id: number, username: string, role: string, created_at: string}} Account
 * @typedef {{user: Account, session_id: number, access_token: string, expires_at: string,
 *   expires_in: number, refresh_token: string}} SignedIn
 * @typedef {{id: number, device: string, created_at: string, last_used_at: string,
 *   expires_at: string, current: boolean}} Device
 * @typedef {{id: number, username: string, role: string, first_name: string, last_name: string,
 *   bio: string, created_at: string, deleted: boolean, online: boolean | null,
 *   last_seen_at: string | null}} User
 * @typedef {User & {email: string, second_factor: boolean}} Profile
 * @typedef {{endpoint: string, expires_at: string | null, content: 'sender' | 'sender_and_text'}} PushSubscribed
 * @typedef {{user: User, since: string}} Block
 * @typedef {'member' | 'admin' | 'owner'} Role
 * @typedef {'direct' | 'group' | 'room' | 'project' | 'whisper'} Kind
 * @typedef {{muted_until: string | null, mentions_only: boolean, pinned: boolean, archived: boolean}} Preferences
 * @typedef {{id: number, kind: Kind, title: string | null, project_id: number | null,
 *   parent_id: number | null, slow_mode: number, created_at: string, data: Data | null,
 *   version: number}} ChatBase
 * @typedef {ChatBase & {active_at: string, last_seq: number, role: Role, member_count: number,
 *   peer: {id: number, username: string, role: string} | null, preferences: Preferences,
 *   read_seq: number, unread_count: number, mention_count: number,
 *   last_message: Message | null}} Chat
 * @typedef {{user_id: number, username: string, account_role: string, role: Role, joined_at: string,
 *   left_at: string | null, read_seq: number, version: number}} Member
 * @typedef {{id: number, name: string, created_at: string, active_at: string,
 *   member_count: number}} Room
 * @typedef {{user: {id: number, username: string, role: string}, banned_by: number,
 *   reason: string | null, banned_at: string, until: string | null}} Ban
 * @typedef {Record<string, any>} Data What a product keeps with something; the server never looks into it.
 * @typedef {{emoji: string, user_ids: number[]}} Reaction
 * @typedef {{user_id: number, offset: number, length: number}} MentionRange
 * @typedef {{id: number, kind: 'image' | 'file', name: string, mime: string, size: number,
 *   width: number | null, height: number | null, preview: string | null, url: string,
 *   thumbnail_url: string | null}} Attachment
 * @typedef {{id: number, chat_id: number, seq: number, version: number, author_id: number,
 *   client_id: string | null, reply_to: number | null, kind: 'text' | 'app' | 'system',
 *   counts_as_unread: boolean, text: string, data: Data | null, created_at: string,
 *   edited_at: string | null, deleted_at: string | null, pinned_at: string | null,
 *   reactions: Reaction[], mentions: number[], mention_ranges: MentionRange[],
 *   attachments: Attachment[]}} Message
 * @typedef {{items: Message[], older: boolean, newer: boolean, quoted: Message[],
 *   starred: number[]}} MessagePage
 * @typedef {{items: Message[], chats: ChatBase[], next: string | null}} Found
 * @typedef {{version: number, more: boolean, chat: ChatBase | null, members: Member[],
 *   messages: Message[], quoted: Message[]}} Changes
 * @typedef {{chats: Record<string, Changes>, gone: number[], reset: number[]}} Resumed
 * @typedef {{user_id: number, session_id: number, role: string, chats: Record<string, number>,
 *   heartbeat: number, expires_at: string, expires_in: number}} Ready
 * @typedef {{type: string, chat?: number, version?: number, data: any}} Push
 * @typedef {{id: number, username: string, role: string, first_name: string, last_name: string,
 *   bio: string, email: string, created_at: string, is_active: boolean,
 *   last_seen_at: string | null}} AdminUser
 * @typedef {{id: number, kind: Kind, title: string | null, created_at: string, active_at: string,
 *   member_count: number, message_count: number}} AdminChat
 * @typedef {{id: number, at: string, actor_id: number | null, action: string, target_kind: string,
 *   target_id: number | null, detail: string, count: number,
 *   origin: {address: string, protocol: string, device: string} | null}} AuditEntry
 * @typedef {{id: number, created_by: number | null, created_at: string, expires_at: string,
 *   uses: number, used: number, note: string}} Invite
 */

/**
 * @template T
 * @typedef {{items: T[], next: string | null}} List
 */

export {};
