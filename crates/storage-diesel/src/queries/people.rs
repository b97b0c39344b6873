//! What several nouns ask about accounts.

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
/// the other, some thousands on a connection at a time; where only those are wanted who share a chat with
/// somebody, no others.
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

/// Some accounts to look through.
struct Slice {
    query: Arc<AccountQuery>,
    /// Those after this one.
    after: i64,
    /// So many of them.
    step: usize,
    /// Of those that are found, at most this many.
    limit: i64,
    /// Only those who share a chat with this person.
    sharing_with: Option<UserId>,
}

/// What was found, and the last account that was looked at if there are more after it.
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

/// The ids of those who are in a chat with somebody now, among them the person, if they are in one.
#[diesel::dsl::auto_type]
fn sharing(person: UserId) -> _ {
    let person: i64 = person.get();
    members::table
        .inner_join(companions.on(companions.field(members::chat_id).eq(members::chat_id)))
        .filter(members::user_id.eq(person).and(members::left_at.is_null()))
        .filter(companions.field(members::left_at).is_null())
        .select(companions.field(members::user_id))
}
