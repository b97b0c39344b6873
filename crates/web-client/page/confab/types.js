/**
 * What the REST API takes and answers. Made from the server's OpenAPI document: change that one, then run `just page-types`.
 * What only the socket says is in frames.js.
 */

/**
 * A page of a list.
 *
 * @template T
 * @typedef {object} List
 * @property {T[]} items What is on it.
 * @property {string | null} next What to pass as `cursor` for the page after it; `null` on the last one.
 */

/**
 * One's own account.
 *
 * @typedef {object} Account
 * @property {string} created_at
 * @property {string | null} external_id What their host calls them; `null` if they are from none.
 * @property {number} id
 * @property {string} role
 * @property {string} username
 */

/**
 * What an admin changes of an account. What is left out stays.
 *
 * @typedef {object} AccountUpdate
 * @property {string | null} [bio] Up to 1,000 characters.
 * @property {string | null} [email] Up to 254 characters. Only its owner and admins see it.
 * @property {string | null} [first_name] Up to 150 visible characters.
 * @property {boolean | null} [is_active] `false` disables the account and ends its sessions.
 * @property {string | null} [last_name] Up to 150 visible characters.
 * @property {string | null} [role] `user`, `admin`, or a word of this installation.
 */

/**
 * A chat, as admins see it.
 *
 * @typedef {object} AdminChat
 * @property {string} active_at When the last message was sent, or else when the chat was made.
 * @property {string} created_at
 * @property {string | null} external_id What its host calls it; `null` if none gave it an id.
 * @property {number} id
 * @property {ChatKind} kind
 * @property {number} member_count
 * @property {number} message_count Tombstones included.
 * @property {string | null} title
 */

/**
 * Somebody, as admins see them.
 *
 * @typedef {object} AdminUser
 * @property {string} bio
 * @property {string} created_at
 * @property {string} email
 * @property {string | null} external_id What their host calls them; `null` if they are from none.
 * @property {string} first_name
 * @property {number} id
 * @property {boolean} is_active
 * @property {string} last_name
 * @property {string | null} last_seen_at
 * @property {string} role
 * @property {string} username
 */

/**
 * An uploaded file.
 *
 * @typedef {object} Attachment
 * @property {number | null} height Pixels; `null` unless it is an image.
 * @property {number} id
 * @property {AttachmentKind} kind
 * @property {string} mime
 * @property {string} name
 * @property {string | null} preview A `data:` URL of a tiny picture to show before the real one is there.
 * @property {number} size Bytes.
 * @property {string | null} thumbnail_url Where a smaller picture is; `null` unless it is an image.
 * @property {string} url Where it is, for those who may see it.
 * @property {number | null} width Pixels; `null` unless it is an image.
 */

/**
 * What a file is.
 *
 * @typedef {'image' | 'file'} AttachmentKind
 */

/**
 * A line of the audit log.
 *
 * @typedef {object} AuditEntry
 * @property {string} action What they did.
 * @property {number | null} actor_id Whose account did it; `null` for whoever runs the server, and for who did not sign in.
 * @property {string} at
 * @property {number} count How many attempts it stands for, within an hour of `at`.
 * @property {string} detail More about it, perhaps nothing.
 * @property {number} id
 * @property {SignInOrigin | null} origin Where somebody signed in from, or tried to; `null` of everything else.
 * @property {number | null} target_id `null` where somebody tried to sign in to accounts that do not exist.
 * @property {string} target_kind What they did it to: `user`, `chat`, `message` or `invite`.
 */

/**
 * Somebody who may not come in.
 *
 * @typedef {object} Ban
 * @property {string} banned_at
 * @property {number} banned_by
 * @property {string | null} reason
 * @property {string | null} until `null` is for ever.
 * @property {Peer} user
 */

/**
 * What an authenticator app is told. Nobody can be told again.
 *
 * @typedef {object} BegunSecondFactor
 * @property {string} otpauth_url The same for an app to read.
 * @property {string} secret The secret in base32.
 */

/**
 * Bytes.
 *
 * @typedef {Blob} Binary
 */

/**
 * Somebody whom you have blocked.
 *
 * @typedef {object} Block
 * @property {string} since
 * @property {Peer} user
 */

/**
 * The password now and the one wanted.
 *
 * @typedef {object} ChangePassword
 * @property {string} new_password
 * @property {string} old_password
 */

