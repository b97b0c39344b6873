//! Read markers: one transaction for all that wait.

use super::call::Work;
use super::grouping::{self, Grouped, begin, distinct};
use super::transactions::Start;
use super::{Conn, Shared, commit_now, committed, lock_free_heads, marker_rows};
use crate::error::Failure;
use crate::metrics::Commits;
use crate::rows::{Head, MovedMarker};
use domain::chat::{MarkerMove, Moved, ReadMarker, Reader, Standing, move_markers};
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, UserId, Version};
use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use write_queue::{Batching, WRITES_OF_A_CHAT};

/// A move of a read marker that was found possible before the lock.
pub(super) struct Marking {
    pub(super) chat: ChatId,
    pub(super) user: UserId,
    pub(super) seq: Seq,
    /// Whether others are to see it, so that it is decided again under the lock of the chat's head.
    pub(super) is_shared: bool,
    /// What was seen of the chat before, which is enough where nobody else sees the move.
    pub(super) seen: Reader,
    pub(super) closed: bool,
}

impl Marking {
    pub(super) fn new(there: &Standing, seq: Seq, how: MarkerMove) -> Self {
        Self {
            chat: there.chat,
            user: there.user,
            seq,
            is_shared: how == MarkerMove::Share,
            seen: Reader::from(there),
            closed: there.closed,
        }
    }
}

type Outcome = grouping::Outcome<Marking>;

impl Grouped for Marking {
    type Done = ReadMarker;
    /// `NotFound` or `Conflict`, as the port says.
    type Refusal = StoreError;
    type Facts = ();
    type Memory = ();
    type Presumed = Infallible;

    const TOGETHER: Batching<Arc<Self>> =
        Batching { count: WRITES_OF_A_CHAT, cost: WRITES_OF_A_CHAT, cost_of: |_| 1 };
    const ADDS: bool = false;
    const NAME: &'static str = "mark read";

    fn chat(&self) -> ChatId {
        self.chat
    }

    fn commits() -> Option<Commits> {
        None
    }

    fn commit(
        conn: &mut Conn,
        these: Arc<[Arc<Self>]>,
        start: Start,
    ) -> Work<'_, (Vec<grouping::Outcome<Self>>, ())> {
        Box::pin(async move { Ok((mark(conn, these, start).await?, ())) })
    }

    fn remember((): &(), (): ()) {}

    fn presume<'a>((): &(), _these: impl Iterator<Item = &'a Self>) -> Option<Infallible> {
        None
    }

    fn commit_presumed(
        _conn: &mut Conn,
        _these: Arc<[Arc<Self>]>,
        presumed: Infallible,
    ) -> Work<'_, Vec<grouping::Outcome<Self>>> {
        match presumed {}
    }
}

/// Whose marker in which chat.
type Key = (i64, i64);

/// What the database holds of the chats and the people whose markers are to move.
struct Found {
    heads: BTreeMap<i64, Head>,
    /// Chats and members that another transaction has locked.
    held_chats: HashSet<i64>,
    held_members: HashSet<Key>,
    /// Up to where the members have read.
    read: BTreeMap<Key, i64>,
}

/// Moves each person's marker to the furthest place that was asked for.
async fn mark(
    conn: &mut Conn,
    markings: Arc<[Arc<Marking>]>,
    start: Start,
) -> Result<Vec<Outcome>, Failure> {
    let mut waiting = BTreeMap::<Key, Vec<usize>>::new();
    for (nth, marking) in markings.iter().enumerate() {
        waiting.entry((marking.chat.get(), marking.user.get())).or_default().push(nth);
    }
    let mut found = find(conn, &markings, waiting.keys().copied().collect(), start).await?;
    let mut outcomes: Vec<Outcome> = markings.iter().map(|_| None).collect();
    let (mut moved, mut advanced) = (Vec::new(), BTreeMap::new());
    for (key, those) in waiting {
        let group: Vec<_> = those.iter().map(|nth| &*markings[*nth]).collect();
        let Some(decided) = decide(&group, key, &mut found) else { continue };
        if let Some(marker) = decided.moved {
            moved.push(marker);
            if marker.version.is_some() {
                advanced.extend(found.heads.get(&key.0).map(|head| (key.0, head.version)));
            }
        }
        for (nth, outcome) in those.into_iter().zip(decided.outcomes) {
            outcomes[nth] = Some(outcome);
        }
    }
    if !moved.is_empty() {
        let (written, ended) = together!(conn =>
            marker_rows::store(conn, moved, advanced.into_iter().collect()),
            commit_now(conn),
        );
        // If the first failed, the COMMIT rolled everything back.
        written?;
        ended?;
        committed(conn)?;
    }
    Ok(outcomes)
}

