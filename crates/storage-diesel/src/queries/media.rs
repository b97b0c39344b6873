//! Attachments, avatars, and loose files: stored files whose keys no row refers to (yet or any more).

use super::columns::Columns;
use super::{Conn, Store, host_pictures, lock_uploads, lock_users, people, quota, standing};
use crate::batch::Batch;
use crate::error::Failure;
use crate::rows::{self, AttachmentRow};
use crate::schema::{attachments, avatars, loose_files, messages};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    QueryDsl, Queryable, Selectable,
};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::ids::{AttachmentId, ChatId, MessageId, UserId};
use domain::media::{
    Attachment, ChatFile, FileKey, MediaStore, NewAttachment, Reservation, ReservationFacts,
    ReserveRefusal, StoredAttachment,
};
use domain::message::Message;
use std::collections::HashMap;

/// How many users one statement asks for.
const CHUNK: usize = 1000;

#[async_trait]
impl MediaStore for Store {
    async fn reserve(&self, reservation: Reservation) -> Result<(), WriteError<ReserveRefusal>> {
        self.db.decide_apart(move |conn| Box::pin(reserve(conn, reservation))).await
    }

    async fn give_up(&self, key: &FileKey, at: Timestamp) -> Result<(), StoreError> {
        let key = key.as_str().to_owned();
        Ok(self.db.write_apart(move |conn| Box::pin(give_up(conn, key, Instant(at)))).await?)
    }

    async fn add(&self, attachment: NewAttachment) -> Result<Attachment, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(add(conn, attachment))).await?)
    }

    async fn get(&self, id: AttachmentId) -> Result<StoredAttachment, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(get(conn, id.get()))).await?)
    }

    async fn in_chat(
        &self,
        viewer: UserId,
        chat: ChatId,
        limit: usize,
    ) -> Result<Vec<ChatFile>, StoreError> {
        let limit = rows::number(limit);
        let files = self.db.snapshot(move |conn| Box::pin(in_chat(conn, (viewer, chat), limit)));
        Ok(files.await?)
    }

    async fn remove_unused(
        &self,
        owner: UserId,
        id: AttachmentId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (owner, id, at) = (owner.get(), id.get(), Instant(at));
        Ok(self.db.write_apart(move |conn| Box::pin(remove_unused(conn, owner, id, at))).await?)
    }

    async fn set_avatar(
        &self,
        user: UserId,
        key: Option<FileKey>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (user, at) = (user.get(), Instant(at));
        Ok(self.db.write_apart(move |conn| Box::pin(set_avatar(conn, user, key, at))).await?)
    }

    async fn avatar(&self, user: UserId) -> Result<Option<FileKey>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(avatar(conn, user.get()))).await?)
    }

    async fn avatars(&self, users: &[UserId]) -> Result<HashMap<UserId, FileKey>, StoreError> {
        let users: Vec<_> = users.iter().map(|user| user.get()).collect();
        Ok(self.db.read(move |conn| Box::pin(avatars_of(conn, users))).await?)
    }

    async fn collect(
        &self,
        at: Timestamp,
        unused: Timestamp,
        limit: usize,
    ) -> Result<Vec<FileKey>, StoreError> {
        let (at, unused) = (Instant(at), Instant(unused));
        let limit = rows::number(limit);
        Ok(self.db.write_apart(move |conn| Box::pin(collect(conn, at, unused, limit))).await?)
    }

    async fn forget(&self, keys: &[FileKey]) -> Result<(), StoreError> {
        let keys: Vec<_> = keys.iter().map(|key| key.as_str().to_owned()).collect();
        Ok(self.db.write_apart(move |conn| Box::pin(forget(conn, keys))).await?)
    }
}

/// A key that nothing refers to. With an owner, it is reserved for an upload until `due_at`; from then
/// on, the cleanup deletes the file.
#[derive(Insertable)]
#[diesel(table_name = loose_files, treat_none_as_default_value = false)]
struct Loose {
    file_key: String,
    owner_id: Option<i64>,
    due_at: Instant,
}

/// An attachment, with the chat of its message, and that.
#[derive(Queryable, Selectable)]
#[diesel(table_name = attachments)]
struct StoredRow {
    #[diesel(embed)]
    attachment: AttachmentRow,
    owner_id: i64,
    file_key: String,
    #[diesel(select_expression = (messages::chat_id, messages::id).nullable())]
    sent: Option<(i64, i64)>,
}

