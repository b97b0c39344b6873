//! Catching up.

use super::{Chat, Chats, GetError, Member};
use crate::event::{Audience, Event, EventBody};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, Version};
use crate::message::Message;
use crate::session::Caller;

/// What changed in a chat after some version, each thing once and as it is now. Put in place of
/// what one had, it brings a copy of the chat to `version` exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The chat, if its title changed.
    pub chat: Option<Chat>,
    /// Members, the one changed longest ago first.
    pub members: Vec<Member>,
    /// Messages, the one changed longest ago first.
    pub messages: Vec<Message>,
    /// Messages that some of those answer and that are not among them, in the order of their seqs.
    pub quoted: Vec<Message>,
    /// The version that a copy has with these changes.
    pub version: Version,
    /// Whether the chat is past that version; ask again with it.
    pub more: bool,
}

/// Events that were missed, each thing once and as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// In the order of their versions.
    pub events: Vec<Event>,
    /// The version that they bring a listener to.
    pub reached: Version,
    /// Whether the chat is past that version; ask again with it.
    pub more: bool,
}

/// Why no changes were shown.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// The chat never was at that version: the copy is not of this chat, or of a database that has
    /// been restored since. It must be thrown away.
    #[error("The chat has not reached this version; download it afresh.")]
    VersionAhead,
}

impl From<StoreError> for ChangesError {
    fn from(error: StoreError) -> Self {
        Self::Chat(error.into())
    }
}

impl From<ChangesError> for Failure {
    fn from(error: ChangesError) -> Self {
        match error {
            ChangesError::Chat(error) => error.into(),
            ChangesError::VersionAhead => Self::new(Kind::Conflict, "version_ahead", error),
        }
    }
}

impl Chats {
    /// What changed in a chat after `since`, about `limit` things at most.
    pub async fn changes(
        &self,
        caller: &Caller,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Changes, ChangesError> {
        let standing = self.standing(caller, chat).await?;
        if since > standing.version {
            return Err(ChangesError::VersionAhead);
        }
        Ok(self.ports.chats.changes(chat, since, limit).await?)
    }

    /// The same as events, for whoever delivers them and found a hole: they bring every listener
    /// from `since` further, about `limit` events at a time. `None` says that the chat is gone.
    pub async fn missed_since(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Option<Missed>, StoreError> {
        let changes = match self.ports.chats.changes(chat, since, limit).await {
            Ok(changes) => changes,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (reached, more) = (changes.version, changes.more);
        let mut bodies = bodies(changes);
        bodies.sort_by_key(EventBody::version);
        let audience = Audience::Members(chat);
        let events = bodies.into_iter().map(|body| Event { audience: audience.clone(), body });
        Ok(Some(Missed { events: events.collect(), reached, more }))
    }
}

fn bodies(changes: Changes) -> Vec<EventBody> {
    let chat = changes.chat.into_iter().map(EventBody::ChatUpdated);
    let members = changes.members.into_iter().map(|member| {
        if member.left_at.is_some() {
            EventBody::MemberLeft(member)
        } else {
            // They came in, or their role or their marker changed: this says how they are now.
            EventBody::MemberUpdated(member)
        }
    });
    let messages = changes.messages.into_iter().map(|message| {
        if message.deleted_at.is_some() {
            EventBody::MessageDeleted(message)
        } else if message.edited_at.is_some() {
            EventBody::MessageEdited(message)
        } else if message.is_marked() {
            EventBody::MessageUpdated(message)
        } else {
            EventBody::MessageCreated(message)
        }
    });
    chat.chain(members).chain(messages).collect()
}