/**
 * What changed in a chat, each thing once and as it is now.
 *
 * @typedef {object} Changes
 * @property {ChatBase | null} chat The chat, if its settings changed.
 * @property {Member[]} members
 * @property {Message[]} messages
 * @property {boolean} more Whether the chat is past that; ask again.
 * @property {Message[]} quoted What some of those answer and is not among them, in the order of `seq`.
 * @property {number} version Where a copy is with these changes.
 */

/**
 * A chat, as you see it.
 *
 * @typedef {object} Chat
 * @property {string} active_at When the last message was sent, or else when the chat was made.
 * @property {string} created_at
 * @property {Record<string, any> | null} data What its host keeps with it; `null` if there is nothing.
 * @property {string} description What it is about; perhaps empty.
 * @property {string | null} external_id What its host calls it; `null` if none gave it an id.
 * @property {number} id
 * @property {ChatKind} kind
 * @property {Message | null} last_message `null` also if you do not see it.
 * @property {number} last_seq The place of the last message; 0 if there is none.
 * @property {number} member_count
 * @property {number} mention_count Those of them that mention you, counted as far.
 * @property {number | null} parent_id Of whispers, the chat that they are whispered in.
 * @property {Peer | null} peer The other one of a direct chat or of whispers; yourself in your notes.
 * @property {Permissions | null} permissions What it lets its people do, as its owner or its host set it; `null` between two people.
 * @property {Preferences} preferences What you want of it; nobody else sees this.
 * @property {number | null} project_id Of a project's chat, the project.
 * @property {number} read_seq Up to where you have read.
 * @property {MemberRole} role What you may do.
 * @property {Silence | null} silence Whether you say nothing in it, and why; `null` if you may.
 * @property {number} slow_mode Seconds that a plain member waits between two messages.
 * @property {string | null} title Of a room, its name; between two people there is none.
 * @property {number} unread_count Messages after `read_seq` which others wrote and nobody deleted; 100 means as many or more.
 * @property {number} version How many changes it has seen.
 * @property {number} visible_from The first message that you see: 1 if you see all, and else the one after the last that was there before you came in.
 */

/**
 * A chat, as it is the same for everybody in it.
 *
 * @typedef {object} ChatBase
 * @property {string} created_at
 * @property {Record<string, any> | null} data What its host keeps with it; `null` if there is nothing.
 * @property {string} description What it is about; perhaps empty.
 * @property {string | null} external_id What its host calls it; `null` if none gave it an id.
 * @property {number} id
 * @property {ChatKind} kind
 * @property {number | null} parent_id Of whispers, the chat that they are whispered in.
 * @property {Permissions | null} permissions What it lets its people do, as its owner or its host set it; `null` between two people.
 * @property {number | null} project_id Of a project's chat, the project.
 * @property {number} slow_mode Seconds that a plain member waits between two messages.
 * @property {string | null} title Of a room, its name; between two people there is none.
 * @property {number} version The version of the last change of the above.
 */

/**
 * What sort of chat it is.
 *
 * @typedef {'direct' | 'group' | 'project' | 'room' | 'whisper'} ChatKind
 */

/**
 * What is to be different.
 *
 * @typedef {object} ChatUpdate
 * @property {Record<string, any> | null} [data] Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away. For service keys only.
 * @property {string | null} [description] Up to 1,000 characters; empty takes it away.
 * @property {PermissionsUpdate} [permissions] What it is to let its people do. Its owner sets this.
 * @property {number | null} [slow_mode] Seconds that a plain member waits between two messages, up to 86,400; 0 turns it off.
 * @property {string | null} [title] 1 to 200 visible characters.
 */

/**
 * How often one class of requests may be made.
 *
 * @typedef {object} ClassLimit
 * @property {Frequency | null} account By one account; `null` where there is no account yet.
 * @property {Frequency} address By everybody together behind one address.
 * @property {string} class `log_in`, `register`, `send`, `upload`, `search` or `other`.
 */

/**
 * A code of an authenticator app.
 *
 * @typedef {object} Code
 * @property {string} code
 */

/**
 * A name and a password.
 *
 * @typedef {object} Credentials
 * @property {string | null} [code] A code of the authenticator app or a recovery code, where the account has a second factor.
 * @property {string} password
 * @property {string} username
 */

/**
 * What it takes to delete your account.
 *
 * @typedef {object} DeleteMe
 * @property {LeftMessages} messages
 * @property {string | null} [password] Without it the session must have been proved in the last five minutes.
 */

