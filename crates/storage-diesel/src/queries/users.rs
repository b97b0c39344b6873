//! Accounts.

use super::columns::Columns;
use super::{Conn, Store, lock_users, people, session_end};
use crate::error::Failure;
use crate::rows::{self, AccountRow, UserRow};
use crate::schema::users;
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::admin::{AccountPage, AccountQuery};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::user::{
    Account, Credentials, NewUser, PasswordChange, PasswordHash, Profile, ProfileChange, User,
    UserPage, UserQuery, UserStore,
};

/// Far from any limit on how many values a statement may have.
const CHUNK: usize = 1000;

#[async_trait]
impl UserStore for Store {
    async fn add(&self, user: NewUser) -> Result<User, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(add(conn, user))).await?)
    }

    async fn get(&self, id: UserId) -> Result<User, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(get(conn, id.get()))).await?)
    }

    async fn get_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let ids = distinct(ids);
        Ok(self.db.read(move |conn| Box::pin(get_many(conn, ids))).await?)
    }

    async fn credentials(&self, folded_name: &str) -> Result<Credentials, StoreError> {
        let name = folded_name.to_owned();
        Ok(self.db.read(move |conn| Box::pin(credentials(conn, name))).await?)
    }

    async fn find(&self, query: UserQuery) -> Result<UserPage, StoreError> {
        let UserQuery { folded, after, limit } = query;
        let query =
            AccountQuery { folded, after, limit, active: Some(true), ..AccountQuery::default() };
        let AccountPage { accounts, next } = people::find(&self.db, query).await?;
        Ok(UserPage { users: accounts.into_iter().map(|account| account.user).collect(), next })
    }

    async fn set_password(
        &self,
        id: UserId,
        PasswordChange { was, new }: PasswordChange,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let set = self.db.write(move |conn| {
            Box::pin(async move {
                lock_users(conn, vec![id.get()]).await?;
                has_password(conn, id.get(), was).await?;
                set_password(conn, id.get(), new).await?;
                session_end::end_all(conn, id.get(), keep.map(SessionId::get), at).await
            })
        });
        Ok(set.await?)
    }

    async fn renew_hash(
        &self,
        id: UserId,
        PasswordChange { was, new }: PasswordChange,
    ) -> Result<(), StoreError> {
        let renew = self.db.write(move |conn| {
            Box::pin(async move {
                lock_users(conn, vec![id.get()]).await?;
                has_password(conn, id.get(), was).await?;
                set_password(conn, id.get(), new).await
            })
        });
        Ok(renew.await?)
    }

    async fn account(&self, id: UserId) -> Result<Account, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(account(conn, id.get()))).await?)
    }

    async fn set_profile(&self, id: UserId, change: ProfileChange) -> Result<Account, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(set_profile(conn, id.get(), change))).await?)
    }

    async fn set_last_seen(&self, ids: &[UserId], at: Timestamp) -> Result<(), StoreError> {
        let ids = distinct(ids);
        Ok(self.db.write(move |conn| Box::pin(set_last_seen(conn, ids, at))).await?)
    }
}

fn distinct(ids: &[UserId]) -> Vec<i64> {
    let mut ids: Vec<_> = ids.iter().map(|id| id.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

pub(super) async fn add(conn: &mut Conn, user: NewUser) -> Result<User, Failure> {
    let values = (
        users::name.eq(user.name.as_str()),
        users::name_folded.eq(user.name.folded()),
        users::searched.eq(Profile::default().searched(&user.name)),
        users::password_hash.eq(user.password.as_str()),
        users::role.eq(user.role.as_str()),
        users::active.eq(true),
        users::created_at.eq(Instant(user.created_at)),
    );
    let insert = diesel::insert_into(users::table).values(values);
    insert.returning(UserRow::as_returning()).get_result(conn).await?.try_into()
}

async fn get(conn: &mut Conn, id: i64) -> Result<User, Failure> {
    let row = users::table.filter(users::id.eq(id)).select(UserRow::as_select());
    row.first(conn).await?.try_into()
}

async fn get_many(conn: &mut Conn, ids: Vec<i64>) -> Result<Vec<User>, Failure> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let rows = users::table.filter(users::id.eq_any(ids.to_vec())).order(users::id);
        found.extend(rows::all::<_, User>(rows.select(UserRow::as_select()).load(conn).await?)?);
    }
    Ok(found)
}

async fn credentials(conn: &mut Conn, folded_name: String) -> Result<Credentials, Failure> {
    let (row, hash) = users::table
        .filter(users::name_folded.eq(folded_name))
        .select((UserRow::as_select(), users::password_hash))
        .first::<(UserRow, String)>(conn)
        .await?;
    Ok(Credentials { user: row.try_into()?, password: PasswordHash::stored(hash) })
}

/// `Conflict` if it is another one by now. The account is locked.
async fn has_password(conn: &mut Conn, id: i64, was: PasswordHash) -> Result<(), Failure> {
    let there = users::id.eq(id).and(users::deleted_at.is_null());
    let hash = users::table.filter(there).select(users::password_hash);
    if hash.first::<String>(conn).await? == was.as_str() { Ok(()) } else { Err(Failure::CONFLICT) }
}

pub(super) async fn set_password(
    conn: &mut Conn,
    id: i64,
    password: PasswordHash,
) -> Result<(), Failure> {
    let hash = users::password_hash.eq(password.as_str());
    let row = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    let found = diesel::update(row).set(hash).execute(conn).await?;
    if found == 1 { Ok(()) } else { Err(Failure::NOT_FOUND) }
}

pub(super) async fn account(conn: &mut Conn, id: i64) -> Result<Account, Failure> {
    let there = users::id.eq(id).and(users::deleted_at.is_null());
    let row = users::table.filter(there).select(AccountRow::as_select());
    row.first(conn).await?.try_into()
}

pub(super) async fn set_profile(
    conn: &mut Conn,
    id: i64,
    change: ProfileChange,
) -> Result<Account, Failure> {
    lock_users(conn, vec![id]).await?;
    let changed = change.apply(account(conn, id).await?);
    let profile = &changed.user.profile;
    let values = (
        users::first_name.eq(profile.first_name.as_str()),
        users::last_name.eq(profile.last_name.as_str()),
        users::bio.eq(profile.bio.as_str()),
        users::email.eq(changed.email.as_str()),
        users::searched.eq(profile.searched(&changed.user.name)),
    );
    diesel::update(users::table.filter(users::id.eq(id))).set(values).execute(conn).await?;
    Ok(changed)
}

async fn set_last_seen(conn: &mut Conn, ids: Vec<i64>, at: Timestamp) -> Result<(), Failure> {
    for ids in ids.chunks(CHUNK) {
        lock_users(conn, ids.to_vec()).await?;
        let earlier = users::last_seen_at.is_null().or(users::last_seen_at.lt(Instant(at)));
        let known = users::id.eq_any(ids.to_vec()).and(users::deleted_at.is_null());
        let rows = users::table.filter(known.and(earlier));
        diesel::update(rows).set(users::last_seen_at.eq(Instant(at))).execute(conn).await?;
    }
    Ok(())
}
