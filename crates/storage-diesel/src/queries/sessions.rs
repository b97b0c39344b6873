//! Sessions and tickets. Expired rows count as absent, whether or not they have been purged.

use super::columns::Columns;
use super::{Conn, Store, audit, lock_users, now, session_end};
use crate::error::Failure;
use crate::rows::{self, SessionRow, UserRow};
use crate::schema::{ended_sessions, second_factors, sessions, tickets, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::admin::{AuditAction, Record};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::host::{ExternalId, HostSession, Issuer};
use domain::ids::{SessionId, UserId};
use domain::limits;
use domain::session::{
    EndReason, EndedAtHost, EndedSession, Ending, NewSession, OpenSession, Origin, RefusedSignIn,
    Renewal, Session, SessionChanges, SessionStore, SignedSession,
};
use domain::user::AccountRole;
use std::collections::BTreeSet;
use std::time::Duration;

#[async_trait]
impl SessionStore for Store {
    async fn open(&self, session: NewSession) -> Result<Session, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(open(conn, session))).await?)
    }

    async fn get(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(get(conn, id.get(), Instant(now)))).await?)
    }

    async fn get_recent(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError> {
        if let Some(signed) = self.db.recent.get(id, now) {
            return Ok(signed);
        }
        let since = self.db.recent.moment();
        let signed = self.get(id, now).await?;
        self.db.recent.keep(since, signed.clone());
        Ok(signed)
    }

    async fn by_key(&self, hash: [u8; 32], now: Timestamp) -> Result<SignedSession, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(by_key(conn, hash, Instant(now)))).await?)
    }

    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(list(conn, user.get(), Instant(now)))).await?)
    }

    async fn rotate(
        &self,
        id: SessionId,
        generation: i64,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Session, StoreError> {
        let (now, end) = (Instant(now), Instant(expires_at));
        let rotated =
            self.db.write_apart(move |conn| Box::pin(rotate(conn, id, generation, (now, end))));
        Ok(rotated.await?)
    }

    async fn prove(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(prove(conn, user, id, at))).await?)
    }

    async fn end(&self, user: UserId, id: SessionId, ending: Ending) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(end(conn, user, id, ending))).await?)
    }

    async fn end_from_host(&self, ended: EndedAtHost, record: Record) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(end_from_host(conn, ended, record))).await?)
    }

    async fn note_refusal(&self, refused: RefusedSignIn) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(audit::refused(conn, refused))).await?)
    }

    async fn forget_sign_ins(&self, before: Timestamp) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(audit::forget(conn, before))).await?)
    }

    async fn changes_since(
        &self,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<SessionChanges, StoreError> {
        let since = since.map(Instant);
        Ok(self.db.read(move |conn| Box::pin(changes_since(conn, since, limit))).await?)
    }

    async fn open_among(
        &self,
        ids: &[SessionId],
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, StoreError> {
        let ids = ids.iter().map(|id| id.get()).collect();
        Ok(self.db.read(move |conn| Box::pin(open_among(conn, ids, Instant(now)))).await?)
    }

    async fn add_ticket(
        &self,
        hash: [u8; 32],
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let ticket = (hash, session.get(), Instant(expires_at));
        Ok(self.db.write_apart(move |conn| Box::pin(add_ticket(conn, ticket))).await?)
    }

    async fn take_ticket(&self, hash: [u8; 32], now: Timestamp) -> Result<SessionId, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(take_ticket(conn, hash, Instant(now)))).await?)
    }

    async fn purge(&self, now: Timestamp, memory: Duration) -> Result<bool, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(purge(conn, Instant(now), memory))).await?)
    }
}

