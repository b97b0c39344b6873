//! Somebody in thousands of chats, and a chat of thousands, cost no more than others where that need not be.

use super::common::{Database, postgres};
use super::{FILLED, gone, rows_read};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::directory::Tie;
use domain::ids::{ChatId, UserId, Version};

/// Somebody in all of those chats, and a chat of 5,000 that they came into one after the other.
const CROWDS: &str = "
SET application_name = 'filler';
INSERT INTO users (id, name, name_folded, password_hash, role, active, created_at, searched)
    VALUES (400001, 'Busy', 'busy', 'hash', 'user', true, now(), 'busy');
INSERT INTO members (chat_id, user_id, role, joined_at, read_seq, version, pinned, archived)
    SELECT i, 400001, 'member', now(), 0, 1, false, false FROM generate_series(10001, 12000) AS i;
INSERT INTO chats (id, kind, title, created_at, version) VALUES (20001, 'group', 'Crowd', now(), 1);
INSERT INTO chat_heads (chat_id, last_seq, version, active_at, member_count, slow_mode, closed)
    VALUES (20001, 0, 5000, now(), 5000, 0, false);
INSERT INTO members (chat_id, user_id, role, joined_at, read_seq, version, pinned, archived)
    SELECT 20001, 10000 + i, 'member', now(), 0, i, false, false FROM generate_series(1, 5000) AS i;
ANALYZE;
";

/// Whom somebody shares a chat with is looked for in the chats of the others, and what a newcomer to a crowd has
/// missed is read up to the end of the page.
pub(crate) async fn read_few_rows() {
    let database = postgres().await;
    Database::execute(&database, FILLED).await;
    Database::execute(&database, CROWDS).await;
    let mut conn = AsyncPgConnection::establish(&database.url).await.unwrap();
    gone(&mut conn, "application_name = 'filler'").await;
    let before = rows_read(&mut conn).await["members"];
    let busy = UserId::stored(400_001);
    let others: Vec<_> = (0..50).map(|n| UserId::stored(20_001 + n)).collect();
    let (storage, crowd) = (&database.storage, ChatId::stored(20_001));
    assert_eq!(storage.members.sharing(busy, &others).await.unwrap(), others);
    for tie in [Tie::Met, Tie::Shares] {
        assert_eq!(storage.ties.tied(busy, tie, &others).await.unwrap(), others);
    }
    let missed = storage.chats.changes(crowd, Version::ZERO, 10).await.unwrap();
    assert_eq!((missed.members.len(), missed.more), (9, true));
    storage.close().await;
    gone(&mut conn, "true").await;
    let read = rows_read(&mut conn).await["members"] - before;
    assert!((1..1_000).contains(&read), "{read} rows");
}
