//! Who is in which chat.

use super::{Conn, Store, heads, lock_users, people};
use crate::error::Failure;
use crate::rows::{self, Head, MemberRow, PersonRow};
use crate::schema::{chat_heads, chats, members, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::chat::{ChatRole, Member, MemberChange, MemberPage, MemberStore, ReadMarker, Standing};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, UserId, Version};
use std::collections::HashSet;

diesel::alias!(members as companions: Companions);

#[async_trait]
impl MemberStore for Store {
    async fn standing(&self, chat: ChatId, user: UserId) -> Result<Standing, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(standing(conn, chat, user))).await?)
    }

    async fn list(
        &self,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<MemberPage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(list(conn, chat, after, limit))).await?)
    }

    async fn add(
        &self,
        chat: ChatId,
        user: UserId,
        capacity: usize,
        at: Timestamp,
    ) -> Result<MemberChange, StoreError> {
        let (who, at) = ((chat, user), Instant(at));
        Ok(self.db.write(move |conn| Box::pin(add(conn, who, capacity, at))).await?)
    }

    async fn set_role(
        &self,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
    ) -> Result<MemberChange, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(set_role(conn, chat, user, role))).await?)
    }

    async fn hand_over(
        &self,
        chat: ChatId,
        from: UserId,
        to: UserId,
    ) -> Result<[Member; 2], StoreError> {
        Ok(self.db.write(move |conn| Box::pin(hand_over(conn, chat, from, to))).await?)
    }

    async fn remove(
        &self,
        chat: ChatId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Member, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(remove(conn, chat, user, Instant(at)))).await?)
    }

    async fn mark_read(
        &self,
        chat: ChatId,
        user: UserId,
        seq: Seq,
    ) -> Result<ReadMarker, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(mark_read(conn, chat, user, seq))).await?)
    }

    async fn contacts(&self, user: UserId, limit: usize) -> Result<Vec<UserId>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(contacts(conn, user.get(), limit))).await?)
    }

    async fn sharing(&self, user: UserId, others: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let others = others.to_vec();
        Ok(self.db.read(move |conn| Box::pin(sharing(conn, user, others))).await?)
    }
}

async fn standing(conn: &mut Conn, chat: ChatId, user: UserId) -> Result<Standing, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(user.get()));
    let (kind, role, read_seq, head) = members::table
        .inner_join(chats::table.on(chats::id.eq(members::chat_id)))
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(members::chat_id)))
        .filter(here.and(members::left_at.is_null()))
        .select((chats::kind, members::role, members::read_seq, Head::as_select()))
        .first::<(String, String, i64, Head)>(conn)
        .await?;
    Ok(Standing {
        chat,
        kind: rows::chat_kind(&kind)?,
        user,
        role: rows::chat_role(&role)?,
        read_seq: Seq::stored(read_seq),
        closed: head.closed,
        last_seq: Seq::stored(head.last_seq),
        version: head.version(),
    })
}

async fn list(
    conn: &mut Conn,
    chat: ChatId,
    after: Option<UserId>,
    limit: usize,
) -> Result<MemberPage, Failure> {
    let after = members::user_id.gt(after.map_or(0, UserId::get));
    let rows = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::chat_id.eq(chat.get()).and(after).and(members::left_at.is_null()))
        .order(members::user_id)
        .limit(rows::one_more(limit))
        .select((MemberRow::as_select(), PersonRow::as_select()))
        .load::<(MemberRow, PersonRow)>(conn)
        .await?;
    let mut members =
        rows.into_iter().map(|(row, who)| row.named(who)).collect::<Result<Vec<_>, _>>()?;
    let more = rows::cut(&mut members, limit);
    Ok(MemberPage { members, more })
}

/// The row of somebody who is in the chat or was.
pub(super) async fn find(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
) -> Result<Option<MemberRow>, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(user.get()));
    let row = members::table.filter(here).select(MemberRow::as_select());
    Ok(row.first(conn).await.optional()?)
}

/// The row of somebody who is in the chat, whose head is locked.
async fn present(conn: &mut Conn, chat: ChatId, user: UserId) -> Result<MemberRow, Failure> {
    let row = find(conn, chat, user).await?.filter(|row| row.left_at.is_none());
    row.ok_or(Failure::NOT_FOUND)
}

/// Stores a member as the chat's next version.
pub(super) async fn store(
    conn: &mut Conn,
    head: &mut Head,
    row: &mut MemberRow,
) -> Result<(), Failure> {
    head.version += 1;
    row.version = head.version;
    let change = (
        members::role.eq(&row.role),
        members::joined_at.eq(row.joined_at),
        members::left_at.eq(row.left_at),
        members::read_seq.eq(row.read_seq),
        members::version.eq(row.version),
    );
    let here = members::chat_id.eq(row.chat_id).and(members::user_id.eq(row.user_id));
    diesel::update(members::table.filter(here)).set(change).execute(conn).await?;
    Ok(())
}

pub(super) async fn named(conn: &mut Conn, row: MemberRow) -> Result<Member, Failure> {
    let person = people::person(conn, row.user_id).await?;
    row.named(person)
}