async fn open(conn: &mut Conn, new: NewSession) -> Result<Session, Failure> {
    let (user, now) = (new.user.get(), new.created_at);
    // The lock puts this in an order with disabling the account, which ends its sessions, and with opening
    // another session, which counts them.
    lock_users(conn, vec![user]).await?;
    let active = users::table.filter(users::id.eq(user)).select(users::active);
    if !active.first::<bool>(conn).await? {
        return Err(Failure::NOT_FOUND);
    }
    let live = sessions::user_id.eq(user).and(sessions::expires_at.ge(Instant(now)));
    let used = (sessions::refreshed_at.desc(), sessions::id.desc());
    // One less than the limit, for the session that is being opened.
    let kept = rows::number(limits::SESSIONS_PER_USER) - 1;
    let surplus = sessions::table.filter(live).order(used).offset(kept).limit(i64::from(i32::MAX));
    let surplus: Vec<i64> = surplus.select(sessions::id).load(conn).await?;
    session_end::end(conn, surplus.clone(), now).await?;
    for id in surplus {
        let line = Record::ended(new.user, SessionId::stored(id), EndReason::Surplus, now);
        audit::write(conn, user, &line).await?;
    }
    let values = (
        sessions::user_id.eq(user),
        sessions::seed.eq(new.seed.0.to_vec()),
        sessions::generation.eq(0),
        sessions::device.eq(new.client.device.as_str()),
        sessions::protocol.eq(new.client.protocol.as_str()),
        sessions::renews_repeatedly.eq(new.client.renewal == Renewal::Repeatedly),
        sessions::created_at.eq(Instant(now)),
        sessions::refreshed_at.eq(Instant(now)),
        sessions::expires_at.eq(Instant(new.expires_at)),
        sessions::proved_at.eq(new.proved_at.map(Instant)),
        sessions::key_hash.eq(new.key.map(|hash| hash.to_vec())),
        sessions::host_session.eq(new.host_session.as_ref().map(HostSession::as_str)),
    );
    let insert = diesel::insert_into(sessions::table).values(values);
    let row = insert.returning(SessionRow::as_returning()).get_result(conn).await?;
    let session = Session::try_from(row)?;
    let origin = Origin::of(&session.client, new.address);
    audit::write(conn, user, &Record::opened(session.user, session.id, origin, now)).await?;
    Ok(session)
}

async fn get(conn: &mut Conn, id: i64, now: Instant) -> Result<SignedSession, Failure> {
    let second_factor = second_factors::user_id.eq(sessions::user_id);
    let is_on = second_factors::is_on.nullable();
    let (session, user, issuer, is_on) = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .left_join(second_factors::table.on(second_factor))
        .filter(sessions::id.eq(id).and(sessions::expires_at.ge(now)))
        .select((SessionRow::as_select(), UserRow::as_select(), users::external_issuer, is_on))
        .first::<(SessionRow, UserRow, Option<String>, Option<bool>)>(conn)
        .await?;
    let (has_second_factor, issuer) = (is_on == Some(true), issuer.as_deref());
    Ok(SignedSession {
        session: session.try_into()?,
        user: user.try_into()?,
        has_second_factor,
        issuer: issuer.map(Issuer::stored),
    })
}

async fn by_key(conn: &mut Conn, hash: [u8; 32], now: Instant) -> Result<SignedSession, Failure> {
    let keyed = sessions::table.filter(sessions::key_hash.eq(Some(hash.to_vec())));
    let id = keyed.select(sessions::id).first(conn).await?;
    get(conn, id, now).await
}

async fn list(conn: &mut Conn, user: i64, now: Instant) -> Result<Vec<Session>, Failure> {
    let live = sessions::user_id.eq(user).and(sessions::expires_at.ge(now));
    let rows = sessions::table.filter(live).select(SessionRow::as_select());
    rows::all(rows.order((sessions::refreshed_at.desc(), sessions::id.desc())).load(conn).await?)
}

async fn rotate(
    conn: &mut Conn,
    id: SessionId,
    generation: i64,
    (now, expires_at): (Instant, Instant),
) -> Result<Session, Failure> {
    let live = sessions::id.eq(id.get()).and(sessions::expires_at.ge(now));
    let present = live.and(sessions::generation.eq(generation));
    let next = (
        sessions::generation.eq(sessions::generation + 1),
        sessions::refreshed_at.eq(now),
        sessions::expires_at.eq(expires_at),
    );
    let update = diesel::update(sessions::table.filter(present)).set(next);
    match update.returning(SessionRow::as_returning()).get_result(conn).await {
        Ok(row) => row.try_into(),
        Err(diesel::result::Error::NotFound) => {
            let there = sessions::table.filter(live).count().get_result::<i64>(conn).await? > 0;
            Err(if there { Failure::CONFLICT } else { Failure::NOT_FOUND })
        }
        Err(error) => Err(error.into()),
    }
}

