//! Accounts.

use super::columns::Columns;
use super::{Conn, Store, audit, lock_users, names, people, session_end};
use crate::batch::Batch;
use crate::error::Failure;
use crate::rows::{self, AccountRow, NewUserRow, UserRow};
use crate::schema::users;
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::admin::{AccountPage, AccountQuery, Record};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::host::NewHostAccount;
use domain::ids::{SessionId, UserId};
use domain::user::{
    Account, Credentials, Email, Lookalikes, NewUser, PasswordChange, PasswordHash, ProfileChange,
    SignsInBy, User, UserPage, UserQuery, UserStore,
};
use std::collections::{HashMap, HashSet};

/// How many ids one statement names: far below the limits of both databases on the number of values.
const CHUNK: usize = 1000;

#[async_trait]
impl UserStore for Store {
    async fn add(&self, user: NewUser) -> Result<User, StoreError> {
        let lookalikes = self.lookalikes;
        Ok(self.db.write_apart(move |conn| Box::pin(add(conn, user, lookalikes))).await?)
    }

    async fn get(&self, id: UserId) -> Result<User, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(get(conn, id.get()))).await?)
    }

    async fn get_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let ids = distinct(ids);
        Ok(self.db.read(move |conn| Box::pin(get_many(conn, ids))).await?)
    }

    async fn credentials(&self, folded_name: &str) -> Result<Credentials, StoreError> {
        let name = Stored::Name(folded_name.to_owned());
        Ok(self.db.read(move |conn| Box::pin(credentials(conn, name))).await?)
    }

    async fn credentials_by_email(&self, folded: &str) -> Result<Credentials, StoreError> {
        let email = Stored::Email(folded.to_owned());
        Ok(self.db.read(move |conn| Box::pin(credentials(conn, email))).await?)
    }

    async fn find(&self, query: UserQuery) -> Result<UserPage, StoreError> {
        let UserQuery { folded, after, limit, sharing_with } = query;
        let query =
            AccountQuery { folded, after, limit, active: Some(true), ..AccountQuery::default() };
        let AccountPage { accounts, next } = people::find(&self.db, query, sharing_with).await?;
        Ok(UserPage { users: accounts.into_iter().map(|account| account.user).collect(), next })
    }

    async fn set_password(
        &self,
        id: UserId,
        PasswordChange { was, new }: PasswordChange,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let set = self.db.write_apart(move |conn| {
            Box::pin(async move {
                lock_users(conn, vec![id.get()]).await?;
                has_password(conn, id.get(), was).await?;
                set_password(conn, id.get(), new).await?;
                session_end::end_all(conn, id.get(), keep.map(SessionId::get), at).await?;
                audit::write(conn, id.get(), &Record::password_changed(id, at)).await
            })
        });
        Ok(set.await?)
    }

    async fn renew_hash(
        &self,
        id: UserId,
        PasswordChange { was, new }: PasswordChange,
    ) -> Result<(), StoreError> {
        let renew = self.db.write_apart(move |conn| {
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
        let (id, rule) = (id.get(), self.lookalikes);
        Ok(self.db.write_apart(move |conn| Box::pin(set_profile(conn, id, change, rule))).await?)
    }

    async fn set_last_seen(&self, ids: &[UserId], at: Timestamp) -> Result<(), StoreError> {
        let ids = distinct(ids);
        Ok(self.db.write_apart(move |conn| Box::pin(set_last_seen(conn, ids, at))).await?)
    }
}

/// What an account is looked up by, in its folded form.
enum Stored {
    Name(String),
    Email(String),
}

/// The ids in ascending order, which is the order of locking, each once.
fn distinct(ids: &[UserId]) -> Vec<i64> {
    let mut ids: Vec<_> = ids.iter().map(|id| id.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Adds an account, with an entry in the audit log if it has an origin. `Conflict` if its name is taken,
/// looks like another, or if it is to sign in by an address that another account signs in by. No lock is
/// needed before: unique indexes refuse whatever comes at the same moment.
pub(super) async fn add(
    conn: &mut Conn,
    user: NewUser,
    lookalikes: Lookalikes,
) -> Result<User, Failure> {
    names::unlike_others(conn, &user.name, 0, lookalikes).await?;
    // 0 is no account's id, so no account is exempt from the check.
    let login_email = login_email(conn, &user.email, 0).await?;
    if user.signs_in_by == SignsInBy::Email && login_email.is_none() {
        return Err(Failure::CONFLICT);
    }
    let values = NewUserRow::new(&user, None, login_email);
    let insert = diesel::insert_into(users::table).values(values);
    let row = insert.returning(UserRow::as_returning()).get_result(conn).await?;
    let made = User::try_from(row)?;
    if let Some(origin) = user.origin {
        let line = Record::registered(made.id, origin, user.created_at);
        audit::write(conn, made.id.get(), &line).await?;
    }
    Ok(made)
}

/// Adds accounts of people of hosts, and returns them in the same order. The caller has made sure that their
/// names are free and stay free. Somebody whose address another account signs in by, an earlier one of these
/// included, keeps the address but cannot sign in by it.
pub(super) async fn add_many(
    conn: &mut Conn,
    new: &[NewHostAccount],
) -> Result<Vec<User>, Failure> {
    let emails: Vec<_> = new.iter().map(|new| new.user.email.folded()).collect();
    let wanted: Vec<_> = emails.iter().flatten().cloned().collect();
    let taken = users::table.filter(users::login_email.eq_any(wanted));
    let taken = taken.select(users::login_email.assume_not_null()).load::<String>(conn).await?;
    let mut taken: HashSet<_> = taken.into_iter().collect();
    let rows = new.iter().zip(emails).map(|(new, email)| {
        let login_email = email.filter(|email| taken.insert(email.clone()));
        NewUserRow::new(&new.user, Some(&new.person), login_email)
    });
    let rows: Vec<_> = rows.collect();
    let insert = diesel::insert_into(users::table).values(Batch(rows));
    let made = insert.returning(UserRow::as_returning()).get_results(conn).await?;
    // Neither database promises in which order `RETURNING` returns rows.
    let made = rows::all::<_, User>(made)?.into_iter();
    let mut made: HashMap<_, _> = made.map(|user| (user.name.folded().to_owned(), user)).collect();
    let user = |new: &NewHostAccount| {
        made.remove(new.user.name.folded()).ok_or(Failure::damaged("users.name_folded"))
    };
    new.iter().map(user).collect()
}

/// The folded address that account `id` may sign in by; `None` if it is empty, or another account signs in by it
/// (ADR 44).
pub(super) async fn login_email(
    conn: &mut Conn,
    email: &Email,
    id: i64,
) -> Result<Option<String>, Failure> {
    let Some(folded) = email.folded() else { return Ok(None) };
    let another = users::login_email.eq(folded.clone()).and(users::id.ne(id));
    let taken = users::table.filter(another).count().get_result::<i64>(conn).await? > 0;
    Ok((!taken).then_some(folded))
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

async fn credentials(conn: &mut Conn, login: Stored) -> Result<Credentials, Failure> {
    let columns = (UserRow::as_select(), users::password_hash);
    let (row, hash): (UserRow, String) = match login {
        Stored::Name(name) => {
            let named = users::table.filter(users::name_folded.eq(name));
            named.select(columns).first(conn).await?
        }
        Stored::Email(email) => {
            let signs_in = users::table.filter(users::login_email.eq(email));
            signs_in.select(columns).first(conn).await?
        }
    };
    Ok(Credentials { user: row.try_into()?, password: PasswordHash::stored(hash) })
}

/// `Conflict` if the password is another one by now: it was verified before the transaction, which takes
/// long. The caller has locked the account.
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
    lookalikes: Lookalikes,
) -> Result<Account, Failure> {
    lock_users(conn, vec![id]).await?;
    let present = account(conn, id).await?;
    // The present name may stay although it looks like another: it may be older than the rule.
    if let Some(name) = change.name.as_ref().filter(|n| n.folded() != present.user.name.folded()) {
        names::unlike_others(conn, name, id, lookalikes).await?;
    }
    let changed = change.apply(present);
    let keys = changed.user.name.lookalike_keys();
    let (user, profile) = (&changed.user, &changed.user.profile);
    let values = (
        users::name.eq(user.name.as_str()),
        users::name_folded.eq(user.name.folded()),
        users::lookalike_lower.eq(keys.lower),
        users::lookalike_upper.eq(keys.upper),
        users::login_email.eq(login_email(conn, &changed.email, id).await?),
        users::first_name.eq(profile.first_name.as_str()),
        users::last_name.eq(profile.last_name.as_str()),
        users::bio.eq(profile.bio.as_str()),
        users::email.eq(changed.email.as_str()),
        users::searched.eq(profile.searched(&user.name)),
    );
    diesel::update(users::table.filter(users::id.eq(id))).set(values).execute(conn).await?;
    Ok(changed)
}

async fn set_last_seen(conn: &mut Conn, ids: Vec<i64>, at: Timestamp) -> Result<(), Failure> {
    for ids in ids.chunks(CHUNK) {
        lock_users(conn, ids.to_vec()).await?;
        // Other nodes write this, too, and their writes may come late: the time never moves back.
        let earlier = users::last_seen_at.is_null().or(users::last_seen_at.lt(Instant(at)));
        let known = users::id.eq_any(ids.to_vec()).and(users::deleted_at.is_null());
        let rows = users::table.filter(known.and(earlier));
        diesel::update(rows).set(users::last_seen_at.eq(Instant(at))).execute(conn).await?;
    }
    Ok(())
}
