//! Read markers.

use super::{Chats, GetError};
use crate::block::{BlockStore, without_blocked};
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::failure::{Failure, StoreError};
use crate::ids::{ChatId, Seq, UserId, Version};
use crate::session::Caller;

/// Where a read marker is after somebody wanted to move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMarker {
    /// Up to where they have read.
    pub seq: Seq,
    /// The version of the move; `None` if the marker was there already, or further.
    pub moved: Option<Version>,
    /// Whether nobody may write in the chat: see [`super::Standing::closed`].
    pub closed: bool,
}

/// Why the marker was not moved.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// Nobody has read what was not written.
    #[error("The chat has no message with this seq yet.")]
    SeqAhead,
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Chat(error) => error.into(),
            ReadError::SeqAhead => Self::field("seq", "seq_ahead", error),
        }
    }
}

impl Chats {
    /// Moves the caller's read marker forward to `seq`. Moving it back does nothing.
    pub async fn mark_read(
        &self,
        caller: &Caller,
        chat: ChatId,
        seq: Seq,
    ) -> Result<ReadMarker, ReadError> {
        let user = caller.user;
        let marked = self.ports.members.mark_read(chat, user, seq).await;
        let marker = marked.map_err(|error| match error {
            StoreError::Conflict => ReadError::SeqAhead,
            error => ReadError::Chat(error.into()),
        })?;
        tell_read(&*self.ports.blocks, &*self.ports.bus, (chat, user), marker)
            .await
            .map_err(GetError::from)?;
        Ok(marker)
    }
}

/// Tells the members of a chat that somebody has read on. In a chat that is closed because the reader
/// has blocked the other, the other does not hear of it.
pub(crate) async fn tell_read(
    blocks: &dyn BlockStore,
    bus: &dyn EventBus,
    (chat, user): (ChatId, UserId),
    marker: ReadMarker,
) -> Result<(), StoreError> {
    let Some(version) = marker.moved else { return Ok(()) };
    let mut audience = Audience::Members(chat);
    if marker.closed {
        audience = without_blocked(blocks, user, audience).await?;
    }
    bus.publish(Event { audience, body: EventBody::Read { chat, user, seq: marker.seq, version } });
    Ok(())
}