async fn prove(conn: &mut Conn, user: UserId, id: SessionId, at: Timestamp) -> Result<(), Failure> {
    let live = sessions::user_id.eq(user.get()).and(sessions::expires_at.ge(Instant(at)));
    let mine = sessions::table.filter(sessions::id.eq(id.get()).and(live));
    let proved = sessions::proved_at.eq(Some(Instant(at)));
    if diesel::update(mine).set(proved).execute(conn).await? == 0 {
        return Err(Failure::NOT_FOUND);
    }
    let line = Record::of_oneself(user, AuditAction::SessionProved, at);
    audit::write(conn, user.get(), &line).await
}

async fn end(
    conn: &mut Conn,
    user: UserId,
    id: SessionId,
    Ending { at, why }: Ending,
) -> Result<(), Failure> {
    let live = sessions::user_id.eq(user.get()).and(sessions::expires_at.ge(Instant(at)));
    // Of several calls at once, one deletes the row, and only that one goes on to record it.
    let mine = sessions::table.filter(sessions::id.eq(id.get()).and(live));
    if diesel::delete(mine).execute(conn).await? == 0 {
        return Err(Failure::NOT_FOUND);
    }
    let note = (
        ended_sessions::session_id.eq(id.get()),
        ended_sessions::user_id.eq(user.get()),
        ended_sessions::ended_at.eq(now(conn).await?),
    );
    diesel::insert_into(ended_sessions::table).values(note).execute(conn).await?;
    audit::write(conn, user.get(), &Record::ended(user, id, why, at)).await
}

async fn end_from_host(
    conn: &mut Conn,
    EndedAtHost { issuer, subject, session }: EndedAtHost,
    record: Record,
) -> Result<(), Failure> {
    let came = sessions::host_session.eq(session.as_str().to_owned());
    let came = came.and(sessions::expires_at.ge(Instant(record.at)));
    let found = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(came.and(users::external_issuer.eq(issuer.as_str().to_owned())))
        .select((sessions::id, users::id, users::external_id))
        .load::<(i64, i64, Option<String>)>(conn)
        .await?;
    let subject = subject.as_ref().map(ExternalId::as_str);
    let theirs = found.into_iter().filter(|(.., id)| subject.is_none() || subject == id.as_deref());
    let (ids, owners): (Vec<_>, BTreeSet<_>) = theirs.map(|(id, owner, _)| (id, owner)).unzip();
    session_end::end(conn, ids, record.at).await?;
    for owner in owners {
        audit::write(conn, owner, &record).await?;
    }
    Ok(())
}

async fn changes_since(
    conn: &mut Conn,
    since: Option<Instant>,
    limit: usize,
) -> Result<SessionChanges, Failure> {
    // The time first: what is committed between the queries is then reported by the next call, perhaps again.
    let at = now(conn).await?.0;
    // Without `since` the caller checks every socket anyway, and only needs the time to begin from.
    let mut changes = SessionChanges { at, ended: Vec::new(), roles: Vec::new(), complete: true };
    if let Some(since) = since {
        changes.ended = ended_since(conn, since, limit).await?;
        changes.roles = roles_since(conn, since, limit).await?;
        let more = [rows::cut(&mut changes.ended, limit), rows::cut(&mut changes.roles, limit)];
        changes.complete = more == [false, false];
    }
    Ok(changes)
}

async fn ended_since(
    conn: &mut Conn,
    since: Instant,
    limit: usize,
) -> Result<Vec<EndedSession>, Failure> {
    let rows = ended_sessions::table
        .filter(ended_sessions::ended_at.ge(since))
        .order((ended_sessions::ended_at, ended_sessions::session_id))
        .limit(rows::one_more(limit))
        .select((ended_sessions::session_id, ended_sessions::user_id));
    let ended = rows.load::<(i64, i64)>(conn).await?.into_iter().map(|(session, user)| {
        EndedSession { session: SessionId::stored(session), user: UserId::stored(user) }
    });
    Ok(ended.collect())
}

