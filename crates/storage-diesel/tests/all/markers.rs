//! Read markers are committed in groups, and none waits for what somebody else has locked elsewhere.

use crate::common::{draft, group, person, postgres_with};
use crate::held_chats::{Count, groups, hold, patient};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::chat::{Moved, ReadMarker};
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::limits::MARKER_CROWD;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use storage_diesel::Storage;
use tokio::task::JoinSet;

/// How many writes are in, as the metrics say.
fn writes(storage: &Storage) -> usize {
    let seen = Seen::default();
    metrics::with_local_recorder(&seen, || storage.observe());
    let writes = AtomicU64::load(&seen.writes, Ordering::SeqCst);
    f64::from_bits(writes) as usize
}

/// Keeps one gauge.
#[derive(Default)]
struct Seen {
    writes: Arc<AtomicU64>,
}

impl metrics::Recorder for Seen {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        if key.name() != "confab_database_writes" {
            return Gauge::noop();
        }
        Gauge::from_arc(self.writes.clone())
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// Moves these people's markers to these places, at once, and waits until all moves are waiting.
async fn mark(
    storage: &Storage,
    chat: ChatId,
    moves: impl IntoIterator<Item = (UserId, i64)>,
) -> JoinSet<Result<ReadMarker, StoreError>> {
    let (mut marking, before) = (JoinSet::new(), writes(storage));
    for (user, seq) in moves {
        let members = storage.members.clone();
        marking.spawn(async move { members.mark_read(chat, user, Seq::stored(seq)).await });
    }
    while writes(storage) < before + marking.len() {
        tokio::task::yield_now().await;
    }
    marking
}

/// A chat with these many members, whose owner said these many things.
async fn crowd(storage: &Storage, people: usize, messages: usize) -> (ChatId, Vec<UserId>) {
    let anna = person(storage, "Anna").await;
    let mut others = Vec::new();
    for nth in 1..people {
        others.push(person(storage, &format!("Reader{nth}")).await);
    }
    let chat = group(storage, anna, &others).await.id;
    for nth in 0..messages {
        storage.messages.append(draft(chat, anna, &nth.to_string())).await.unwrap();
    }
    (chat, [anna].into_iter().chain(others).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_marks_quickly_moves_their_marker_once() {
    let db = postgres_with(patient()).await;
    let (chat, people) = crowd(&db.storage, 2, 50).await;
    let version = db.storage.members.standing(chat, people[1]).await.unwrap().version;
    let mut holder = hold(&db, &[chat]).await;
    let mut marking = mark(&db.storage, chat, (1..=50).map(|seq| (people[1], seq))).await;
    assert!(marking.try_join_next().is_none(), "the head is held");
    holder.batch_execute("COMMIT").await.unwrap();
    let mut versions = 0;
    while let Some(marker) = marking.join_next().await {
        let marker = marker.unwrap().unwrap();
        versions += i64::from(marker.moved != Moved::Not);
    }
    let standing = db.storage.members.standing(chat, people[1]).await.unwrap();
    assert_eq!(standing.read_seq, Seq::stored(50));
    assert_eq!(standing.version.get(), version.get() + versions, "each move is a version");
    // The first went to the lane alone, and some may have come after it before the rest.
    assert!((1..=5).contains(&versions), "{versions} moves");
}

#[tokio::test(flavor = "multi_thread")]
async fn markers_of_many_people_are_committed_together() {
    let db = postgres_with(patient()).await;
    let (chat, people) = crowd(&db.storage, 60, 1).await;
    let mut holder = hold(&db, &[chat]).await;
    let mut marking = mark(&db.storage, chat, people.iter().map(|user| (*user, 1))).await;
    holder.batch_execute("COMMIT").await.unwrap();
    let mut versions = BTreeSet::new();
    while let Some(marker) = marking.join_next().await {
        versions.insert(marker.unwrap().unwrap().moved.version().unwrap());
    }
    assert_eq!(versions.len(), people.len(), "each is a change of the chat");
    let first = BTreeSet::first(&versions).unwrap().get();
    assert!(versions.iter().map(|version| version.get()).eq(first..first + 60), "{versions:?}");
    let mut watcher = AsyncPgConnection::establish(&db.url).await.unwrap();
    let sql = format!(
        "SELECT count(DISTINCT xmin::text) AS count FROM members WHERE chat_id = {}",
        chat.get()
    );
    let commits = diesel::sql_query(sql).get_result::<Count>(&mut watcher).await.unwrap().count;
    assert!(commits <= 5, "{commits} transactions for 60 markers");
}

/// In a crowd a marker takes no lock of the head; one whose row is held waits by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_member_keeps_no_other_marker_waiting() {
    let db = postgres_with(patient()).await;
    let readers = usize::try_from(MARKER_CROWD).unwrap() + 2;
    let (chat, people) = crowd(&db.storage, readers, 1).await;
    let other = group(&db.storage, people[0], &people[1..3]).await.id;
    db.storage.messages.append(draft(other, people[0], "Hello")).await.unwrap();
    let mut reader = AsyncPgConnection::establish(&db.url).await.unwrap();
    let lock = format!(
        "BEGIN; SELECT 1 FROM members WHERE chat_id = {} AND user_id = {} FOR UPDATE",
        chat.get(),
        people[1].get()
    );
    reader.batch_execute(&lock).await.unwrap();
    let mut held = mark(&db.storage, chat, [(people[1], 1)]).await;
    for user in &people[1..3] {
        let moved = db.storage.members.mark_read(other, *user, Seq::stored(1)).await.unwrap();
        assert!(matches!(moved.moved, Moved::Shared(_)), "{moved:?}");
    }
    assert!(held.try_join_next().is_none(), "its row is held");
    reader.batch_execute("COMMIT").await.unwrap();
    let marker = held.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!((marker.seq, marker.moved), (Seq::stored(1), Moved::Alone));
    let alone = db.storage.members.mark_read(chat, people[2], Seq::stored(1)).await.unwrap();
    assert_eq!(alone.moved, Moved::Alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn markers_of_other_chats_move_while_heads_are_held() {
    let db = postgres_with(patient()).await;
    let anna = person(&db.storage, "Anna").await;
    let chats = groups(&db.storage, anna, 24).await;
    for chat in &chats {
        db.storage.messages.append(draft(*chat, anna, "Hello")).await.unwrap();
    }
    let (held, free) = chats.split_at(12);
    let mut holder = hold(&db, held).await;
    let mut waiting = Vec::new();
    for chat in held {
        waiting.push(mark(&db.storage, *chat, [(anna, 1)]).await);
    }
    for chat in free {
        db.storage.members.mark_read(*chat, anna, Seq::stored(1)).await.unwrap();
    }
    assert!(waiting.iter_mut().all(|marking| marking.try_join_next().is_none()), "they are held");
    holder.batch_execute("COMMIT").await.unwrap();
    for mut marking in waiting {
        let marker = marking.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!(marker.moved, Moved::Shared(Version::stored(3)));
    }
}
