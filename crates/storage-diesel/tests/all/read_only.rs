//! A server that takes no writes for a while: a standby, or one set to read-only.

use crate::common::{Database, draft, group, person, postgres};
use domain::failure::StoreError;
use domain::ids::Seq;
use domain::message::AppendError;

const HANG_UP: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Sets whether connections made from now on are read-only.
async fn set_read_only(db: &Database, is_so: bool) {
    let name = db.url.rsplit('/').next().unwrap();
    let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = {is_so}");
    // This one may be only read, too.
    db.execute(&format!("BEGIN READ WRITE; {set}; COMMIT")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_cannot_write_are_given_up() {
    let db = postgres().await;
    let (anna, storage) = (person(&db.storage, "Anna").await, &db.storage);
    let chat = group(storage, anna, &[]).await.id;
    storage.messages.append(draft(chat, anna, "Hello")).await.unwrap();
    assert!(storage.takes_writes().await.unwrap());

    set_read_only(&db, true).await;
    db.execute(HANG_UP).await;
    // The first calls may find their connections closed.
    while !matches!(storage.takes_writes().await, Ok(false)) {}
    let mut refused = 0;
    while refused < 5 {
        let sent = storage.messages.append(draft(chat, anna, "nobody hears this")).await;
        assert!(matches!(sent, Err(AppendError::Store(StoreError::Unavailable(_)))), "{sent:?}");
        let read = storage.members.mark_read(chat, anna, Seq::stored(1)).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
        assert!(storage.chats.view(chat, anna).await.is_ok() || refused == 0, "reading goes on");
        refused += 1;
    }
    assert!(!storage.takes_writes().await.unwrap());

    set_read_only(&db, false).await;
    // Without a restart, nothing is refused any more.
    let sent = storage.messages.append(draft(chat, anna, "I am back")).await.unwrap();
    assert_eq!(sent.message.seq, Seq::stored(2));
    storage.members.mark_read(chat, anna, Seq::stored(2)).await.unwrap();
    person(storage, "Ben").await;
    assert!(storage.takes_writes().await.unwrap());
}
