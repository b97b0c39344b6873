//! The statement that stores messages if what was presumed of them is so.

use super::Conn;
use crate::error::Failure;
use crate::indexed::Indexed;
use crate::rows::{Placed, Presumed};
use crate::types::{Instant, sql};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use domain::message::Draft;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Each list has a value for each chat, author or message; there is one text, which is prepared once.
#[derive(QueryId, Default)]
struct StoreIf {
    chats: Chats,
    authors: Authors,
    messages: NewMessages,
}

#[derive(Default)]
struct Chats {
    ids: Vec<i64>,
    hushed: Vec<bool>,
    permissions: Vec<String>,
    /// How many messages are to be stored, and when the last was sent.
    counts: Vec<i64>,
    sent_at: Vec<Instant>,
}

#[derive(Default)]
struct Authors {
    chats: Vec<i64>,
    users: Vec<i64>,
    roles: Vec<String>,
}

#[derive(Default)]
struct NewMessages {
    chats: Vec<i64>,
    /// Which of the new messages of its chat it is, from 1 on.
    places: Vec<i64>,
    authors: Vec<i64>,
    author_roles: Vec<Option<String>>,
    client_ids: Vec<Option<String>>,
    kinds: Vec<Option<String>>,
    texts: Vec<String>,
    data: Vec<Option<String>>,
    sent_at: Vec<Instant>,
    words: Vec<String>,
}

impl NewMessages {
    fn add(&mut self, draft: &Draft, place: i64) {
        let (chat, author) = (draft.chat.get(), draft.author.get());
        self.chats.push(chat);
        self.places.push(place);
        self.authors.push(author);
        self.author_roles.push(draft.author_role.as_ref().map(|role| role.as_str().to_owned()));
        self.client_ids.push(draft.client_id.as_ref().map(|id| id.as_str().to_owned()));
        self.kinds.push(draft.kind.stored_word().map(str::to_owned));
        self.texts.push(draft.text.as_str().to_owned());
        self.data.push(draft.data.as_ref().map(|data| data.as_str().to_owned()));
        self.sent_at.push(Instant(draft.sent_at));
        // The entry's id is drawn in the statement.
        self.words.push(Indexed::of((0, chat, author), draft.text.words()).words);
    }
}

impl Query for StoreIf {
    /// Which of the drafts, counted from 1 on, its id, its number and its version.
    type SqlType = (BigInt, BigInt, BigInt, BigInt);
}

