//! Chats that are found by something else than their id: rooms, projects, whispers, and a host's external ids.

use super::chats::{NewChat, open};
use super::columns::Columns;
use super::{
    Conn, Store, admin, heads, lock_users, lookups, managed, membership, silences, writers,
};
use crate::error::Failure;
use crate::rows::{self, ChatRow, Head};
use crate::schema::{chat_heads, chats, members};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use domain::admin::Record;
use domain::chat::{
    AddressStore, Chat, ChatCursor, ChatKey, ChatKind, ChatRole, DeletedChat, ManagedChat,
    ManagedRefusal, ManagedSync, Outline, Pair, Permissions, Restriction, RoomName, RoomPage,
    RoomSummary, Title, Writer, rules,
};
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, ProjectId, UserId};
use domain::message::Message;

#[async_trait]
impl AddressStore for Store {
    async fn open_room(
        &self,
        name: &RoomName,
        by: (UserId, ChatRole),
        at: Timestamp,
    ) -> Result<(Chat, bool), StoreError> {
        let new = NewChat {
            kind: ChatKind::Room,
            key: Some(ChatKey::from(name)),
            title: Some(name.title()),
            people: vec![by],
            open: false,
            permissions: Permissions::default(),
            external_id: None,
            data: None,
            at: Instant(at),
        };
        Ok(self.db.write(move |conn| Box::pin(open(conn, new))).await?)
    }

    async fn rooms(
        &self,
        after: Option<ChatCursor>,
        limit: usize,
        member: Option<UserId>,
    ) -> Result<RoomPage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(rooms(conn, after, limit, member))).await?)
    }

    async fn put_managed(
        &self,
        wanted: ManagedChat,
    ) -> Result<ManagedSync, WriteError<ManagedRefusal>> {
        let put = self.db.write(move |conn| Box::pin(managed::put(conn, wanted))).await;
        put.map_err(StoreError::from)?.map_err(WriteError::Refused)
    }

    async fn delete_project(
        &self,
        project: ProjectId,
        record: Record,
    ) -> Result<DeletedChat, StoreError> {
        let delete = self.db.write(move |conn| {
            Box::pin(async move {
                let chat = lookups::keyed(conn, ChatKey::Project(project)).await?;
                admin::delete_chat(conn, chat, record).await
            })
        });
        Ok(delete.await?)
    }

    async fn project(&self, project: ProjectId) -> Result<ChatId, StoreError> {
        Ok(self
            .db
            .read(move |conn| Box::pin(lookups::keyed(conn, ChatKey::Project(project))))
            .await?)
    }

    async fn open_whispers(
        &self,
        chat: ChatId,
        pair: Pair,
        at: Timestamp,
    ) -> Result<(Chat, bool), WriteError<Restriction>> {
        let opened = self.db.write(move |conn| Box::pin(open_whispers(conn, chat, pair, at)));
        opened.await.map_err(StoreError::from)?.map_err(WriteError::Refused)
    }

    async fn find(&self, key: ChatKey) -> Result<ChatId, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(lookups::keyed(conn, key))).await?)
    }

    async fn whispers(
        &self,
        chat: ChatId,
        user: UserId,
    ) -> Result<Vec<(ChatId, UserId)>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(lookups::whispers(conn, chat, user))).await?)
    }

    async fn written(&self, author: UserId, limit: usize) -> Result<Vec<ChatId>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(writers::chats(conn, author, limit))).await?)
    }

    async fn writers(
        &self,
        chats: &[ChatId],
        viewer: UserId,
        newest: usize,
    ) -> Result<Vec<Writer>, StoreError> {
        let chats = chats.to_vec();
        Ok(self.db.read(move |conn| Box::pin(writers::of(conn, chats, viewer, newest))).await?)
    }

    async fn outline(&self, chat: ChatId) -> Result<Outline, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(lookups::outline(conn, chat))).await?)
    }

    async fn last_said(
        &self,
        rooms: &[ChatId],
        viewer: UserId,
        now: Timestamp,
    ) -> Result<Vec<Message>, StoreError> {
        let (rooms, now) = (rooms.to_vec(), Instant(now));
        Ok(self.db.read(move |conn| Box::pin(lookups::last_said(conn, rooms, viewer, now))).await?)
    }
}

/// In the words of the index of rooms: a plan for every value of a parameter could not use it.
const IS_ROOM: &str = "chats.kind = 'room'";

async fn rooms(
    conn: &mut Conn,
    after: Option<ChatCursor>,
    limit: usize,
    member: Option<UserId>,
) -> Result<RoomPage, Failure> {
    let mut query = chats::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chats::id)))
        .filter(sql::<Bool>(IS_ROOM))
        .select((ChatRow::as_select(), Head::as_select()))
        .into_boxed();
    if let Some(ChatCursor { active_at, chat }) = after {
        let at = Instant(active_at);
        let at_once = chat_heads::active_at.eq(at).and(chat_heads::chat_id.lt(chat.get()));
        query = query.filter(chat_heads::active_at.lt(at).or(at_once));
    }
    if let Some(member) = member {
        let present = members::user_id.eq(member.get()).and(members::left_at.is_null());
        let theirs = members::table.filter(present).select(members::chat_id);
        query = query.filter(chats::id.eq_any(theirs));
    }
    let order = (chat_heads::active_at.desc(), chat_heads::chat_id.desc());
    let query = query.order(order).limit(rows::one_more(limit));
    let mut found = query.load::<(ChatRow, Head)>(conn).await?;
    let more = rows::cut(&mut found, limit);
    let rooms = found.into_iter().map(|(row, head)| {
        let chat = row.headed(&head)?;
        Ok(RoomSummary {
            id: chat.id,
            name: chat.title.as_ref().map_or_else(String::new, Title::to_string),
            created_at: chat.created_at,
            active_at: head.active_at.0,
            member_count: head.member_count,
        })
    });
    Ok(RoomPage { rooms: rooms.collect::<Result<_, Failure>>()?, more })
}

/// Opens the whispers of two members. `NotFound` if either is not a member. The accounts are locked before
/// the chat, as everywhere.
async fn open_whispers(
    conn: &mut Conn,
    chat: ChatId,
    pair: Pair,
    at: Timestamp,
) -> Result<Result<(Chat, bool), Restriction>, Failure> {
    lock_users(conn, pair.people().into_iter().map(UserId::get).collect()).await?;
    // While this is locked nobody goes; the head itself stays as it is.
    let around = heads::lock(conn, chat).await?;
    if let Err(restriction) = rules::lets_whisper(around.permissions.0) {
        return Ok(Err(restriction));
    }
    let mut rows = Vec::new();
    for user in pair.people() {
        rows.push(membership::present(shared!(conn), chat, user).await?);
    }
    let new = NewChat {
        kind: ChatKind::Whisper(chat),
        key: Some(ChatKey::Whisper(chat, pair)),
        title: None,
        people: pair.people().into_iter().map(|user| (user, ChatRole::Member)).collect(),
        open: false,
        permissions: Permissions::default(),
        external_id: None,
        data: None,
        at: Instant(at),
    };
    let (whispers, made) = open(conn, new).await?;
    if made {
        silences::carry(conn, whispers.id, &rows).await?;
    }
    Ok(Ok((whispers, made)))
}
