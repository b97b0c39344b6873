//! What was said in a chat, and what its messages said before they were edited.

use super::{Message, rfc_3339};
use domain::message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of a history.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// The newest messages before this seq.
    pub(crate) before: Option<i64>,
    /// The oldest messages after this seq.
    pub(crate) after: Option<i64>,
    /// The messages around this seq.
    pub(crate) around: Option<i64>,
    /// 1 to 200; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// A part of a history, in the order of `seq`.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessagePage {
    items: Vec<Message>,
    /// Whether there are messages before the first of these.
    older: bool,
    /// Whether there are messages after the last of these.
    newer: bool,
    /// What some of these answer and is not among them, in the order of `seq`.
    quoted: Vec<Message>,
    /// Those of `items` that have your star.
    starred: Vec<i64>,
}

impl From<&message::History> for MessagePage {
    fn from(history: &message::History) -> Self {
        let page = &history.page;
        Self {
            quoted: page.quoted.iter().map(Message::from).collect(),
            starred: history.starred.iter().map(|id| id.get()).collect(),
            items: page.messages.iter().map(Message::from).collect(),
            older: page.older,
            newer: page.newer,
        }
    }
}

/// What a message said before it was edited.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EarlierText {
    text: String,
    /// When that was written.
    written_at: String,
}

impl From<&message::EarlierText> for EarlierText {
    fn from(earlier: &message::EarlierText) -> Self {
        Self { text: earlier.text.clone(), written_at: rfc_3339(earlier.written_at) }
    }
}