/**
 * What a message said before it was edited.
 *
 * @typedef {object} EarlierText
 * @property {string} text
 * @property {string} written_at When that was written.
 */

/**
 * What is to be different.
 *
 * @typedef {object} EditMessage
 * @property {Record<string, any> | null} [data] Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away.
 * @property {string | null} [text] Not empty, after trimming.
 */

/**
 * A token that the host application signed.
 *
 * @typedef {object} Exchange
 * @property {string} token A JWT of one of the issuers that this server knows.
 */

/**
 * One field that was refused.
 *
 * @typedef {object} FieldProblem
 * @property {string} code A word for programs.
 * @property {string} detail A sentence for people.
 * @property {string} field Where it stands in what was sent.
 */

/**
 * A form with a file.
 *
 * @typedef {object} FileForm
 * @property {Blob} file The file, with its name and its type.
 */

/**
 * Whom you find: everybody, those who share a chat with you, or nobody.
 *
 * @typedef {'everybody' | 'shared' | 'nobody'} Finds
 */

/**
 * Messages that were found.
 *
 * @typedef {object} Found
 * @property {ChatBase[]} chats The chats that they are in.
 * @property {Message[]} items The newest first.
 * @property {string | null} next What to pass as `cursor` for the page after it; `null` on the last one.
 */

/**
 * So many at once, and then so many a second.
 *
 * @typedef {object} Frequency
 * @property {number} burst
 * @property {number} per_second
 */

/**
 * A number of this server, or `ext:` and what the host of the caller calls somebody or a chat.
 *
 * @typedef {number | string} GivenId
 */

/**
 * What somebody who comes into the chat sees of what was said before: all of it, or nothing.
 *
 * @typedef {'everything' | 'from_joining'} HistoryShown
 */

/**
 * How a group of your host is to be.
 *
 * @typedef {object} HostChat
 * @property {Record<string, any> | null} [data] Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away. Unless given, it stays.
 * @property {HostMember[]} members Who is in it, and nobody else.
 * @property {PermissionsUpdate} [permissions] What it is to let its people do.
 * @property {string} title 1 to 200 visible characters.
 */

/**
 * Somebody who is to be in a group of your host.
 *
 * @typedef {object} HostMember
 * @property {MemberRole | null} [role] What they may do. Unless given, whoever is in keeps their role, and whoever comes in is a plain member.
 * @property {GivenId} user_id
 */

/**
 * Who comes into a group of your host, and who goes. Everybody else stays as they are.
 *
 * @typedef {object} HostMembersChange
 * @property {HostMember[]} [members] Who is to be in.
 * @property {GivenId[]} [remove] Who is to be out. Whoever is not in does no harm.
 */

/**
 * A line about somebody.
 *
 * @typedef {object} HostPersonLine
 * @property {Record<string, any> | null} [data] Merged into the data that you keep with them; `null` takes it away.
 * @property {string | null} [email] Up to 254 characters. Only they and admins see it.
 * @property {string} external_id What your host calls them, without `ext:`: 1 to 255 characters.
 * @property {string | null} [picture] The `https` address of a picture, which becomes their avatar.
 * @property {string | null} [username] Up to 150 visible characters. If somebody has the name, a number is put behind it.
 */

/**
 * What became of a line.
 *
 * @typedef {object} HostPersonOutcome
 * @property {Problem | null} error Why it was refused.
 * @property {string | null} external_id What your host calls them; `null` if the line was refused.
 * @property {number | null} id Their number here; `null` if the line was refused.
 * @property {number} line Which line, from 1.
 * @property {string} outcome `added`, `changed`, `unchanged` or `refused`.
 * @property {string | null} username Their name here; `null` if the line was refused.
 */

/**
 * What your host says of somebody. What is left out stays.
 *
 * @typedef {object} HostPersonUpdate
 * @property {Record<string, any> | null} [data] Merged into the data that you keep with them, as JSON Merge Patch (RFC 7396) says: an object of 4,096 bytes at most; `null` takes it away. Only they and your keys see it.
 * @property {string | null} [email] Up to 254 characters. Only they and admins see it.
 * @property {string | null} [picture] The `https` address of a picture, which is fetched in the background and becomes their avatar: 2,048 characters and 5 MiB at most.
 * @property {string | null} [username] Up to 150 visible characters. If somebody has the name, a number is put behind it.
 */

