//! Read markers.

use super::{Chats, GetError, Standing};
use crate::block::{BlockStore, without_blocked};
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::failure::{Failure, StoreError};
use crate::ids::{ChatId, Seq, UserId, Version};
use crate::limits::MARKER_CROWD;
use crate::session::Caller;

/// Where a read marker is after somebody wanted to move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMarker {
    /// Up to where they have read.
    pub seq: Seq,
    /// What became of it.
    pub moved: Moved,
    /// Whether nobody may write in the chat: see [`super::Standing::closed`].
    pub closed: bool,
}

/// What became of a read marker that was to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It was there already, or further.
    Not,
    /// It moved, as this version of the chat; every member is told.
    Shared(Version),
    /// It moved, and only its owner is told. The chat's version is what it was.
    Alone,
}

impl Moved {
    /// The version of the move, if it took one.
    pub fn version(self) -> Option<Version> {
        match self {
            Self::Shared(version) => Some(version),
            Self::Not | Self::Alone => None,
        }
    }
}

/// How a read marker is to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkerMove {
    /// Not at all.
    Stay,
    /// As a change of the chat, which every member is told of.
    Share,
    /// For its owner alone.
    Alone,
}

/// What decides where somebody's read marker may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Up to where they have read.
    pub read_seq: Seq,
    /// The newest message of the chat.
    pub last_seq: Seq,
    /// How many members the chat has.
    pub member_count: i64,
}

impl From<&Standing> for Reader {
    fn from(standing: &Standing) -> Self {
        let Standing { read_seq, last_seq, member_count, .. } = *standing;
        Self { read_seq, last_seq, member_count }
    }
}

/// How a reader's marker moves to `seq`: forward or not at all, and in a chat of more than [`MARKER_CROWD`]
/// members for its owner alone. `None` if nothing was written at that place yet. It may be decided without the
/// chat's lock that a marker stays or moves alone: markers and seqs only grow, so it is as right later.
pub fn move_marker(reader: Reader, seq: Seq) -> Option<MarkerMove> {
    if seq > reader.last_seq {
        return None;
    }
    Some(match seq > reader.read_seq {
        false => MarkerMove::Stay,
        true if reader.member_count > MARKER_CROWD => MarkerMove::Alone,
        true => MarkerMove::Share,
    })
}

/// As [`move_marker`], for moves of one marker that are carried out together, in their order: only the furthest
/// is one, made by the first who asked for it. By it the marker has passed the places of all others.
pub fn move_markers(reader: Reader, wanted: &[Seq]) -> Vec<Option<MarkerMove>> {
    let mut moves: Vec<_> = wanted.iter().map(|seq| move_marker(reader, *seq)).collect();
    let places = moves.iter().zip(wanted).enumerate();
    let places = places.filter(|(_, (to, _))| to.is_some_and(|to| to != MarkerMove::Stay));
    // The last of equals is taken, so they are asked from the end.
    let furthest = places.rev().max_by_key(|(_, (_, seq))| **seq).map(|(nth, _)| nth);
    for (nth, passed) in moves.iter_mut().enumerate() {
        if passed.is_some() && Some(nth) != furthest {
            *passed = Some(MarkerMove::Stay);
        }
    }
    moves
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

/// Tells that somebody has read on: the members of the chat, or their own devices where nobody else is
/// to know. In a chat that is closed because the reader has blocked the other, the other does not hear
/// of it.
pub(crate) async fn tell_read(
    blocks: &dyn BlockStore,
    bus: &dyn EventBus,
    (chat, user): (ChatId, UserId),
    marker: ReadMarker,
) -> Result<(), StoreError> {
    let seq = marker.seq;
    let event = match marker.moved {
        Moved::Not => return Ok(()),
        Moved::Alone => Event {
            audience: Audience::Users(vec![user]),
            body: EventBody::ReadAlone { chat, user, seq },
        },
        Moved::Shared(version) => {
            let mut audience = Audience::Members(chat);
            if marker.closed {
                audience = without_blocked(blocks, user, audience).await?;
            }
            Event { audience, body: EventBody::Read { chat, user, seq, version } }
        }
    };
    bus.publish(event);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(member_count: i64) -> Reader {
        Reader { read_seq: Seq::stored(2), last_seq: Seq::stored(9), member_count }
    }

    #[test]
    fn of_moves_that_wait_together_the_furthest_is_made() {
        let (stay, ahead) = (Some(MarkerMove::Stay), None);
        for (wanted, furthest, others) in [
            (&[3, 4, 5][..], Some(2), [stay, stay, stay]),
            (&[5, 5, 3], Some(0), [stay, stay, stay]),
            (&[9, 10, 11], Some(0), [stay, ahead, ahead]),
            (&[1, 2, 2], None, [stay, stay, stay]),
            (&[10, 10, 10], None, [ahead, ahead, ahead]),
        ] {
            for (members, made) in
                [(MARKER_CROWD, MarkerMove::Share), (MARKER_CROWD + 1, MarkerMove::Alone)]
            {
                let seqs: Vec<_> = wanted.iter().map(|seq| Seq::stored(*seq)).collect();
                let mut expected = others.to_vec();
                if let Some(nth) = furthest {
                    let nth: usize = nth;
                    expected[nth] = Some(made);
                }
                assert_eq!(move_markers(reader(members), &seqs), expected, "{wanted:?}");
            }
        }
        assert_eq!(move_markers(reader(2), &[]), []);
    }
}