/// The parts of the statement, and what is bound between them. What it says:
///
/// - `author`: of each chat, whether all who write have the role that was presumed.
/// - `chat`: the heads that are as was presumed and that nobody holds, locked. What decides is read before the lock,
///   in the statement's one snapshot. Every change of it is made under the lock and raises the version, or is in the
///   head itself, and both are compared once more with the head as it is when it is locked: `seen` is that head
///   in the snapshot.
/// - The heads move, and the messages get their ids, in the order of the drafts, once the heads are locked.
impl QueryFragment<Pg> for StoreIf {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self { chats, authors, messages } = self;
        macro_rules! list {
            ($before:literal, $($kind:ty = $list:expr),+) => {
                out.push_sql($before);
                list!(@next $($kind = $list),+);
            };
            (@next $kind:ty = $list:expr $(, $kinds:ty = $lists:expr)*) => {
                out.push_bind_param::<Array<$kind>, _>(&$list)?;
                $(out.push_sql(", "); out.push_bind_param::<Array<$kinds>, _>(&$lists)?;)*
            };
        }
        list!(
            "WITH author AS (SELECT chat_id, bool_and(role IS NOT DISTINCT FROM ( \
                SELECT m.role FROM members AS m \
                WHERE m.chat_id = a.chat_id AND m.user_id = a.user_id AND m.left_at IS NULL \
            )) AS stands FROM unnest(",
            BigInt = authors.chats,
            BigInt = authors.users,
            Text = authors.roles
        );
        list!(
            ") AS a (chat_id, user_id, role) GROUP BY chat_id), \
            chat AS (SELECT head.chat_id, head.last_seq, head.version, p.count, p.sent_at FROM unnest(",
            BigInt = chats.ids,
            Bool = chats.hushed,
            Text = chats.permissions,
            BigInt = chats.counts,
            sql::Instant = chats.sent_at
        );
        list!(") AS p (chat_id, hushed, permissions, count, sent_at) \
            JOIN author ON author.chat_id = p.chat_id AND author.stands \
            JOIN chat_heads AS seen ON seen.chat_id = p.chat_id \
            JOIN chat_heads AS head ON head.chat_id = seen.chat_id AND head.version = seen.version \
            WHERE NOT head.deleted AND NOT head.closed AND head.slow_mode = 0 \
                AND head.hushed = p.hushed AND head.permissions = p.permissions \
            ORDER BY head.chat_id FOR NO KEY UPDATE OF head SKIP LOCKED), \
            moved AS (UPDATE chat_heads AS head \
                SET last_seq = chat.last_seq + chat.count, version = chat.version + chat.count, \
                    active_at = greatest(head.active_at, chat.sent_at) \
                FROM chat WHERE head.chat_id = chat.chat_id), \
            numbered AS MATERIALIZED (SELECT nextval('messages_id_seq') AS id, d.*, \
                chat.last_seq + d.place AS seq, chat.version + d.place AS version \
                FROM ROWS FROM (unnest(",
            BigInt = messages.chats, BigInt = messages.places, BigInt = messages.authors,
            Nullable<Text> = messages.author_roles, Nullable<Text> = messages.client_ids,
            Nullable<Text> = messages.kinds, Text = messages.texts, Nullable<Text> = messages.data,
            sql::Instant = messages.sent_at, Text = messages.words);
        out.push_sql(
            ")) WITH ORDINALITY AS d (chat_id, place, author_id, author_role, client_id, kind, text, data, \
                    created_at, words, nth) \
                JOIN chat ON chat.chat_id = d.chat_id ORDER BY d.nth), \
            stored AS (INSERT INTO messages (id, chat_id, seq, version, created_version, author_id, \
                    author_role, client_id, kind, text, data, created_at, extras) \
                SELECT id, chat_id, seq, version, version, author_id, author_role, client_id, kind, text, data, \
                    created_at, 0 FROM numbered ORDER BY nth), \
            indexed AS (INSERT INTO message_search (message_id, chat_id, words) \
                SELECT id, chat_id, array_to_tsvector(string_to_array(words, ' ')) FROM numbered) \
            SELECT nth, id, seq, version FROM numbered",
        );
        Ok(())
    }
}

/// The index of what is counted from 1 on.
fn index(nth: i64) -> usize {
    usize::try_from(nth - 1).unwrap_or(usize::MAX)
}

/// Stores the drafts of the chats of which all is as presumed, in a transaction of its own. A head that is locked by
/// somebody else is not waited for: its drafts are not stored.
///
/// # Errors
/// Nothing was stored, a connection that was lost apart. A client id that was used before is among them.
pub(super) async fn store_if_so(
    conn: &mut Conn,
    drafts: &[Arc<Draft>],
    presumed: &Presumed,
) -> Result<Vec<Placed>, Failure> {
    let mut store = StoreIf::default();
    for ((chat, user), role) in &presumed.authors {
        store.authors.chats.push(*chat);
        store.authors.users.push(*user);
        store.authors.roles.push(role.as_str().to_owned());
    }
    let mut new: BTreeMap<i64, (i64, Instant)> = BTreeMap::new();
    for draft in drafts {
        let sent_at = Instant(draft.sent_at);
        let (count, last) = new.entry(draft.chat.get()).or_insert((0, sent_at));
        (*count, *last) = (*count + 1, sent_at.max(*last));
        store.messages.add(draft, *count);
    }
    for (id, chat) in &presumed.chats {
        let Some((count, last)) = new.get(id) else { continue };
        store.chats.ids.push(*id);
        store.chats.hushed.push(chat.hushed);
        store.chats.permissions.push(chat.permissions.0.to_words());
        store.chats.counts.push(*count);
        store.chats.sent_at.push(*last);
    }
    let placed = store.load::<(i64, i64, i64, i64)>(conn).await?;
    let placed = placed.into_iter();
    Ok(placed.map(|(nth, id, seq, version)| Placed { nth: index(nth), id, seq, version }).collect())
}
