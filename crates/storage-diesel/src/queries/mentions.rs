//! Mentions. Names are looked up only if a text has an `@` that may begin one.

use super::Conn;
use super::database::Database;
use crate::batch::Batch;
use crate::error::Failure;
use crate::schema::{members, mentions, messages, users};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{Mention, Mentions, Message, MessageText};
use std::collections::{BTreeSet, HashMap, HashSet};

/// How many names are looked up, or rows stored, by one statement.
const CHUNK: usize = 1000;

/// The chat whose members a text may mention.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// This chat.
    Chat(ChatId),
    /// The chat of this message.
    Message(MessageId),
}

/// Reduces the names that a text may mention to those of present members. This runs before the transaction,
/// which then has few names to look up while others wait. It decides nothing: the transaction looks up again
/// who is a member.
pub(super) async fn known(
    db: &Database,
    place: Place,
    mut text: MessageText,
) -> Result<MessageText, StoreError> {
    if !text.mentions().is_empty() {
        let names: Vec<_> = text.mentions().names().map(str::to_owned).collect();
        let found = db.read(move |conn| Box::pin(of_members(conn, place, names))).await?;
        text.keep_names(|name| found.contains(name));
    }
    Ok(text)
}

async fn of_members(
    conn: &mut Conn,
    place: Place,
    names: Vec<String>,
) -> Result<HashSet<String>, Failure> {
    let chat = match place {
        Place::Chat(chat) => chat.get(),
        Place::Message(id) => {
            let message = messages::table.filter(messages::id.eq(id.get()));
            message.select(messages::chat_id).first(conn).await?
        }
    };
    let mut found = HashSet::new();
    for names in names.chunks(CHUNK) {
        let here = members::chat_id.eq(chat).and(members::left_at.is_null());
        let rows = users::table
            .inner_join(members::table.on(members::user_id.eq(users::id)))
            .filter(users::name_folded.eq_any(names.to_vec()).and(here))
            .select(users::name_folded.assume_not_null());
        found.extend(rows.load::<String>(conn).await?);
    }
    Ok(found)
}

/// Members, by chat and folded name.
#[derive(Default)]
pub(super) struct Named(HashMap<(i64, String), UserId>);

impl Named {
    /// Finds the members of these chats whom these texts may mention.
    pub(super) async fn find<'a>(
        conn: &mut Conn,
        texts: impl Iterator<Item = (ChatId, &'a Mentions)>,
    ) -> Result<Self, Failure> {
        let (mut chats, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (chat, mentions) in texts.filter(|(_, mentions)| !mentions.is_empty()) {
            chats.insert(chat.get());
            names.extend(mentions.names().map(str::to_owned));
        }
        let (chats, names): (Vec<_>, Vec<_>) =
            (chats.into_iter().collect(), names.into_iter().collect());
        let mut found = HashMap::new();
        for names in names.chunks(CHUNK) {
            let here = members::chat_id.eq_any(chats.clone()).and(members::left_at.is_null());
            let rows = users::table
                .inner_join(members::table.on(members::user_id.eq(users::id)))
                .filter(users::name_folded.eq_any(names.to_vec()).and(here))
                .select((members::chat_id, users::name_folded.assume_not_null(), users::id))
                .load::<(i64, String, i64)>(conn)
                .await?;
            found.extend(rows.into_iter().map(|(c, name, id)| ((c, name), UserId::stored(id))));
        }
        Ok(Self(found))
    }

    /// Who is mentioned by a text in this chat, and where.
    pub(super) fn resolve(&self, chat: ChatId, mentions: &Mentions) -> Vec<Mention> {
        if mentions.is_empty() || self.0.is_empty() {
            return Vec::new();
        }
        mentions.resolve(|name| self.0.get(&(chat.get(), name.to_owned())).copied())
    }
}

/// Stores the mentions of messages that have none stored yet.
pub(super) async fn store(conn: &mut Conn, messages: &[Message]) -> Result<(), Failure> {
    let rows: Vec<_> = messages
        .iter()
        .flat_map(|message| message.extras.mentions.iter().map(move |user| (message, user)))
        .map(|(message, user)| {
            (
                mentions::message_id.eq(message.id.get()),
                mentions::user_id.eq(user.get()),
                mentions::chat_id.eq(message.chat.get()),
                mentions::seq.eq(message.seq.get()),
                mentions::author_id.eq(message.author.get()),
                mentions::ranges.eq(write_ranges(*user, &message.extras.mention_ranges)),
            )
        })
        .collect();
    for rows in rows.chunks(CHUNK) {
        diesel::insert_into(mentions::table).values(Batch(rows.to_vec())).execute(conn).await?;
    }
    Ok(())
}

/// The places where somebody is mentioned, as they are stored: offset and length of each, as in `0+4 12+4`.
pub(super) fn write_ranges(user: UserId, mentions: &[Mention]) -> String {
    let theirs = mentions.iter().filter(|mention| mention.user == user);
    let ranges: Vec<_> = theirs.map(|m| format!("{}+{}", m.offset, m.length)).collect();
    ranges.join(" ")
}

/// Reads what [`write_ranges`] wrote. Empty for rows from before places were stored, until they are reindexed.
pub(super) fn read_ranges(user: UserId, ranges: &str) -> Result<Vec<Mention>, Failure> {
    let range = |range: &str| {
        let (offset, length) = range.split_once('+')?;
        Some(Mention { user, offset: offset.parse().ok()?, length: length.parse().ok()? })
    };
    let ranges = ranges.split_whitespace().map(range).collect::<Option<_>>();
    ranges.ok_or(Failure::damaged("mentions.ranges"))
}

/// Deletes the mentions of a message.
pub(super) async fn forget(conn: &mut Conn, message: i64) -> Result<(), Failure> {
    let rows = mentions::table.filter(mentions::message_id.eq(message));
    diesel::delete(rows).execute(conn).await?;
    Ok(())
}
