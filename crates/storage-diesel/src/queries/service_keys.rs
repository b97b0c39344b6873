//! Service keys. Each belongs to a session, and exists as long as that does.

use super::{Conn, Store, audit, lock_names, lock_users, session_end, users as accounts};
use crate::error::Failure;
use crate::rows;
use crate::schema::{
    attachments, chats, messages, service_accounts, service_keys, sessions, users,
};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, Queryable,
};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::host::Issuer;
use domain::ids::{SessionId, UserId};
use domain::service_key::{
    AddKeyRefusal, KeyAccount, KeyFacts, KeyRate, NewServiceKey, Place, RevokeKeys, Scopes,
    ServiceKey, ServiceKeyStore,
};
use domain::user::{Lookalikes, UserName};

#[async_trait]
impl ServiceKeyStore for Store {
    async fn add(&self, key: NewServiceKey) -> Result<ServiceKey, WriteError<AddKeyRefusal>> {
        let rule = self.lookalikes;
        self.db.decide_apart(move |conn| Box::pin(add(conn, key, rule))).await
    }

    async fn list(&self, now: Timestamp) -> Result<Vec<ServiceKey>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(list(conn, Instant(now)))).await?)
    }

    async fn revoke(&self, keys: RevokeKeys) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(revoke(conn, keys))).await?)
    }

    async fn find(&self, hash: [u8; 32], now: Timestamp) -> Result<ServiceKey, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(find(conn, hash, Instant(now)))).await?)
    }

    async fn note_use(
        &self,
        id: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let (now, end) = (Instant(now), Instant(expires_at));
        Ok(self.db.write_apart(move |conn| Box::pin(note_use(conn, id, (now, end)))).await?)
    }

    async fn is_whisper(&self, place: Place) -> Result<bool, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(is_whisper(conn, place))).await?)
    }
}

/// What whoever adds a key locks. No account can have this name.
const ADDING: &str = ":service keys:";

/// A key, with columns of its session and its account.
#[derive(Queryable)]
struct KeyRow {
    session: i64,
    account: i64,
    name: (String, Option<String>),
    role: String,
    scopes: String,
    issuer: String,
    rate: i64,
    created_at: Instant,
    used_at: Instant,
}

/// The keys whose sessions have not expired; a macro because the type of a join has no short name.
macro_rules! keys_at {
    ($now:expr) => {
        service_keys::table
            .inner_join(sessions::table.on(sessions::id.eq(service_keys::session_id)))
            .inner_join(users::table.on(users::id.eq(sessions::user_id)))
            .filter(sessions::expires_at.ge($now))
            .select((
                sessions::id,
                users::id,
                (users::name, users::name_folded),
                users::role,
                service_keys::scopes,
                service_keys::issuer,
                service_keys::rate,
                sessions::created_at,
                sessions::refreshed_at,
            ))
    };
}

impl TryFrom<KeyRow> for ServiceKey {
    type Error = Failure;

    fn try_from(row: KeyRow) -> Result<Self, Failure> {
        let rate = u32::try_from(row.rate).ok().and_then(KeyRate::new);
        let (name, folded) = row.name;
        Ok(Self {
            session: SessionId::stored(row.session),
            account: UserId::stored(row.account),
            name: UserName::stored(name, folded.unwrap_or_default()),
            role: rows::account_role(&row.role)?,
            scopes: Scopes::stored(&row.scopes),
            issuer: Issuer::new(&row.issuer).ok_or(Failure::damaged("service_keys.issuer"))?,
            rate: rate.ok_or(Failure::damaged("service_keys.rate"))?,
            created_at: row.created_at.0,
            used_at: row.used_at.0,
        })
    }
}

async fn add(
    conn: &mut Conn,
    new: NewServiceKey,
    rule: Lookalikes,
) -> Result<Result<ServiceKey, AddKeyRefusal>, Failure> {
    // Of several at once, each counts what those before it added. It comes before the lock of the account.
    lock_names(conn, vec![ADDING.to_owned()]).await?;
    let account = account(conn, &new.user.name).await?;
    let keys = service_keys::table.count().get_result::<i64>(conn).await?;
    let facts = KeyFacts { keys: number(keys), account };
    let user = match new.decide(facts) {
        Err(refusal) => return Ok(Err(refusal)),
        Ok(Some(account)) => account.get(),
        Ok(None) => add_account(conn, &new, rule).await?,
    };
    let session = add_session(conn, user, &new).await?;
    let values = (
        service_keys::session_id.eq(session),
        service_keys::hash.eq(new.hash.to_vec()),
        service_keys::scopes.eq(new.scopes.to_string()),
        service_keys::issuer.eq(new.issuer.as_str()),
        service_keys::rate.eq(i64::from(new.rate.per_second().get())),
    );
    diesel::insert_into(service_keys::table).values(values).execute(conn).await?;
    audit::write(conn, user, &new.added(SessionId::stored(session))).await?;
    let row = keys_at!(Instant(new.at)).filter(service_keys::session_id.eq(session));
    Ok(Ok(row.first::<KeyRow>(conn).await?.try_into()?))
}

