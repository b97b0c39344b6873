//! Silences, which are kept with the rows of members.

use super::{Conn, audit, membership};
use crate::error::Failure;
use crate::rows::MemberRow;
use crate::schema::members;
use crate::types::Instant;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{
    ChangedMembers, LiftSilence, LiftSilenceRefusal, NewSilence, Silence, SilenceFacts,
    SilenceRefusal,
};
use domain::ids::ChatId;

pub(super) async fn set(
    conn: &mut Conn,
    silence: NewSilence,
) -> Result<Result<ChangedMembers, SilenceRefusal>, Failure> {
    let NewSilence { chat, user, by, at, .. } = silence;
    let Some(mut found) = membership::lock(conn, chat, &[by.user(), user]).await? else {
        return Ok(Err(SilenceRefusal::ChatNotFound));
    };
    let (actor, target, last) = (found.actor(by)?, found.target(user)?.role, found.silence(user));
    let facts = SilenceFacts { actor, target, silence: last.as_ref() };
    let change = match silence.decide(facts) {
        Ok(change) => change,
        Err(refusal) => return Ok(Err(refusal)),
    };
    audit::note(conn, chat.get(), silence.record()).await?;
    membership::apply(conn, &mut found, &[change], Instant(at)).await.map(Ok)
}

pub(super) async fn lift(
    conn: &mut Conn,
    wanted: LiftSilence,
) -> Result<Result<ChangedMembers, LiftSilenceRefusal>, Failure> {
    let LiftSilence { chat, user, actor, at } = wanted;
    let Some(mut found) = membership::lock(conn, chat, &[actor.user(), user]).await? else {
        return Ok(Err(SilenceRefusal::ChatNotFound.into()));
    };
    let (actor, target, last) =
        (found.actor(actor)?, found.target(user)?.role, found.silence(user));
    let facts = SilenceFacts { actor, target, silence: last.as_ref() };
    let change = match wanted.decide(facts) {
        Ok(change) => change,
        Err(refusal) => return Ok(Err(refusal)),
    };
    audit::note(conn, chat.get(), wanted.record()).await?;
    membership::apply(conn, &mut found, &[change], Instant(at)).await.map(Ok)
}

/// Silences people in whispers that were opened just now, where these are their rows in the chat around them. Nearly
/// nobody is silenced, so nearly always it takes no statement.
pub(super) async fn carry(
    conn: &mut Conn,
    whispers: ChatId,
    rows: &[MemberRow],
) -> Result<(), Failure> {
    for row in rows {
        let Some(silence) = row.silence().as_ref().map(Silence::in_new_whispers) else { continue };
        let theirs = members::chat_id.eq(whispers.get()).and(members::user_id.eq(row.user_id));
        let values = (
            members::silenced_by.eq(Some(silence.by.get())),
            members::silenced_reason.eq(silence.reason),
            members::silenced_at.eq(Some(Instant(silence.at))),
            members::silenced_until.eq(silence.until.map(Instant)),
        );
        diesel::update(members::table.filter(theirs)).set(values).execute(conn).await?;
    }
    Ok(())
}
