//! Stars: what somebody keeps for themselves. Nobody else learns of them.

use super::mark_outcome::unmarked;
use super::{MarkError, MarkRefusal, Message, Messages};
use crate::event::{Audience, Event, EventBody};
use crate::failure::{StoreError, WriteError};
use crate::ids::{MessageId, UserId};
use crate::limits;
use crate::session::Caller;
use crate::size;

/// A star to be set or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Star {
    /// On which message.
    pub message: MessageId,
    /// Whose.
    pub user: UserId,
    /// Whether it is to be there.
    pub on: bool,
}

impl Star {
    /// Whether anything is to be changed, given the message, whether the person's star is on it, and
    /// how many stars they have.
    pub fn decide(
        &self,
        message: &Message,
        there: bool,
        stars: usize,
    ) -> Result<bool, MarkRefusal> {
        if message.deleted_at.is_some() {
            return Err(MarkRefusal::Deleted);
        }
        if there == self.on {
            return Ok(false);
        }
        if self.on && stars >= limits::STARS_PER_USER {
            return Err(MarkRefusal::TooManyStars);
        }
        Ok(true)
    }
}

/// Starred messages, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarPage {
    /// The newest message first.
    pub messages: Vec<Message>,
    /// Whether there are more.
    pub more: bool,
}

impl Messages {
    /// Sets or takes back the caller's star, and returns whether it was otherwise before. Only their
    /// own sockets hear of it.
    pub async fn star(
        &self,
        caller: &Caller,
        message: MessageId,
        on: bool,
    ) -> Result<bool, MarkError> {
        // A star is no change of the chat, so whether one is still in it need not be settled under a
        // lock: nobody is shown the starred messages of chats that they are not in.
        let chat = self.seen(caller, message).await.map_err(unmarked)?.chat;
        let user = caller.user;
        let changed = match self.ports.marks.star(Star { message, user, on }).await {
            Err(WriteError::Store(error)) => return Err(unmarked(error)),
            changed => changed?,
        };
        if changed {
            let body = EventBody::Starred { chat, message, on };
            self.ports.bus.publish(Event { audience: Audience::Users(vec![user]), body });
        }
        Ok(changed)
    }

    /// Those of these messages that have the caller's star.
    pub async fn starred_among(
        &self,
        caller: &Caller,
        messages: &[MessageId],
    ) -> Result<Vec<MessageId>, StoreError> {
        self.ports.marks.stars_among(caller.user, messages).await
    }

    /// The messages that the caller starred and may see now, those before `before`.
    pub async fn starred(
        &self,
        caller: &Caller,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<StarPage, StoreError> {
        let whispers = caller.sees_whispers();
        let mut page = self.ports.marks.starred(caller.user, whispers, before, limit).await?;
        let sizes = page.messages.iter().map(Message::size);
        let fitting = size::fitting(sizes, limits::PAGE_BYTES);
        page.more |= fitting < page.messages.len();
        page.messages.truncate(fitting);
        Ok(page)
    }
}
