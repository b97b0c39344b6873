//! What hosts keep with their people.

use super::{Conn, lock_users};
use crate::error::Failure;
use crate::schema::users;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::data::{Data, DataError, DataPatch};
use domain::host::Issuer;
use domain::ids::UserId;
use std::collections::HashMap;

/// Patches the data of accounts one after the other, and says of each whether it changed.
pub(super) async fn patch(
    conn: &mut Conn,
    patches: Vec<(UserId, DataPatch)>,
) -> Result<Vec<Result<bool, DataError>>, Failure> {
    let mut ids: Vec<_> = patches.iter().map(|(user, _)| user.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    lock_users(conn, ids.clone()).await?;
    let there = users::id.eq_any(ids).and(users::deleted_at.is_null());
    let there = users::table.filter(there).select((users::id, users::data));
    let there = there.load::<(i64, Option<String>)>(conn).await?;
    let mut kept: HashMap<_, _> =
        there.into_iter().map(|(user, data)| (user, data.map(Data::stored))).collect();
    let mut outcomes = Vec::with_capacity(patches.len());
    for (user, patch) in patches {
        let Some(data) = kept.get_mut(&user.get()) else {
            outcomes.push(Ok(false));
            continue;
        };
        match patch.apply(data.as_ref()) {
            Err(why) => outcomes.push(Err(why)),
            Ok(patched) => {
                let changed = patched != *data;
                if changed {
                    let row = users::table.filter(users::id.eq(user.get()));
                    let text = patched.as_ref().map(|data| data.as_str().to_owned());
                    diesel::update(row).set(users::data.eq(text)).execute(conn).await?;
                    *data = patched;
                }
                outcomes.push(Ok(changed));
            }
        }
    }
    Ok(outcomes)
}

/// The data of an account, if it is of that issuer.
pub(super) async fn of(
    conn: &mut Conn,
    user: UserId,
    issuer: Option<Issuer>,
) -> Result<Option<Data>, Failure> {
    let row = users::table.filter(users::id.eq(user.get()));
    let row = row.select((users::external_issuer, users::data));
    let found = row.first::<(Option<String>, Option<String>)>(conn).await.optional()?;
    let is_of = |of: &Option<String>| {
        issuer.as_ref().is_none_or(|issuer| of.as_deref() == Some(issuer.as_str()))
    };
    let (_, data) = found.filter(|(of, _)| is_of(of)).unwrap_or_default();
    Ok(data.map(Data::stored))
}
