//! Searching without the index: comparing the newest messages one by one.
//!
//! A common word is found among the newest messages at once, while an index would first collect all its
//! matches; and chats with few messages are searched as a whole. Texts are read in slices, and compared
//! after the connection was returned to the pool.

use super::Conn;
use super::columns::Columns;
use super::database::Database;
use crate::error::Failure;
use crate::indexed::Sought;
use crate::schema::messages;
use crate::types::Instant;
use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, QueryableByName, Selectable};
use diesel_async::RunQueryDsl;
use domain::data::Data;
use domain::words::{Matcher, Work};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

/// How many messages to compare where the index would be slow.
pub(super) const MANY: i64 = 2_000;

/// How many messages to compare before asking the index, where that is fast.
pub(super) const SOME: i64 = 300;

/// How many texts are read at once: at their greatest length they take 8 MB.
const SLICE: i64 = 250;

/// What is read of each message.
#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = messages)]
struct Row {
    id: i64,
    chat_id: i64,
    author_id: i64,
    text: String,
    data: Option<String>,
    deleted_at: Option<Instant>,
}

/// A search that compares texts, with the work it may still do.
pub(super) struct Scan<'a> {
    db: &'a Database,
    sought: Arc<Sought>,
    chats: Arc<HashSet<i64>>,
    matcher: Arc<Matcher>,
    of_data: Arc<Matcher>,
    work: Work,
}

impl<'a> Scan<'a> {
    pub(super) fn new(db: &'a Database, sought: Sought, work: Work) -> Self {
        let chats = Arc::new(sought.chats.iter().copied().collect());
        let matcher = Arc::new(Matcher::new(&sought.words));
        let of_data = Arc::new(Matcher::new(&sought.data));
        Self { db, sought: Arc::new(sought), chats, matcher, of_data, work }
    }

    pub(super) fn db(&self) -> &'a Database {
        self.db
    }

    pub(super) fn sought(&self) -> Arc<Sought> {
        self.sought.clone()
    }

    /// The work done so far. Once the allowance is used up, the last result may be incomplete.
    pub(super) fn work(&self) -> &Work {
        &self.work
    }

    /// Which of these messages match the whole search, the newest first.
    pub(super) async fn among(&mut self, ids: &[i64]) -> Result<Vec<i64>, Failure> {
        let mut found = Vec::new();
        for ids in ids.chunks(SLICE as usize) {
            if self.work.is_over() {
                break;
            }
            let ids = ids.to_vec();
            let rows = self.db.read_slowly(move |conn| {
                Box::pin(async move {
                    let rows = messages::table.filter(messages::id.eq_any(ids));
                    Ok(rows.select(Row::as_select()).load(conn).await?)
                })
            });
            found.extend(self.fitting(rows.await?).await?);
        }
        Ok(self.sought.newest(found))
    }

    /// Searches the newest messages of the whole server, in any chat. Older messages may match, too.
    pub(super) async fn recent(&mut self) -> Result<Vec<i64>, Failure> {
        let (mut found, mut read, mut before) = (Vec::new(), 0, self.sought.before);
        while read < MANY && !self.work.is_over() && !self.sought.is_enough(&found) {
            let rows: Vec<Row> = self
                .db
                .read_slowly(move |conn| {
                    Box::pin(async move {
                        let rows = messages::table.filter(messages::id.lt(before));
                        let rows = rows.order(messages::id.desc()).limit(SLICE);
                        Ok(rows.select(Row::as_select()).load(conn).await?)
                    })
                })
                .await?;
            let Some(oldest) = rows.last() else { break };
            (before, read) = (oldest.id, read + SLICE);
            found.extend(self.fitting(rows).await?);
        }
        Ok(self.sought.newest(found))
    }

    /// Those that have all that is sought, which a tombstone never has. A message of nothing but files has no
    /// text, and is found by its author or its chat.
    async fn fitting(&mut self, rows: Vec<Row>) -> Result<Vec<i64>, Failure> {
        let (sought, chats) = (self.sought.clone(), self.chats.clone());
        let (matcher, of_data) = (self.matcher.clone(), self.of_data.clone());
        let mut work = self.work.clone();
        let compare = move || {
            let mut fits = |Row { id, chat_id, author_id, text, data, deleted_at }: &Row| {
                let by = sought.author.is_none_or(|wanted| *author_id == wanted);
                let here = by && chats.contains(chat_id) && deleted_at.is_none();
                let here = here && !sought.hides(*chat_id, *id);
                let mut says = |matcher: &Matcher, text: &str| {
                    matcher.look_at(text, &mut work).unwrap_or_default()
                };
                here && (sought.words.is_empty() || says(&matcher, text))
                    && (sought.data.is_empty() || says(&of_data, &texts_of(data.as_deref())))
            };
            let found = rows.iter().filter(|row| fits(row)).map(|row| row.id).collect();
            (found, work)
        };
        let (found, work) = self.db.compute(compare).await?;
        self.work = work;
        Ok(found)
    }
}