async fn add(
    conn: &mut Conn,
    (chat, user): (ChatId, UserId),
    capacity: usize,
    at: Instant,
) -> Result<MemberChange, Failure> {
    // Whoever deletes the account comes before or after this.
    lock_users(conn, vec![user.get()]).await?;
    let mut head = heads::lock(conn, chat).await?;
    let there = find(conn, chat, user).await?;
    if there.as_ref().is_some_and(|row| row.left_at.is_none()) {
        return Ok(None);
    }
    people::exist(conn, vec![user.get()]).await?;
    if head.member_count >= i64::try_from(capacity).unwrap_or(i64::MAX) {
        return Err(Failure::CONFLICT);
    }
    let mut row = MemberRow {
        chat_id: chat.get(),
        user_id: user.get(),
        role: ChatRole::Member.as_str().to_owned(),
        joined_at: at,
        left_at: None,
        read_seq: head.last_seq,
        version: head.version + 1,
    };
    if there.is_some() {
        store(conn, &mut head, &mut row).await?;
    } else {
        head.version += 1;
        diesel::insert_into(members::table).values(row.clone()).execute(conn).await?;
    }
    head.member_count += 1;
    heads::store(conn, &head).await?;
    named(conn, row).await.map(Some)
}

async fn set_role(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
    role: ChatRole,
) -> Result<MemberChange, Failure> {
    let mut head = heads::lock(conn, chat).await?;
    let mut row = present(conn, chat, user).await?;
    if row.role == role.as_str() {
        return Ok(None);
    }
    role.as_str().clone_into(&mut row.role);
    store(conn, &mut head, &mut row).await?;
    heads::store(conn, &head).await?;
    named(conn, row).await.map(Some)
}

async fn hand_over(
    conn: &mut Conn,
    chat: ChatId,
    from: UserId,
    to: UserId,
) -> Result<[Member; 2], Failure> {
    let mut head = heads::lock(conn, chat).await?;
    let (mut owner, mut heir) = (present(conn, chat, from).await?, present(conn, chat, to).await?);
    // Handing over to oneself would leave the chat without an owner.
    if owner.role != ChatRole::Owner.as_str() || from == to {
        return Err(Failure::CONFLICT);
    }
    ChatRole::Owner.as_str().clone_into(&mut heir.role);
    ChatRole::Admin.as_str().clone_into(&mut owner.role);
    store(conn, &mut head, &mut heir).await?;
    store(conn, &mut head, &mut owner).await?;
    heads::store(conn, &head).await?;
    Ok([named(conn, heir).await?, named(conn, owner).await?])
}

async fn remove(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
    at: Instant,
) -> Result<Member, Failure> {
    let mut head = heads::lock(conn, chat).await?;
    let mut row = present(conn, chat, user).await?;
    row.left_at = Some(at);
    store(conn, &mut head, &mut row).await?;
    head.member_count -= 1;
    heads::store(conn, &head).await?;
    named(conn, row).await
}

async fn mark_read(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
    seq: Seq,
) -> Result<ReadMarker, Failure> {
    let mut head = heads::lock(conn, chat).await?;
    let mut row = present(conn, chat, user).await?;
    if seq.get() <= row.read_seq {
        return Ok(ReadMarker { seq: Seq::stored(row.read_seq), moved: None });
    }
    if seq.get() > head.last_seq {
        return Err(Failure::CONFLICT);
    }
    row.read_seq = seq.get();
    store(conn, &mut head, &mut row).await?;
    heads::store(conn, &head).await?;
    Ok(ReadMarker { seq, moved: Some(Version::stored(row.version)) })
}

async fn contacts(conn: &mut Conn, user: i64, limit: usize) -> Result<Vec<UserId>, Failure> {
    let other = companions.field(members::user_id);
    let ids = members::table
        .inner_join(companions.on(companions.field(members::chat_id).eq(members::chat_id)))
        .filter(members::user_id.eq(user).and(members::left_at.is_null()))
        .filter(other.ne(user).and(companions.field(members::left_at).is_null()))
        .select(other)
        .distinct()
        .order(other)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .load::<i64>(conn)
        .await?;
    Ok(ids.into_iter().map(UserId::stored).collect())
}

async fn sharing(
    conn: &mut Conn,
    user: UserId,
    wanted: Vec<UserId>,
) -> Result<Vec<UserId>, Failure> {
    let other = companions.field(members::user_id);
    let mut found = HashSet::from([user.get()]);
    for ids in wanted.chunks(1000) {
        let ids: Vec<_> = ids.iter().map(|id| id.get()).collect();
        let shared = members::table
            .inner_join(companions.on(companions.field(members::chat_id).eq(members::chat_id)))
            .filter(members::user_id.eq(user.get()).and(members::left_at.is_null()))
            .filter(other.eq_any(ids).and(companions.field(members::left_at).is_null()))
            .select(other)
            .distinct()
            .load::<i64>(conn)
            .await?;
        found.extend(shared);
    }
    Ok(wanted.into_iter().filter(|id| found.contains(&id.get())).collect())
}
