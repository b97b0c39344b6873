//! A user's own data: reading it for an export, and deleting it with the account.

use super::authored::Which;
use super::{
    Conn, Store, audit, authored, deleted_chats, direct_chat_state, host_accounts, lock_users,
    media, membership, memberships, now, own_reactions, people, repeated_requests, second_factors,
    session_end,
};
use crate::error::Failure;
use crate::rows;
use crate::schema::{blocks, members, stars, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::admin::Record;
use domain::chat::{ChangedMembers, Member, Standing};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{AttachmentId, ChatId, MessageId, Seq, UserId};
use domain::media::StoredAttachment;
use domain::message::Message;
use domain::own_data::succession::{Other, Succession, departure, succession};
use domain::own_data::{LeftMessages, OwnDataStore, OwnReactions, PendingDeletion, Withdrawal};
use domain::user::{AccountRole, UserName};

#[async_trait]
impl OwnDataStore for Store {
    async fn begin_deletion(
        &self,
        deletion: PendingDeletion,
        record: Option<Record>,
    ) -> Result<Vec<Member>, StoreError> {
        let begin = self.db.write(move |conn| {
            Box::pin(async move {
                let members = begin(conn, deletion).await?;
                if let Some(record) = record {
                    audit::write(conn, deletion.user.get(), &record).await?;
                }
                Ok(members)
            })
        });
        Ok(begin.await?)
    }

    async fn pending_deletions(&self, limit: usize) -> Result<Vec<PendingDeletion>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(pending(conn, limit))).await?)
    }

    async fn chats(
        &self,
        user: UserId,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<Vec<ChatId>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(chats_of(conn, user, after, limit))).await?)
    }

    async fn messages(
        &self,
        chat: ChatId,
        author: UserId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let ids = authored::ids(&self.db, (chat, author, after), Which::All, limit).await?;
        Ok(self.db.read_slowly(move |conn| Box::pin(authored::read(conn, ids))).await?)
    }

    async fn files(
        &self,
        owner: UserId,
        after: Option<AttachmentId>,
        limit: usize,
    ) -> Result<Vec<StoredAttachment>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(media::files_of(conn, owner, after, limit))).await?)
    }

    async fn delete_messages(
        &self,
        chat: ChatId,
        author: UserId,
        after: Seq,
        limit: usize,
        at: Timestamp,
    ) -> Result<Vec<Message>, StoreError> {
        // The ids may be read without the lock: `delete` checks each message again under it.
        let ids = authored::ids(&self.db, (chat, author, after), Which::Kept, limit).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let at = Instant(at);
        let delete =
            self.db.write_in(chat, move |conn| Box::pin(authored::delete(conn, chat, ids, at)));
        Ok(delete.await?)
    }

    async fn reactions(
        &self,
        user: UserId,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<OwnReactions>, StoreError> {
        let list =
            self.db.snapshot(move |conn| Box::pin(own_reactions::list(conn, user, after, limit)));
        Ok(list.await?)
    }

    async fn remove_reactions(
        &self,
        chat: ChatId,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<Message>, StoreError> {
        let ids: Vec<_> = messages.iter().map(|id| id.get()).collect();
        let remove = self
            .db
            .write_in(chat, move |conn| Box::pin(own_reactions::remove(conn, chat, user, ids)));
        Ok(remove.await?)
    }

    async fn withdraw(
        &self,
        chat: ChatId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Withdrawal, StoreError> {
        let at = Instant(at);
        Ok(self.db.write_in(chat, move |conn| Box::pin(withdraw(conn, chat, user, at))).await?)
    }

    async fn delete_requests(&self, user: UserId, limit: usize) -> Result<bool, StoreError> {
        let delete = self.db.write_apart(move |conn| {
            Box::pin(repeated_requests::forget_of(conn, user.get(), limit))
        });
        Ok(delete.await?)
    }

    async fn finish_deletion(&self, user: UserId) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(finish(conn, user.get()))).await?)
    }
}

async fn begin(conn: &mut Conn, deletion: PendingDeletion) -> Result<Vec<Member>, Failure> {
    let (user, at) = (deletion.user.get(), deletion.at);
    lock_users(conn, vec![user]).await?;
    people::exist(conn, vec![user]).await?;
    let chats = memberships::lock(conn, user).await?;
    let nothing = (
        users::name.eq(UserName::deleted().as_str().to_owned()),
        users::name_folded.eq(None::<String>),
        users::lookalike_lower.eq(None::<String>),
        users::lookalike_upper.eq(None::<String>),
        users::password_hash.eq(""),
        users::role.eq(AccountRole::User.as_str().to_owned()),
        users::role_set_at.eq(Some(now(conn).await?)),
        users::active.eq(false),
        users::last_seen_at.eq(None::<Instant>),
        users::first_name.eq(""),
        users::last_name.eq(""),
        users::bio.eq(""),
        users::email.eq(""),
        users::login_email.eq(None::<String>),
        users::searched.eq(""),
        users::external_issuer.eq(None::<String>),
        users::external_id.eq(None::<String>),
        users::data.eq(None::<String>),
        users::deleted_at.eq(Some(Instant(at))),
        users::deletion.eq(Some(deletion.messages.as_str())),
    );
    diesel::update(users::table.filter(users::id.eq(user))).set(nothing).execute(conn).await?;
    session_end::end_all(conn, user, None, at).await?;
    forget(conn, user).await?;
    let pairs = direct_chat_state::pairs(conn, user).await?;
    direct_chat_state::refresh(conn, user, pairs).await?;
    memberships::touch(conn, user, &chats).await
}

