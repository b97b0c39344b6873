//! Web Push subscriptions. Deleting a session deletes its subscription, by the foreign key.

use super::columns::Columns;
use super::{Conn, Store, lock_users};
use crate::error::Failure;
use crate::rows::{self, MemberRow};
use crate::schema::{blocks, members, push_subscriptions as subscriptions, sessions};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, Queryable, Selectable,
};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, SessionId, UserId};
use domain::push::{
    Candidate, CandidateQuery, Content, Endpoint, ReceiverKeys, Subscription, SubscriptionStore,
};
use std::collections::{BTreeSet, HashSet};

/// How many chats one statement asks for: well below either database's limit on bound values.
const CHUNK: usize = 1000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = subscriptions)]
struct Row {
    session_id: i64,
    user_id: i64,
    endpoint: String,
    p256dh: Vec<u8>,
    auth: Vec<u8>,
    content: String,
    expires_at: Option<Instant>,
}

impl TryFrom<Row> for Subscription {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let damaged = || Failure::damaged("push_subscriptions");
        let p256dh = row.p256dh.try_into().map_err(|_| damaged())?;
        let auth = row.auth.try_into().map_err(|_| damaged())?;
        Ok(Self {
            session: SessionId::stored(row.session_id),
            user: UserId::stored(row.user_id),
            endpoint: Endpoint::stored(row.endpoint),
            keys: ReceiverKeys { p256dh, auth },
            content: Content::named(&row.content).ok_or_else(damaged)?,
            expires_at: row.expires_at.map(|end| end.0),
        })
    }
}

#[async_trait]
impl SubscriptionStore for Store {
    async fn set(
        &self,
        subscription: Subscription,
        capacity: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let now = Instant(now);
        let set = self.db.write_apart(move |conn| Box::pin(set(conn, subscription, capacity, now)));
        Ok(set.await?)
    }

    async fn get(&self, session: SessionId, now: Timestamp) -> Result<Subscription, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(get(conn, session.get(), Instant(now)))).await?)
    }

    async fn find(&self, endpoint: Endpoint, now: Timestamp) -> Result<Subscription, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(find(conn, endpoint, Instant(now)))).await?)
    }

    async fn replace(
        &self,
        old: Endpoint,
        new: Subscription,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let now = Instant(now);
        Ok(self.db.write_apart(move |conn| Box::pin(replace(conn, old, new, now))).await?)
    }

    async fn remove(
        &self,
        session: SessionId,
        endpoint: Option<Endpoint>,
    ) -> Result<bool, StoreError> {
        let session = session.get();
        Ok(self.db.write_apart(move |conn| Box::pin(remove(conn, session, endpoint))).await?)
    }

    async fn reachable(&self, chats: Vec<ChatId>) -> Result<Vec<ChatId>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(reachable(conn, chats))).await?)
    }

    async fn candidates(&self, query: CandidateQuery) -> Result<Vec<Candidate>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(candidates(conn, query))).await?)
    }
}

async fn set(
    conn: &mut Conn,
    new: Subscription,
    capacity: usize,
    now: Instant,
) -> Result<(), Failure> {
    let (session, user) = (new.session.get(), new.user.get());
    // With the account locked, ending its sessions and subscribing others happen before or after this.
    lock_users(conn, vec![user]).await?;
    let live = sessions::user_id.eq(user).and(sessions::expires_at.ge(now));
    let live = sessions::table.filter(live).select(sessions::id);
    live.filter(sessions::id.eq(session)).first::<i64>(conn).await?;
    make_room(conn, &new).await?;
    let others = subscriptions::table.filter(subscriptions::session_id.eq_any(live));
    let unexpired = subscriptions::expires_at.is_null().or(subscriptions::expires_at.ge(now));
    let others = others.filter(unexpired).count().get_result::<i64>(conn).await?;
    if others >= rows::number(capacity) {
        return Err(Failure::CONFLICT);
    }
    insert(conn, &new).await
}

async fn replace(
    conn: &mut Conn,
    old: Endpoint,
    new: Subscription,
    now: Instant,
) -> Result<(), Failure> {
    lock_users(conn, vec![new.user.get()]).await?;
    if get(conn, new.session.get(), now).await?.endpoint != old {
        return Err(Failure::NOT_FOUND);
    }
    make_room(conn, &new).await?;
    insert(conn, &new).await
}

/// Deletes the session's own subscription, and any other session's with the same endpoint.
async fn make_room(conn: &mut Conn, new: &Subscription) -> Result<(), Failure> {
    let replaced = subscriptions::session_id.eq(new.session.get());
    let replaced = replaced.or(subscriptions::endpoint.eq(new.endpoint.as_str()));
    diesel::delete(subscriptions::table.filter(replaced)).execute(conn).await?;
    Ok(())
}

