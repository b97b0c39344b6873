//! Whom messages mention: looked up where a text has an `@`, and nowhere else.

use super::Conn;
use crate::batch::Batch;
use crate::error::Failure;
use crate::schema::{members, mentions, users};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::ids::{ChatId, UserId};
use domain::message::{Mentions, Message};
use std::collections::{BTreeSet, HashMap};

/// Names that are looked up, and rows that are stored, in one statement.
const CHUNK: usize = 1000;

/// Members by chat and folded name.
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

    /// Whom a text of this chat mentions.
    pub(super) fn resolve(&self, chat: ChatId, mentions: &Mentions) -> Vec<UserId> {
        if mentions.is_empty() || self.0.is_empty() {
            return Vec::new();
        }
        mentions.resolve(|name| self.0.get(&(chat.get(), name.to_owned())).copied())
    }
}

/// Stores whom messages mention. Nothing is stored for them yet.
pub(super) async fn store(conn: &mut Conn, messages: &[Message]) -> Result<(), Failure> {
    let rows: Vec<_> = messages
        .iter()
        .flat_map(|message| message.extras.mentions.iter().map(move |user| (message, user.get())))
        .map(|(message, user)| {
            (
                mentions::message_id.eq(message.id.get()),
                mentions::user_id.eq(user),
                mentions::chat_id.eq(message.chat.get()),
                mentions::seq.eq(message.seq.get()),
                mentions::author_id.eq(message.author.get()),
            )
        })
        .collect();
    for rows in rows.chunks(CHUNK) {
        diesel::insert_into(mentions::table).values(Batch(rows.to_vec())).execute(conn).await?;
    }
    Ok(())
}

/// Forgets whom a message mentions.
pub(super) async fn forget(conn: &mut Conn, message: i64) -> Result<(), Failure> {
    let rows = mentions::table.filter(mentions::message_id.eq(message));
    diesel::delete(rows).execute(conn).await?;
    Ok(())
}
