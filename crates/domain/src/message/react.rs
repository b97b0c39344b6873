//! Reacting.

use super::mark_outcome::unmarked;
use super::{
    Emoji, MarkError, MarkRefusal, Marked, Message, MessageFacts, Messages, NotAnEmoji, Reaction,
};
use crate::chat::rules;
use crate::event::EventBody;
use crate::ids::{ChatId, MessageId, UserId};
use crate::limits;
use crate::session::Caller;

/// A reaction to be set or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct React {
    /// In which chat the message must be; `None` if it may be in any.
    pub chat: Option<ChatId>,
    /// To which message.
    pub message: MessageId,
    /// Whose.
    pub user: UserId,
    /// With what, or what is wrong with that, which only somebody who may react is told.
    pub emoji: Result<Emoji, NotAnEmoji>,
    /// Whether it is to be there.
    pub on: bool,
}

/// A reaction that is set or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionChange {
    /// Whose.
    pub user: UserId,
    /// With what.
    pub emoji: Emoji,
    /// Whether it is there from now on.
    pub on: bool,
}

impl React {
    /// What changes, if anything does. The message has its reactions.
    pub fn decide(&self, facts: MessageFacts<'_>) -> Result<Option<ReactionChange>, MarkRefusal> {
        let (actor, message) = facts.seen(self.chat).ok_or(MarkRefusal::NotFound)?;
        if self.on && !rules::may_write(&actor) {
            return Err(MarkRefusal::PeerUnavailable);
        }
        if self.on {
            rules::lets_react(&actor)?;
        }
        let (user, emoji, on) = (self.user, self.emoji.clone()?, self.on);
        if message.deleted_at.is_some() {
            return Err(MarkRefusal::Deleted);
        }
        let reactions = &message.extras.reactions;
        let same = reactions.iter().find(|reaction| reaction.emoji == emoji);
        let there = same.is_some_and(|reaction| reaction.users.contains(&user));
        if there == on {
            return Ok(None);
        }
        if on {
            let all: usize = reactions.iter().map(|reaction| reaction.users.len()).sum();
            if same.is_none() && reactions.len() >= limits::REACTION_KINDS {
                return Err(MarkRefusal::TooManyEmoji);
            }
            if all >= limits::REACTIONS_PER_MESSAGE {
                return Err(MarkRefusal::TooManyReactions);
            }
        }
        Ok(Some(ReactionChange { user, emoji, on }))
    }
}

impl ReactionChange {
    /// Makes the change among a message's reactions.
    pub fn apply(self, reactions: &mut Vec<Reaction>) {
        let Self { user, emoji, on } = self;
        let place = reactions.iter().position(|reaction| reaction.emoji == emoji);
        match (place, on) {
            (Some(place), true) => reactions[place].users.push(user),
            (None, true) => reactions.push(Reaction { emoji, users: vec![user] }),
            (Some(place), false) => {
                reactions[place].users.retain(|other| *other != user);
                if reactions[place].users.is_empty() {
                    reactions.remove(place);
                }
            }
            (None, false) => {}
        }
    }
}

impl Messages {
    /// Sets or takes back the caller's reaction, and returns the message as it is then. `chat`, if
    /// given, must be that of the message.
    pub async fn react(
        &self,
        caller: &Caller,
        (chat, message): (Option<ChatId>, MessageId),
        emoji: &str,
        on: bool,
    ) -> Result<Message, MarkError> {
        let react = React { chat, message, user: caller.user, emoji: Emoji::new(emoji), on };
        let marked = self.ports.marks.react(react).await?;
        self.tell_marked(message, marked).await
    }

    /// Tells of a message on which something was put or taken off, and returns it as it is then.
    pub(super) async fn tell_marked(
        &self,
        id: MessageId,
        marked: Marked,
    ) -> Result<Message, MarkError> {
        if let Some(changed) = marked {
            self.tell(EventBody::MessageUpdated(changed.clone()), changed.chat);
            return Ok(changed);
        }
        self.ports.messages.get(id).await.map_err(unmarked)
    }
}
