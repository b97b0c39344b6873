//! Whether the server has been set up, and what was decided then.

use super::{Conn, Store, users as accounts};
use crate::error::Failure;
use crate::schema::{agreements, users};
use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::failure::{StoreError, WriteError};
use domain::session::{AlreadySetUp, Registration, SetUpState, SetUpStore};
use domain::user::{AccountRole, Lookalikes, NewUser, User};

/// The name of the row whose value is the word for who may register, or empty.
const NAME: &str = "set_up";

#[async_trait]
impl SetUpStore for Store {
    async fn state(&self) -> Result<SetUpState, StoreError> {
        Ok(self.db.read(|conn| Box::pin(state(conn))).await?)
    }

    async fn registration(&self) -> Result<Option<Registration>, StoreError> {
        let kept = self.db.read(|conn| Box::pin(kept(conn))).await?;
        Ok(kept.as_deref().and_then(Registration::parse))
    }

    async fn set_up(
        &self,
        user: NewUser,
        registration: Option<Registration>,
    ) -> Result<User, WriteError<AlreadySetUp>> {
        let rule = self.lookalikes;
        self.db.decide_apart(move |conn| Box::pin(set_up(conn, (user, rule), registration))).await
    }
}

async fn kept(conn: &mut Conn) -> Result<Option<String>, Failure> {
    let kept = agreements::table.find(NAME).select(agreements::value).first(conn);
    Ok(kept.await.optional()?)
}

async fn state(conn: &mut Conn) -> Result<SetUpState, Failure> {
    let done = kept(conn).await?.is_some();
    let admins = users::role.eq(AccountRole::Admin.to_string()).and(users::deleted_at.is_null());
    let has_admin = diesel::select(exists(users::table.filter(admins))).get_result(conn).await?;
    Ok(SetUpState { done, has_admin })
}

/// Of two calls at once, the second waits for the first one's row, and writes none.
async fn set_up(
    conn: &mut Conn,
    (user, rule): (NewUser, Lookalikes),
    registration: Option<Registration>,
) -> Result<Result<User, AlreadySetUp>, Failure> {
    let before = state(conn).await?;
    if let Err(refusal) = before.admit() {
        return Ok(Err(refusal));
    }
    let word = registration.map_or("", Registration::as_str);
    let mine = diesel::insert_into(agreements::table)
        .values((agreements::name.eq(NAME), agreements::value.eq(word)))
        .on_conflict_do_nothing();
    let after = SetUpState { done: mine.execute(conn).await? == 0, ..before };
    if let Err(refusal) = after.admit() {
        return Ok(Err(refusal));
    }
    Ok(Ok(accounts::add(conn, user, rule).await?))
}
