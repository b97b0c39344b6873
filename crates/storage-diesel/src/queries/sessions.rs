//! Sessions and tickets. What has expired is not there, whether or not it has been purged.

use super::columns::Columns;
use super::{Conn, Store, endings, lock_users};
use crate::error::Failure;
use crate::rows::{self, SessionRow, UserRow};
use crate::schema::{ended_sessions, sessions, tickets, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::limits;
use domain::session::{EndedSession, NewSession, Session, SessionStore, SignedSession};

#[async_trait]
impl SessionStore for Store {
    async fn open(&self, session: NewSession) -> Result<Session, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(open(conn, session))).await?)
    }

    async fn get(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(get(conn, id.get(), Instant(now)))).await?)
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
        let rotated = self.db.write(move |conn| Box::pin(rotate(conn, id, generation, (now, end))));
        Ok(rotated.await?)
    }

    async fn end(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        Ok(self.db.write(move |conn| Box::pin(end(conn, user.get(), id.get(), at))).await?)
    }

    async fn ended_since(&self, since: Timestamp) -> Result<Vec<EndedSession>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(ended_since(conn, Instant(since)))).await?)
    }

    async fn add_ticket(
        &self,
        hash: [u8; 32],
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let ticket = (hash, session.get(), Instant(expires_at));
        Ok(self.db.write(move |conn| Box::pin(add_ticket(conn, ticket))).await?)
    }

    async fn take_ticket(&self, hash: [u8; 32], now: Timestamp) -> Result<SessionId, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(take_ticket(conn, hash, Instant(now)))).await?)
    }

    async fn purge(&self, now: Timestamp, ended: Timestamp) -> Result<(), StoreError> {
        let (now, ended) = (Instant(now), Instant(ended));
        Ok(self.db.write(move |conn| Box::pin(purge(conn, now, ended))).await?)
    }
}

async fn open(conn: &mut Conn, new: NewSession) -> Result<Session, Failure> {
    let (user, now) = (new.user.get(), new.created_at);
    // Whoever disables the account, or opens another session, comes before or after this.
    lock_users(conn, vec![user]).await?;
    let active = users::table.filter(users::id.eq(user)).select(users::active);
    if !active.first::<bool>(conn).await? {
        return Err(Failure::NOT_FOUND);
    }
    let live = sessions::user_id.eq(user).and(sessions::expires_at.ge(Instant(now)));
    let used = (sessions::refreshed_at.desc(), sessions::id.desc());
    let kept = i64::try_from(limits::SESSIONS_PER_USER).unwrap_or(i64::MAX) - 1;
    let surplus = sessions::table.filter(live).order(used).offset(kept).limit(i64::from(i32::MAX));
    let surplus = surplus.select(sessions::id).load(conn).await?;
    endings::end(conn, surplus, now).await?;
    let values = (
        sessions::user_id.eq(user),
        sessions::seed.eq(new.seed.0.to_vec()),
        sessions::generation.eq(0),
        sessions::device.eq(new.device.as_str()),
        sessions::created_at.eq(Instant(now)),
        sessions::refreshed_at.eq(Instant(now)),
        sessions::expires_at.eq(Instant(new.expires_at)),
        sessions::key_hash.eq(new.key.map(|hash| hash.to_vec())),
    );
    let insert = diesel::insert_into(sessions::table).values(values);
    insert.returning(SessionRow::as_returning()).get_result(conn).await?.try_into()
}

async fn get(conn: &mut Conn, id: i64, now: Instant) -> Result<SignedSession, Failure> {
    let (session, user) = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(id).and(sessions::expires_at.ge(now)))
        .select((SessionRow::as_select(), UserRow::as_select()))
        .first::<(SessionRow, UserRow)>(conn)
        .await?;
    Ok(SignedSession { session: session.try_into()?, user: user.try_into()? })
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

async fn end(conn: &mut Conn, user: i64, id: i64, at: Timestamp) -> Result<(), Failure> {
    let live = sessions::user_id.eq(user).and(sessions::expires_at.ge(Instant(at)));
    // Of several at once one deletes the row; the note of the others would be a second one.
    let mine = sessions::table.filter(sessions::id.eq(id).and(live));
    let note = (
        ended_sessions::session_id.eq(id),
        ended_sessions::user_id.eq(user),
        ended_sessions::ended_at.eq(Instant(at)),
    );
    if diesel::delete(mine).execute(conn).await? == 0 {
        return Err(Failure::NOT_FOUND);
    }
    diesel::insert_into(ended_sessions::table).values(note).execute(conn).await?;
    Ok(())
}

async fn ended_since(conn: &mut Conn, since: Instant) -> Result<Vec<EndedSession>, Failure> {
    let rows = ended_sessions::table.filter(ended_sessions::ended_at.ge(since));
    let rows = rows.order((ended_sessions::ended_at, ended_sessions::session_id));
    let rows = rows.select((ended_sessions::session_id, ended_sessions::user_id));
    let ended = rows.load::<(i64, i64)>(conn).await?.into_iter().map(|(session, user)| {
        EndedSession { session: SessionId::stored(session), user: UserId::stored(user) }
    });
    Ok(ended.collect())
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

async fn take_ticket(conn: &mut Conn, hash: [u8; 32], now: Instant) -> Result<SessionId, Failure> {
    let ticket = tickets::hash.eq(hash.to_vec()).and(tickets::expires_at.ge(now));
    let delete = diesel::delete(tickets::table.filter(ticket)).returning(tickets::session_id);
    let session: i64 = delete.get_result(conn).await?;
    let live = sessions::id.eq(session).and(sessions::expires_at.ge(now));
    sessions::table.filter(live).select(sessions::id).first::<i64>(conn).await?;
    Ok(SessionId::stored(session))
}

async fn purge(conn: &mut Conn, now: Instant, ended: Instant) -> Result<(), Failure> {
    let expired = tickets::table.filter(tickets::expires_at.lt(now));
    diesel::delete(expired).execute(conn).await?;
    let expired = sessions::table.filter(sessions::expires_at.lt(now));
    diesel::delete(expired).execute(conn).await?;
    let forgotten = ended_sessions::table.filter(ended_sessions::ended_at.lt(ended));
    diesel::delete(forgotten).execute(conn).await?;
    Ok(())
}
