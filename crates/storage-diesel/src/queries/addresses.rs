//! Chats that are found by something else than their number.

use super::chats::{NewChat, open};
use super::{Conn, Store, heads, lock_users, lookups, membership, people};
use crate::error::Failure;
use crate::rows::{self, ChatRow, Head, MemberRow};
use crate::schema::{chat_heads, chats, members};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::chat::{
    AddressStore, Chat, ChatCursor, ChatKey, ChatKind, ChatRole, Outline, Pair, ProjectChat,
    ProjectSync, RoomName, RoomPage, RoomSummary, Title,
};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, ProjectId, UserId};
use domain::message::Message;
use std::collections::BTreeMap;

#[async_trait]
impl AddressStore for Store {
    async fn open_room(
        &self,
        name: &RoomName,
        by: UserId,
        at: Timestamp,
    ) -> Result<(Chat, bool), StoreError> {
        let new = NewChat {
            kind: ChatKind::Room,
            key: Some(ChatKey::from(name)),
            title: Some(name.title()),
            people: vec![(by, ChatRole::Owner)],
            at: Instant(at),
        };
        Ok(self.db.write(move |conn| Box::pin(open(conn, new))).await?)
    }

    async fn rooms(&self, after: Option<ChatCursor>, limit: usize) -> Result<RoomPage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(rooms(conn, after, limit))).await?)
    }

    async fn put_project(&self, wanted: ProjectChat) -> Result<ProjectSync, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(put_project(conn, wanted))).await?)
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
    ) -> Result<(Chat, bool), StoreError> {
        Ok(self.db.write(move |conn| Box::pin(open_whispers(conn, chat, pair, at))).await?)
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

async fn rooms(
    conn: &mut Conn,
    after: Option<ChatCursor>,
    limit: usize,
) -> Result<RoomPage, Failure> {
    let mut query = chats::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chats::id)))
        .filter(chats::kind.eq(ChatKind::Room.as_str()))
        .select((ChatRow::as_select(), Head::as_select()))
        .into_boxed();
    if let Some(ChatCursor { active_at, chat }) = after {
        let at = Instant(active_at);
        let at_once = chat_heads::active_at.eq(at).and(chat_heads::chat_id.lt(chat.get()));
        query = query.filter(chat_heads::active_at.lt(at).or(at_once));
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

async fn open_whispers(
    conn: &mut Conn,
    chat: ChatId,
    pair: Pair,
    at: Timestamp,
) -> Result<(Chat, bool), Failure> {
    lock_users(conn, pair.people().into_iter().map(UserId::get).collect()).await?;
    // While this is locked nobody goes; the head itself stays as it is.
    heads::lock(conn, chat).await?;
    for user in pair.people() {
        membership::present(conn, chat, user).await?;
    }
    let new = NewChat {
        kind: ChatKind::Whisper(chat),
        key: Some(ChatKey::Whisper(chat, pair)),
        title: None,
        people: pair.people().into_iter().map(|user| (user, ChatRole::Member)).collect(),
        at: Instant(at),
    };
    open(conn, new).await
}

async fn put_project(conn: &mut Conn, wanted: ProjectChat) -> Result<ProjectSync, Failure> {
    let role = |user| match wanted.owner {
        Some(owner) if owner == user => ChatRole::Owner,
        _ => ChatRole::Member,
    };
    let new = NewChat {
        kind: ChatKind::Project(wanted.project),
        key: Some(ChatKey::Project(wanted.project)),
        title: Some(wanted.title.clone()),
        people: wanted.members.iter().map(|user| (*user, role(*user))).collect(),
        at: Instant(wanted.at),
    };
    let (chat, made) = open(conn, new).await?;
    let (joined, changed, left) = (Vec::new(), Vec::new(), Vec::new());
    let sync = ProjectSync { chat, made, renamed: false, joined, changed, left };
    if made { Ok(sync) } else { sync_project(conn, wanted, sync).await }
}

/// Makes a project's chat that was there what it is to be.
async fn sync_project(
    conn: &mut Conn,
    wanted: ProjectChat,
    mut sync: ProjectSync,
) -> Result<ProjectSync, Failure> {
    let (id, at) = (sync.chat.id, Instant(wanted.at));
    let ids: Vec<_> = wanted.members.iter().map(|user| user.get()).collect();
    lock_users(conn, ids.clone()).await?;
    people::exist(conn, ids).await?;
    let mut head = heads::lock(conn, id).await?;
    (sync.chat, sync.renamed) = retitle(conn, &mut head, &wanted.title).await?;
    let present = present_members(conn, id).await?;
    let gone: Vec<_> =
        present.keys().copied().filter(|user| !wanted.members.contains(user)).collect();
    let new = wanted.members.iter().filter(|user| !present.contains_key(user));
    let new: Vec<_> = new.map(|user| (*user, ChatRole::Member)).collect();
    sync.left = membership::take_out(conn, &mut head, &gone, at).await?;
    sync.joined = membership::let_in(conn, &mut head, &new, at).await?;
    if let Some(owner) = wanted.owner {
        for (user, mut row) in present_members(conn, id).await? {
            let role = match (user == owner, row.role == ChatRole::Owner.as_str()) {
                (true, false) => ChatRole::Owner,
                (false, true) => ChatRole::Admin,
                _ => continue,
            };
            role.as_str().clone_into(&mut row.role);
            membership::store(conn, &mut head, &mut row).await?;
            sync.changed.push(membership::named(conn, row).await?);
        }
    }
    heads::store(conn, &head).await?;
    Ok(sync)
}

/// Gives a chat, whose head is locked, that title if it has another, and answers whether it had.
async fn retitle(conn: &mut Conn, head: &mut Head, title: &Title) -> Result<(Chat, bool), Failure> {
    let chat = chats::table.filter(chats::id.eq(head.chat_id));
    let now = chat.select(ChatRow::as_select()).first(conn).await?.headed(head)?;
    if now.title.as_ref() == Some(title) {
        return Ok((now, false));
    }
    head.version += 1;
    let change = (chats::title.eq(title.as_str()), chats::version.eq(head.version));
    let row = diesel::update(chat).set(change).returning(ChatRow::as_returning());
    Ok((row.get_result(conn).await?.headed(head)?, true))
}

async fn present_members(
    conn: &mut Conn,
    chat: ChatId,
) -> Result<BTreeMap<UserId, MemberRow>, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::left_at.is_null());
    let rows = members::table.filter(here).select(MemberRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(|row| (UserId::stored(row.user_id), row)).collect())
}
