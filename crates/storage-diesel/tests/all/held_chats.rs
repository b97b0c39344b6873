//! Somebody holds locks that others need: only those who need them wait.

use crate::common::{Database, at, draft, group, person, postgres_with, sqlite_with};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::chat::{ChatRole, SetMember};
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, UserId};
use domain::message::{AppendError, Appended, Page};
use domain::session::{Client, NewSession, Seed};
use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use storage_diesel::{Options, Storage};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// Nobody waits for so long here.
const EVER: Duration = Duration::from_secs(600);

type Sending = JoinHandle<Result<Appended, AppendError>>;

pub(crate) fn patient() -> Options {
    Options { held: EVER, patience: EVER, answer: EVER, ..Options::default() }
}

/// Another connection, in a transaction that holds the heads of these chats.
pub(crate) async fn hold(db: &Database, chats: &[ChatId]) -> AsyncPgConnection {
    let mut conn = AsyncPgConnection::establish(&db.url).await.unwrap();
    let ids: Vec<_> = chats.iter().map(|chat| chat.get().to_string()).collect();
    let lock =
        format!("BEGIN; SELECT 1 FROM chat_heads WHERE chat_id IN ({}) FOR UPDATE", ids.join(", "));
    conn.batch_execute(&lock).await.unwrap();
    conn
}

#[derive(diesel::QueryableByName)]
pub(crate) struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub(crate) count: i64,
}

/// Waits until a call is waiting for a lock in the database.
async fn somebody_waits(watcher: &mut AsyncPgConnection) {
    let sql = "SELECT count(*) AS count FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while diesel::sql_query(sql).get_result::<Count>(watcher).await.unwrap().count == 0 {
        tokio::task::yield_now().await;
    }
}

/// Hands messages in, one after the other.
async fn send(storage: &Storage, chat: ChatId, author: UserId, texts: &[&str]) -> Vec<Sending> {
    let mut sending = Vec::new();
    for text in texts {
        let messages = storage.messages.clone();
        let draft = draft(chat, author, text);
        let mut call = Box::pin(async move { messages.append(draft).await });
        // Asked once, it has handed its message in.
        let first = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
        assert!(first.is_pending());
        sending.push(tokio::spawn(call));
    }
    sending
}

async fn stored(storage: &Storage, chat: ChatId) -> Vec<(i64, String)> {
    let page = storage.messages.page(chat, Page::After(Seq::ZERO), 100).await.unwrap();
    page.messages.into_iter().map(|message| (message.seq.get(), message.text)).collect()
}