/**
 * An OpenID provider.
 *
 * @typedef {object} IdentityProvider
 * @property {string} label What people call it.
 * @property {string} name Its word in addresses.
 */

/**
 * An invitation.
 *
 * @typedef {object} Invite
 * @property {string} created_at
 * @property {number | null} created_by The admin; `null` for whoever runs the server.
 * @property {string} expires_at From when on it lets nobody in.
 * @property {number} id
 * @property {string} note What it is for, perhaps nothing.
 * @property {number} used How many were.
 * @property {number} uses How many accounts can be made with it.
 */

/**
 * Who adds people to a group: its admins, or everybody in it.
 *
 * @typedef {'admins' | 'everyone'} Inviting
 */

/**
 * Who leaves by themselves, where that is possible: everybody, or admins only.
 *
 * @typedef {'everyone' | 'admins'} Leaving
 */

/**
 * What becomes of the messages of an account that is deleted.
 *
 * @typedef {'keep' | 'delete'} LeftMessages
 */

/**
 * What this server allows.
 *
 * @typedef {object} Limits
 * @property {number} file_bytes Bytes of a file that is no picture.
 * @property {number} group_members Members of a group or a project's chat.
 * @property {number} message_chars Characters of a message.
 * @property {number} message_files Files of a message.
 * @property {number} picture_bytes Bytes of a picture.
 * @property {ClassLimit[]} rates How often each class of requests may be made; empty if any number may.
 * @property {number} room_members Members of a room.
 */

/**
 * Who logged out at the host.
 *
 * @typedef {object} LogOutToken
 * @property {string} logout_token A log-out token of one of the issuers that this server knows.
 */

/**
 * An invitation that was made.
 *
 * @typedef {Invite & {code: string}} MadeInvite
 */

/**
 * Where a read marker is.
 *
 * @typedef {object} Marker
 * @property {number} seq
 * @property {number | null} version The version of the move; `null` if the marker was there already, or further, or is yours alone.
 */

/**
 * You.
 *
 * @typedef {User & {data: Record<string, any> | null, email: string, finds: Finds, second_factor: boolean}} Me
 */

/**
 * What opens media for a page.
 *
 * @typedef {object} MediaKey
 * @property {string} expires_at Get another one before that.
 * @property {string} query To be appended to any address of media.
 */

/**
 * Somebody who is, or was, in a chat.
 *
 * @typedef {object} Member
 * @property {string} account_role What their account is: `user`, `admin`, or a word of this installation.
 * @property {string | null} external_id What their host calls them; `null` if they are from none.
 * @property {string} joined_at
 * @property {string | null} left_at Set for those who left.
 * @property {number} read_seq
 * @property {MemberRole} role What they may do in the chat.
 * @property {Silence | null} silence Whether they say nothing in the chat, and why. Only they themselves and those who silence see it, and in frames it is `null`: see `chat.silence`.
 * @property {number} user_id
 * @property {string} username
 * @property {number} version The chat's version when this last changed.
 */

/**
 * What somebody may do in a chat.
 *
 * @typedef {'member' | 'admin' | 'owner'} MemberRole
 */

/**
 * The role wanted, or had.
 *
 * @typedef {object} MemberUpdate
 * @property {MemberRole} role
 */

/**
 * Where a text mentions a member: the `@` and the name as it is spelt there. Both numbers count characters, which are Unicode code points and not UTF-16 units.
 *
 * @typedef {object} MentionRange
 * @property {number} length How many characters the `@` and the name have.
 * @property {number} offset How many characters stand before the `@`.
 * @property {number} user_id
 */

/**
 * A message, or the tombstone of one.
 *
 * @typedef {object} Message
 * @property {Attachment[]} attachments Files that came with it.
 * @property {number} author_id
 * @property {number} chat_id
 * @property {string | null} client_id
 * @property {boolean} counts_as_unread Whether it counts as unread; `false` only for some of the kind `system`.
 * @property {string} created_at
 * @property {Record<string, any> | null} data What is kept with it; `null` if there is none, and in a tombstone.
 * @property {string | null} deleted_at Set in a tombstone.
 * @property {string | null} edited_at
 * @property {number} id
 * @property {string} kind `text`, `app` or `system`.
 * @property {MentionRange[]} mention_ranges Where in the text they are mentioned, in the order of the text.
 * @property {number[]} mentions Members whom the text mentions, in the order of their ids.
 * @property {string | null} pinned_at Set while it is pinned.
 * @property {Reaction[]} reactions In the order of each emoji's first use.
 * @property {number | null} reply_to
 * @property {number} seq Its place in the chat: 1, 2, 3 …
 * @property {string} text Empty in a tombstone.
 * @property {number} version The chat's version when it last changed.
 */

