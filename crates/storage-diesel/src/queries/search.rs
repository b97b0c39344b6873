//! Searching messages: which chats, which author, and before when. Each database looks words up in its own
//! `index`.
//!
//! A search is several short reads. Between them texts are compared without holding a connection, up to
//! [`SEARCH_WORK_CHARS`]; beyond that the index is asked.

use super::columns::Columns;
use super::database::Database;
use super::transactions::finish;
use super::{Conn, begin_read, hydrate, index, newest, recent_messages};
use crate::error::Failure;
use crate::indexed::{Hits, Sought};
use crate::metrics;
use crate::rows::{self, ChatRow, Head, MessageRow};
use crate::schema::{chat_heads, chats, members, messages, users};
use crate::types::Instant;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;
use domain::ids::{MAX_ID, MessageId, UserId};
use domain::limits::SEARCH_WORK_CHARS;
use domain::message::{Author, FoundPage, MessageQuery};
use domain::words::Work;
use recent_messages::Scan;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Ids rise with the times of sending, as long as the nodes' clocks differ by less than this.
const CLOCKS: i64 = 3600 * 1_000_000;

/// With at most this many messages in a search's few chats, the index collects all matches quickly.
const FEW: i64 = 5_000;

/// A search, and the page wanted.
pub(super) struct Find {
    pub(super) viewer: UserId,
    pub(super) query: MessageQuery,
    pub(super) before: Option<MessageId>,
    pub(super) limit: usize,
}

pub(super) async fn find(db: &Database, find: Find) -> Result<FoundPage, Failure> {
    let Find { viewer, query, before, limit } = find;
    let sent_before = query.sent_before;
    let limit_and_one = rows::one_more(limit);
    let from_outside = query.from_outside;
    let begun = db.read_slowly(move |conn| {
        Box::pin(async move { begin(conn, viewer, query, before, limit_and_one).await })
    });
    let Some((sought, heads)) = begun.await? else { return Ok(FoundPage::default()) };
    let mut scan = Scan::new(db, sought, Work::of(SEARCH_WORK_CHARS));
    let hits = found(&mut scan, heads).await;
    let work = scan.work().done();
    metrics::searched(work);
    let Hits { mut ids, stopped_at } = hits?;
    let last = if rows::cut(&mut ids, limit) { ids.last().copied() } else { stopped_at };
    let next = last.map(MessageId::stored);
    if ids.is_empty() {
        return Ok(FoundPage { next, work, ..FoundPage::default() });
    }
    let page = db.read_slowly(move |conn| {
        Box::pin(async move {
            begin_read(conn).await?;
            finish(conn, move |conn| Box::pin(show(conn, viewer, ids, (sent_before, from_outside))))
                .await
        })
    });
    Ok(FoundPage { next, work, ..page.await? })
}

/// Resolves the query, and reads the seq of each chat's newest message; nothing if there is no chat to
/// search.
async fn begin(
    conn: &mut Conn,
    viewer: UserId,
    query: MessageQuery,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Option<(Sought, Vec<(i64, i64)>)>, Failure> {
    let (chats, hidden) = chats_of(conn, viewer, &query).await?;
    let author = match query.author {
        None => None,
        Some(Author::Id(id)) => Some(id.get()),
        Some(Author::Named(name)) => match named(conn, name).await? {
            // An unknown name runs the same statements as a known one, so that timing reveals nothing.
            None => Some(MAX_ID),
            id => id,
        },
    };
    if chats.is_empty() {
        return Ok(None);
    }
    let mut before = before.map_or(MAX_ID, MessageId::get);
    if let Some(at) = query.sent_before {
        before = before.min(first_since(conn, at).await?);
    }
    let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(&chats));
    let heads = heads.select((chat_heads::chat_id, chat_heads::last_seq)).load(conn).await?;
    Ok(Some((
        Sought { words: query.words, data: query.data, author, chats, hidden, before, limit },
        heads,
    )))
}

/// Which of these messages the viewer may still see, with their chats.
async fn show(
    conn: &mut Conn,
    viewer: UserId,
    ids: Vec<i64>,
    (sent_before, from_outside): (Option<Timestamp>, bool),
) -> Result<FoundPage, Failure> {
    let found = messages::id.eq_any(ids).and(messages::deleted_at.is_null());
    let found = messages::table.filter(found).order(messages::id.desc());
    let mut rows: Vec<MessageRow> = if from_outside {
        let there = chat_heads::table.filter(chat_heads::deleted.eq(false));
        let there = found.filter(messages::chat_id.eq_any(there.select(chat_heads::chat_id)));
        there.select(MessageRow::as_select()).load(conn).await?
    } else {
        let here = members::chat_id.eq(messages::chat_id).and(members::user_id.eq(viewer.get()));
        let seen = members::left_at.is_null().and(members::hidden_seq.lt(messages::seq));
        let seen = found.inner_join(members::table.on(here.and(seen)));
        seen.select(MessageRow::as_select()).load(conn).await?
    };
    if let Some(at) = sent_before {
        rows.retain(|row| row.created_at < Instant(at));
    }
    let messages = hydrate::all(conn, rows).await?;
    let mut ids: Vec<_> = messages.iter().map(|message| message.chat.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    let chats = chats::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chats::id)))
        .filter(chats::id.eq_any(ids))
        .order(chats::id)
        .select((ChatRow::as_select(), Head::as_select()))
        .load::<(ChatRow, Head)>(conn)
        .await?;
    let headed = chats.into_iter().map(|(row, head)| row.headed(&head));
    let chats = headed.collect::<Result<_, _>>()?;
    Ok(FoundPage { messages, chats, ..FoundPage::default() })
}

