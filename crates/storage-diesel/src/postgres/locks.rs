//! Taking locks. Several of one kind are always taken in the order of their ids, which prevents deadlocks.

use super::queries::transactions::Locks;
use super::{Conn, Shared};
use crate::error::Failure;
use crate::rows::{self, Head};
use crate::schema::{attachments, chat_heads, users};
use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel::sql_types::{Array, Text};
use diesel_async::{AnsiTransactionManager, RunQueryDsl, SimpleAsyncConnection};
use domain::failure::StoreError;
use std::collections::HashSet;
use std::time::Duration;

/// How long to wait for a chat's head while holding a connection. After that, others get the connection for a
/// while.
pub(super) const LOCK_WAIT: Duration = Duration::from_millis(250);

/// How long to wait for any other lock.
pub(super) const OTHER_LOCKS_WAIT: Duration = Duration::from_secs(10);

/// Begins a transaction with these locks, in one round trip. `Busy` if another transaction holds one of them
/// for longer than [`LOCK_WAIT`]. Any other refusal counts as `Busy`, too: these statements only take locks, and
/// the server's message may be in any language.
pub(super) async fn begin_locked(conn: &mut Conn, locks: &Locks) -> Result<(), Failure> {
    let mut sql = format!("BEGIN; SET LOCAL lock_timeout = {}; ", LOCK_WAIT.as_millis());
    if !locks.users.is_empty() {
        let users = rows::listed(&locks.users);
        sql +=
            &format!("SELECT id FROM users WHERE id IN ({users}) ORDER BY id FOR NO KEY UPDATE; ");
    }
    sql += &format!(
        "SELECT chat_id FROM chat_heads WHERE chat_id = {} FOR NO KEY UPDATE; \
         SET LOCAL lock_timeout = {}",
        locks.chat.get(),
        OTHER_LOCKS_WAIT.as_millis()
    );
    let Err(error) = AnsiTransactionManager::begin_transaction_sql(conn, &sql).await else {
        return Ok(());
    };
    conn.batch_execute("ROLLBACK").await?;
    let failure = Failure::from(error);
    Err(if failure.is_refusal() { Failure::busy(StoreError::from(failure)) } else { failure })
}

/// Locks the heads of these chats in the order of their ids, and returns those that exist, as they are
/// under the lock.
pub(super) async fn lock_heads(
    conn: &mut Shared<'_>,
    chats: Vec<i64>,
) -> Result<Vec<Head>, Failure> {
    let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(chats));
    let heads = heads.filter(chat_heads::deleted.eq(false));
    let heads = heads.order(chat_heads::chat_id).select(Head::as_select());
    Ok(heads.for_no_key_update().load(conn).await?)
}

/// Locks the heads that are free, without waiting, and returns them with the ids of the chats whose heads are
/// locked by others.
pub(super) async fn lock_free_heads(
    conn: &mut Shared<'_>,
    chats: Vec<i64>,
) -> Result<(Vec<Head>, Vec<i64>), Failure> {
    let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(&chats));
    let heads = heads.filter(chat_heads::deleted.eq(false));
    let heads = heads.order(chat_heads::chat_id).select(Head::as_select());
    let heads: Vec<Head> = heads.for_no_key_update().skip_locked().load(conn).await?;
    if heads.len() == chats.len() {
        return Ok((heads, Vec::new()));
    }
    let locked: HashSet<_> = heads.iter().map(|head| head.chat_id).collect();
    let missing: Vec<_> = chats.into_iter().filter(|chat| !locked.contains(chat)).collect();
    let held = chat_heads::table.filter(chat_heads::chat_id.eq_any(missing));
    let held = held.filter(chat_heads::deleted.eq(false));
    Ok((heads, held.select(chat_heads::chat_id).load(conn).await?))
}

/// Locks these accounts in the order of their ids.
pub(super) async fn lock_users(conn: &mut Conn, ids: Vec<i64>) -> Result<(), Failure> {
    let users = users::table.filter(users::id.eq_any(ids)).order(users::id).select(users::id);
    users.for_no_key_update().load::<i64>(conn).await?;
    Ok(())
}

/// Locks these uploads in the order of their ids.
pub(super) async fn lock_uploads(conn: &mut Conn, ids: Vec<i64>) -> Result<(), Failure> {
    let uploads = attachments::table.filter(attachments::id.eq_any(ids)).order(attachments::id);
    uploads.select(attachments::id).for_update().load::<i64>(conn).await?;
    Ok(())
}

/// Locks a deleted chat whose rows still have to be removed. Concurrent nodes get different ones.
pub(super) async fn lock_deleted(conn: &mut Conn) -> Result<Option<i64>, Failure> {
    let deleted = chat_heads::table.filter(chat_heads::deleted).order(chat_heads::chat_id);
    let first = deleted.limit(1).select(chat_heads::chat_id).for_update().skip_locked();
    Ok(first.load(conn).await?.pop())
}

/// Locks these texts until the transaction ends, whether or not a row has them. All by one statement: a batch
/// of people of a host has many hundred.
pub(super) async fn lock_names(conn: &mut Conn, names: Vec<String>) -> Result<(), Failure> {
    // Locked in the order of the rows below it.
    let lock = "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(name, 0) AS key \
        FROM unnest($1) AS names (name) ORDER BY key) AS keys";
    diesel::sql_query(lock).bind::<Array<Text>, _>(names).execute(conn).await?;
    Ok(())
}