pub(crate) async fn groups(storage: &Storage, owner: UserId, count: usize) -> Vec<ChatId> {
    let mut chats = Vec::new();
    for _ in 0..count {
        chats.push(group(storage, owner, &[]).await.id);
    }
    chats
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_other_chats_are_sent_while_heads_are_held() {
    let db = postgres_with(patient()).await;
    let anna = person(&db.storage, "Anna").await;
    let chats = groups(&db.storage, anna, 40).await;
    // More than there are lanes' connections, of both loops.
    let (held, free) = chats.split_at(20);
    let mut holder = hold(&db, held).await;
    let mut waiting = Vec::new();
    for chat in held {
        waiting.push(send(&db.storage, *chat, anna, &["one", "two"]).await);
    }
    for chat in free {
        db.storage.messages.append(draft(*chat, anna, "Hello")).await.unwrap();
    }
    // What comes for a chat whose messages wait comes after them.
    for (chat, waiting) in held.iter().zip(&mut waiting) {
        waiting.extend(send(&db.storage, *chat, anna, &["three", "four"]).await);
    }
    db.storage.messages.append(draft(free[0], anna, "again")).await.unwrap();
    assert!(waiting.iter().flatten().all(|sending| !sending.is_finished()), "they are held");
    holder.batch_execute("COMMIT").await.unwrap();
    let expected = ["one", "two", "three", "four"].map(str::to_owned);
    for (chat, waiting) in held.iter().zip(waiting) {
        for (sending, seq) in waiting.into_iter().zip(1..) {
            assert_eq!(sending.await.unwrap().unwrap().message.seq, Seq::stored(seq));
        }
        assert_eq!(
            stored(&db.storage, *chat).await,
            (1..).zip(expected.clone()).collect::<Vec<_>>()
        );
    }
    // Nobody has a lane any more.
    for chat in held {
        let sent = db.storage.messages.append(draft(*chat, anna, "five")).await.unwrap();
        assert_eq!(sent.message.seq, Seq::stored(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_too_long_is_refused_and_was_not_stored() {
    let held = Duration::from_millis(600);
    let db = postgres_with(Options { held, ..patient() }).await;
    let anna = person(&db.storage, "Anna").await;
    let chats = groups(&db.storage, anna, 2).await;
    db.storage.messages.append(draft(chats[0], anna, "zero")).await.unwrap();
    let mut holder = hold(&db, &chats[..1]).await;
    for sending in send(&db.storage, chats[0], anna, &["one", "two", "three"]).await {
        let answer = sending.await.unwrap();
        assert!(matches!(answer, Err(AppendError::Store(StoreError::Busy(_)))), "{answer:?}");
    }
    let read = db.storage.members.mark_read(chats[0], anna, Seq::stored(1)).await;
    assert!(matches!(read, Err(StoreError::Busy(_))), "{read:?}");
    db.storage.messages.append(draft(chats[1], anna, "Hello")).await.unwrap();
    holder.batch_execute("COMMIT").await.unwrap();
    db.storage.messages.append(draft(chats[0], anna, "four")).await.unwrap();
    let stored = stored(&db.storage, chats[0]).await;
    assert_eq!(stored, [(1, "zero".to_owned()), (2, "four".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_and_who_reads_elsewhere_waits_for_no_held_chat() {
    let db = postgres_with(patient()).await;
    let storage = Arc::new(&db.storage);
    let anna = person(&db.storage, "Anna").await;
    let chats = groups(&db.storage, anna, 2).await;
    for chat in &chats {
        storage.messages.append(draft(*chat, anna, "Hello")).await.unwrap();
    }
    let mut watcher = AsyncPgConnection::establish(&db.url).await.unwrap();
    let mut holder = hold(&db, &chats[..1]).await;
    let mut reading = JoinSet::new();
    for _ in 0..50 {
        let (members, chat) = (storage.members.clone(), chats[0]);
        reading.spawn(async move { members.mark_read(chat, anna, Seq::stored(1)).await });
    }
    somebody_waits(&mut watcher).await;
    let session = NewSession {
        user: anna,
        seed: Seed([7; 16]),
        client: Client::default(),
        address: Ipv4Addr::LOCALHOST.into(),
        created_at: at(1),
        expires_at: at(1_000),
        proved_at: Some(at(1)),
        key: None,
        host_session: None,
    };
    let session = storage.sessions.open(session).await.unwrap();
    storage.sessions.get(session.id, at(2)).await.unwrap();
    storage.members.mark_read(chats[1], anna, Seq::stored(1)).await.unwrap();
    person(&db.storage, "Ben").await;
    assert!(reading.try_join_next().is_none(), "the head is held");
    holder.batch_execute("COMMIT").await.unwrap();
    while let Some(read) = reading.join_next().await {
        assert_eq!(read.unwrap().unwrap().seq, Seq::stored(1));
    }
}

/// In a crowd a marker moves without the lock of the head, also while somebody is given another role.
#[tokio::test(flavor = "multi_thread")]
async fn a_marker_that_moved_meanwhile_is_not_set_back() {
    let db = postgres_with(patient()).await;
    let (anna, ben) = (person(&db.storage, "Anna").await, person(&db.storage, "Ben").await);
    let chat = group(&db.storage, anna, &[ben]).await.id;
    db.storage.messages.append(draft(chat, anna, "Hello")).await.unwrap();
    let mut watcher = AsyncPgConnection::establish(&db.url).await.unwrap();
    let mut reader = AsyncPgConnection::establish(&db.url).await.unwrap();
    let bens = format!("chat_id = {} AND user_id = {}", chat.get(), ben.get());
    let lock = format!("BEGIN; SELECT 1 FROM members WHERE {bens} FOR UPDATE");
    reader.batch_execute(&lock).await.unwrap();
    let members = db.storage.members.clone();
    let promote = SetMember {
        chat,
        actor: anna.into(),
        user: ben,
        role: ChatRole::Admin,
        capacity: 10,
        at: at(20),
    };
    let promoting = tokio::spawn(async move { members.set(promote).await.map(drop) });
    // The row was read, and is about to be written.
    somebody_waits(&mut watcher).await;
    let read = format!("UPDATE members SET read_seq = 1 WHERE {bens}; COMMIT");
    reader.batch_execute(&read).await.unwrap();
    promoting.await.unwrap().unwrap();
    let standing = db.storage.members.standing(chat, ben).await.unwrap();
    assert_eq!((standing.role, standing.read_seq), (ChatRole::Admin, Seq::stored(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_behind_another_process_on_a_file_are_refused_together() {
    let held = Duration::from_millis(500);
    let db = sqlite_with(Options { held, ..Options::default() }).await;
    let anna = person(&db.storage, "Anna").await;
    let chat = group(&db.storage, anna, &[]).await.id;
    let path = db.url.strip_prefix("sqlite://").unwrap();
    let mut holder = SqliteConnection::establish(path).unwrap();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    let sending = send(&db.storage, chat, anna, &["Hello"; 200]).await;
    // They come in a few commits. One after the other they would wait two hundred times.
    let refused = timeout(held * 100, async {
        for sending in sending {
            let answer = sending.await.unwrap();
            assert!(matches!(answer, Err(AppendError::Store(StoreError::Busy(_)))), "{answer:?}");
        }
    });
    refused.await.expect("they wait together");
    holder.batch_execute("COMMIT").unwrap();
    db.storage.messages.append(draft(chat, anna, "at last")).await.unwrap();
    assert_eq!(stored(&db.storage, chat).await, [(1, "at last".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_deleted_account_are_looked_for_without_the_file() {
    let db = sqlite_with(patient()).await;
    let (anna, ben) = (person(&db.storage, "Anna").await, person(&db.storage, "Ben").await);
    let chat = group(&db.storage, anna, &[ben]).await.id;
    db.storage.messages.append(draft(chat, anna, "Hello")).await.unwrap();
    let mut holder =
        SqliteConnection::establish(db.url.strip_prefix("sqlite://").unwrap()).unwrap();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    // Whoever needs the file waits for ever here.
    let deleted = db.storage.own.delete_messages(chat, ben, Seq::ZERO, 10, at(9)).await.unwrap();
    assert_eq!(deleted, []);
}
