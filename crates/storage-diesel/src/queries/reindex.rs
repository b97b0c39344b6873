//! Bringing the index up to date after what it holds has another form: message by message, while the server
//! works. What is sent or edited meanwhile has the new form already.

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
use domain::ids::UserId;
use domain::message::{Mention, MessageText};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the index holds: another number for whatever changes `domain::words` or where mentions are.
/// 1: before there was this number. 2: kana with their long vowels, Hangul apart, nothing invisible, one i.
const FORM: i64 = 2;

/// What the progress is noted under: `2` if all is in form 2, `2 after 500` if what comes after that message
/// may not be.
const NAME: &str = "search_index";

/// Messages that are brought up to date together. Their chats are locked meanwhile, so they are few.
const TOGETHER: i64 = 50;

type Row = (i64, i64, i64, i64, String, i64);

/// Up to where it is done; nothing if all is.
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

/// Brings some messages up to date. Whether there are more. Nodes that do so at once share the work.
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
            // Otherwise another node was faster.
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

/// The next messages to look at, and after which one they are; nothing if all is done.
async fn next(conn: &mut Conn) -> Result<Option<(i64, Vec<Row>)>, Failure> {
    let Some(after) = progress(conn).await? else { return Ok(None) };
    let rows = messages::table.filter(messages::id.gt(after)).order(messages::id).limit(TOGETHER);
    let rows = rows.select((
        messages::id,
        messages::chat_id,
        messages::author_id,
        messages::version,
        messages::text,
        messages::extras,
    ));
    Ok(Some((after, rows.load(conn).await?)))
}

/// A message as it is found.
struct Cut {
    indexed: Indexed,
    version: i64,
    /// What it says, if it mentions somebody.
    mentioning: Option<MessageText>,
}

impl Cut {
    fn new((id, chat, author, version, text, extras): Row) -> Self {
        let text = MessageText::beside_attachments(&text).ok();
        let words = text.as_ref().map_or(&[][..], MessageText::words);
        Self {
            indexed: Indexed::of((id, chat, author), words),
            version,
            mentioning: text.filter(|_| extras & MENTIONS != 0),
        }
    }
}

/// Replaces what is indexed of these messages, whose chats are locked, but for those that changed since they
/// were read.
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

/// Notes where a message mentions those whom it is known to mention.
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
