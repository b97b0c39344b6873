//! What is left of a large deleted chat is erased in transactions of a few rows each, across restarts.

use crate::common::{Database, at, draft, group, person, postgres, sqlite};
use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::chat::DeleteChat;
use domain::ids::{ChatId, UserId};
use domain::limits::CHAT_ERASED_AT_ONCE;
use domain::own_data::{LeftMessages, PendingDeletion, Withdrawal};
use storage_diesel::{Options, open};
use tokio::task::JoinSet;

const STEP: usize = 100;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Counts the rows of everything that belongs to a chat.
async fn rows(db: &Database) -> usize {
    let tables =
        ["chats", "chat_heads", "members", "messages", "message_search", "reactions", "stars"];
    let counts = tables.map(|table| format!("(SELECT count(*) FROM {table})"));
    let query = diesel::sql_query(format!("SELECT {} AS count", counts.join(" + ")));
    let Count { count } = match db.url.strip_prefix("sqlite://") {
        Some(path) => query.get_result(&mut SqliteConnection::establish(path).unwrap()).unwrap(),
        None => {
            let mut conn = AsyncPgConnection::establish(&db.url).await.unwrap();
            diesel_async::RunQueryDsl::get_result(query, &mut conn).await.unwrap()
        }
    };
    usize::try_from(count).unwrap()
}

/// Sends more messages to a chat than are erased at once.
async fn fill(db: &Database, chat: ChatId, author: UserId) {
    let mut sending = JoinSet::new();
    for nth in 0..CHAT_ERASED_AT_ONCE * 2 {
        let messages = db.storage.messages.clone();
        let draft = draft(chat, author, &format!("number {nth}"));
        sending.spawn(async move { messages.append(draft).await.unwrap() });
    }
    sending.join_all().await;
}

/// Erases what is left, each step in a new process, which continues with what it finds. Returns the number of
/// steps.
async fn erase(db: &Database) -> usize {
    for step in 0.. {
        let before = rows(db).await;
        let storage = open(&db.url, &Options::default()).await.unwrap();
        let taken = storage.chats.erase_deleted(STEP).await.unwrap();
        storage.close().await;
        let gone = before - rows(db).await;
        assert!(gone <= 2 * STEP, "{gone} rows at once");
        if taken == 0 {
            return step;
        }
    }
    0
}

async fn no_transaction_is_as_large_as_a_chat(db: Database) {
    let anna = person(&db.storage, "Anna").await;
    let kept = group(&db.storage, anna, &[]).await.id;
    let without = rows(&db).await;
    let alone = group(&db.storage, anna, &[]).await.id;
    fill(&db, alone, anna).await;
    let full = rows(&db).await;
    // The group of a deleted account, with nobody else in it, is erased in the same way.
    let deletion = PendingDeletion { user: anna, messages: LeftMessages::Keep, at: at(50) };
    db.storage.own.begin_deletion(deletion, None).await.unwrap();
    let withdrawn = db.storage.own.withdraw(alone, anna, at(51)).await.unwrap();
    assert_eq!(withdrawn, Withdrawal::Dissolved(vec![alone]));
    assert_eq!(full - rows(&db).await, 1, "nobody is in it any more, and that is all");
    let steps = erase(&db).await;
    assert!(steps > CHAT_ERASED_AT_ONCE * 2 / STEP, "{steps} steps");
    assert_eq!(rows(&db).await, without, "nothing is left of it");

    db.storage
        .chats
        .delete(DeleteChat { chat: kept, actor: None, by_writers: false })
        .await
        .unwrap();
    assert!(rows(&db).await < without, "a small one is gone at once");
    assert_eq!(erase(&db).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_transaction_is_as_large_as_a_chat_on_sqlite() {
    no_transaction_is_as_large_as_a_chat(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_transaction_is_as_large_as_a_chat_on_postgres() {
    no_transaction_is_as_large_as_a_chat(postgres().await).await;
}
