//! Second factors. Each change locks the account first, so that concurrent changes happen one after the other.

use super::{Conn, Store, audit, lock_users, people};
use crate::error::Failure;
use crate::schema::{recovery_codes, second_factors};
use async_trait::async_trait;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::admin::Record;
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::second_factor::{Confirmation, FactorSeed, SecondFactor, SecondFactorStore, Step};

#[async_trait]
impl SecondFactorStore for Store {
    async fn get(&self, user: UserId) -> Result<SecondFactor, StoreError> {
        let get = self.db.read(move |conn| {
            Box::pin(async move { find(conn, user.get()).await?.ok_or(Failure::NOT_FOUND) })
        });
        Ok(get.await?)
    }

    async fn begin(&self, user: UserId, seed: FactorSeed) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(begin(conn, user.get(), seed))).await?)
    }

    async fn confirm(
        &self,
        user: UserId,
        confirmation: Confirmation,
        record: Record,
    ) -> Result<(), StoreError> {
        let confirm = self.db.write_apart(move |conn| {
            Box::pin(async move {
                confirm(conn, user.get(), confirmation).await?;
                audit::write(conn, user.get(), &record).await
            })
        });
        Ok(confirm.await?)
    }

    async fn use_step(&self, user: UserId, seed: FactorSeed, step: Step) -> Result<(), StoreError> {
        Ok(self
            .db
            .write_apart(move |conn| Box::pin(use_step(conn, user.get(), seed, step)))
            .await?)
    }

    async fn use_recovery_code(
        &self,
        user: UserId,
        hash: [u8; 32],
        record: Record,
    ) -> Result<(), StoreError> {
        let used = self.db.write_apart(move |conn| {
            Box::pin(async move {
                lock_users(conn, vec![user.get()]).await?;
                let mine = recovery_codes::user_id.eq(user.get());
                let code = mine.and(recovery_codes::hash.eq(hash.to_vec()));
                changed(diesel::delete(recovery_codes::table.filter(code)).execute(conn).await?)?;
                audit::write(conn, user.get(), &record).await
            })
        });
        Ok(used.await?)
    }

    async fn set_recovery_codes(
        &self,
        user: UserId,
        codes: Vec<[u8; 32]>,
        record: Record,
    ) -> Result<(), StoreError> {
        let set = self.db.write_apart(move |conn| {
            Box::pin(async move {
                lock_users(conn, vec![user.get()]).await?;
                let found = find(conn, user.get()).await?;
                found.filter(|found| found.is_on).ok_or(Failure::NOT_FOUND)?;
                set_codes(conn, user.get(), codes).await?;
                audit::write(conn, user.get(), &record).await
            })
        });
        Ok(set.await?)
    }

    async fn remove(&self, user: UserId, record: Record) -> Result<(), StoreError> {
        let removed = self.db.write_apart(move |conn| {
            Box::pin(async move {
                lock_users(conn, vec![user.get()]).await?;
                let on = second_factors::user_id.eq(user.get()).and(second_factors::is_on.eq(true));
                changed(diesel::delete(second_factors::table.filter(on)).execute(conn).await?)?;
                audit::write(conn, user.get(), &record).await
            })
        });
        Ok(removed.await?)
    }
}

/// A stored second factor.
#[derive(Queryable, Selectable)]
#[diesel(table_name = second_factors)]
struct SecondFactorRow {
    seed: Vec<u8>,
    is_on: bool,
    last_step: Option<i64>,
}

impl TryFrom<SecondFactorRow> for SecondFactor {
    type Error = Failure;

    fn try_from(row: SecondFactorRow) -> Result<Self, Failure> {
        let seed = row.seed.try_into().map_err(|_| Failure::damaged("second_factors.seed"))?;
        let last_step = row.last_step.map(Step::stored);
        Ok(Self { seed: FactorSeed(seed), is_on: row.is_on, last_step })
    }
}

/// Deletes the second factor of an account that is being deleted.
pub(super) async fn forget(conn: &mut Conn, user: i64) -> Result<(), Failure> {
    let theirs = second_factors::table.filter(second_factors::user_id.eq(user));
    diesel::delete(theirs).execute(conn).await?;
    Ok(())
}

async fn find(conn: &mut Conn, user: i64) -> Result<Option<SecondFactor>, Failure> {
    let row = second_factors::table.filter(second_factors::user_id.eq(user));
    let row = row.select(SecondFactorRow::as_select()).first(conn).await;
    row.optional()?.map(SecondFactor::try_from).transpose()
}

async fn begin(conn: &mut Conn, user: i64, seed: FactorSeed) -> Result<(), Failure> {
    lock_users(conn, vec![user]).await?;
    people::exist(conn, vec![user]).await?;
    if find(conn, user).await?.is_some_and(|found| found.is_on) {
        return Err(Failure::CONFLICT);
    }
    forget(conn, user).await?;
    let values = (
        second_factors::user_id.eq(user),
        second_factors::seed.eq(seed.0.to_vec()),
        second_factors::is_on.eq(false),
    );
    diesel::insert_into(second_factors::table).values(values).execute(conn).await?;
    Ok(())
}

async fn confirm(conn: &mut Conn, user: i64, confirmed: Confirmation) -> Result<(), Failure> {
    let Confirmation { seed, step, codes } = confirmed;
    lock_users(conn, vec![user]).await?;
    let found = find(conn, user).await?.ok_or(Failure::NOT_FOUND)?;
    store(conn, user, found.confirmed(seed, step).ok_or(Failure::CONFLICT)?).await?;
    set_codes(conn, user, codes).await
}

async fn use_step(conn: &mut Conn, user: i64, seed: FactorSeed, step: Step) -> Result<(), Failure> {
    lock_users(conn, vec![user]).await?;
    let used = find(conn, user).await?.and_then(|found| found.used(seed, step));
    store(conn, user, used.ok_or(Failure::CONFLICT)?).await
}

/// Stores the decided state of a second factor, which is locked. Its seed stays.
async fn store(conn: &mut Conn, user: i64, factor: SecondFactor) -> Result<(), Failure> {
    let row = second_factors::table.filter(second_factors::user_id.eq(user));
    let set = (
        second_factors::is_on.eq(factor.is_on),
        second_factors::last_step.eq(factor.last_step.map(Step::get)),
    );
    diesel::update(row).set(set).execute(conn).await?;
    Ok(())
}

async fn set_codes(conn: &mut Conn, user: i64, codes: Vec<[u8; 32]>) -> Result<(), Failure> {
    let before = recovery_codes::table.filter(recovery_codes::user_id.eq(user));
    diesel::delete(before).execute(conn).await?;
    for hash in codes {
        let values = (recovery_codes::user_id.eq(user), recovery_codes::hash.eq(hash.to_vec()));
        diesel::insert_into(recovery_codes::table).values(values).execute(conn).await?;
    }
    Ok(())
}

/// `NotFound` if a statement changed no row.
fn changed(rows: usize) -> Result<(), Failure> {
    if rows == 0 { Err(Failure::NOT_FOUND) } else { Ok(()) }
}
