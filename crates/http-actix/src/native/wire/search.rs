//! Searching messages.

use super::{ChatBase, Message};
use domain::message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words, and `from:`, `in:`, `before:` and `data:`.
    #[serde(default)]
    pub(crate) q: String,
    /// Who wrote it: an id, `ext:` and an external id, or a name.
    pub(crate) from: Option<String>,
    /// In which chat: its id, or `ext:` and its external id.
    #[serde(rename = "in")]
    #[param(rename = "in")]
    pub(crate) chat: Option<String>,
    /// Before which day, in UTC: `2026-08-11`.
    pub(crate) before: Option<String>,
    /// Words of the texts in its data, all of them.
    pub(crate) data: Option<String>,
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 200; 20 unless given.
    pub(crate) limit: Option<usize>,
}

/// Messages that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Found {
    /// The newest first.
    items: Vec<Message>,
    /// The chats that they are in.
    chats: Vec<ChatBase>,
    /// What to pass as `cursor` for the page after it; `null` on the last one.
    next: Option<String>,
}

impl From<&message::FoundPage> for Found {
    fn from(page: &message::FoundPage) -> Self {
        Self {
            items: page.messages.iter().map(Message::from).collect(),
            chats: page.chats.iter().map(ChatBase::from).collect(),
            next: page.next.map(|id| id.to_string()),
        }
    }
}