/**
 * A part of a history, in the order of `seq`.
 *
 * @typedef {object} MessagePage
 * @property {Message[]} items
 * @property {boolean} newer Whether there are messages after the last of these.
 * @property {boolean} older Whether there are messages before the first of these.
 * @property {Message[]} quoted What some of these answer and is not among them, in the order of `seq`.
 * @property {number[]} starred Those of `items` that have your star.
 */

/**
 * A ban to be set.
 *
 * @typedef {object} NewBan
 * @property {string | null} [reason] What for: up to 500 characters.
 * @property {string | null} [until] Until when; for ever unless given. RFC 3339.
 */

/**
 * A group to be made.
 *
 * @typedef {object} NewGroup
 * @property {Record<string, any> | null} [data] An object of 4,096 bytes at most that is kept with it and shown to its members; members that are `null` are left out. For service keys only.
 * @property {string | null} [external_id] What your host calls it: 1 to 255 characters, which no other chat of your host has. It stays.
 * @property {GivenId[]} [members] Who is in it besides you.
 * @property {PermissionsUpdate} [permissions] What it is to let its people do; what is not given is as usual.
 * @property {string} title 1 to 200 visible characters.
 */

/**
 * An invitation that is wanted.
 *
 * @typedef {object} NewInvite
 * @property {number | null} [days] For how many days it is good: 1 to 365; 7 unless given.
 * @property {string | null} [note] What it is for: up to 100 visible characters.
 * @property {number | null} [uses] How many accounts can be made with it: 1 to 10,000; 1 unless given.
 */

/**
 * A message to be sent.
 *
 * @typedef {object} NewMessage
 * @property {number[]} [attachments] Your uploads that go with it, 10 at most; beside them the text may be empty.
 * @property {string | null} [client_id] So that sending twice sends once: 1 to 64 visible ASCII characters, yours alone for ever.
 * @property {boolean | null} [counts_as_unread] Of a message of the kind `system`, whether it counts as unread; `false` unless given.
 * @property {Record<string, any> | null} [data] An object of 4,096 bytes at most that is kept with it and shown as it is; members that are `null` are left out. A message of the kind `app` has one.
 * @property {'text' | 'app' | 'system'} [kind] What sort of message it is to be.
 * @property {number | null} [reply_to] The message of this chat that it answers.
 * @property {string} text Not empty, after trimming.
 * @property {GivenId | null} [to] Whispers it to this member of the chat.
 */

/**
 * The password wanted.
 *
 * @typedef {object} NewPassword
 * @property {string} password
 */

/**
 * A subscription as a browser gives it.
 *
 * @typedef {object} NewPushSubscription
 * @property {PushContent} [content] `sender` unless given.
 * @property {string} endpoint An https address on the public internet, of up to 2,048 characters.
 * @property {string | null} [expires_at] When it ends, if it does (RFC 3339).
 * @property {PushKeys} keys
 */

/**
 * A silence to be set.
 *
 * @typedef {object} NewSilence
 * @property {string | null} [reason] What for: up to 500 characters.
 * @property {string | null} [until] Until when; until it is lifted unless given. RFC 3339.
 */

/**
 * What is wrong with a request, as OAuth 2.0 says it.
 *
 * @typedef {object} OAuthError
 * @property {string} error
 * @property {string} error_description
 */

/**
 * What a browser knows of a subscription that it had.
 *
 * @typedef {object} OldPushSubscription
 * @property {string} auth The `auth` of its keys.
 * @property {string} endpoint
 */

/**
 * Who somebody is.
 *
 * @typedef {object} Peer
 * @property {string | null} external_id What their host calls them; `null` if they are from none.
 * @property {number} id
 * @property {string} role What their account is: `user`, `admin`, or a word of this installation.
 * @property {string} username
 */

/**
 * What a chat lets its people do.
 *
 * @typedef {object} Permissions
 * @property {HistoryShown} history
 * @property {Inviting} inviting
 * @property {Leaving} leaving
 * @property {Posting} posting
 * @property {Reacting} reacting
 * @property {Whispering} whispering
 */

