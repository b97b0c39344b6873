//! What several nouns ask about accounts.

use super::columns::Columns;
use super::database::Database;
use super::{Conn, position};
use crate::error::Failure;
use crate::rows::{self, AccountRow};
use crate::schema::users;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::admin::{AccountPage, AccountQuery};
use domain::ids::UserId;
use domain::limits::PEOPLE_SEARCHED;
use domain::user::Account;
use std::sync::Arc;

/// So many accounts are looked through first: who lists everybody finds a page among them.
const FIRST: usize = 1_000;

/// So many are looked through before the connection is given back and asked for again.
const STEP: usize = 10_000;

/// `NotFound` unless each of these, which are all different, has an account.
pub(super) async fn exist(conn: &mut Conn, ids: Vec<i64>) -> Result<(), Failure> {
    let wanted = rows::number(ids.len());
    let there = users::id.eq_any(ids).and(users::deleted_at.is_null());
    let there: i64 = users::table.filter(there).count().get_result(conn).await?;
    if there == wanted { Ok(()) } else { Err(Failure::NOT_FOUND) }
}

/// Accounts that have the text in their names, for both kinds of search. The names are compared one after
/// the other, some thousands on a connection at a time.
pub(super) async fn find(db: &Database, query: AccountQuery) -> Result<AccountPage, Failure> {
    let (limit, mut after) = (query.limit, query.after.map_or(0, UserId::get));
    let (query, mut accounts) = (Arc::new(query), Vec::new());
    let (mut looked_at, mut step) = (0, FIRST);
    while looked_at < PEOPLE_SEARCHED {
        let missing = limit.saturating_sub(accounts.len());
        let slice = Slice { query: query.clone(), after, step, limit: rows::one_more(missing) };
        let (found, last) = db.read_slowly(move |conn| Box::pin(look(conn, slice))).await?;
        accounts.extend(found);
        if rows::cut(&mut accounts, limit) {
            let next = accounts.last().map(|account| account.user.id);
            return Ok(AccountPage { accounts, next });
        }
        let Some(last) = last else { return Ok(AccountPage { accounts, next: None }) };
        (after, looked_at, step) = (last, looked_at + step, STEP);
    }
    Ok(AccountPage { accounts, next: Some(UserId::stored(after)) })
}

/// Some accounts to look through.
struct Slice {
    query: Arc<AccountQuery>,
    /// Those after this one.
    after: i64,
    /// So many of them.
    step: usize,
    /// Of those that are found, at most this many.
    limit: i64,
}

/// What was found, and the last account that was looked at if there are more after it.
async fn look(conn: &mut Conn, slice: Slice) -> Result<(Vec<Account>, Option<i64>), Failure> {
    let Slice { query, after, step, limit } = slice;
    let last = users::table.filter(users::id.gt(after)).order(users::id).select(users::id);
    let last = last.offset(rows::one_more(step) - 1).first::<i64>(conn).await.optional()?;
    let here = users::id.gt(after).and(users::id.lt(last.unwrap_or(i64::MAX)));
    let mut rows = users::table
        .filter(users::deleted_at.is_null().and(here))
        .order(users::id)
        .limit(limit)
        .select(AccountRow::as_select())
        .into_boxed();
    if !query.folded.is_empty() {
        rows = rows.filter(position(users::searched, query.folded.clone()).gt(0));
    }
    if let Some(role) = query.role {
        rows = rows.filter(users::role.eq(role.as_str().to_owned()));
    }
    if let Some(active) = query.active {
        rows = rows.filter(users::active.eq(active));
    }
    Ok((rows::all(rows.load(conn).await?)?, last.map(|last| last - 1)))
}
