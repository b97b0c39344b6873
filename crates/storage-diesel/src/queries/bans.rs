//! Bans.

use super::columns::Columns;
use super::{Conn, Store, audit, membership, silences};
use crate::error::Failure;
use crate::rows::{self, PersonRow};
use crate::schema::{bans, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{
    Ban, BanChanges, BanError, BanFacts, BanPage, BanRefusal, BanStore, ChangedMembers, LiftBan,
    LiftBanError, LiftBanFacts, LiftBanRefusal, LiftSilence, LiftSilenceError, NewBan, NewSilence,
    SilenceError,
};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId};

/// The banned user, who banned them, the reason, since when, and until when.
type Row = (PersonRow, i64, Option<String>, Instant, Option<Instant>);

/// The rows of bans; a macro because the type of a join has no short name.
macro_rules! bans_of {
    ($chat:expr) => {
        bans::table
            .inner_join(users::table.on(users::id.eq(bans::user_id)))
            .filter(bans::chat_id.eq($chat.get()))
            .select((
                PersonRow::as_select(),
                bans::banned_by,
                bans::reason,
                bans::banned_at,
                bans::until,
            ))
    };
}

#[async_trait]
impl BanStore for Store {
    async fn ban(&self, ban: NewBan) -> Result<ChangedMembers, BanError> {
        self.db.decide(ban.chat, move |conn| Box::pin(set(conn, ban))).await
    }

    async fn lift(&self, wanted: LiftBan) -> Result<(), LiftBanError> {
        self.db.decide(wanted.chat, move |conn| Box::pin(lift(conn, wanted))).await
    }

    async fn silence(&self, silence: NewSilence) -> Result<ChangedMembers, SilenceError> {
        self.db.decide(silence.chat, move |conn| Box::pin(silences::set(conn, silence))).await
    }

    async fn lift_silence(&self, wanted: LiftSilence) -> Result<ChangedMembers, LiftSilenceError> {
        self.db.decide(wanted.chat, move |conn| Box::pin(silences::lift(conn, wanted))).await
    }

    async fn list(
        &self,
        chat: ChatId,
        now: Timestamp,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BanPage, StoreError> {
        let now = Instant(now);
        Ok(self.db.read(move |conn| Box::pin(list(conn, chat, now, (after, limit)))).await?)
    }
}

/// Somebody's ban, which may have expired.
pub(super) async fn of(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
) -> Result<Option<Ban>, Failure> {
    let row = bans_of!(chat).filter(bans::user_id.eq(user.get()));
    row.first::<Row>(conn).await.optional()?.map(ban).transpose()
}

fn ban((person, by, reason, at, until): Row) -> Result<Ban, Failure> {
    let (by, until) = (UserId::stored(by), until.map(|until| until.0));
    Ok(Ban { user: person.try_into()?, by, reason, at: at.0, until })
}

async fn set(conn: &mut Conn, ban: NewBan) -> Result<Result<ChangedMembers, BanRefusal>, Failure> {
    let NewBan { chat, user, by, at, until, .. } = ban;
    let at = Instant(at);
    let Some(mut found) = membership::lock(conn, chat, &[by.user(), user]).await? else {
        return Ok(Err(BanRefusal::ChatNotFound));
    };
    let facts = BanFacts { actor: found.actor(by)?, target: found.target(user)? };
    let BanChanges { reason, members } = match ban.decide(facts) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    audit::note(conn, chat.get(), ban.record()).await?;
    let values = (
        bans::banned_by.eq(by.user().get()),
        bans::reason.eq(reason),
        bans::banned_at.eq(at),
        bans::until.eq(until.map(Instant)),
    );
    diesel::insert_into(bans::table)
        .values((bans::chat_id.eq(chat.get()), bans::user_id.eq(user.get()), values.clone()))
        .on_conflict((bans::chat_id, bans::user_id))
        .do_update()
        .set(values)
        .execute(conn)
        .await?;
    membership::apply(conn, &mut found, &members, at).await.map(Ok)
}

async fn lift(conn: &mut Conn, wanted: LiftBan) -> Result<Result<(), LiftBanRefusal>, Failure> {
    let LiftBan { chat, actor, user } = wanted;
    let actor = match membership::lock(conn, chat, &[actor.user()]).await? {
        Some(found) => found.actor(actor)?,
        None => None,
    };
    let theirs = bans::chat_id.eq(chat.get()).and(bans::user_id.eq(user.get()));
    let there = bans::table.filter(theirs).count().get_result::<i64>(conn).await?;
    let lifted = wanted.decide(LiftBanFacts { actor, banned: there > 0 });
    if lifted.is_ok() {
        diesel::delete(bans::table.filter(theirs)).execute(conn).await?;
        audit::note(conn, chat.get(), wanted.record()).await?;
    }
    Ok(lifted)
}

async fn list(
    conn: &mut Conn,
    chat: ChatId,
    now: Instant,
    (after, limit): (Option<UserId>, usize),
) -> Result<BanPage, Failure> {
    // This is `Ban::holds` in SQL, because the database counts the rows of the page.
    let holds = bans::until.is_null().or(bans::until.gt(now));
    let rows = bans_of!(chat)
        .filter(bans::user_id.gt(after.map_or(0, UserId::get)))
        .filter(holds)
        .order(bans::user_id)
        .limit(rows::one_more(limit))
        .load::<Row>(conn)
        .await?;
    let mut bans = rows.into_iter().map(ban).collect::<Result<Vec<_>, _>>()?;
    let more = rows::cut(&mut bans, limit);
    Ok(BanPage { bans, more })
}
