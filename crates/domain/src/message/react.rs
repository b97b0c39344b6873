//! Reactions.

use super::mark_outcome::unmarked;
use super::{
    Emoji, MarkError, MarkRefusal, Marked, Message, MessageFacts, Messages, NotAnEmoji, Reaction,
};
use crate::chat::rules;
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::ids::{ChatId, MessageId, UserId};
use crate::limits;
use crate::session::Caller;

/// The command to set a reaction or to take it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct React {
    /// The chat that the message must be in; `None` if it may be in any.
    pub chat: Option<ChatId>,
    /// The message.
    pub message: MessageId,
    /// Who reacts.
    pub user: UserId,
    /// The emoji, or why it is none. The error is not returned before it is certain that the user may react:
    /// nobody else may learn that the message exists.
    pub emoji: Result<Emoji, NotAnEmoji>,
    /// True to set it, false to take it back.
    pub on: bool,
    /// Now.
    pub at: Timestamp,
}

/// The decision that a reaction is set or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionChange {
    /// Whose reaction.
    pub user: UserId,
    /// The emoji.
    pub emoji: Emoji,
    /// Whether the reaction is there from now on.
    pub on: bool,
}

impl React {
    /// The change, or `None` if there is nothing to change. `facts` must include the message's reactions.
    /// Taking a reaction back is allowed even in a chat that is closed.
    pub fn decide(&self, facts: MessageFacts<'_>) -> Result<Option<ReactionChange>, MarkRefusal> {
        let (actor, message) = facts.seen(self.chat).ok_or(MarkRefusal::NotFound)?;
        if self.on && !rules::may_write(&actor) {
            return Err(MarkRefusal::PeerUnavailable);
        }
        if self.on {
            rules::lets_react(&actor, self.at)?;
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
    /// Applies the change to a message's reactions. People are in the order in which they reacted.
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
    /// Sets the caller's reaction or takes it back, and returns the message with it. If `chat` is given, the
    /// message must be in it.
    pub async fn react(
        &self,
        caller: &Caller,
        (chat, message): (Option<ChatId>, MessageId),
        emoji: &str,
        on: bool,
    ) -> Result<Message, MarkError> {
        let (user, emoji, at) = (caller.user, Emoji::new(emoji), self.ports.clock.now());
        let react = React { chat, message, user, emoji, on, at };
        let marked = self.ports.marks.react(react).await?;
        self.tell_marked(message, marked).await
    }

    /// Publishes a message whose reactions or pin were changed, and returns it; if nothing was changed,
    /// returns it as it is.
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
