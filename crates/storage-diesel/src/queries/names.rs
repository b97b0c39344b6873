//! Refusing user names that look like existing ones.

use super::database::Database;
use super::{Conn, lock_names};
use crate::error::Failure;
use crate::rows;
use crate::schema::users;
use diesel::prelude::{
    BoolExpressionMethods, CombineDsl, ExpressionMethods, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::limits::LOOKALIKES_COMPARED;
use domain::user::{LookalikeKeys, Lookalikes, TakenNames, UserName};

/// How many accounts get their lookalike keys in one step.
const TOGETHER: i64 = 500;

/// `Conflict` if lookalikes are refused and the name looks like another account's. The name's keys are
/// locked, so that of two concurrent registrations the second sees the first.
pub(super) async fn unlike_others(
    conn: &mut Conn,
    name: &UserName,
    id: i64,
    lookalikes: Lookalikes,
) -> Result<(), Failure> {
    if lookalikes == Lookalikes::Allow {
        return Ok(());
    }
    let LookalikeKeys { lower, upper } = name.lookalike_keys();
    lock_names(conn, vec![lower.clone(), upper.clone()]).await?;
    let alike = users::lookalike_lower.eq(lower).or(users::lookalike_upper.eq(upper));
    let others = users::table
        .filter(alike.and(users::id.ne(id)).and(users::name_folded.is_not_null()))
        .limit(rows::number(LOOKALIKES_COMPARED))
        .select((users::name, users::name_folded.assume_not_null()))
        .load::<(String, String)>(conn)
        .await?;
    let is_full = others.len() == LOOKALIKES_COMPARED;
    let mut others = others.into_iter().map(|(shown, folded)| UserName::stored(shown, folded));
    if is_full || others.any(|other| name.looks_like(&other)) {
        return Err(Failure::CONFLICT);
    }
    Ok(())
}

/// The existing names that could conflict with these. If lookalikes are refused, the names' keys stay locked,
/// so that until the transaction ends nobody takes one of these names or a lookalike.
pub(super) async fn taken(
    conn: &mut Conn,
    names: &[&UserName],
    lookalikes: Lookalikes,
) -> Result<TakenNames, Failure> {
    let limit = LOOKALIKES_COMPARED * names.len();
    let folded: Vec<_> = names.iter().map(|name| name.folded().to_owned()).collect();
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    if lookalikes == Lookalikes::Refuse {
        let keys = names.iter().map(|name| name.lookalike_keys());
        (lower, upper) = keys.map(|keys| (keys.lower, keys.upper)).unzip();
        lock_names(conn, lower.iter().chain(&upper).cloned().collect()).await?;
    }
    let named = || {
        let name = (users::name, users::name_folded.assume_not_null());
        users::table.filter(users::name_folded.is_not_null()).select(name)
    };
    // Three look-ups. For one condition with `OR`, PostgreSQL reads all names while nobody has counted them.
    let others = named()
        .filter(users::name_folded.eq_any(folded))
        .union(named().filter(users::lookalike_lower.eq_any(lower)))
        .union(named().filter(users::lookalike_upper.eq_any(upper)))
        .limit(rows::number(limit))
        .load::<(String, String)>(conn)
        .await?;
    let more = others.len() == limit;
    let others = others.into_iter().map(|(shown, folded)| UserName::stored(shown, folded));
    Ok(TakenNames::new(lookalikes, others.collect(), more))
}

/// Adds lookalike keys to some accounts that an older version created without. Whether there may be more.
pub(super) async fn step(db: &Database) -> Result<bool, Failure> {
    let without = db.read_slowly(|conn| Box::pin(without_keys(conn))).await?;
    if without.is_empty() {
        return Ok(false);
    }
    db.write_apart(move |conn| {
        Box::pin(async move {
            for (id, folded) in without {
                set_keys(conn, id, &folded).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(true)
}

async fn without_keys(conn: &mut Conn) -> Result<Vec<(i64, String)>, Failure> {
    let named = users::lookalike_lower.is_null().and(users::name_folded.is_not_null());
    let rows = users::table.filter(named).limit(TOGETHER);
    Ok(rows.select((users::id, users::name_folded.assume_not_null())).load(conn).await?)
}

/// Sets an account's keys, unless its name has changed since it was read.
async fn set_keys(conn: &mut Conn, id: i64, folded: &str) -> Result<(), Failure> {
    let name = UserName::stored(String::new(), folded.to_owned());
    let LookalikeKeys { lower, upper } = name.lookalike_keys();
    let row = users::table.filter(users::id.eq(id).and(users::name_folded.eq(folded)));
    let keys = (users::lookalike_lower.eq(lower), users::lookalike_upper.eq(upper));
    diesel::update(row).set(keys).execute(conn).await?;
    Ok(())
}
