//! Searching without an index: looking at the newest messages one by one.
//!
//! What is common is found among them at once, where an index would collect all of it first; and who has
//! few messages is searched through as a whole.

use super::Conn;
use crate::error::Failure;
use crate::indexed::Sought;
use crate::schema::{chat_heads, messages};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::words::has_all;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// So many messages are looked at where an index takes long: the longest texts of as many take 16 MB.
pub(super) const MANY: i64 = 2_000;

/// So many are looked at before an index is asked that is quick.
pub(super) const SOME: i64 = 300;

/// What is read of each.
type Row = (i64, i64, i64, String);
const COLUMNS: (messages::id, messages::chat_id, messages::author_id, messages::text) =
    (messages::id, messages::chat_id, messages::author_id, messages::text);

/// Looks through the newest messages of chats, each time further back.
pub(super) struct Looking<'a> {
    sought: &'a Sought,
    /// The chats and the seqs of their newest messages.
    heads: Vec<(i64, i64)>,
    /// So many of the newest of each were looked at.
    depth: i64,
    /// The oldest that was looked at, by its chat: in one chat ids rise with the seqs.
    oldest: HashMap<i64, i64>,
    /// What fits, in any order.
    fitting: Vec<i64>,
}

impl<'a> Looking<'a> {
    pub(super) async fn begin(conn: &mut Conn, sought: &'a Sought) -> Result<Self, Failure> {
        let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(&sought.chats));
        let heads = heads.select((chat_heads::chat_id, chat_heads::last_seq)).load(conn).await?;
        Ok(Self { sought, heads, depth: 0, oldest: HashMap::new(), fitting: Vec::new() })
    }

    /// How many messages there are in the chats.
    pub(super) fn messages(&self) -> i64 {
        self.heads.iter().map(|(_, last)| last).sum()
    }

    /// Looks at so many of the newest messages, or at all messages of chats that have no more. What was
    /// looked at before is not looked at again.
    pub(super) async fn look(&mut self, conn: &mut Conn, number: i64) -> Result<(), Failure> {
        let all = self.messages() <= number;
        let depth = if all { number } else { number / self.heads.len() as i64 };
        let here = messages::seq.gt(chat_heads::last_seq - depth);
        let here = here.and(messages::seq.le(chat_heads::last_seq - self.depth));
        let here = here.and(messages::id.lt(self.sought.before));
        let here = here.and(messages::deleted_at.is_null());
        let rows = messages::table
            .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(messages::chat_id)))
            .filter(chat_heads::chat_id.eq_any(&self.sought.chats).and(here))
            .select(COLUMNS)
            .load::<Row>(conn)
            .await?;
        self.depth = depth;
        for (id, chat, ..) in &rows {
            let oldest = self.oldest.entry(*chat).or_insert(*id);
            *oldest = (*oldest).min(*id);
        }
        self.fitting.extend(fitting(rows, self.sought));
        Ok(())
    }

    /// What was found, if it is as much as was sought or all that there is; else how many messages are
    /// likely to have as much.
    pub(super) fn found(&self) -> ControlFlow<Vec<i64>, i64> {
        // Nothing is known of what is older than this, nor of a chat with nothing that was looked at.
        let deep = self.heads.iter().filter(|(_, last)| *last > self.depth);
        let oldest = |chat| self.oldest.get(chat).copied().unwrap_or(i64::MAX);
        let floor = deep.map(|(chat, _)| oldest(chat)).max();
        let known = |id: &i64| floor.is_none_or(|floor| *id >= floor);
        let found: Vec<_> = self.fitting.iter().copied().filter(known).collect();
        if floor.is_none() || self.sought.is_enough(&found) {
            return ControlFlow::Break(self.sought.newest(found));
        }
        let looked_at = self.depth * self.heads.len() as i64;
        ControlFlow::Continue(self.sought.likely(found.len(), looked_at))
    }
}

/// Those of these messages that have all of it, the newest first.
pub(super) async fn among(
    conn: &mut Conn,
    sought: &Sought,
    ids: &[i64],
) -> Result<Vec<i64>, Failure> {
    let rows =
        messages::table.filter(messages::id.eq_any(ids)).select(COLUMNS).load::<Row>(conn).await?;
    Ok(sought.newest(fitting(rows, sought)))
}

/// The newest messages of the chats, whatever they say.
pub(super) async fn any(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let here = messages::chat_id.eq_any(sought.chats.clone());
    let here = here.and(messages::id.lt(sought.before)).and(messages::deleted_at.is_null());
    let newest = messages::table.filter(here).order(messages::id.desc()).limit(sought.limit);
    Ok(newest.select(messages::id).load(conn).await?)
}

/// Searches the newest messages that there are, in whatever chat. There may be more further back.
pub(super) async fn recent(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let rows = messages::table
        .filter(messages::id.lt(sought.before))
        .order(messages::id.desc())
        .limit(MANY)
        .select(COLUMNS)
        .load::<Row>(conn)
        .await?;
    Ok(sought.newest(fitting(rows, sought)))
}

/// Those that have all that is sought. A tombstone has no words and no author that is looked for.
fn fitting(rows: Vec<Row>, sought: &Sought) -> Vec<i64> {
    let chats: HashSet<_> = sought.chats.iter().copied().collect();
    let fits = |(_, chat, author, text): &Row| {
        let by = sought.author.is_none_or(|wanted| *author == wanted);
        by && chats.contains(chat) && !text.is_empty() && has_all(text, &sought.words)
    };
    rows.into_iter().filter(fits).map(|row| row.0).collect()
}
