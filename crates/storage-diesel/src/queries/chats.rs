//! Chats.

use super::{Conn, Store, changes, closings, dress, heads, index, lock_users, people, views};
use crate::batch::Batch;
use crate::error::Failure;
use crate::rows::{ChatRow, Head, MemberRow};
use crate::schema::{chat_heads, chats, members, messages};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::chat::{
    Changes, Chat, ChatCursor, ChatKind, ChatPage, ChatRole, ChatStore, ChatView, NewGroup, Pair,
    Title,
};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId, Version};

#[async_trait]
impl ChatStore for Store {
    async fn open_direct(&self, pair: Pair, at: Timestamp) -> Result<(Chat, bool), StoreError> {
        Ok(self.db.write(move |conn| Box::pin(open_direct(conn, pair, Instant(at)))).await?)
    }

    async fn create_group(&self, group: NewGroup) -> Result<Chat, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(create_group(conn, group))).await?)
    }

    async fn set_title(&self, chat: ChatId, title: Title) -> Result<Chat, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(set_title(conn, chat, title))).await?)
    }

    async fn delete(&self, chat: ChatId) -> Result<(), StoreError> {
        Ok(self.db.write(move |conn| Box::pin(delete(conn, chat))).await.map(drop)?)
    }

    async fn view(&self, chat: ChatId, viewer: UserId) -> Result<ChatView, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(views::one(conn, chat, viewer))).await?)
    }

    async fn list(
        &self,
        viewer: UserId,
        after: Option<ChatCursor>,
        limit: usize,
    ) -> Result<ChatPage, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(views::list(conn, viewer, after, limit))).await?)
    }

    async fn versions(&self, viewer: UserId) -> Result<Vec<(ChatId, Version)>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(versions(conn, viewer.get()))).await?)
    }

    async fn changes(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(changes::since(conn, chat, since, limit))).await?)
    }
}

async fn open_direct(conn: &mut Conn, pair: Pair, at: Instant) -> Result<(Chat, bool), Failure> {
    if let Some(chat) = direct(conn, pair).await? {
        return Ok((chat, false));
    }
    let ids: Vec<_> = pair.people().into_iter().map(UserId::get).collect();
    // Whoever blocks, disables or deletes one of them comes before or after this.
    lock_users(conn, ids.clone()).await?;
    people::exist(conn, ids.clone()).await?;
    if closings::would_close(conn, pair).await? {
        return Err(Failure::CONFLICT);
    }
    let key = pair.to_string();
    let values = (
        chats::kind.eq(ChatKind::Direct.as_str()),
        chats::direct_key.eq(&key),
        chats::created_at.eq(at),
        chats::version.eq(1),
    );
    loop {
        // Of several at once the others wait here for the first, and then find its chat below.
        let insert = diesel::insert_into(chats::table).values(values).on_conflict_do_nothing();
        let made = insert.returning(ChatRow::as_returning()).get_result(conn).await.optional()?;
        if let Some(row) = made {
            let people = ids.into_iter().map(|id| (id, ChatRole::Member)).collect();
            fill(conn, row.id, people, at).await?;
            return Ok((row.try_into()?, true));
        }
        if let Some(chat) = direct(conn, pair).await? {
            return Ok((chat, false));
        }
    }
}

/// The direct chat of two people, if it is there. `Conflict` if it is closed.
async fn direct(conn: &mut Conn, pair: Pair) -> Result<Option<Chat>, Failure> {
    let there = chats::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chats::id)))
        .filter(chats::direct_key.eq(pair.to_string()))
        .select((ChatRow::as_select(), chat_heads::closed));
    match there.first::<(ChatRow, bool)>(conn).await.optional()? {
        Some((_, true)) => Err(Failure::CONFLICT),
        Some((row, false)) => Ok(Some(row.try_into()?)),
        None => Ok(None),
    }
}

async fn create_group(conn: &mut Conn, group: NewGroup) -> Result<Chat, Failure> {
    let at = Instant(group.created_at);
    let mut roles = vec![(group.owner.get(), ChatRole::Owner)];
    roles.extend(group.members.iter().map(|id| (id.get(), ChatRole::Member)));
    let ids: Vec<_> = roles.iter().map(|(id, _)| *id).collect();
    lock_users(conn, ids.clone()).await?;
    people::exist(conn, ids).await?;
    let values = (
        chats::kind.eq(ChatKind::Group.as_str()),
        chats::title.eq(group.title.as_str()),
        chats::created_at.eq(at),
        chats::version.eq(1),
    );
    let insert = diesel::insert_into(chats::table).values(values);
    let row: ChatRow = insert.returning(ChatRow::as_returning()).get_result(conn).await?;
    fill(conn, row.id, roles, at).await?;
    row.try_into()
}

/// The head and the first members of a new chat.
async fn fill(
    conn: &mut Conn,
    chat_id: i64,
    people: Vec<(i64, ChatRole)>,
    at: Instant,
) -> Result<(), Failure> {
    let member_count = i64::try_from(people.len()).unwrap_or(i64::MAX);
    let head =
        Head { chat_id, last_seq: 0, version: 1, active_at: at, member_count, closed: false };
    diesel::insert_into(chat_heads::table).values(&head).execute(conn).await?;
    let rows = people.into_iter().map(|(user_id, role)| MemberRow {
        chat_id,
        user_id,
        role: role.as_str().to_owned(),
        joined_at: at,
        left_at: None,
        read_seq: 0,
        version: 1,
    });
    diesel::insert_into(members::table).values(Batch(rows.collect())).execute(conn).await?;
    Ok(())
}

async fn set_title(conn: &mut Conn, chat: ChatId, title: Title) -> Result<Chat, Failure> {
    let mut head = heads::lock(conn, chat).await?;
    head.version += 1;
    heads::store(conn, &head).await?;
    let change = (chats::title.eq(title.as_str()), chats::version.eq(head.version));
    let update = diesel::update(chats::table.filter(chats::id.eq(chat.get()))).set(change);
    update.returning(ChatRow::as_returning()).get_result(conn).await?.try_into()
}

/// Deletes a chat with all that is in it, and answers what it was.
pub(super) async fn delete(conn: &mut Conn, chat: ChatId) -> Result<Chat, Failure> {
    heads::lock(conn, chat).await?;
    dress::strip_chat(conn, chat).await?;
    index::remove_chat(conn, chat.get()).await?;
    // The rest would follow by itself, but row by row.
    let said = messages::table.filter(messages::chat_id.eq(chat.get()));
    diesel::delete(said).execute(conn).await?;
    let delete = diesel::delete(chats::table.filter(chats::id.eq(chat.get())));
    delete.returning(ChatRow::as_returning()).get_result(conn).await?.try_into()
}

async fn versions(conn: &mut Conn, viewer: i64) -> Result<Vec<(ChatId, Version)>, Failure> {
    let rows = members::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(members::chat_id)))
        .filter(members::user_id.eq(viewer).and(members::left_at.is_null()))
        .order(members::chat_id)
        .select((members::chat_id, chat_heads::version))
        .load::<(i64, i64)>(conn)
        .await?;
    let stored = |(chat, version)| (ChatId::stored(chat), Version::stored(version));
    Ok(rows.into_iter().map(stored).collect())
}
