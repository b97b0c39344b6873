//! Chats, members and changes.

use super::{
    ChatBase, ChatKind, GivenId, Message, Peer, Permissions, PermissionsUpdate, Preferences,
    Silence, external_id, given, rfc_3339,
};
use domain::chat;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// A group to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGroup {
    /// 1 to 200 visible characters.
    #[schema(example = "Lunch")]
    pub(crate) title: String,
    /// Who is in it besides you.
    #[serde(default)]
    pub(crate) members: Vec<GivenId>,
    /// What your host calls it: 1 to 255 characters, which no other chat of your host has. It stays.
    #[serde(default)]
    #[schema(example = "order-7")]
    pub(crate) external_id: Option<String>,
    /// An object of 4,096 bytes at most that is kept with it and shown to its members; members that are `null`
    /// are left out. For service keys only.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) data: Option<Value>,
    /// What it is to let its people do; what is not given is as usual.
    #[serde(default)]
    pub(crate) permissions: PermissionsUpdate,
}

/// What is to be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatUpdate {
    /// 1 to 200 visible characters.
    #[serde(default)]
    pub(crate) title: Option<String>,
    /// Up to 1,000 characters; empty takes it away.
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// Seconds that a plain member waits between two messages, up to 86,400; 0 turns it off.
    #[serde(default)]
    pub(crate) slow_mode: Option<u32>,
    /// What it is to let its people do. Its owner sets this.
    #[serde(default)]
    pub(crate) permissions: PermissionsUpdate,
    /// Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away. For service
    /// keys only.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    pub(crate) data: Option<Value>,
}

/// A page of a list of chats.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChatListQuery {
    /// Only those that are archived, or only those that are not.
    pub(crate) archived: Option<bool>,
    /// `true` for all chats of this server, in the order of their ids: for a service key with the scope
    /// `all_chats:read`.
    pub(crate) all: Option<bool>,
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 500; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// The role wanted, or had.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberUpdate {
    pub(crate) role: MemberRole,
}

/// What somebody may do in a chat.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberRole {
    Member,
    Admin,
    Owner,
}

impl From<MemberRole> for chat::ChatRole {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Member => Self::Member,
            MemberRole::Admin => Self::Admin,
            MemberRole::Owner => Self::Owner,
        }
    }
}

impl From<chat::ChatRole> for MemberRole {
    fn from(role: chat::ChatRole) -> Self {
        match role {
            chat::ChatRole::Member => Self::Member,
            chat::ChatRole::Admin => Self::Admin,
            chat::ChatRole::Owner => Self::Owner,
        }
    }
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 200; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// Since when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SinceQuery {
    /// The version that you have.
    pub(crate) since: i64,
    /// 1 to 200; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// A chat, as you see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Chat {
    id: i64,
    kind: ChatKind,
    /// Of a room, its name; between two people there is none.
    title: Option<String>,
    /// What it is about; perhaps empty.
    description: String,
    /// Of a project's chat, the project.
    project_id: Option<i64>,
    /// Of whispers, the chat that they are whispered in.
    parent_id: Option<i64>,
    /// Seconds that a plain member waits between two messages.
    slow_mode: u64,
    /// What it lets its people do, as its owner or its host set it; `null` between two people.
    permissions: Option<Permissions>,
    created_at: String,
    /// What its host calls it; `null` if none gave it an id.
    external_id: Option<String>,
    /// What its host keeps with it; `null` if there is nothing.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
    /// When the last message was sent, or else when the chat was made.
    active_at: String,
    /// How many changes it has seen.
    version: i64,
    /// The place of the last message; 0 if there is none.
    last_seq: i64,
    /// What you may do.
    role: MemberRole,
    member_count: i64,
    /// The other one of a direct chat or of whispers; yourself in your notes.
    peer: Option<Peer>,
    /// What you want of it; nobody else sees this.
    preferences: Preferences,
    /// Up to where you have read.
    read_seq: i64,
    /// The first message that you see: 1 if you see all, and else the one after the last that was there before you
    /// came in.
    visible_from: i64,
    /// Whether you say nothing in it, and why; `null` if you may.
    silence: Option<Silence>,
    /// Messages after `read_seq` which others wrote and nobody deleted; 100 means as many or more.
    unread_count: i64,
    /// Those of them that mention you, counted as far.
    mention_count: i64,
    /// `null` also if you do not see it.
    last_message: Option<Message>,
}

