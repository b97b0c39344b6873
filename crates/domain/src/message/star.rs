//! Stars, which somebody sets for themselves. Nobody else learns of them.

use super::mark_outcome::unmarked;
use super::{MarkError, MarkRefusal, Message, Messages};
use crate::event::{Audience, Event, EventBody};
use crate::failure::{StoreError, WriteError};
use crate::ids::{MessageId, UserId};
use crate::limits;
use crate::session::Caller;
use crate::size;

/// A star to set or remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Star {
    /// The message.
    pub message: MessageId,
    /// The person.
    pub user: UserId,
    /// Whether to set it.
    pub on: bool,
}

impl Star {
    /// Decides whether to change anything, given the message, whether the person has starred it, and how many
    /// stars they have.
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

/// A page of starred messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarPage {
    /// The newest message first.
    pub messages: Vec<Message>,
    /// Whether there are more.
    pub more: bool,
}

impl Messages {
    /// Sets or removes the caller's star, and returns whether that changed anything. Only their own sockets are
    /// informed.
    pub async fn star(
        &self,
        caller: &Caller,
        message: MessageId,
        on: bool,
    ) -> Result<bool, MarkError> {
        // Membership need not be checked under the chat's lock: starred messages are shown only to somebody who
        // is in the chat at that moment.
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

    /// Those of these messages that the caller has starred.
    pub async fn starred_among(
        &self,
        caller: &Caller,
        messages: &[MessageId],
    ) -> Result<Vec<MessageId>, StoreError> {
        self.ports.marks.stars_among(caller.user, messages).await
    }

    /// The messages before `before` that the caller has starred and may see now.
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