async fn insert(conn: &mut Conn, new: &Subscription) -> Result<(), Failure> {
    let values = (
        subscriptions::session_id.eq(new.session.get()),
        subscriptions::user_id.eq(new.user.get()),
        subscriptions::endpoint.eq(new.endpoint.as_str()),
        subscriptions::p256dh.eq(new.keys.p256dh.to_vec()),
        subscriptions::auth.eq(new.keys.auth.to_vec()),
        subscriptions::content.eq(new.content.as_str()),
        subscriptions::expires_at.eq(new.expires_at.map(Instant)),
    );
    diesel::insert_into(subscriptions::table).values(values).execute(conn).await?;
    Ok(())
}

async fn get(conn: &mut Conn, session: i64, now: Instant) -> Result<Subscription, Failure> {
    let unexpired = subscriptions::expires_at.is_null().or(subscriptions::expires_at.ge(now));
    subscriptions::table
        .inner_join(sessions::table.on(sessions::id.eq(subscriptions::session_id)))
        .filter(subscriptions::session_id.eq(session).and(sessions::expires_at.ge(now)))
        .filter(unexpired)
        .select(Row::as_select())
        .first::<Row>(conn)
        .await?
        .try_into()
}

async fn find(conn: &mut Conn, endpoint: Endpoint, now: Instant) -> Result<Subscription, Failure> {
    let there = subscriptions::table.filter(subscriptions::endpoint.eq(endpoint.as_str()));
    let session = there.select(subscriptions::session_id).first::<i64>(conn).await?;
    get(conn, session, now).await
}

async fn remove(
    conn: &mut Conn,
    session: i64,
    endpoint: Option<Endpoint>,
) -> Result<bool, Failure> {
    let its = subscriptions::session_id.eq(session);
    let removed = match endpoint {
        None => diesel::delete(subscriptions::table.filter(its)).execute(conn).await?,
        Some(endpoint) => {
            let that = its.and(subscriptions::endpoint.eq(endpoint.as_str().to_owned()));
            diesel::delete(subscriptions::table.filter(that)).execute(conn).await?
        }
    };
    Ok(removed > 0)
}

async fn reachable(conn: &mut Conn, chats: Vec<ChatId>) -> Result<Vec<ChatId>, Failure> {
    let mut found = Vec::new();
    for chats in chats.chunks(CHUNK) {
        let chats: Vec<_> = chats.iter().map(|chat| chat.get()).collect();
        let there = subscriptions::table
            .inner_join(members::table.on(members::user_id.eq(subscriptions::user_id)))
            .filter(members::chat_id.eq_any(chats).and(members::left_at.is_null()))
            .select(members::chat_id)
            .distinct()
            .load::<i64>(conn)
            .await?;
        found.extend(there.into_iter().map(ChatId::stored));
    }
    found.sort_unstable();
    Ok(found)
}

async fn candidates(conn: &mut Conn, query: CandidateQuery) -> Result<Vec<Candidate>, Failure> {
    let CandidateQuery { chat, authors, from, now, limit } = query;
    let now = Instant(now);
    let unexpired = subscriptions::expires_at.is_null().or(subscriptions::expires_at.ge(now));
    let is_member = members::user_id
        .eq(subscriptions::user_id)
        .and(members::chat_id.eq(chat.get()))
        .and(members::left_at.is_null());
    // Nobody has the id 0.
    let left_out = if let [author] = authors[..] { author.get() } else { 0 };
    let rows = subscriptions::table
        .inner_join(members::table.on(is_member))
        .inner_join(sessions::table.on(sessions::id.eq(subscriptions::session_id)))
        .filter(subscriptions::session_id.ge(from.get()).and(subscriptions::user_id.ne(left_out)))
        .filter(sessions::expires_at.ge(now).and(unexpired))
        .order(subscriptions::session_id)
        .limit(rows::number(limit))
        .select((Row::as_select(), MemberRow::as_select()))
        .load::<(Row, MemberRow)>(conn)
        .await?;
    let owners = rows.iter().map(|(row, _)| row.user_id).collect();
    let blocked = blocked(conn, owners, &authors).await?;
    let candidate = |(row, member): (Row, MemberRow)| {
        let is_blocked = |author: &&UserId| blocked.contains(&(row.user_id, author.get()));
        Ok(Candidate {
            blocked: authors.iter().filter(is_blocked).copied().collect(),
            subscription: row.try_into()?,
            read_seq: Seq::stored(member.read_seq),
            preferences: member.preferences(),
        })
    };
    rows.into_iter().map(candidate).collect()
}

/// Which of these people have blocked which of these authors.
async fn blocked(
    conn: &mut Conn,
    owners: BTreeSet<i64>,
    authors: &[UserId],
) -> Result<HashSet<(i64, i64)>, Failure> {
    if owners.is_empty() {
        return Ok(HashSet::new());
    }
    let authors: Vec<_> = authors.iter().map(|author| author.get()).collect();
    let both = blocks::blocked_id.eq_any(authors);
    let both = both.and(blocks::blocker_id.eq_any(owners.into_iter().collect::<Vec<_>>()));
    let found = blocks::table.filter(both).select((blocks::blocker_id, blocks::blocked_id));
    Ok(found.load::<(i64, i64)>(conn).await?.into_iter().collect())
}
