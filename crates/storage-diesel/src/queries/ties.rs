//! How people are connected by their chats.

use super::{Conn, Store};
use crate::error::Failure;
use crate::schema::{members as present, users};
use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, IntoSql, QueryDsl};
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use domain::directory::{Tie, TieStore};
use domain::failure::StoreError;
use domain::ids::UserId;
use std::collections::HashSet;

diesel::alias!(present as companions: Companions);

/// How many people one statement asks for: well below either database's limit on bound values.
const CHUNK: usize = 1000;

#[async_trait]
impl TieStore for Store {
    async fn tied(
        &self,
        user: UserId,
        tie: Tie,
        others: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        let (wanted, were_counts) = (others.to_vec(), tie == Tie::Met);
        if tie == Tie::None {
            return Ok(wanted);
        }
        Ok(self.db.read(move |conn| Box::pin(sharing(conn, user, wanted, were_counts))).await?)
    }
}

/// Those who are in a chat that somebody is in now, or, if that counts, were in it; and that person. It is looked for in
/// the chats of each of them until one is found: a page of people is in few chats, but somebody may be in thousands.
pub(super) async fn sharing(
    conn: &mut Conn,
    user: UserId,
    wanted: Vec<UserId>,
    were_counts: bool,
) -> Result<Vec<UserId>, Failure> {
    let mut found = HashSet::from([user.get()]);
    for ids in wanted.chunks(CHUNK) {
        let ids: Vec<_> = ids.iter().map(|id| id.get()).collect();
        let mine = present::chat_id.eq(companions.field(present::chat_id));
        let mine = mine.and(present::user_id.eq(user.get()).and(present::left_at.is_null()));
        let counts = companions.field(present::left_at).is_null();
        let theirs = companions
            .filter(companions.field(present::user_id).eq(users::id))
            .filter(counts.or(were_counts.into_sql::<Bool>()))
            .filter(exists(present::table.filter(mine)));
        let sharing = users::table.filter(users::id.eq_any(ids)).filter(exists(theirs));
        found.extend(sharing.select(users::id).load::<i64>(conn).await?);
    }
    Ok(wanted.into_iter().filter(|id| found.contains(&id.get())).collect())
}