/// Deletes what belongs to this account alone. A new table with such rows needs a line here.
async fn forget(conn: &mut Conn, user: i64) -> Result<(), Failure> {
    let theirs = blocks::blocker_id.eq(user).or(blocks::blocked_id.eq(user));
    diesel::delete(blocks::table.filter(theirs)).execute(conn).await?;
    diesel::delete(stars::table.filter(stars::user_id.eq(user))).execute(conn).await?;
    second_factors::forget(conn, user).await?;
    host_accounts::forget_said(conn, user).await?;
    media::forget_of(conn, user).await
}

async fn pending(conn: &mut Conn, limit: usize) -> Result<Vec<PendingDeletion>, Failure> {
    let rows = users::table
        .filter(users::deletion.is_not_null())
        .order((users::deleted_at, users::id))
        .limit(rows::number(limit))
        .select((users::id, users::deletion, users::deleted_at))
        .load::<(i64, Option<String>, Option<Instant>)>(conn)
        .await?;
    let deletion = |(id, messages, at): (i64, Option<String>, Option<Instant>)| {
        let messages = messages.as_deref().and_then(LeftMessages::parse);
        let messages = messages.ok_or(Failure::damaged("users.deletion"))?;
        let at = at.ok_or(Failure::damaged("users.deleted_at"))?.0;
        Ok(PendingDeletion { user: UserId::stored(id), messages, at })
    };
    rows.into_iter().map(deletion).collect()
}

async fn chats_of(
    conn: &mut Conn,
    user: UserId,
    after: Option<ChatId>,
    limit: usize,
) -> Result<Vec<ChatId>, Failure> {
    let after = members::chat_id.gt(after.map_or(0, ChatId::get));
    let ids = members::table
        .filter(members::user_id.eq(user.get()).and(after))
        .order(members::chat_id)
        .limit(rows::number(limit))
        .select(members::chat_id);
    Ok(ids.load::<i64>(conn).await?.into_iter().map(ChatId::stored).collect())
}

async fn withdraw(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
    at: Instant,
) -> Result<Withdrawal, Failure> {
    let Some(mut found) = membership::lock(conn, chat, &[user]).await? else {
        return Ok(Withdrawal::Stayed);
    };
    let Some(Standing { kind, role, .. }) = found.standing(user)? else {
        return Ok(Withdrawal::Stayed);
    };
    let heir = match succession(kind, role, &others(conn, chat, user).await?) {
        Succession::Stay => return Ok(Withdrawal::Stayed),
        Succession::Dissolve => {
            return Ok(Withdrawal::Dissolved(deleted_chats::delete(conn, chat).await?.gone));
        }
        Succession::Leave(heir) => heir,
    };
    if let Some(heir) = heir {
        found = membership::find(conn, found.head, &[user, heir]).await?;
    }
    let changes = departure(user, heir);
    let done = membership::apply(conn, &mut found, &changes, at).await?;
    let ChangedMembers { mut changed, left, .. } = done;
    Ok(Withdrawal::Left { heir: changed.pop().map(Box::new), left })
}

/// The chat's other members whose accounts are not deleted. The chat's head must be locked.
async fn others(conn: &mut Conn, chat: ChatId, user: UserId) -> Result<Vec<Other>, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::left_at.is_null());
    let others = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(here.and(members::user_id.ne(user.get())).and(users::deleted_at.is_null()))
        .order(members::user_id)
        .select((members::user_id, members::role, members::joined_at))
        .load::<(i64, String, Instant)>(conn)
        .await?;
    let other = |(id, role, joined): (i64, String, Instant)| {
        let (user, joined_at) = (UserId::stored(id), joined.0);
        Ok(Other { user, role: rows::chat_role(&role)?, joined_at })
    };
    others.into_iter().map(other).collect()
}

async fn finish(conn: &mut Conn, user: i64) -> Result<(), Failure> {
    let row = users::table.filter(users::id.eq(user));
    diesel::update(row).set(users::deletion.eq(None::<String>)).execute(conn).await?;
    Ok(())
}