impl TryFrom<StoredRow> for StoredAttachment {
    type Error = Failure;

    fn try_from(row: StoredRow) -> Result<Self, Failure> {
        Ok(Self {
            attachment: row.attachment.try_into()?,
            owner: UserId::stored(row.owner_id),
            key: FileKey::stored(row.file_key),
            sent: row.sent.map(|(chat, id)| (ChatId::stored(chat), MessageId::stored(id))),
        })
    }
}

/// Records that nothing refers to these keys any more, so that the cleanup deletes the files from `at` on.
pub(super) async fn loosen(conn: &mut Conn, keys: Vec<String>, at: Instant) -> Result<(), Failure> {
    // Well below either database's limit on bound values.
    for keys in keys.chunks(1000) {
        let loose = |key: &String| Loose { file_key: key.clone(), owner_id: None, due_at: at };
        let rows = Batch(keys.iter().map(loose).collect());
        diesel::insert_into(loose_files::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// As [`loosen`], due at once.
pub(super) async fn let_go(conn: &mut Conn, keys: Vec<String>) -> Result<(), Failure> {
    loosen(conn, keys, Instant(Timestamp::from_micros(0))).await
}

/// Locks the uploads and returns those not yet attached to a message, with their owners.
pub(super) async fn unused(
    conn: &mut Conn,
    ids: Vec<i64>,
) -> Result<HashMap<i64, (i64, Attachment)>, Failure> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    lock_uploads(conn, ids.clone()).await?;
    let unused = attachments::id.eq_any(ids).and(attachments::message_id.is_null());
    let rows = attachments::table
        .filter(unused)
        .select((AttachmentRow::as_select(), attachments::owner_id))
        .load::<(AttachmentRow, i64)>(conn)
        .await?;
    let uploads = rows.into_iter().map(|(row, owner)| {
        let attachment = Attachment::try_from(row)?;
        Ok((attachment.id.get(), (owner, attachment)))
    });
    uploads.collect()
}

/// Attaches the message's uploads, which the caller has locked, to it.
pub(super) async fn attach(conn: &mut Conn, message: &Message) -> Result<(), Failure> {
    for (place, attachment) in (0_i64..).zip(&message.extras.attachments) {
        let given = (attachments::message_id.eq(message.id.get()), attachments::place.eq(place));
        let upload = attachments::table.filter(attachments::id.eq(attachment.id.get()));
        diesel::update(upload).set(given).execute(conn).await?;
    }
    Ok(())
}

async fn reserve(
    conn: &mut Conn,
    wanted: Reservation,
) -> Result<Result<(), ReserveRefusal>, Failure> {
    let owner = wanted.owner.get();
    // With the account locked, concurrent reservations count each other.
    lock_users(conn, vec![owner]).await?;
    people::exist(conn, vec![owner]).await?;
    let waiting = attachments::owner_id.eq(owner).and(attachments::message_id.is_null());
    let waiting: i64 = attachments::table.filter(waiting).count().get_result(conn).await?;
    let coming = loose_files::owner_id.eq(owner).and(loose_files::due_at.gt(Instant(wanted.at)));
    let coming: i64 = loose_files::table.filter(coming).count().get_result(conn).await?;
    let count = |rows| usize::try_from(rows).unwrap_or(usize::MAX);
    let stored = if wanted.quota.is_some() { quota::stored(conn, owner).await? } else { 0 };
    let facts = ReservationFacts { waiting: count(waiting), coming: count(coming), stored };
    if let Err(refusal) = wanted.decide(facts) {
        return Ok(Err(refusal));
    }
    let file_key = wanted.key.as_str().to_owned();
    let row = Loose { file_key, owner_id: Some(owner), due_at: Instant(wanted.until) };
    diesel::insert_into(loose_files::table).values(row).execute(conn).await?;
    Ok(Ok(()))
}

async fn give_up(conn: &mut Conn, key: String, at: Instant) -> Result<(), Failure> {
    let due = (loose_files::owner_id.eq(None::<i64>), loose_files::due_at.eq(at));
    let key = loose_files::table.filter(loose_files::file_key.eq(key));
    diesel::update(key).set(due).execute(conn).await?;
    Ok(())
}

/// Removes a reserved key from the loose files, because a row will now refer to it. `Conflict` if the
/// owner did not reserve it, or the reservation has expired.
async fn take(conn: &mut Conn, key: &FileKey, owner: i64, at: Instant) -> Result<(), Failure> {
    let reserved = loose_files::file_key
        .eq(key.as_str())
        .and(loose_files::owner_id.eq(owner))
        .and(loose_files::due_at.gt(at));
    let taken = diesel::delete(loose_files::table.filter(reserved)).execute(conn).await?;
    if taken == 1 { Ok(()) } else { Err(Failure::CONFLICT) }
}

async fn add(conn: &mut Conn, new: NewAttachment) -> Result<Attachment, Failure> {
    let at = Instant(new.created_at);
    take(conn, &new.key, new.owner.get(), at).await?;
    let picture = new.picture.as_ref();
    let values = (
        attachments::owner_id.eq(new.owner.get()),
        attachments::file_key.eq(new.key.as_str()),
        attachments::name.eq(new.name.as_str()),
        attachments::mime.eq(new.mime),
        attachments::size.eq(i64::try_from(new.size).unwrap_or(i64::MAX)),
        attachments::width.eq(picture.map(|picture| i64::from(picture.width))),
        attachments::height.eq(picture.map(|picture| i64::from(picture.height))),
        attachments::preview.eq(picture.map(|picture| picture.preview.clone())),
        attachments::created_at.eq(at),
        attachments::place.eq(0),
    );
    let insert = diesel::insert_into(attachments::table).values(values);
    insert.returning(AttachmentRow::as_returning()).get_result(conn).await?.try_into()
}

async fn get(conn: &mut Conn, id: i64) -> Result<StoredAttachment, Failure> {
    let said = messages::id.nullable().eq(attachments::message_id);
    let stored = attachments::table
        .left_join(messages::table.on(said))
        .filter(attachments::id.eq(id))
        .select(StoredRow::as_select())
        .first::<StoredRow>(conn);
    stored.await?.try_into()
}

async fn in_chat(
    conn: &mut Conn,
    (viewer, chat): (UserId, ChatId),
    limit: i64,
) -> Result<Vec<ChatFile>, Failure> {
    let hidden = standing::of(shared!(conn), chat, viewer).await?.horizon.seq().get();
    let said = messages::id.nullable().eq(attachments::message_id);
    let newest = attachments::table
        .inner_join(messages::table.on(said))
        .filter(messages::chat_id.eq(chat.get()).and(messages::seq.gt(hidden)))
        .order(attachments::id.desc())
        .limit(limit)
        .select((AttachmentRow::as_select(), attachments::owner_id, attachments::created_at))
        .load::<(AttachmentRow, i64, Instant)>(conn)
        .await?;
    let file = |(row, owner, at): (AttachmentRow, i64, Instant)| {
        let attachment = Attachment::try_from(row)?;
        Ok(ChatFile { attachment, owner: UserId::stored(owner), uploaded_at: at.0 })
    };
    newest.into_iter().rev().map(file).collect()
}

/// A page of somebody's uploads, ordered by id, after the given one.
pub(super) async fn files_of(
    conn: &mut Conn,
    owner: UserId,
    after: Option<AttachmentId>,
    limit: usize,
) -> Result<Vec<StoredAttachment>, Failure> {
    let said = messages::id.nullable().eq(attachments::message_id);
    let after = attachments::id.gt(after.map_or(0, AttachmentId::get));
    let files = attachments::table
        .left_join(messages::table.on(said))
        .filter(attachments::owner_id.eq(owner.get()).and(after))
        .order(attachments::id)
        .limit(rows::number(limit))
        .select(StoredRow::as_select())
        .load::<StoredRow>(conn);
    rows::all(files.await?)
}

async fn remove_unused(conn: &mut Conn, owner: i64, id: i64, at: Instant) -> Result<(), Failure> {
    let mine = attachments::id.eq(id).and(attachments::owner_id.eq(owner));
    let mine = attachments::table.filter(mine.and(attachments::message_id.is_null()));
    let key = diesel::delete(mine).returning(attachments::file_key).get_result(conn).await?;
    loosen(conn, vec![key], at).await
}

async fn set_avatar(
    conn: &mut Conn,
    user: i64,
    key: Option<FileKey>,
    at: Instant,
) -> Result<(), Failure> {
    lock_users(conn, vec![user]).await?;
    host_pictures::forget_due(conn, user).await?;
    replace_avatar(conn, user, key, at).await
}

/// The account must be locked.
pub(super) async fn replace_avatar(
    conn: &mut Conn,
    user: i64,
    key: Option<FileKey>,
    at: Instant,
) -> Result<(), Failure> {
    if let Some(key) = &key {
        take(conn, key, user, at).await?;
    }
    let before = diesel::delete(avatars::table.filter(avatars::user_id.eq(user)));
    let before = before.returning(avatars::file_key).get_results(conn).await?;
    loosen(conn, before, at).await?;
    if let Some(key) = key {
        let values = (avatars::user_id.eq(user), avatars::file_key.eq(key.as_str().to_owned()));
        diesel::insert_into(avatars::table).values(values).execute(conn).await?;
    }
    Ok(())
}

async fn avatar(conn: &mut Conn, user: i64) -> Result<Option<FileKey>, Failure> {
    let row = avatars::table.filter(avatars::user_id.eq(user)).select(avatars::file_key);
    Ok(row.first(conn).await.optional()?.map(FileKey::stored))
}

async fn avatars_of(conn: &mut Conn, users: Vec<i64>) -> Result<HashMap<UserId, FileKey>, Failure> {
    let mut found = HashMap::new();
    for users in users.chunks(CHUNK) {
        let rows = avatars::table.filter(avatars::user_id.eq_any(users.to_vec()));
        let rows = rows.select((avatars::user_id, avatars::file_key));
        let rows: Vec<(i64, String)> = rows.load(conn).await?;
        let rows = rows.into_iter();
        found.extend(rows.map(|(user, key)| (UserId::stored(user), FileKey::stored(key))));
    }
    Ok(found)
}

async fn collect(
    conn: &mut Conn,
    at: Instant,
    unused: Instant,
    limit: i64,
) -> Result<Vec<FileKey>, Failure> {
    let waited = attachments::message_id.is_null().and(attachments::created_at.lt(unused));
    let waited = attachments::table.filter(waited).order(attachments::created_at).limit(limit);
    let waited: Vec<i64> = waited.select(attachments::id).load(conn).await?;
    // One that is sent meanwhile stays.
    let unsent = attachments::message_id.is_null().and(attachments::id.eq_any(waited));
    let gone = diesel::delete(attachments::table.filter(unsent));
    let keys = gone.returning(attachments::file_key).get_results(conn).await?;
    loosen(conn, keys, at).await?;
    let due = loose_files::table.filter(loose_files::due_at.le(at));
    let due = due.order((loose_files::due_at, loose_files::file_key)).limit(limit);
    let keys = due.select(loose_files::file_key).load(conn).await?;
    Ok(keys.into_iter().map(FileKey::stored).collect())
}

/// Removes what somebody uploaded but did not send, and their avatar. Uploads in progress lose their
/// owner, so that they can no longer be used and are deleted when they are due.
pub(super) async fn forget_of(conn: &mut Conn, user: i64) -> Result<(), Failure> {
    let coming = diesel::update(loose_files::table.filter(loose_files::owner_id.eq(user)));
    coming.set(loose_files::owner_id.eq(None::<i64>)).execute(conn).await?;
    let unsent = attachments::owner_id.eq(user).and(attachments::message_id.is_null());
    let unsent = diesel::delete(attachments::table.filter(unsent));
    let keys = unsent.returning(attachments::file_key).get_results(conn).await?;
    let_go(conn, keys).await?;
    let shown = diesel::delete(avatars::table.filter(avatars::user_id.eq(user)));
    let keys = shown.returning(avatars::file_key).get_results(conn).await?;
    let_go(conn, keys).await
}

async fn forget(conn: &mut Conn, keys: Vec<String>) -> Result<(), Failure> {
    let gone = loose_files::table.filter(loose_files::file_key.eq_any(keys));
    diesel::delete(gone).execute(conn).await?;
    Ok(())
}
