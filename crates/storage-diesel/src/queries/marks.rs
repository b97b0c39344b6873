//! Reactions, pins and stars.

use super::columns::Columns;
use super::messages::{Locked, locked, touch};
use super::{Conn, Store, audit, hydrate, standing, stars};
use crate::error::Failure;
use crate::rows::extras::REACTIONS;
use crate::rows::{MessageChange, MessageRow};
use crate::schema::{messages, reactions};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::dsl::min;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::Horizon;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{
    MarkError, MarkRefusal, MarkStore, Marked, Message, MessageFacts, Pin, React, ReactionChange,
    Star, StarPage,
};

/// The rules' decision, with the message if it changed.
type Verdict = Result<Marked, MarkRefusal>;

#[async_trait]
impl MarkStore for Store {
    async fn react(&self, wanted: React) -> Result<Marked, MarkError> {
        let Some(chat) = self.chat_of(wanted.chat, wanted.message).await? else {
            return Err(MarkError::Refused(MarkRefusal::NotFound));
        };
        self.db.decide(chat, move |conn| Box::pin(react(conn, wanted))).await
    }

    async fn pin(&self, wanted: Pin) -> Result<Marked, MarkError> {
        self.db.decide(wanted.chat, move |conn| Box::pin(pin(conn, wanted))).await
    }

    async fn pinned(
        &self,
        chat: ChatId,
        viewer: Option<UserId>,
    ) -> Result<Vec<Message>, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(pinned(conn, chat, viewer))).await?)
    }

    async fn star(&self, star: Star) -> Result<bool, MarkError> {
        let chat = self.chat_of(None, star.message).await?.ok_or(StoreError::NotFound)?;
        self.db.decide(chat, move |conn| Box::pin(stars::set(conn, star))).await
    }

    async fn starred(
        &self,
        user: UserId,
        whispers: bool,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<StarPage, StoreError> {
        let of = (user, whispers);
        Ok(self.db.snapshot(move |conn| Box::pin(stars::list(conn, of, before, limit))).await?)
    }

    async fn stars_among(
        &self,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<MessageId>, StoreError> {
        let ids = messages.iter().map(|id| id.get()).collect();
        Ok(self.db.read(move |conn| Box::pin(hydrate::starred(conn, user, ids))).await?)
    }
}

impl Store {
    /// The chat that the caller named, or the message's; nothing if there is no such message. It may be
    /// read before the lock, because a message never moves to another chat.
    async fn chat_of(
        &self,
        named: Option<ChatId>,
        message: MessageId,
    ) -> Result<Option<ChatId>, StoreError> {
        if named.is_some() {
            return Ok(named);
        }
        let message = messages::table.filter(messages::id.eq(message.get()));
        let chat = self.db.read(move |conn| {
            Box::pin(async move {
                let chat = message.select(messages::chat_id).get_result::<i64>(conn).await;
                Ok(chat.optional()?.map(ChatId::stored))
            })
        });
        Ok(chat.await?)
    }
}

async fn react(conn: &mut Conn, wanted: React) -> Result<Verdict, Failure> {
    let id = wanted.message;
    let Some(found) = locked(conn, (wanted.chat, id), wanted.user.into()).await? else {
        return Ok(Err(MarkRefusal::NotFound));
    };
    let Locked { head, row, actor } = found;
    let extras = Some(row.extras | REACTIONS);
    let message = hydrate::one(conn, row).await?;
    let change = match wanted.decide(MessageFacts { actor, message: Some(&message) }) {
        Ok(Some(change)) => change,
        Ok(None) => return Ok(Ok(None)),
        Err(refusal) => return Ok(Err(refusal)),
    };
    if change.on {
        add_reaction(conn, id, &change, head.version + 1).await?;
    } else {
        remove_reaction(conn, id, &change).await?;
    }
    let row = touch(conn, head, id, MessageChange { extras, ..MessageChange::default() }).await?;
    Ok(Ok(Some(hydrate::one(conn, row).await?)))
}

async fn pin(conn: &mut Conn, wanted: Pin) -> Result<Verdict, Failure> {
    let Pin { chat, message: id, actor, on, at } = wanted;
    let Some(found) = locked(conn, (Some(chat), id), actor).await? else {
        return Ok(Err(MarkRefusal::NotFound));
    };
    let Locked { head, row, actor } = found;
    let there = messages::chat_id.eq(head.chat_id).and(messages::pinned_at.is_not_null());
    let there = messages::table.filter(there).count().get_result::<i64>(conn).await?;
    let (message, there) = (Message::try_from(row)?, usize::try_from(there).unwrap_or(usize::MAX));
    match wanted.decide(MessageFacts { actor, message: Some(&message) }, there) {
        Ok(true) => {}
        Ok(false) => return Ok(Ok(None)),
        Err(refusal) => return Ok(Err(refusal)),
    }
    audit::note(conn, chat.get(), wanted.record()).await?;
    let pinned_at = Some(on.then_some(Instant(at)));
    let change = MessageChange { pinned_at, ..MessageChange::default() };
    let row = touch(conn, head, id, change).await?;
    Ok(Ok(Some(hydrate::one(conn, row).await?)))
}

async fn pinned(
    conn: &mut Conn,
    chat: ChatId,
    viewer: Option<UserId>,
) -> Result<Vec<Message>, Failure> {
    let horizon = match viewer {
        Some(viewer) => standing::of(shared!(conn), chat, viewer).await?.horizon,
        None => Horizon::NONE,
    };
    let seen = messages::pinned_at.is_not_null().and(messages::seq.gt(horizon.seq().get()));
    let here = messages::chat_id.eq(chat.get()).and(seen);
    let order = (messages::pinned_at.desc(), messages::id.desc());
    let rows = messages::table.filter(here).order(order).select(MessageRow::as_select());
    let rows = rows.load(conn).await?;
    hydrate::all(conn, rows).await
}

async fn add_reaction(
    conn: &mut Conn,
    message: MessageId,
    change: &ReactionChange,
    version: i64,
) -> Result<(), Failure> {
    let (message, emoji) = (message.get(), change.emoji.as_str());
    let same = reactions::message_id.eq(message).and(reactions::emoji.eq(emoji));
    let place = reactions::table.filter(same).select(min(reactions::place));
    let place: Option<i64> = place.first(conn).await?;
    let values = (
        reactions::message_id.eq(message),
        reactions::emoji.eq(emoji),
        reactions::user_id.eq(change.user.get()),
        reactions::place.eq(place.unwrap_or(version)),
        reactions::version.eq(version),
    );
    diesel::insert_into(reactions::table).values(values).execute(conn).await?;
    Ok(())
}

async fn remove_reaction(
    conn: &mut Conn,
    message: MessageId,
    change: &ReactionChange,
) -> Result<(), Failure> {
    let one = reactions::message_id
        .eq(message.get())
        .and(reactions::emoji.eq(change.emoji.as_str()))
        .and(reactions::user_id.eq(change.user.get()));
    diesel::delete(reactions::table.filter(one)).execute(conn).await?;
    Ok(())
}