/// The service account of that name, locked, so that disabling it and adding or revoking its keys happen
/// one after the other.
async fn account(conn: &mut Conn, name: &UserName) -> Result<Option<KeyAccount>, Failure> {
    let named = users::name_folded.eq(name.folded().to_owned());
    let ours = service_accounts::table
        .inner_join(users::table.on(users::id.eq(service_accounts::user_id)))
        .filter(named)
        .select(users::id);
    let Some(id) = ours.first::<i64>(conn).await.optional()? else { return Ok(None) };
    lock_users(conn, vec![id]).await?;
    let active = users::table.filter(users::id.eq(id)).select(users::active);
    let keys = service_keys::table
        .inner_join(sessions::table.on(sessions::id.eq(service_keys::session_id)))
        .filter(sessions::user_id.eq(id));
    Ok(Some(KeyAccount {
        id: UserId::stored(id),
        active: active.first(conn).await?,
        keys: number(keys.count().get_result(conn).await?),
    }))
}

fn number(counted: i64) -> usize {
    usize::try_from(counted).unwrap_or(usize::MAX)
}

async fn add_account(
    conn: &mut Conn,
    new: &NewServiceKey,
    rule: Lookalikes,
) -> Result<i64, Failure> {
    let made = accounts::add(conn, new.user.clone(), rule).await?.id.get();
    let row = service_accounts::user_id.eq(made);
    diesel::insert_into(service_accounts::table).values(row).execute(conn).await?;
    audit::write(conn, made, &new.account_added()).await?;
    Ok(made)
}

async fn add_session(conn: &mut Conn, user: i64, new: &NewServiceKey) -> Result<i64, Failure> {
    let values = (
        sessions::user_id.eq(user),
        sessions::seed.eq(new.seed.0.to_vec()),
        sessions::generation.eq(0),
        sessions::device.eq("service key"),
        sessions::protocol.eq(""),
        sessions::renews_repeatedly.eq(false),
        sessions::created_at.eq(Instant(new.at)),
        sessions::refreshed_at.eq(Instant(new.at)),
        sessions::expires_at.eq(Instant(new.expires_at)),
    );
    let insert = diesel::insert_into(sessions::table).values(values);
    Ok(insert.returning(sessions::id).get_result(conn).await?)
}

async fn list(conn: &mut Conn, now: Instant) -> Result<Vec<ServiceKey>, Failure> {
    rows::all(keys_at!(now).order(sessions::id).load::<KeyRow>(conn).await?)
}

async fn find(conn: &mut Conn, hash: [u8; 32], now: Instant) -> Result<ServiceKey, Failure> {
    let key = keys_at!(now).filter(service_keys::hash.eq(hash.to_vec()));
    key.first::<KeyRow>(conn).await?.try_into()
}

async fn revoke(conn: &mut Conn, keys: RevokeKeys) -> Result<Vec<SessionId>, Failure> {
    let account = account(conn, &keys.name).await?.ok_or(Failure::NOT_FOUND)?.id.get();
    let its = keys_at!(Instant(keys.at)).filter(sessions::user_id.eq(account));
    let mut ids = Vec::new();
    for row in its.order(sessions::id).load::<KeyRow>(conn).await? {
        if keys.session.is_none_or(|id| id.get() == row.session) {
            ids.push(row.session);
        }
    }
    if ids.is_empty() {
        return Err(Failure::NOT_FOUND);
    }
    session_end::end(conn, ids.clone(), keys.at).await?;
    let revoked: Vec<_> = ids.into_iter().map(SessionId::stored).collect();
    for session in &revoked {
        audit::write(conn, account, &keys.revoked(*session)).await?;
    }
    Ok(revoked)
}

async fn note_use(
    conn: &mut Conn,
    id: SessionId,
    (now, end): (Instant, Instant),
) -> Result<(), Failure> {
    let live = sessions::table.filter(sessions::id.eq(id.get()).and(sessions::expires_at.ge(now)));
    let used = (sessions::refreshed_at.eq(now), sessions::expires_at.eq(end));
    diesel::update(live).set(used).execute(conn).await?;
    Ok(())
}

async fn is_whisper(conn: &mut Conn, place: Place) -> Result<bool, Failure> {
    let chat = match place {
        Place::Chat(chat) => Some(chat.get()),
        Place::Message(id) => {
            let message = messages::table.filter(messages::id.eq(id.get()));
            message.select(messages::chat_id).first::<i64>(conn).await.optional()?
        }
        Place::Attachment(id) => {
            let attachment = attachments::table
                .inner_join(messages::table.on(attachments::message_id.eq(messages::id.nullable())))
                .filter(attachments::id.eq(id.get()));
            attachment.select(messages::chat_id).first::<i64>(conn).await.optional()?
        }
    };
    let Some(chat) = chat else { return Ok(false) };
    let kind = chats::table.filter(chats::id.eq(chat)).select(chats::kind);
    Ok(kind.first::<String>(conn).await.optional()?.is_some_and(|kind| kind == "whisper"))
}
