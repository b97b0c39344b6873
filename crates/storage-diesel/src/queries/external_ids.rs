//! The ids that hosts give people and chats.

use super::{Conn, Store};
use crate::error::Failure;
use crate::pairs::{In, pair_in};
use crate::schema::{chats, host_accounts, users};
use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use domain::failure::StoreError;
use domain::host::{ExternalId, ExternalIdStore, Issuer};
use domain::ids::{ChatId, UserId};

/// How many ids one statement asks for: well below either database's limit on bound values.
const CHUNK: usize = 1000;

#[async_trait]
impl ExternalIdStore for Store {
    async fn users(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, UserId)>, StoreError> {
        let (issuer, ids) = (issuer.clone(), texts(ids));
        Ok(self.db.read(move |conn| Box::pin(people(conn, issuer, ids))).await?)
    }

    async fn chats(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, ChatId)>, StoreError> {
        let (issuer, ids) = (issuer.clone(), texts(ids));
        Ok(self.db.read(move |conn| Box::pin(chats_of(conn, issuer, ids))).await?)
    }
}

type Theirs = In<(Text, Text), host_accounts::issuer, host_accounts::subject, String, String>;

/// Each once.
pub(super) fn texts(ids: &[ExternalId]) -> Vec<String> {
    let mut texts: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// Issuer and id together, for each id. An issuer and a list of ids would be two conditions, of which PostgreSQL may
/// look only the first up, and then read everybody of that issuer.
fn with_issuer(issuer: &str, ids: Vec<String>) -> Vec<(String, String)> {
    ids.into_iter().map(|id| (issuer.to_owned(), id)).collect()
}

/// The condition that an account is one that this issuer gave one of these ids.
pub(super) fn are_of(issuer: &Issuer, ids: Vec<String>) -> Theirs {
    let pairs = with_issuer(issuer.as_str(), ids);
    pair_in(host_accounts::issuer, host_accounts::subject, pairs)
}

async fn people(
    conn: &mut Conn,
    issuer: Issuer,
    ids: Vec<String>,
) -> Result<Vec<(ExternalId, UserId)>, Failure> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let rows = host_accounts::table
            .inner_join(users::table.on(users::id.eq(host_accounts::user_id)))
            .filter(are_of(&issuer, ids.to_vec()))
            .filter(users::deleted_at.is_null())
            .select((host_accounts::subject, host_accounts::user_id))
            .load::<(String, i64)>(conn)
            .await?;
        found.extend(
            rows.into_iter().map(|(id, user)| (ExternalId::stored(id), UserId::stored(user))),
        );
    }
    Ok(found)
}

async fn chats_of(
    conn: &mut Conn,
    issuer: Issuer,
    ids: Vec<String>,
) -> Result<Vec<(ExternalId, ChatId)>, Failure> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let id = chats::external_id.assume_not_null();
        let pairs = with_issuer(issuer.as_str(), ids.to_vec());
        let named =
            pair_in::<(Text, Text), _, _, _, _>(chats::external_issuer, chats::external_id, pairs);
        let rows =
            chats::table.filter(named).select((id, chats::id)).load::<(String, i64)>(conn).await?;
        found.extend(
            rows.into_iter().map(|(id, chat)| (ExternalId::stored(id), ChatId::stored(chat))),
        );
    }
    Ok(found)
}