/// Searches the newest messages, and asks the index if they do not yield enough.
async fn found(scan: &mut Scan<'_>, heads: Vec<(i64, i64)>) -> Result<Hits, Failure> {
    let sought = scan.sought();
    let mut looking = recent_messages::Looking::new(heads.clone());
    let messages = looking.messages();
    let mut number = if sought.is_marked() { recent_messages::SOME } else { recent_messages::MANY };
    let few = messages <= number;
    if !few
        && index::STOPS_WITH_ENOUGH
        && let Some(found) = by_whole_words(scan).await?
    {
        return Ok(Hits::complete(found));
    }
    if few || sought.is_marked() {
        while number <= recent_messages::MANY {
            looking.look(scan, number).await?;
            if scan.work().is_over() {
                break;
            }
            number = match looking.found(&sought) {
                ControlFlow::Break(found) => return Ok(Hits::complete(found)),
                // The index is slow to collect all words with a common prefix.
                ControlFlow::Continue(likely) if sought.begins() => likely,
                ControlFlow::Continue(_) => break,
            };
        }
    }
    if sought.is_marked()
        && messages <= FEW
        && !index::STOPS_WITH_ENOUGH
        && let Some(found) = by_whole_words(scan).await?
    {
        return Ok(Hits::complete(found));
    }
    // With nothing but `before:` in many chats, the newest messages are the answer.
    if sought.says_nothing() && !sought.is_marked() {
        let newest = scan.db().read_slowly(move |conn| {
            Box::pin(async move { newest::find(conn, &sought, heads).await })
        });
        return newest.await;
    }
    if sought.begins() && index::STOPS_WITH_ENOUGH && !sought.is_marked() {
        let recent = scan.recent().await?;
        if sought.is_enough(&recent) {
            return Ok(Hits::complete(recent));
        }
    }
    index::find(scan.db(), sought).await
}

/// Asks the index for the author and the whole words, and compares the texts of what it finds with the
/// prefixes, which the index is slow to collect. Nothing if the search lacks one of the two, if too few of
/// many messages match both, or if comparing takes too much work.
async fn by_whole_words(scan: &mut Scan<'_>) -> Result<Option<Vec<i64>>, Failure> {
    let sought = scan.sought();
    let mut whole = sought.whole();
    if whole.says_nothing() || !sought.begins() {
        return Ok(None);
    }
    let (mut found, mut read, mut number) = (Vec::new(), 0, 2 * sought.limit);
    while read < recent_messages::MANY && !scan.work().is_over() {
        whole.limit = number.min(recent_messages::MANY) - read;
        let having = whole.clone();
        let have = scan
            .db()
            .read_slowly(move |conn| Box::pin(async move { index::having(conn, &having).await }));
        let have = have.await?;
        found.extend(scan.among(&have).await?);
        let all = (have.len() as i64) < whole.limit;
        if !scan.work().is_over() && (all || sought.is_enough(&found)) {
            return Ok(Some(sought.newest(found)));
        }
        whole.before = have.last().copied().unwrap_or_default();
        read += whole.limit;
        number = sought.likely(found.len(), read);
    }
    Ok(None)
}

/// The chats that the viewer is in, or the one that the query names if the viewer is in it, or searches it from
/// outside; and of those of which something is hidden from them, the last message that is.
async fn chats_of(
    conn: &mut Conn,
    viewer: UserId,
    query: &MessageQuery,
) -> Result<(Vec<i64>, HashMap<i64, i64>), Failure> {
    if let Some(chat) = query.chat.filter(|_| query.from_outside) {
        let there = chat_heads::table.filter(chat_heads::chat_id.eq(chat.get()));
        let there = there.filter(chat_heads::deleted.eq(false)).select(chat_heads::chat_id);
        return Ok((there.load(conn).await?, HashMap::new()));
    }
    let here = members::user_id.eq(viewer.get()).and(members::left_at.is_null());
    let chats = members::table.filter(here).select((members::chat_id, members::hidden_id));
    let mut chats = chats.into_boxed();
    if let Some(chat) = query.chat {
        chats = chats.filter(members::chat_id.eq(chat.get()));
    }
    let found = chats.load::<(i64, i64)>(conn).await?;
    let hidden = found.iter().copied().filter(|(_, hidden)| *hidden > 0).collect();
    Ok((found.into_iter().map(|(chat, _)| chat).collect(), hidden))
}

async fn named(conn: &mut Conn, folded: String) -> Result<Option<i64>, Failure> {
    let user = users::table.filter(users::name_folded.eq(folded)).select(users::id);
    Ok(user.first(conn).await.optional()?)
}

/// An id above those of all messages sent before that time, found by binary search: ids rise with time, so
/// no index on times is needed.
async fn first_since(conn: &mut Conn, at: Timestamp) -> Result<i64, Failure> {
    let after = Instant(Timestamp::from_micros(at.as_micros().saturating_add(CLOCKS)));
    let newest = messages::table.select(messages::id).order(messages::id.desc());
    let (mut low, mut high) = (0, newest.first(conn).await.optional()?.unwrap_or(0) + 1);
    // Messages up to `low` are older than `after`; the one with the id `high`, if any, is not.
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let there = messages::table.filter(messages::id.le(middle).and(messages::id.gt(low)));
        let there = there.order(messages::id.desc()).select(messages::created_at);
        match there.first::<Instant>(conn).await.optional()? {
            Some(sent) if sent >= after => high = middle,
            _ => low = middle,
        }
    }
    Ok(high)
}
