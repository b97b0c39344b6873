//! What all changes of messages have in common: the facts that decide, and the reasons for a refusal.

use super::{Message, Messages};
use crate::chat::{Restriction, Standing, standing};
use crate::data::DataError;
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::ids::{ChatId, MessageId};
use crate::session::Caller;
use crate::text::TextError;

/// What the store found for a change of a message, under the chat's lock.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessageFacts<'a> {
    /// The actor's standing in the message's chat; `None` if they are not a member.
    pub actor: Option<Standing>,
    /// The message as it is now; `None` if there is none.
    pub message: Option<&'a Message>,
}

impl<'a> MessageFacts<'a> {
    /// Both, if the actor may see the message, and it is in the given chat, if one is given. One from before they
    /// came in may be hidden from them.
    pub(super) fn seen(self, chat: Option<ChatId>) -> Option<(Standing, &'a Message)> {
        let (actor, message) = (self.actor?, self.message?);
        let here = message.chat == chat.unwrap_or(message.chat) && message.chat == actor.chat;
        (here && !actor.horizon.hides(message)).then_some((actor, message))
    }
}

/// Why a message is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// There is no such message in that chat, it is hidden from the actor, or they are not a member. The actor must
    /// not learn which.
    #[error("There is no such message.")]
    NotFound,
    /// It is a tombstone.
    #[error("The message has been deleted.")]
    Deleted,
    /// The actor may not change it.
    #[error("This message is not yours to change.")]
    NotAllowed,
    /// The chat is closed.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// The settings of the chat do not let the actor write, or they are silenced.
    #[error(transparent)]
    Restricted(#[from] Restriction),
    /// The new text breaks a rule.
    #[error("The text {0}.")]
    Text(#[from] TextError),
    /// The new data breaks a rule, or would after it is merged.
    #[error(transparent)]
    Data(#[from] DataError),
    /// It is of the kind `app`, and would have no data.
    #[error("A message of the kind app has data.")]
    DataMissing,
}

/// Why a message was not changed.
pub type ChangeError = WriteError<ChangeRefusal>;

impl From<ChangeRefusal> for Failure {
    fn from(refusal: ChangeRefusal) -> Self {
        match refusal {
            ChangeRefusal::NotFound => Self::new(Kind::NotFound, "message_not_found", refusal),
            ChangeRefusal::Deleted => Self::new(Kind::Conflict, "message_deleted", refusal),
            ChangeRefusal::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", refusal),
            ChangeRefusal::PeerUnavailable => {
                Self::new(Kind::Forbidden, "peer_unavailable", refusal)
            }
            ChangeRefusal::Restricted(why) => why.into(),
            ChangeRefusal::Text(why) => Self::field("text", why.code(), refusal),
            ChangeRefusal::Data(why) => why.into(),
            ChangeRefusal::DataMissing => Self::field("data", "data_missing", refusal),
        }
    }
}

/// Converts the store's error of reading a message.
pub(super) fn unseen(error: StoreError) -> ChangeError {
    match error {
        StoreError::NotFound => WriteError::Refused(ChangeRefusal::NotFound),
        error => error.into(),
    }
}

impl Messages {
    /// A message that the caller may see, in any chat.
    pub(super) async fn seen(&self, caller: &Caller, id: MessageId) -> Result<Message, StoreError> {
        let message = self.ports.messages.get(id).await?;
        let actor = self.ports.members.standing(message.chat, caller.user).await?;
        let facts = MessageFacts { actor: Some(actor), message: Some(&message) };
        if facts.seen(None).is_some() { Ok(message) } else { Err(StoreError::NotFound) }
    }

    /// A message of that chat that the caller may see, with their standing in the chat.
    pub(super) async fn visible(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<(Standing, Message), ChangeError> {
        // In this order: of whoever is removed in between and comes back, it is asked what they see then.
        let message = self.ports.messages.get(id).await.map_err(unseen)?;
        let actor = standing(&*self.ports.members, caller, chat).await.map_err(unseen)?;
        let facts = MessageFacts { actor: Some(actor), message: Some(&message) };
        match facts.seen(Some(chat)) {
            Some(_) => Ok((actor, message)),
            None => Err(WriteError::Refused(ChangeRefusal::NotFound)),
        }
    }
}
