//! Rebuilding the search index after its form has changed: in small batches, while the server runs. Messages
//! that are sent or edited meanwhile already have the new form.

use super::database::Database;
use super::{Conn, index, lock_heads, mentions};
use crate::error::Failure;
use crate::indexed::Indexed;
use crate::rows::extras::MENTIONS;
use crate::schema::{agreements, mentions as mention_table, messages, users};
use diesel::OptionalExtension;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::data::Data;
use domain::ids::UserId;
use domain::message::{Mention, MessageText};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The index's form. Raise it with any change to `domain::words` or to how mentions are found.
/// 1: before there was this number. 2: kana with long vowels, separate Hangul, no invisible characters, one i. 3: words
/// of data.
const FORM: i64 = 3;

/// The key that progress is stored under: `3` if everything has form 3, `3 after 500` if messages after id
/// 500 may not have it yet.
const NAME: &str = "search_index";

/// How many messages are reindexed together: few, because their chats are locked meanwhile.
const TOGETHER: i64 = 50;

type Row = (i64, i64, i64, i64, String, Option<String>, i64);

/// The id up to which messages are reindexed; `None` if all are.
async fn progress(conn: &mut Conn) -> Result<Option<i64>, Failure> {
    let noted = agreements::table.find(NAME).select(agreements::value);
    let noted = noted.first::<String>(conn).await.optional()?.unwrap_or_default();
    Ok(match noted.strip_prefix(&FORM.to_string()) {
        Some("") => None,
        Some(rest) => Some(rest.trim_start_matches(" after ").parse().unwrap_or(0)),
        None => Some(0),
    })
}

async fn note(conn: &mut Conn, done_to: Option<i64>) -> Result<(), Failure> {
    let value = done_to.map_or(FORM.to_string(), |id| format!("{FORM} after {id}"));
    diesel::insert_into(agreements::table)
        .values((agreements::name.eq(NAME), agreements::value.eq(&value)))
        .on_conflict(agreements::name)
        .do_update()
        .set(agreements::value.eq(&value))
        .execute(conn)
        .await?;
    Ok(())
}

/// Reindexes a batch of messages, and returns whether there are more. Concurrent nodes share the work.
pub(super) async fn step(db: &Database) -> Result<bool, Failure> {
    let Some((after, rows)) = db.read_slowly(|conn| Box::pin(next(conn))).await? else {
        return Ok(false);
    };
    let last = rows.last().map(|row| row.0);
    let cut = move || rows.into_iter().map(Cut::new).collect::<Vec<_>>();
    let cut = db.compute(cut).await?;
    db.write(move |conn| {
        Box::pin(async move {
            let chats: BTreeSet<_> = cut.iter().map(|cut| cut.indexed.chat).collect();
            lock_heads(shared!(conn), chats.into_iter().collect()).await?;
            // If the progress has moved, another node has done this batch.
            if progress(conn).await? == Some(after) {
                replace(conn, cut).await?;
                note(conn, last).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(last.is_some())
}

/// The next batch, and the id after which it starts; nothing if all is done.
async fn next(conn: &mut Conn) -> Result<Option<(i64, Vec<Row>)>, Failure> {
    let Some(after) = progress(conn).await? else { return Ok(None) };
    let rows = messages::table.filter(messages::id.gt(after)).order(messages::id).limit(TOGETHER);
    let rows = rows.select((
        messages::id,
        messages::chat_id,
        messages::author_id,
        messages::version,
        messages::text,
        messages::data,
        messages::extras,
    ));
    Ok(Some((after, rows.load(conn).await?)))
}

/// A message's new index entry, with the version that it was made from.
struct Cut {
    indexed: Indexed,
    version: i64,
    /// Its text, if it mentions somebody.
    mentioning: Option<MessageText>,
}

impl Cut {
    fn new((id, chat, author, version, text, data, extras): Row) -> Self {
        let text = MessageText::beside_attachments(&text).ok();
        let words = text.as_ref().map_or(&[][..], MessageText::words);
        let data = data.map(Data::stored);
        Self {
            indexed: Indexed::of((id, chat, author), words, data.as_ref()),
            version,
            mentioning: text.filter(|_| extras & MENTIONS != 0),
        }
    }
}

/// Replaces these messages' index entries, except for those that changed since they were read. Their chats
/// are locked.
async fn replace(conn: &mut Conn, cut: Vec<Cut>) -> Result<(), Failure> {
    let ids: Vec<_> = cut.iter().map(|cut| cut.indexed.message).collect();
    let there = messages::id.eq_any(ids).and(messages::deleted_at.is_null());
    let versions = messages::table.filter(there).select((messages::id, messages::version));
    let versions: HashSet<_> = versions.load::<(i64, i64)>(conn).await?.into_iter().collect();
    let mut new = Vec::new();
    for Cut { indexed, version, mentioning } in cut {
        if !versions.contains(&(indexed.message, version)) {
            continue;
        }
        if let Some(text) = mentioning {
            find_mentions(conn, indexed.message, &text).await?;
        }
        index::remove(conn, indexed.message).await?;
        new.push(indexed);
    }
    if new.is_empty() { Ok(()) } else { index::add(shared!(conn), new).await }
}

/// Stores where in its text a message mentions the users that it is known to mention.
async fn find_mentions(conn: &mut Conn, message: i64, text: &MessageText) -> Result<(), Failure> {
    let named = mention_table::table
        .inner_join(users::table.on(users::id.eq(mention_table::user_id)))
        .filter(mention_table::message_id.eq(message).and(users::name_folded.is_not_null()))
        .select((users::name_folded.assume_not_null(), users::id))
        .load::<(String, i64)>(conn)
        .await?;
    let named: HashMap<_, _> =
        named.into_iter().map(|(name, id)| (name, UserId::stored(id))).collect();
    let found: Vec<Mention> = text.mentions().resolve(|name| named.get(name).copied());
    for user in named.values() {
        let row = mention_table::table.find((message, user.get()));
        let ranges = mention_table::ranges.eq(mentions::write_ranges(*user, &found));
        diesel::update(row).set(ranges).execute(conn).await?;
    }
    Ok(())
}