impl From<&chat::ChatView> for Chat {
    fn from(view: &chat::ChatView) -> Self {
        let base = ChatBase::from(&view.chat);
        Self {
            id: base.id,
            kind: base.kind,
            title: base.title,
            description: base.description,
            project_id: base.project_id,
            parent_id: base.parent_id,
            slow_mode: base.slow_mode,
            permissions: base.permissions,
            created_at: base.created_at,
            external_id: base.external_id,
            data: base.data,
            active_at: rfc_3339(view.active_at),
            version: view.version.get(),
            last_seq: view.last_seq.get(),
            role: view.role.into(),
            member_count: view.member_count,
            peer: view.peer.as_ref().map(Peer::from),
            preferences: Preferences::from(view.preferences),
            read_seq: view.read_seq.get(),
            visible_from: view.horizon.first_seq().get(),
            silence: view.silence.as_ref().map(Silence::from),
            unread_count: view.unread_count,
            mention_count: view.mention_count,
            last_message: view.last_message.as_ref().map(Message::from),
        }
    }
}

/// Somebody who is, or was, in a chat.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    user_id: i64,
    /// What their host calls them; `null` if they are from none.
    external_id: Option<String>,
    username: String,
    /// What their account is: `user`, `admin`, or a word of this installation.
    account_role: String,
    /// What they may do in the chat.
    role: MemberRole,
    joined_at: String,
    /// Set for those who left.
    left_at: Option<String>,
    read_seq: i64,
    /// Whether they say nothing in the chat, and why. Only they themselves and those who silence see it, and in frames
    /// it is `null`: see `chat.silence`.
    silence: Option<Silence>,
    /// The chat's version when this last changed.
    version: i64,
}

impl From<&chat::Member> for Member {
    fn from(member: &chat::Member) -> Self {
        Self {
            user_id: member.user.id.get(),
            external_id: external_id(member.user.external_id.as_ref()),
            username: member.user.name.clone(),
            account_role: member.user.role.to_string(),
            role: member.role.into(),
            joined_at: rfc_3339(member.joined_at),
            left_at: member.left_at.map(rfc_3339),
            read_seq: member.read_seq.get(),
            silence: member.silence.as_ref().map(Silence::from),
            version: member.version.get(),
        }
    }
}

impl Member {
    /// As everybody in the chat is told.
    pub(crate) fn told_to_all(member: &chat::Member) -> Self {
        Self { silence: None, ..Self::from(member) }
    }
}

/// What changed in a chat, each thing once and as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// Where a copy is with these changes.
    version: i64,
    /// Whether the chat is past that; ask again.
    more: bool,
    /// The chat, if its settings changed.
    chat: Option<ChatBase>,
    members: Vec<Member>,
    messages: Vec<Message>,
    /// What some of those answer and is not among them, in the order of `seq`.
    quoted: Vec<Message>,
}

impl From<&chat::Changes> for Changes {
    fn from(changes: &chat::Changes) -> Self {
        Self {
            version: changes.version.get(),
            more: changes.more,
            chat: changes.chat.as_ref().map(ChatBase::from),
            members: changes.members.iter().map(Member::from).collect(),
            messages: changes.messages.iter().map(Message::from).collect(),
            quoted: changes.quoted.iter().map(Message::from).collect(),
        }
    }
}

impl Changes {
    /// Nothing yet: the answer was full before this chat's turn came.
    pub(crate) fn none_since(version: i64) -> Self {
        let (members, messages, quoted) = (Vec::new(), Vec::new(), Vec::new());
        Self { version, more: true, chat: None, members, messages, quoted }
    }
}