/// Locks what is free, and with `Start::Begun` waits for the members.
async fn find(
    conn: &mut Conn,
    markings: &[Arc<Marking>],
    people: Vec<Key>,
    start: Start,
) -> Result<Found, Failure> {
    let shared = markings.iter().filter(|marking| marking.is_shared);
    let chats = distinct(shared.map(|marking| marking.chat.get()));
    let (begun, heads, members) = together!(conn =>
        begin(conn, start),
        free_heads(conn, chats),
        marker_rows::find(conn, people, start),
    );
    begun?;
    let ((heads, held_chats), (read, held_members)) = (heads?, members?);
    Ok(Found {
        heads: heads.into_iter().map(|head| (head.chat_id, head)).collect(),
        held_chats: held_chats.into_iter().collect(),
        held_members: held_members.into_iter().collect(),
        read: read.into_iter().map(|(chat, user, seq)| ((chat, user), seq)).collect(),
    })
}

/// In a crowd no head is locked, and nothing is asked.
async fn free_heads(
    conn: &mut Shared<'_>,
    chats: Vec<i64>,
) -> Result<(Vec<Head>, Vec<i64>), Failure> {
    if chats.is_empty() { Ok(Default::default()) } else { lock_free_heads(conn, chats).await }
}

/// What was decided about the moves of one marker.
struct Decided {
    /// Where it is to be stored; `None` if it stays.
    moved: Option<MovedMarker>,
    outcomes: Vec<Result<ReadMarker, StoreError>>,
}

/// Decides on the moves of one marker, and advances the chat's head if one is shared. `None` if somebody else
/// holds what that needs.
fn decide(group: &[&Marking], key: Key, found: &mut Found) -> Option<Decided> {
    let is_shared = group.iter().any(|marking| marking.is_shared);
    if found.held_members.contains(&key) || is_shared && found.held_chats.contains(&key.0) {
        return None;
    }
    let head = found.heads.get_mut(&key.0).filter(|_| is_shared);
    let (Some(read), Some(first)) = (found.read.get(&key), group.first()) else {
        return Some(refused(group));
    };
    let (last_seq, member_count, closed) = match &head {
        Some(head) => (Seq::stored(head.last_seq), head.member_count, head.closed),
        // It was deleted.
        None if is_shared => return Some(refused(group)),
        None => (first.seen.last_seq, first.seen.member_count, first.closed),
    };
    let read_seq = Seq::stored(*read);
    let wanted: Vec<_> = group.iter().map(|marking| marking.seq).collect();
    // Each has seen that its own place is written.
    let last_seq = group.iter().map(|marking| marking.seen.last_seq).fold(last_seq, Seq::max);
    let moves = move_markers(Reader { read_seq, last_seq, member_count }, &wanted);
    let moves_it = |how: &Option<MarkerMove>| how.is_some_and(|how| how != MarkerMove::Stay);
    let furthest = wanted.iter().zip(&moves).find(|(_, how)| moves_it(how));
    let moved = furthest.map(|(seq, how)| {
        let shared = head.filter(|_| *how == Some(MarkerMove::Share));
        let version = shared.map(|head| {
            head.version += 1;
            head.version
        });
        MovedMarker { chat: key.0, user: key.1, seq: seq.get(), version }
    });
    let after = moved.as_ref().map_or(read_seq, |marker| Seq::stored(marker.seq));
    let version = moved.as_ref().and_then(|marker| marker.version);
    let outcomes = moves.into_iter().map(|how| {
        let moved = match how.ok_or(StoreError::Conflict)? {
            MarkerMove::Stay => Moved::Not,
            MarkerMove::Share | MarkerMove::Alone => {
                version.map_or(Moved::Alone, |version| Moved::Shared(Version::stored(version)))
            }
        };
        Ok(ReadMarker { seq: after, moved, closed })
    });
    let outcomes = outcomes.collect();
    Some(Decided { moved, outcomes })
}

/// They are not in the chat.
fn refused(group: &[&Marking]) -> Decided {
    let outcomes = group.iter().map(|_| Err(StoreError::NotFound)).collect();
    Decided { moved: None, outcomes }
}
