//! Reacting.

use super::{Emoji, MarkError, MarkRefusal, Message, Messages, Reaction};
use crate::chat::rules;
use crate::event::EventBody;
use crate::ids::{ChatId, MessageId, UserId};
use crate::limits;
use crate::session::Caller;

/// A reaction to be set or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct React {
    /// To which message.
    pub message: MessageId,
    /// Whose.
    pub user: UserId,
    /// With what.
    pub emoji: Emoji,
    /// Whether it is to be there.
    pub on: bool,
}

impl React {
    /// Whether anything is to be changed, given the message as it is in the store.
    pub fn admit(&self, message: &Message) -> Result<bool, MarkRefusal> {
        if message.deleted_at.is_some() {
            return Err(MarkRefusal::Deleted);
        }
        let reactions = &message.extras.reactions;
        let same = reactions.iter().find(|reaction| reaction.emoji == self.emoji);
        let there = same.is_some_and(|reaction| reaction.users.contains(&self.user));
        if there == self.on {
            return Ok(false);
        }
        if self.on {
            let all: usize = reactions.iter().map(|reaction| reaction.users.len()).sum();
            if same.is_none() && reactions.len() >= limits::REACTION_KINDS {
                return Err(MarkRefusal::TooManyEmoji);
            }
            if all >= limits::REACTIONS_PER_MESSAGE {
                return Err(MarkRefusal::TooManyReactions);
            }
        }
        Ok(true)
    }

    /// Puts an admitted reaction in place.
    pub fn apply(&self, reactions: &mut Vec<Reaction>) {
        let place = reactions.iter().position(|reaction| reaction.emoji == self.emoji);
        match (place, self.on) {
            (Some(place), true) => reactions[place].users.push(self.user),
            (None, true) => {
                reactions.push(Reaction { emoji: self.emoji.clone(), users: vec![self.user] });
            }
            (Some(place), false) => {
                reactions[place].users.retain(|user| *user != self.user);
                if reactions[place].users.is_empty() {
                    reactions.remove(place);
                }
            }
            (None, false) => {}
        }
    }
}

impl Messages {
    /// Sets or takes back the caller's reaction, and answers the message as it is then. `chat`, if
    /// given, must be that of the message.
    pub async fn react(
        &self,
        caller: &Caller,
        (chat, message): (Option<ChatId>, MessageId),
        emoji: &str,
        on: bool,
    ) -> Result<Message, MarkError> {
        let seen = self.seen(caller, message).await?;
        if chat.is_some_and(|chat| chat != seen.chat) {
            return Err(MarkError::NotFound);
        }
        let actor = self.ports.members.standing(seen.chat, caller.user).await?;
        if on && !rules::may_write(&actor) {
            return Err(MarkError::PeerUnavailable);
        }
        let react = React { message, user: caller.user, emoji: Emoji::new(emoji)?, on };
        match self.ports.marks.react(react).await? {
            Some(changed) => {
                self.tell(EventBody::MessageUpdated(changed.clone()), changed.chat);
                Ok(changed)
            }
            None => Ok(self.ports.messages.get(message).await?),
        }
    }
}
