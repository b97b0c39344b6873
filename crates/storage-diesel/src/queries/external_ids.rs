//! The ids that hosts give people and chats.

use super::{Conn, Store};
use crate::error::Failure;
use crate::schema::{chats, host_accounts, users};
use async_trait::async_trait;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
};
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
        let (issuer, ids) = (issuer.as_str().to_owned(), texts(ids));
        Ok(self.db.read(move |conn| Box::pin(people(conn, issuer, ids))).await?)
    }

    async fn chats(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, ChatId)>, StoreError> {
        let (issuer, ids) = (issuer.as_str().to_owned(), texts(ids));
        Ok(self.db.read(move |conn| Box::pin(chats_of(conn, issuer, ids))).await?)
    }
}

/// Each once.
pub(super) fn texts(ids: &[ExternalId]) -> Vec<String> {
    let mut texts: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

async fn people(
    conn: &mut Conn,
    issuer: String,
    ids: Vec<String>,
) -> Result<Vec<(ExternalId, UserId)>, Failure> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let theirs = host_accounts::issuer.eq(issuer.clone());
        let rows = host_accounts::table
            .inner_join(users::table.on(users::id.eq(host_accounts::user_id)))
            .filter(theirs.and(host_accounts::subject.eq_any(ids.to_vec())))
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
    issuer: String,
    ids: Vec<String>,
) -> Result<Vec<(ExternalId, ChatId)>, Failure> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let (given_by, id) = (chats::external_issuer, chats::external_id.assume_not_null());
        let rows = chats::table
            .filter(given_by.eq(issuer.clone()).and(id.eq_any(ids.to_vec())))
            .select((id, chats::id))
            .load::<(String, i64)>(conn)
            .await?;
        found.extend(
            rows.into_iter().map(|(id, chat)| (ExternalId::stored(id), ChatId::stored(chat))),
        );
    }
    Ok(found)
}