/**
 * What a chat is to let its people do; what is not given stays.
 *
 * @typedef {object} PermissionsUpdate
 * @property {HistoryShown | null} [history] It concerns those who come in from then on.
 * @property {Inviting | null} [inviting] Nobody adds people to what is no group, so there it is never `everyone`.
 * @property {Leaving | null} [leaving] Nobody leaves a project's chat, so there it is never `admins`.
 * @property {Posting | null} [posting]
 * @property {Reacting | null} [reacting]
 * @property {Whispering | null} [whispering]
 */

/**
 * Somebody, with what their host keeps with them.
 *
 * @typedef {User & {data: Record<string, any> | null}} Person
 */

/**
 * Who writes in a chat: everybody in it, or its admins and its owner only. Service keys that are in it always write.
 *
 * @typedef {'everyone' | 'admins'} Posting
 */

/**
 * What you want of a chat.
 *
 * @typedef {object} Preferences
 * @property {boolean} archived Whether it is out of the way.
 * @property {boolean} mentions_only Whether, when it does, it gives them for messages that mention you only.
 * @property {string | null} muted_until Until when it gives no notifications; `null` if it does.
 * @property {boolean} pinned Whether it stays on top of your list.
 */

/**
 * What is to be different.
 *
 * @typedef {object} PreferencesUpdate
 * @property {boolean | null} [archived]
 * @property {boolean | null} [mentions_only]
 * @property {string | null} [muted_until] Until when it gives no notifications (RFC 3339); `null` ends that.
 * @property {boolean | null} [pinned]
 */

/**
 * A refusal, as it is sent. The same object answers on the socket.
 *
 * @typedef {object} Problem
 * @property {string} code A word for programs; `docs/api/errors.md` lists them all.
 * @property {string} detail A sentence for people.
 * @property {FieldProblem[]} errors The fields at fault.
 * @property {string | null} request_id What the log knows this request by; `null` on a socket.
 * @property {number | null} retry_after In how many seconds; `null` when it will not. The header `Retry-After` says the same.
 * @property {boolean} retryable Whether the same request may succeed later.
 * @property {number} status The HTTP status.
 * @property {string} title What the status says, in words.
 */

/**
 * What you want to say about yourself. What is left out stays.
 *
 * @typedef {object} ProfileUpdate
 * @property {string | null} [bio] Up to 1,000 characters.
 * @property {string | null} [email] Up to 254 characters. Only you and admins see it.
 * @property {string | null} [first_name] Up to 150 visible characters.
 * @property {string | null} [last_name] Up to 150 visible characters.
 */

/**
 * How a project's chat is to be.
 *
 * @typedef {object} ProjectChat
 * @property {Record<string, any> | null} [data] Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away. For service keys only.
 * @property {GivenId[]} members Who is in it, and nobody else.
 * @property {GivenId | null} [owner] Which of them owns it; as it was unless given.
 * @property {PermissionsUpdate} [permissions] What it is to let its people do.
 * @property {string} title 1 to 200 visible characters.
 */

/**
 * A project's chat, as it is the same for everybody in it.
 *
 * @typedef {object} ProjectChatState
 * @property {ChatBase} chat
 * @property {number[]} members Who is in it.
 */

/**
 * The password once more, and a code.
 *
 * @typedef {object} Proof
 * @property {string | null} [code] A code of the app or a recovery code, where the account has a second factor.
 * @property {string} password
 */

/**
 * The password, once more.
 *
 * @typedef {object} ProofOfPassword
 * @property {string} password
 */

/**
 * What a provider gave a browser that it sent back to the page.
 *
 * @typedef {object} ProviderReturn
 * @property {string | null} [code] The provider's code.
 * @property {string | null} [error] Its word for why there is none.
 * @property {string | null} [iss] Who says so, if they said it.
 * @property {string} state As the provider handed it back.
 */

/**
 * What a notification may carry.
 *
 * @typedef {'sender' | 'sender_and_text'} PushContent
 */

/**
 * What a browser encrypts with, in base64url.
 *
 * @typedef {object} PushKeys
 * @property {string} auth Its secret: 16 bytes.
 * @property {string} p256dh Its public key: an uncompressed point of P-256.
 */

/**
 * A subscription in the place of another one of the same browser.
 *
 * @typedef {object} PushRenewal
 * @property {string} endpoint An https address on the public internet, of up to 2,048 characters.
 * @property {string | null} [expires_at] When it ends, if it does (RFC 3339).
 * @property {PushKeys} keys
 * @property {OldPushSubscription} old
 */

