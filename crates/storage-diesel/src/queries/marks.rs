//! What people put on messages.

use super::messages::{Change, locked, touch};
use super::{Conn, Store, dress};
use crate::error::Failure;
use crate::schema::reactions;
use async_trait::async_trait;
use diesel::dsl::min;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::failure::StoreError;
use domain::message::{MarkFailure, MarkRefusal, MarkStore, Marked, React};

/// What the rules said, once the transaction is over.
type Verdict = Result<Marked, MarkRefusal>;

#[async_trait]
impl MarkStore for Store {
    async fn react(&self, reaction: React) -> Result<Marked, MarkFailure> {
        let verdict = self.db.write(move |conn| Box::pin(react(conn, reaction))).await;
        Ok(verdict.map_err(StoreError::from)??)
    }
}

async fn react(conn: &mut Conn, react: React) -> Result<Verdict, Failure> {
    let (head, row) = locked(conn, react.message).await?;
    let extras = Some(row.extras | dress::REACTIONS);
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
