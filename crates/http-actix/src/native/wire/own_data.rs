//! What people take along and leave behind.

use super::{AdminUser, Attachment, Block, Chat, EarlierText, Message, SessionInfo, data_of};
use domain::message::Emoji;
use domain::own_data::{self, ExportItem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// What becomes of the messages of an account that is deleted.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LeftMessages {
    /// They stay, as those of a deleted user.
    #[default]
    Keep,
    /// They become tombstones, and your reactions go.
    Delete,
}

impl From<LeftMessages> for own_data::LeftMessages {
    fn from(messages: LeftMessages) -> Self {
        match messages {
            LeftMessages::Keep => Self::Keep,
            LeftMessages::Delete => Self::Delete,
        }
    }
}

/// What it takes to delete your account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteMe {
    /// Without it the session must have been proved in the last five minutes.
    #[schema(format = Password)]
    pub(crate) password: Option<String>,
    pub(crate) messages: LeftMessages,
}

/// What becomes of somebody's messages.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeletedMessagesQuery {
    /// `keep` unless given.
    #[serde(default)]
    #[param(inline)]
    pub(crate) messages: LeftMessages,
}

/// A line of an export.
#[derive(Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
enum Line {
    Profile(AdminUser),
    HostData(Option<Value>),
    Session(SessionInfo),
    Block(Block),
    Chat(Box<Chat>),
    Message(Box<Message>),
    Edits {
        message_id: i64,
        texts: Vec<EarlierText>,
    },
    Star {
        chat_id: i64,
        message_id: i64,
    },
    Reactions {
        chat_id: i64,
        message_id: i64,
        emoji: Vec<String>,
    },
    File {
        #[serde(flatten)]
        file: Attachment,
        /// Where it was sent; `null` as long as it is in no message.
        chat_id: Option<i64>,
    },
    End {
        lines: usize,
    },
}

impl From<&ExportItem> for Line {
    fn from(item: &ExportItem) -> Self {
        match item {
            ExportItem::Account(account) => Self::Profile(AdminUser::from(account)),
            ExportItem::HostData(data) => Self::HostData(data_of(Some(data))),
            ExportItem::Session(session) => Self::Session(SessionInfo::new(session, session.id)),
            ExportItem::Block(block) => Self::Block(Block::from(block)),
            ExportItem::Chat(view) => Self::Chat(Box::new(Chat::from(&**view))),
            ExportItem::Message(message) => Self::Message(Box::new(Message::from(message))),
            ExportItem::Edits { message, texts } => Self::Edits {
                message_id: message.get(),
                texts: texts.iter().map(EarlierText::from).collect(),
            },
            ExportItem::Star { chat, message } => {
                Self::Star { chat_id: chat.get(), message_id: message.get() }
            }
            ExportItem::Reactions(own) => Self::Reactions {
                chat_id: own.chat.get(),
                message_id: own.message.get(),
                emoji: own.emoji.iter().map(Emoji::to_string).collect(),
            },
            ExportItem::File(stored) => Self::File {
                file: Attachment::from(&stored.attachment),
                chat_id: stored.sent.map(|(chat, _)| chat.get()),
            },
        }
    }
}

/// A line for each of these.
pub(crate) fn export_lines(items: &[ExportItem]) -> String {
    items.iter().map(|item| line(&Line::from(item))).collect()
}

/// The last line, which says that nothing is missing.
pub(crate) fn export_end(lines: usize) -> String {
    line(&Line::End { lines })
}

fn line(of: &Line) -> String {
    // Strings and numbers: nothing here can fail to become JSON.
    serde_json::to_string(of).unwrap_or_default() + "\n"
}