/**
 * What it takes to subscribe, and whether this device is.
 *
 * @typedef {object} PushState
 * @property {string} public_key The `applicationServerKey` to subscribe with, in base64url.
 * @property {PushSubscription | null} subscription `null` as long as this device is not told.
 */

/**
 * How this device is told of messages.
 *
 * @typedef {object} PushSubscription
 * @property {PushContent} content
 * @property {string} endpoint
 * @property {string | null} expires_at
 */

/**
 * Who reacts to messages: everybody in the chat, or only those who may write there.
 *
 * @typedef {'everyone' | 'writers'} Reacting
 */

/**
 * An emoji and who reacted with it.
 *
 * @typedef {object} Reaction
 * @property {string} emoji
 * @property {number[]} user_ids In the order in which they did.
 */

/**
 * Up to where somebody has read.
 *
 * @typedef {object} Read
 * @property {number} seq
 */

/**
 * Codes that each take the place of one of the app once.
 *
 * @typedef {object} RecoveryCodes
 * @property {string[]} recovery_codes
 */

/**
 * A refresh token.
 *
 * @typedef {object} Refresh
 * @property {string} refresh_token
 */

/**
 * A name and a password for a new account.
 *
 * @typedef {object} Registration
 * @property {string | null} [invite] The code of an invitation, where registration is by invitation.
 * @property {string} password
 * @property {string} username
 */

/**
 * A room, from outside.
 *
 * @typedef {object} Room
 * @property {string} active_at When the last message was sent, or else when the room was made.
 * @property {string} created_at
 * @property {number} id The id of its chat.
 * @property {number} member_count
 * @property {string} name
 */

/**
 * A signed-in device.
 *
 * @typedef {object} SessionInfo
 * @property {string} created_at
 * @property {boolean} current Whether it is the one that is asking.
 * @property {string} device The `User-Agent` that signed in.
 * @property {string} expires_at
 * @property {number} id
 * @property {string} last_used_at When it was last refreshed.
 */

/**
 * The first admin of a server.
 *
 * @typedef {object} SetUp
 * @property {string} code The code of the link that the server's log shows.
 * @property {string} password
 * @property {string | null} [registration] Who may make an account from now on: `open`, `invite` or `closed`. Needed unless a setting says it.
 * @property {string} username
 */

/**
 * Where somebody signs in from.
 *
 * @typedef {object} SignInOrigin
 * @property {string} address Of IPv6 it is the network.
 * @property {string} device The `User-Agent`.
 * @property {string} protocol `native`, or the name of a dialect.
 */

/**
 * How people sign in.
 *
 * @typedef {object} SignInWays
 * @property {boolean} passwords Whether a name and its password do.
 * @property {IdentityProvider[]} providers With whom they can instead, in the order in which they are shown.
 */

/**
 * What somebody gets who signed in.
 *
 * @typedef {object} SignedIn
 * @property {string} access_token For `Authorization: Bearer`.
 * @property {string} expires_at When the access token ends.
 * @property {number} expires_in In how many seconds that is.
 * @property {string} refresh_token For the next access token. It works once.
 * @property {number} session_id
 * @property {Account} user
 */

/**
 * That somebody says nothing in a chat.
 *
 * @typedef {object} Silence
 * @property {string | null} reason
 * @property {string} silenced_at
 * @property {number} silenced_by
 * @property {string | null} until `null` is until it is lifted.
 */

/**
 * What opens one socket.
 *
 * @typedef {object} Ticket
 * @property {string} expires_at
 * @property {string} ticket For `?ticket=` of the socket.
 */

/**
 * Somebody.
 *
 * @typedef {object} User
 * @property {string} bio
 * @property {string} created_at
 * @property {boolean} deleted Whether the account was deleted.
 * @property {string | null} external_id What their host calls them; `null` if they are from none.
 * @property {string} first_name
 * @property {number} id
 * @property {string} last_name
 * @property {string | null} last_seen_at When they last were; `null` if never, or if you share no chat.
 * @property {boolean | null} online Whether they are connected; `null` if you share no chat.
 * @property {string} role `user`, `admin`, or a word of this installation.
 * @property {string} username `deleted user` for one that was deleted.
 */

/**
 * Who whispers in the chat: everybody in it, or nobody.
 *
 * @typedef {'everyone' | 'nobody'} Whispering
 */

export {};
