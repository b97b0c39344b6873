//! Queries about accounts that several stores need.

use super::columns::Columns;
use super::database::Database;
use super::{Conn, position};
use crate::error::Failure;
use crate::rows::{self, AccountRow};
use crate::schema::{members, users};
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::admin::{AccountPage, AccountQuery};
use domain::ids::UserId;
use domain::limits::PEOPLE_SEARCHED;
use domain::user::Account;
use std::sync::Arc;

diesel::alias!(members as companions: Companions);

/// How many accounts the first read looks through: enough for a page when listing everybody.
const FIRST: usize = 1_000;

/// How many accounts each further read looks through; the connection is given back in between.
const STEP: usize = 10_000;

/// `NotFound` unless each of these ids, which are all different, has an account.
pub(super) async fn exist(conn: &mut Conn, ids: Vec<i64>) -> Result<(), Failure> {
    let wanted = rows::number(ids.len());
    let there = users::id.eq_any(ids).and(users::deleted_at.is_null());
    let there: i64 = users::table.filter(there).count().get_result(conn).await?;
    if there == wanted { Ok(()) } else { Err(Failure::NOT_FOUND) }
}

/// Accounts whose names contain the text, for both kinds of search. Names are compared one by one, some
/// thousands per read. With `sharing_with`, only the names of people who share a chat with that person are
/// compared.
pub(super) async fn find(
    db: &Database,
    query: AccountQuery,
    sharing_with: Option<UserId>,
) -> Result<AccountPage, Failure> {
    let (most, mut after) = (query.limit, query.after.map_or(0, UserId::get));
    let (query, mut accounts) = (Arc::new(query), Vec::new());
    let (mut looked_at, mut step) = (0, FIRST);
    while looked_at < PEOPLE_SEARCHED {
        let missing = most.saturating_sub(accounts.len());
        let (query, limit) = (query.clone(), rows::one_more(missing));
        let slice = Slice { query, after, step, limit, sharing_with };
        let (found, last) = db.read_slowly(move |conn| Box::pin(look(conn, slice))).await?;
        accounts.extend(found);
        if rows::cut(&mut accounts, most) {
            let next = accounts.last().map(|account| account.user.id);
            return Ok(AccountPage { accounts, next });
        }
        let Some(last) = last else { return Ok(AccountPage { accounts, next: None }) };
        (after, looked_at, step) = (last, looked_at + step, STEP);
    }
    Ok(AccountPage { accounts, next: Some(UserId::stored(after)) })
}

/// A range of accounts to look through.
struct Slice {
    query: Arc<AccountQuery>,
    /// The accounts after this one.
    after: i64,
    /// How many accounts to look through.
    step: usize,
    /// How many matches to return, at most.
    limit: i64,
    /// Only those who share a chat with this person.
    sharing_with: Option<UserId>,
}

/// The matches in a range, and the last account of the range if there are more after it.
async fn look(conn: &mut Conn, slice: Slice) -> Result<(Vec<Account>, Option<i64>), Failure> {
    let Slice { query, after, step, limit, sharing_with } = slice;
    let mut last = users::table
        .filter(users::id.gt(after))
        .order(users::id)
        .select(users::id)
        .offset(rows::one_more(step) - 1)
        .into_boxed();
    if let Some(person) = sharing_with {
        last = last.filter(users::id.eq_any(sharing(person)));
    }
    let last = last.first::<i64>(conn).await.optional()?;
    let here = users::id.gt(after).and(users::id.lt(last.unwrap_or(i64::MAX)));
    let mut rows = users::table
        .filter(users::deleted_at.is_null().and(here))
        .order(users::id)
        .limit(limit)
        .select(AccountRow::as_select())
        .into_boxed();
    if let Some(person) = sharing_with {
        rows = rows.filter(users::id.eq_any(sharing(person)));
    }
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

/// The ids of those who share a chat with somebody now; includes the person, if they are in any chat.
#[diesel::dsl::auto_type]
fn sharing(person: UserId) -> _ {
    let person: i64 = person.get();
    members::table
        .inner_join(companions.on(companions.field(members::chat_id).eq(members::chat_id)))
        .filter(members::user_id.eq(person).and(members::left_at.is_null()))
        .filter(companions.field(members::left_at).is_null())
        .select(companions.field(members::user_id))
}
