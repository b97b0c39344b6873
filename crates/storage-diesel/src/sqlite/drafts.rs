//! The statements of a batch of messages.

use super::{Conn, index, load, one_by_one};
use crate::error::Failure;
use crate::indexed::Indexed;
use crate::pairs::pair_in;
use crate::rows::{Author, DraftFacts, Head, Placed, Presumed};
use crate::schema::{members, messages};
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel::sql_types::{BigInt, Text};
use domain::message::{Draft, Message};
use std::sync::Arc;

/// Whether a loop decides on drafts before it asks the database. A statement costs no round trip here, and nobody else
/// changes the chats meanwhile, so that would save nothing.
pub(super) const IS_OPTIMISTIC: bool = false;

/// What is to be known of these authors and client ids, and ids for so many new messages, rising.
pub(super) async fn read_facts(
    conn: &mut Conn,
    authors: Vec<(i64, i64)>,
    named: Vec<(i64, String)>,
    count: usize,
) -> Result<DraftFacts, Failure> {
    let authors = authors_of(conn, authors).await?;
    let sent = sent_before(conn, named).await?;
    let last = conn.spawn_blocking(one_by_one::last_message_id).await?;
    Ok(DraftFacts { authors, sent, ids: (last + 1..).take(count).collect() })
}

async fn authors_of(conn: &mut Conn, authors: Vec<(i64, i64)>) -> Result<Vec<Author>, Failure> {
    let here = pair_in::<(BigInt, BigInt), _, _, _, _>(members::chat_id, members::user_id, authors);
    let members = members::table.filter(here).filter(members::left_at.is_null());
    let members = members.select((
        (members::chat_id, members::user_id),
        members::role,
        (members::hidden_seq, members::hidden_id),
        members::last_sent_at,
        (members::silenced_at, members::silenced_until),
    ));
    Ok(load(conn, members).await?)
}

async fn sent_before(conn: &mut Conn, named: Vec<(i64, String)>) -> Result<Vec<i64>, Failure> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let sent =
        pair_in::<(BigInt, Text), _, _, _, _>(messages::author_id, messages::client_id, named);
    Ok(load(conn, messages::table.filter(sent).select(messages::id)).await?)
}

/// Stores messages, the words that they are found by, and the numbers of their heads, which are locked; gives the
/// messages back.
pub(super) async fn store_batch(
    conn: &mut Conn,
    new: Vec<Message>,
    words: Vec<Indexed>,
    heads: Vec<Head>,
) -> Result<Vec<Message>, Failure> {
    let store = move |conn: &mut _| one_by_one::store_messages(conn, &new).map(|()| new);
    let new = conn.spawn_blocking(store).await?;
    index::add(conn, words).await?;
    conn.spawn_blocking(move |conn| one_by_one::move_heads(conn, &heads)).await?;
    Ok(new)
}

/// Stores nothing: everything is decided on under the lock.
pub(super) async fn store_if_so(
    _conn: &mut Conn,
    _drafts: &[Arc<Draft>],
    _presumed: &Presumed,
) -> Result<Vec<Placed>, Failure> {
    Ok(Vec::new())
}
