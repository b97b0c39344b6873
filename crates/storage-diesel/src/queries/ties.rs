//! How people are connected by their chats.

use super::{Conn, Store, members};
use crate::error::Failure;
use crate::schema::{members as present, users};
use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
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
        let wanted = others.to_vec();
        Ok(match tie {
            Tie::None => wanted,
            Tie::Met => self.db.read(move |conn| Box::pin(met(conn, user, wanted))).await?,
            Tie::Shares => {
                self.db.read(move |conn| Box::pin(members::sharing(conn, user, wanted))).await?
            }
        })
    }
}

/// Those who are or were in a chat that the asking person is in now, and that person.
async fn met(conn: &mut Conn, user: UserId, wanted: Vec<UserId>) -> Result<Vec<UserId>, Failure> {
    let mut found = HashSet::from([user.get()]);
    for ids in wanted.chunks(CHUNK) {
        let ids: Vec<_> = ids.iter().map(|id| id.get()).collect();
        let mine = present::chat_id.eq(companions.field(present::chat_id));
        let mine = mine.and(present::user_id.eq(user.get()).and(present::left_at.is_null()));
        let theirs = companions
            .filter(companions.field(present::user_id).eq(users::id))
            .filter(exists(present::table.filter(mine)));
        let met = users::table.filter(users::id.eq_any(ids)).filter(exists(theirs));
        let met = met.select(users::id).load::<i64>(conn).await?;
        found.extend(met);
    }
    Ok(wanted.into_iter().filter(|id| found.contains(&id.get())).collect())
}