fn texts_of(data: Option<&str>) -> String {
    data.map_or_else(String::new, |data| Data::stored(data.to_owned()).texts())
}

/// Compares the newest messages of each chat, going further back with each call.
pub(super) struct Looking {
    /// The chats, and the seq of each one's newest message when the search began.
    heads: Vec<(i64, i64)>,
    /// How many of each chat's newest messages were compared.
    depth: i64,
    /// The oldest message that was compared, by chat: within a chat, ids rise with the seqs.
    oldest: HashMap<i64, i64>,
    /// What matches, in any order.
    fitting: Vec<i64>,
}

impl Looking {
    pub(super) fn new(heads: Vec<(i64, i64)>) -> Self {
        Self { heads, depth: 0, oldest: HashMap::new(), fitting: Vec::new() }
    }

    /// How many messages there are in the chats.
    pub(super) fn messages(&self) -> i64 {
        self.heads.iter().map(|(_, last)| last).sum()
    }

    /// Compares the chats' `number` newest messages, or all if there are no more, until the allowed work is
    /// used up. What an earlier call compared is skipped.
    pub(super) async fn look(&mut self, scan: &mut Scan<'_>, number: i64) -> Result<(), Failure> {
        let chats = (self.heads.len() as i64).max(1);
        let all = self.messages() <= number;
        let depth = if all { number } else { number / chats };
        while self.depth < depth && !scan.work.is_over() {
            let further = self.depth.max(SLICE / chats).max(1);
            let next = depth.min(self.depth + further);
            let heads: Vec<_> =
                self.heads.iter().copied().filter(|(_, last)| *last > self.depth).collect();
            let slice = Slice { heads, from: self.depth, to: next, before: scan.sought.before };
            self.depth = next;
            if slice.heads.is_empty() {
                continue;
            }
            let rows = scan.db.read_slowly(move |conn| Box::pin(slice.read(conn))).await?;
            for Row { id, chat_id, .. } in &rows {
                let oldest = self.oldest.entry(*chat_id).or_insert(*id);
                *oldest = (*oldest).min(*id);
            }
            self.fitting.extend(scan.fitting(rows).await?);
        }
        Ok(())
    }

    /// `Break` with the result if it is a full page or complete; otherwise `Continue` with an estimate of
    /// how many messages have to be compared for a full page.
    pub(super) fn found(&self, sought: &Sought) -> ControlFlow<Vec<i64>, i64> {
        // Matches older than this may be incomplete; so is a chat none of whose messages were read.
        let deep = self.heads.iter().filter(|(_, last)| *last > self.depth);
        let oldest = |chat| self.oldest.get(chat).copied().unwrap_or(i64::MAX);
        let floor = deep.map(|(chat, _)| oldest(chat)).max();
        let known = |id: &i64| floor.is_none_or(|floor| *id >= floor);
        let found: Vec<_> = self.fitting.iter().copied().filter(known).collect();
        if floor.is_none() || sought.is_enough(&found) {
            return ControlFlow::Break(sought.newest(found));
        }
        let looked_at = self.depth * self.heads.len() as i64;
        ControlFlow::Continue(sought.likely(found.len(), looked_at))
    }
}

/// A range of each chat's newest messages.
struct Slice {
    /// The chats, and the seq to count back from in each.
    heads: Vec<(i64, i64)>,
    /// How many of the newest to skip.
    from: i64,
    /// Where the range ends, counted from the newest as well.
    to: i64,
    /// Only messages before this one.
    before: i64,
}

impl Slice {
    /// Uses the heads as they were when the search began: new messages would shift the range.
    async fn read(self, conn: &mut Conn) -> Result<Vec<Row>, Failure> {
        let Self { heads, from, to, before } = self;
        let heads: Vec<_> = heads.iter().map(|(chat, last)| format!("({chat}, {last})")).collect();
        let sql = format!(
            "WITH heads (chat, last) AS (VALUES {}) \
             SELECT m.id, m.chat_id, m.author_id, m.text, m.data, m.deleted_at FROM heads JOIN messages m \
             ON m.chat_id = heads.chat AND m.seq > heads.last - {to} AND m.seq <= heads.last - {from} \
             WHERE m.id < {before} AND m.deleted_at IS NULL",
            heads.join(", ")
        );
        Ok(diesel::sql_query(sql).load(conn).await?)
    }
}