async fn roles_since(
    conn: &mut Conn,
    since: Instant,
    limit: usize,
) -> Result<Vec<(UserId, AccountRole)>, Failure> {
    let rows = users::table
        .filter(users::role_set_at.ge(since))
        .limit(rows::one_more(limit))
        .select((users::id, users::role));
    let rows = rows.load::<(i64, String)>(conn).await?.into_iter();
    rows.map(|(id, role)| Ok((UserId::stored(id), rows::account_role(&role)?))).collect()
}

async fn open_among(
    conn: &mut Conn,
    ids: Vec<i64>,
    now: Instant,
) -> Result<Vec<OpenSession>, Failure> {
    let rows = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq_any(ids).and(sessions::expires_at.ge(now)))
        .order(sessions::id)
        .select((sessions::id, users::id, users::role));
    let rows = rows.load::<(i64, i64, String)>(conn).await?.into_iter();
    rows.map(|(session, user, role)| {
        let (session, user) = (SessionId::stored(session), UserId::stored(user));
        Ok(OpenSession { session, user, role: rows::account_role(&role)? })
    })
    .collect()
}

async fn add_ticket(
    conn: &mut Conn,
    (hash, session, expires_at): ([u8; 32], i64, Instant),
) -> Result<(), Failure> {
    let values = (
        tickets::hash.eq(hash.to_vec()),
        tickets::session_id.eq(session),
        tickets::expires_at.eq(expires_at),
    );
    // A session that is not there violates a foreign key, which is `NotFound`.
    diesel::insert_into(tickets::table).values(values).execute(conn).await?;
    Ok(())
}

/// Deleting and reading in one statement lets one of several calls have the ticket.
async fn take_ticket(conn: &mut Conn, hash: [u8; 32], now: Instant) -> Result<SessionId, Failure> {
    let ticket = tickets::hash.eq(hash.to_vec()).and(tickets::expires_at.ge(now));
    let delete = diesel::delete(tickets::table.filter(ticket)).returning(tickets::session_id);
    let session: i64 = delete.get_result(conn).await?;
    let live = sessions::id.eq(session).and(sessions::expires_at.ge(now));
    sessions::table.filter(live).select(sessions::id).first::<i64>(conn).await?;
    Ok(SessionId::stored(session))
}

async fn purge(conn: &mut Conn, at: Instant, memory: Duration) -> Result<bool, Failure> {
    let limit = rows::number(limits::FORGOTTEN_TOGETHER);
    let expired = tickets::table.filter(tickets::expires_at.lt(at)).limit(limit);
    let hashes: Vec<Vec<u8>> = expired.select(tickets::hash).load(conn).await?;
    let expired = sessions::table.filter(sessions::expires_at.lt(at)).limit(limit);
    let ids: Vec<i64> = expired.select(sessions::id).load(conn).await?;
    let old = Instant(now(conn).await?.0.minus(memory));
    let forgotten = ended_sessions::table.filter(ended_sessions::ended_at.le(old)).limit(limit);
    let notes: Vec<i64> = forgotten.select(ended_sessions::session_id).load(conn).await?;
    let more = [hashes.len(), ids.len(), notes.len()].contains(&limits::FORGOTTEN_TOGETHER);
    if !hashes.is_empty() {
        diesel::delete(tickets::table.filter(tickets::hash.eq_any(hashes))).execute(conn).await?;
    }
    if !ids.is_empty() {
        // One that was refreshed meanwhile lives.
        let expired = sessions::id.eq_any(ids).and(sessions::expires_at.lt(at));
        diesel::delete(sessions::table.filter(expired)).execute(conn).await?;
    }
    if !notes.is_empty() {
        let gone = ended_sessions::session_id.eq_any(notes);
        diesel::delete(ended_sessions::table.filter(gone)).execute(conn).await?;
    }
    Ok(more)
}
