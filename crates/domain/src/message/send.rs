//! Sending.

use super::{AppendError, Appended, ClientId, Message, MessageText, Messages, NotAClientId};
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, MessageId, UserId};
use crate::session::Caller;
use crate::text::TextError;

/// What somebody wants to send.
#[derive(Debug)]
pub struct Send<'a> {
    /// To which chat.
    pub chat: ChatId,
    /// The text as typed.
    pub text: &'a str,
    /// The message of the same chat that it answers.
    pub reply_to: Option<MessageId>,
    /// What the client calls it. Without one, sending twice sends twice.
    pub client_id: Option<&'a str>,
}

/// A message that kept the rules that need no database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// To which chat.
    pub chat: ChatId,
    /// Who writes.
    pub author: UserId,
    /// What the client calls it.
    pub client_id: Option<ClientId>,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// What it says.
    pub text: MessageText,
    /// Now.
    pub sent_at: Timestamp,
}

/// What a store found for a draft, in the transaction that is to store it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances<'a> {
    /// Whether the author is in the chat.
    pub is_member: bool,
    /// Whether the chat is closed ([`crate::chat::Standing::closed`]).
    pub closed: bool,
    /// The author's message of that client id, if the draft has one and it is there.
    pub replayed: Option<&'a Message>,
    /// The message that the draft answers, if it names one and it is there.
    pub answered: Option<&'a Message>,
}

/// What is to be done with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Store it.
    Append,
    /// It is stored already.
    Replay,
}

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    /// There is no such chat, or the author is not in it: which of them is nobody's business.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The other one of the two is disabled or was deleted, or one of them has blocked the other.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// The message to answer is not in this chat, or deleted.
    #[error("There is no such message to reply to in this chat.")]
    ReplyNotFound,
    /// The author used this client id in another chat.
    #[error("This client id was used for a message in another chat.")]
    ClientIdReused,
}

impl Draft {
    /// Whether it is to be stored, given what is true in the store.
    pub fn admit(&self, found: Circumstances<'_>) -> Result<Admission, SendRefusal> {
        if !found.is_member {
            return Err(SendRefusal::ChatNotFound);
        }
        if let Some(replayed) = found.replayed {
            let same_chat = replayed.chat == self.chat;
            return if same_chat {
                Ok(Admission::Replay)
            } else {
                Err(SendRefusal::ClientIdReused)
            };
        }
        if found.closed {
            return Err(SendRefusal::PeerUnavailable);
        }
        let answers = |m: &Message| m.chat == self.chat && m.deleted_at.is_none();
        if self.reply_to.is_some() && !found.answered.is_some_and(answers) {
            return Err(SendRefusal::ReplyNotFound);
        }
        Ok(Admission::Append)
    }
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The text breaks a rule.
    #[error("The text {0}.")]
    Text(#[from] TextError),
    /// The client id breaks a rule.
    #[error("The client id {0}.")]
    ClientId(#[from] NotAClientId),
    /// It may not be sent.
    #[error(transparent)]
    Refused(#[from] SendRefusal),
    /// The database failed. Whether the message is stored is not known: send it again with the
    /// same client id.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AppendError> for SendError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Refused(why) => why.into(),
            AppendError::Store(error) => error.into(),
        }
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Text(why) => Self::field("text", why.code(), error),
            SendError::ClientId(_) => Self::field("client_id", "client_id_invalid", error),
            SendError::Refused(SendRefusal::ChatNotFound) => {
                Self::new(Kind::NotFound, "chat_not_found", error)
            }
            SendError::Refused(SendRefusal::PeerUnavailable) => {
                Self::new(Kind::Forbidden, "peer_unavailable", error)
            }
            SendError::Refused(SendRefusal::ReplyNotFound) => {
                Self::field("reply_to", "reply_not_found", error)
            }
            SendError::Refused(SendRefusal::ClientIdReused) => {
                Self::new(Kind::Conflict, "client_id_reused", error)
            }
            SendError::Store(error) => error.into(),
        }
    }
}

impl Messages {
    /// Sends a message. When this returns, it is stored. A replay answers the message as it is
    /// now, and nobody is told again.
    pub async fn send(&self, caller: &Caller, command: Send<'_>) -> Result<Appended, SendError> {
        let draft = Draft {
            chat: command.chat,
            author: caller.user,
            client_id: command.client_id.map(ClientId::new).transpose()?,
            reply_to: command.reply_to,
            text: MessageText::new(command.text)?,
            sent_at: self.ports.clock.now(),
        };
        let appended = self.ports.messages.append(draft).await?;
        if !appended.replayed {
            self.tell(EventBody::MessageCreated(appended.message.clone()), command.chat);
        }
        Ok(appended)
    }
}
