//! The newest messages of many chats, with nothing to find them by. In each chat the place to begin at is looked up
//! by seq, and read from there: ids rise with seqs. So it reads a few messages of each chat, however many there are.

use super::Conn;
use crate::error::Failure;
use crate::indexed::{Hits, Sought};
use crate::schema::messages;
use crate::types::Instant;
use diesel::prelude::QueryableByName;
use diesel_async::RunQueryDsl;
use domain::ids::MAX_ID;
use std::collections::HashMap;

/// How many messages of a chat are read at once, at most.
const DEEPEST: i64 = 1_000;

/// How many messages are read in all, about; then the search goes on with the next page. Only tombstones come to so
/// many.
const MOST: usize = 20_000;

/// How many chats one statement asks for.
const TOGETHER: usize = 1_000;

#[derive(QueryableByName)]
#[diesel(table_name = messages)]
struct Row {
    id: i64,
    chat_id: i64,
    seq: i64,
    deleted_at: Option<Instant>,
}

/// The newest message of a chat that was not read yet.
struct Place {
    chat: i64,
    seq: i64,
    id: i64,
}

/// The newest messages of these chats, each given with the seq of its newest one.
pub(super) async fn find(
    conn: &mut Conn,
    sought: &Sought,
    heads: Vec<(i64, i64)>,
) -> Result<Hits, Failure> {
    let ends = if sought.before == MAX_ID { heads } else { ends(conn, sought, heads).await? };
    let (mut places, mut found) = (places(conn, ends).await?, Vec::new());
    let (mut read, mut depth) = (0, sought.limit.clamp(1, DEEPEST));
    loop {
        // Whatever is before a message that is hidden is hidden, too.
        places.retain(|place| !sought.hides(place.chat, place.id));
        places.sort_unstable_by_key(|place| std::cmp::Reverse(place.id));
        let Some(next) = places.iter().map(|place| place.id).next() else {
            return Ok(Hits::complete(sought.newest(found)));
        };
        let newer: Vec<_> = found.iter().copied().filter(|id| *id > next).collect();
        if sought.is_enough(&newer) {
            return Ok(Hits::complete(sought.newest(newer)));
        }
        if read >= MOST {
            return Ok(Hits { ids: sought.newest(newer), stopped_at: Some(next + 1) });
        }
        // None of the other chats has a message among the newest, unless these have tombstones.
        let most = usize::try_from(sought.limit).unwrap_or(usize::MAX).clamp(1, TOGETHER);
        let nearest: Vec<_> = places.drain(..most.min(places.len())).collect();
        let from = nearest.iter().map(|place| (place.chat, place.seq)).collect();
        let rows = below(conn, from, depth).await?;
        read += rows.len();
        let seen = rows.into_iter().filter(|row| row.deleted_at.is_none());
        found.extend(seen.filter(|row| !sought.hides(row.chat_id, row.id)).map(|row| row.id));
        found = sought.newest(found);
        let rest = nearest.into_iter().map(|place| (place.chat, place.seq - depth));
        places.extend(self::places(conn, rest.collect()).await?);
        depth = (2 * depth).min(DEEPEST);
    }
}

/// The seq of each chat's newest message before the one that is sought; 0 if there is none. A binary search in all
/// chats at once.
async fn ends(
    conn: &mut Conn,
    sought: &Sought,
    heads: Vec<(i64, i64)>,
) -> Result<Vec<(i64, i64)>, Failure> {
    // Messages up to the first seq are older; the one at the second, if any, is not.
    let mut bounds: Vec<_> = heads.into_iter().map(|(chat, last)| (chat, 0, last + 1)).collect();
    loop {
        let open = bounds.iter().filter(|(_, low, high)| high - low > 1);
        let middles: Vec<_> =
            open.map(|(chat, low, high)| (*chat, low + (high - low) / 2)).collect();
        if middles.is_empty() {
            return Ok(bounds.into_iter().map(|(chat, low, _)| (chat, low)).collect());
        }
        let there = below(conn, middles, 1).await?;
        let there: HashMap<_, _> = there.into_iter().map(|row| (row.chat_id, row.id)).collect();
        for (chat, low, high) in &mut bounds {
            let middle = *low + (*high - *low) / 2;
            match there.get(chat) {
                _ if *high - *low <= 1 => {}
                Some(id) if *id < sought.before => *low = middle,
                _ => *high = middle,
            }
        }
    }
}

/// The messages with these seqs of these chats.
async fn places(conn: &mut Conn, at: Vec<(i64, i64)>) -> Result<Vec<Place>, Failure> {
    let rows = below(conn, at.into_iter().filter(|(_, seq)| *seq > 0).collect(), 1).await?;
    let place = |Row { id, chat_id: chat, seq, .. }| Place { chat, seq, id };
    Ok(rows.into_iter().map(place).collect())
}

/// So many messages of each of these chats, from these seqs down.
async fn below(conn: &mut Conn, from: Vec<(i64, i64)>, depth: i64) -> Result<Vec<Row>, Failure> {
    let mut found = Vec::new();
    for some in from.chunks(TOGETHER) {
        let heads: Vec<_> = some.iter().map(|(chat, seq)| format!("({chat}, {seq})")).collect();
        let sql = format!(
            "WITH heads (chat, last) AS (VALUES {}) \
             SELECT m.id, m.chat_id, m.seq, m.deleted_at FROM heads JOIN messages m \
             ON m.chat_id = heads.chat AND m.seq > heads.last - {depth} AND m.seq <= heads.last",
            heads.join(", ")
        );
        found.extend(diesel::sql_query(sql).load::<Row>(conn).await?);
    }
    Ok(found)
}
