//! What people put on messages.

use super::messages::{Change, locked, touch};
use super::{Conn, Store, dress, stars};
use crate::error::Failure;
use crate::rows::MessageRow;
use crate::rows::extras::REACTIONS;
use crate::schema::{messages, reactions};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::dsl::min;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{
    MarkFailure, MarkRefusal, MarkStore, Marked, Message, Pin, React, Star, StarPage,
};

/// What the rules said, once the transaction is over.
type Verdict = Result<Marked, MarkRefusal>;

#[async_trait]
impl MarkStore for Store {
    async fn react(&self, reaction: React) -> Result<Marked, MarkFailure> {
        let verdict = self.db.write(move |conn| Box::pin(react(conn, reaction))).await;
        Ok(verdict.map_err(StoreError::from)??)
    }

    async fn pin(&self, wanted: Pin) -> Result<Marked, MarkFailure> {
        let verdict = self.db.write(move |conn| Box::pin(pin(conn, wanted))).await;
        Ok(verdict.map_err(StoreError::from)??)
    }

    async fn pinned(&self, chat: ChatId) -> Result<Vec<Message>, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(pinned(conn, chat))).await?)
    }

    async fn star(&self, star: Star) -> Result<bool, MarkFailure> {
        let verdict = self.db.write(move |conn| Box::pin(stars::set(conn, star))).await;
        Ok(verdict.map_err(StoreError::from)??)
    }

    async fn starred(
        &self,
        user: UserId,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<StarPage, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(stars::list(conn, user, before, limit))).await?)
    }

    async fn stars_among(
        &self,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<MessageId>, StoreError> {
        let ids: Vec<_> = messages.iter().map(|id| id.get()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.db.read(move |conn| Box::pin(stars::among(conn, user, ids))).await?)
    }
}

async fn react(conn: &mut Conn, react: React) -> Result<Verdict, Failure> {
    let (head, row) = locked(conn, react.message).await?;
    let extras = Some(row.extras | REACTIONS);
    let message = dress::one(conn, row).await?;
    match react.admit(&message) {
        Err(refusal) => return Ok(Err(refusal)),
        Ok(false) => return Ok(Ok(None)),
        Ok(true) => {}
    }
    if react.on {
        add_reaction(conn, &react, head.version + 1).await?;
    } else {
        remove_reaction(conn, &react).await?;
    }
    let row = touch(conn, head, react.message, Change { extras, ..Change::default() }).await?;
    Ok(Ok(Some(dress::one(conn, row).await?)))
}

async fn pin(conn: &mut Conn, pin: Pin) -> Result<Verdict, Failure> {
    let (head, row) = locked(conn, pin.message).await?;
    let there = messages::chat_id.eq(head.chat_id).and(messages::pinned_at.is_not_null());
    let there = messages::table.filter(there).count().get_result::<i64>(conn).await?;
    let message = Message::try_from(row)?;
    match pin.admit(&message, usize::try_from(there).unwrap_or(usize::MAX)) {
        Err(refusal) => return Ok(Err(refusal)),
        Ok(false) => return Ok(Ok(None)),
        Ok(true) => {}
    }
    let pinned_at = Some(pin.on.then_some(Instant(pin.at)));
    let row = touch(conn, head, pin.message, Change { pinned_at, ..Change::default() }).await?;
    Ok(Ok(Some(dress::one(conn, row).await?)))
}

async fn pinned(conn: &mut Conn, chat: ChatId) -> Result<Vec<Message>, Failure> {
    let here = messages::chat_id.eq(chat.get()).and(messages::pinned_at.is_not_null());
    let order = (messages::pinned_at.desc(), messages::id.desc());
    let rows = messages::table.filter(here).order(order).select(MessageRow::as_select());
    let rows = rows.load(conn).await?;
    dress::all(conn, rows).await
}

async fn add_reaction(conn: &mut Conn, react: &React, version: i64) -> Result<(), Failure> {
    let same = reactions::message_id.eq(react.message.get());
    let same = same.and(reactions::emoji.eq(react.emoji.as_str()));
    let place = reactions::table.filter(same).select(min(reactions::place));
    let place: Option<i64> = place.first(conn).await?;
    let values = (
        reactions::message_id.eq(react.message.get()),
        reactions::emoji.eq(react.emoji.as_str()),
        reactions::user_id.eq(react.user.get()),
        reactions::place.eq(place.unwrap_or(version)),
        reactions::version.eq(version),
    );
    diesel::insert_into(reactions::table).values(values).execute(conn).await?;
    Ok(())
}

async fn remove_reaction(conn: &mut Conn, react: &React) -> Result<(), Failure> {
    let one = reactions::message_id
        .eq(react.message.get())
        .and(reactions::emoji.eq(react.emoji.as_str()))
        .and(reactions::user_id.eq(react.user.get()));
    diesel::delete(reactions::table.filter(one)).execute(conn).await?;
    Ok(())
}
