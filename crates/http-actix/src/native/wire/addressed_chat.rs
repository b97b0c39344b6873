//! Rooms, projects, bans and what one wants of a chat.

use super::{ChatBase, GivenId, Peer, PermissionsUpdate, given, rfc_3339};
use domain::chat;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A room, from outside.
#[derive(Serialize, ToSchema)]
pub(crate) struct Room {
    /// The id of its chat.
    id: i64,
    name: String,
    created_at: String,
    /// When the last message was sent, or else when the room was made.
    active_at: String,
    member_count: i64,
}

impl From<&chat::RoomSummary> for Room {
    fn from(room: &chat::RoomSummary) -> Self {
        Self {
            id: room.id.get(),
            name: room.name.clone(),
            created_at: rfc_3339(room.created_at),
            active_at: rfc_3339(room.active_at),
            member_count: room.member_count,
        }
    }
}

/// How a project's chat is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectChat {
    /// 1 to 200 visible characters.
    #[schema(example = "Bridge")]
    pub(crate) title: String,
    /// Who is in it, and nobody else.
    pub(crate) members: Vec<GivenId>,
    /// Which of them owns it; as it was unless given.
    #[serde(default)]
    pub(crate) owner: Option<GivenId>,
    /// Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away. For service
    /// keys only.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    pub(crate) data: Option<serde_json::Value>,
    /// What it is to let its people do.
    #[serde(default)]
    pub(crate) permissions: PermissionsUpdate,
}

/// A project's chat, as it is the same for everybody in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProjectChatState {
    chat: ChatBase,
    /// Who is in it.
    members: Vec<i64>,
}

impl ProjectChatState {
    pub(crate) fn new(chat: &chat::Chat, mut members: Vec<i64>) -> Self {
        members.sort_unstable();
        members.dedup();
        Self { chat: ChatBase::from(chat), members }
    }
}

/// A ban to be set.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBan {
    /// Until when; for ever unless given. RFC 3339.
    #[serde(default)]
    pub(crate) until: Option<String>,
    /// What for: up to 500 characters.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// Somebody who may not come in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ban {
    user: Peer,
    banned_by: i64,
    reason: Option<String>,
    banned_at: String,
    /// `null` is for ever.
    until: Option<String>,
}

impl From<&chat::Ban> for Ban {
    fn from(ban: &chat::Ban) -> Self {
        Self {
            user: Peer::from(&ban.user),
            banned_by: ban.by.get(),
            reason: ban.reason.clone(),
            banned_at: rfc_3339(ban.at),
            until: ban.until.map(rfc_3339),
        }
    }
}

/// A silence to be set.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSilence {
    /// Until when; until it is lifted unless given. RFC 3339.
    #[serde(default)]
    pub(crate) until: Option<String>,
    /// What for: up to 500 characters.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// That somebody says nothing in a chat.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Silence {
    silenced_by: i64,
    reason: Option<String>,
    silenced_at: String,
    /// `null` is until it is lifted.
    until: Option<String>,
}

impl From<&chat::Silence> for Silence {
    fn from(silence: &chat::Silence) -> Self {
        Self {
            silenced_by: silence.by.get(),
            reason: silence.reason.clone(),
            silenced_at: rfc_3339(silence.at),
            until: silence.until.map(rfc_3339),
        }
    }
}

/// What you want of a chat.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preferences {
    /// Until when it gives no notifications; `null` if it does.
    muted_until: Option<String>,
    /// Whether, when it does, it gives them for messages that mention you only.
    mentions_only: bool,
    /// Whether it stays on top of your list.
    pinned: bool,
    /// Whether it is out of the way.
    archived: bool,
}

impl From<chat::Preferences> for Preferences {
    fn from(preferences: chat::Preferences) -> Self {
        Self {
            muted_until: preferences.muted_until.map(rfc_3339),
            mentions_only: preferences.mentions_only,
            pinned: preferences.pinned,
            archived: preferences.archived,
        }
    }
}

/// What is to be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreferencesUpdate {
    /// Until when it gives no notifications (RFC 3339); `null` ends that.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub(crate) muted_until: Option<Option<String>>,
    #[serde(default)]
    pub(crate) mentions_only: Option<bool>,
    #[serde(default)]
    pub(crate) pinned: Option<bool>,
    #[serde(default)]
    pub(crate) archived: Option<bool>,
}
