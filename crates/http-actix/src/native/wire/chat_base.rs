//! What is shown of chats wherever one is named.

use super::{Permissions, data_of, external_id, rfc_3339};
use domain::chat;
use domain::ids::{ChatId, ProjectId};
use domain::user::UserSummary;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What sort of chat it is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChatKind {
    Direct,
    Group,
    Project,
    Room,
    Whisper,
}

impl From<chat::ChatKind> for ChatKind {
    fn from(kind: chat::ChatKind) -> Self {
        match kind {
            chat::ChatKind::Direct => Self::Direct,
            chat::ChatKind::Group => Self::Group,
            chat::ChatKind::Project(_) => Self::Project,
            chat::ChatKind::Room => Self::Room,
            chat::ChatKind::Whisper(_) => Self::Whisper,
        }
    }
}

/// Who somebody is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Peer {
    id: i64,
    /// What their host calls them; `null` if they are from none.
    external_id: Option<String>,
    username: String,
    /// What their account is: `user`, `admin`, or a word of this installation.
    role: String,
}

impl From<&UserSummary> for Peer {
    fn from(user: &UserSummary) -> Self {
        Self {
            id: user.id.get(),
            external_id: external_id(user.external_id.as_ref()),
            username: user.name.clone(),
            role: user.role.to_string(),
        }
    }
}

/// A chat, as it is the same for everybody in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChatBase {
    pub(super) id: i64,
    pub(super) kind: ChatKind,
    /// Of a room, its name; between two people there is none.
    pub(super) title: Option<String>,
    /// What it is about; perhaps empty.
    pub(super) description: String,
    /// Of a project's chat, the project.
    pub(super) project_id: Option<i64>,
    /// Of whispers, the chat that they are whispered in.
    pub(super) parent_id: Option<i64>,
    /// Seconds that a plain member waits between two messages.
    pub(super) slow_mode: u64,
    /// What it lets its people do, as its owner or its host set it; `null` between two people.
    pub(super) permissions: Option<Permissions>,
    pub(super) created_at: String,
    /// What its host calls it; `null` if none gave it an id.
    pub(super) external_id: Option<String>,
    /// What its host keeps with it; `null` if there is nothing.
    #[schema(value_type = Option<Object>)]
    pub(super) data: Option<Value>,
    /// The version of the last change of the above.
    pub(super) version: i64,
}

impl From<&chat::Chat> for ChatBase {
    fn from(chat: &chat::Chat) -> Self {
        Self {
            id: chat.id.get(),
            kind: chat.kind.into(),
            title: chat.title.as_ref().map(ToString::to_string),
            description: chat.description.as_str().to_owned(),
            project_id: chat.kind.project().map(ProjectId::get),
            parent_id: chat.kind.parent().map(ChatId::get),
            slow_mode: chat.slow_mode.as_secs(),
            permissions: (!chat.kind.is_between_two()).then(|| chat.permissions.into()),
            created_at: rfc_3339(chat.created_at),
            external_id: external_id(chat.external_id.as_ref()),
            data: data_of(chat.data.as_ref()),
            version: chat.version.get(),
        }
    }
}
