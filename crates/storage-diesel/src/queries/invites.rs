//! Invitations.

use super::{Conn, Store, audit, lock_names, users as accounts};
use crate::error::Failure;
use crate::rows;
use crate::schema::invites;
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable};
use diesel_async::RunQueryDsl;
use domain::admin::Record;
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::ids::{InviteId, UserId};
use domain::invite::{Invite, InviteNote, InvitePage, InviteRefusal, InviteStore, NewInvite};
use domain::limits;
use domain::user::{Lookalikes, NewUser, User};

#[async_trait]
impl InviteStore for Store {
    async fn add(&self, invite: NewInvite, record: Record) -> Result<Invite, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(add(conn, invite, record))).await?)
    }

    async fn list(&self, before: Option<InviteId>, limit: usize) -> Result<InvitePage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(list(conn, before, limit))).await?)
    }

    async fn remove(&self, id: InviteId, record: Record) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(remove(conn, id, record))).await?)
    }

    async fn find(&self, hash: [u8; 32]) -> Result<Invite, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(find(conn, hash))).await?)
    }

    async fn register(
        &self,
        hash: [u8; 32],
        user: NewUser,
        at: Timestamp,
    ) -> Result<User, WriteError<InviteRefusal>> {
        let rule = self.lookalikes;
        self.db.decide_apart(move |conn| Box::pin(register(conn, hash, (user, rule), at))).await
    }

    async fn forget(&self, before: Timestamp) -> Result<bool, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(forget(conn, Instant(before)))).await?)
    }
}

async fn forget(conn: &mut Conn, before: Instant) -> Result<bool, Failure> {
    let over = invites::table.filter(invites::expires_at.lt(before)).order(invites::expires_at);
    let over = over.limit(rows::number(limits::FORGOTTEN_TOGETHER)).select(invites::id);
    let over: Vec<i64> = over.load(conn).await?;
    let more = over.len() == limits::FORGOTTEN_TOGETHER;
    if !over.is_empty() {
        diesel::delete(invites::table.filter(invites::id.eq_any(over))).execute(conn).await?;
    }
    Ok(more)
}

/// A stored invitation.
#[derive(Queryable)]
struct InviteRow {
    id: i64,
    _hash: Vec<u8>,
    created_by: Option<i64>,
    created_at: Instant,
    expires_at: Instant,
    uses: i64,
    used: i64,
    note: String,
}

impl TryFrom<InviteRow> for Invite {
    type Error = Failure;

    fn try_from(row: InviteRow) -> Result<Self, Failure> {
        let count = |number: i64| u32::try_from(number).map_err(|_| Failure::damaged("invites"));
        Ok(Self {
            id: InviteId::stored(row.id),
            created_by: row.created_by.map(UserId::stored),
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            uses: count(row.uses)?,
            used: count(row.used)?,
            note: InviteNote::stored(row.note),
        })
    }
}

/// What whoever adds an invitation locks. No account can have this name.
const ADDING: &str = ":invitations:";

async fn add(conn: &mut Conn, new: NewInvite, record: Record) -> Result<Invite, Failure> {
    // Of several at once, each counts what those before it added.
    lock_names(conn, vec![ADDING.to_owned()]).await?;
    let there = invites::table.count().get_result::<i64>(conn).await?;
    if usize::try_from(there).unwrap_or(usize::MAX) >= limits::INVITES {
        return Err(Failure::CONFLICT);
    }
    let values = (
        invites::hash.eq(new.hash.to_vec()),
        invites::created_by.eq(new.created_by.map(UserId::get)),
        invites::created_at.eq(Instant(new.created_at)),
        invites::expires_at.eq(Instant(new.expires_at)),
        invites::uses.eq(i64::from(new.uses)),
        invites::used.eq(0),
        invites::note.eq(new.note.as_str()),
    );
    let insert = diesel::insert_into(invites::table).values(values);
    let row = insert.returning(invites::all_columns).get_result::<InviteRow>(conn).await?;
    audit::write(conn, row.id, &record).await?;
    row.try_into()
}

async fn list(
    conn: &mut Conn,
    before: Option<InviteId>,
    limit: usize,
) -> Result<InvitePage, Failure> {
    let older = invites::id.lt(before.map_or(i64::MAX, InviteId::get));
    let newest = invites::table.filter(older).order(invites::id.desc());
    let rows = newest.limit(rows::one_more(limit)).load::<InviteRow>(conn).await?;
    let mut invites = rows::all(rows)?;
    let more = rows::cut(&mut invites, limit);
    Ok(InvitePage { invites, more })
}

async fn remove(conn: &mut Conn, id: InviteId, record: Record) -> Result<(), Failure> {
    let row = invites::table.filter(invites::id.eq(id.get()));
    if diesel::delete(row).execute(conn).await? == 0 {
        return Err(Failure::NOT_FOUND);
    }
    audit::write(conn, id.get(), &record).await
}

async fn find(conn: &mut Conn, hash: [u8; 32]) -> Result<Invite, Failure> {
    let row = invites::table.filter(invites::hash.eq(hash.to_vec()));
    row.first::<InviteRow>(conn).await?.try_into()
}

/// The invitation with that hash, locked until the transaction ends. An UPDATE that changes nothing takes
/// the lock on both databases, and returns the row as the transaction before it left it.
async fn lock(conn: &mut Conn, hash: [u8; 32]) -> Result<Option<Invite>, Failure> {
    let row = invites::table.filter(invites::hash.eq(hash.to_vec()));
    let locked = diesel::update(row).set(invites::used.eq(invites::used));
    let locked = locked.returning(invites::all_columns).get_result::<InviteRow>(conn).await;
    locked.optional()?.map(Invite::try_from).transpose()
}

async fn register(
    conn: &mut Conn,
    hash: [u8; 32],
    (mut user, rule): (NewUser, Lookalikes),
    at: Timestamp,
) -> Result<Result<User, InviteRefusal>, Failure> {
    let Some(invite) = lock(conn, hash).await? else {
        return Ok(Err(InviteRefusal::Unknown));
    };
    if let Err(refusal) = invite.admit(at) {
        return Ok(Err(refusal));
    }
    let (origin, since) = (user.origin.take(), user.created_at);
    let made = accounts::add(conn, user, rule).await?;
    let used = invites::used.eq(invites::used + 1);
    let row = invites::table.filter(invites::id.eq(invite.id.get()));
    diesel::update(row).set(used).execute(conn).await?;
    if let Some(origin) = origin {
        let line = Record::invited(made.id, invite.id, origin, since);
        audit::write(conn, made.id.get(), &line).await?;
    }
    Ok(Ok(made))
}
