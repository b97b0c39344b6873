//! Who is in which chat.

use super::{Conn, Store, bans, heads, lock_users, lookups, membership, memberships, people};
use crate::error::Failure;
use crate::rows::{self, Head, MemberRow, PersonRow};
use crate::schema::{chat_heads, chats, members, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::chat::{
    ChatRole, JoinError, JoinRefusal, Joined, Joining, Member, MemberChange, MemberPage,
    MemberStore, Membership, ReadMarker, Standing, rules,
};
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

    async fn together(
        &self,
        chats: &[ChatId],
        viewer: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let chats: Vec<_> = chats.iter().map(|chat| chat.get()).collect();
        let found = self.db.read(move |conn| {
            Box::pin(async move { lookups::together(conn, chats, viewer, limit).await })
        });
        Ok(found.await?)
    }

    async fn add(&self, joining: Joining) -> Result<Option<Joined>, JoinError> {
        let added = self.db.write(move |conn| Box::pin(add(conn, joining))).await;
        Ok(added.map_err(StoreError::from)??)
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
    ) -> Result<Vec<Member>, StoreError> {
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

    async fn contacts(
        &self,
        user: UserId,
        crowd: usize,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(contacts(conn, user, crowd, limit))).await?)
    }

    async fn sharing(&self, user: UserId, others: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let others = others.to_vec();
        Ok(self.db.read(move |conn| Box::pin(sharing(conn, user, others))).await?)
    }

    async fn memberships(&self, people: &[UserId]) -> Result<Vec<Membership>, StoreError> {
        let people = people.to_vec();
        Ok(self.db.read(move |conn| Box::pin(memberships::of(conn, people))).await?)
    }
}

async fn standing(conn: &mut Conn, chat: ChatId, user: UserId) -> Result<Standing, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(user.get()));
    let ((word, project, parent), role, read_seq, head) = members::table
        .inner_join(chats::table.on(chats::id.eq(members::chat_id)))
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(members::chat_id)))
        .filter(here.and(members::left_at.is_null()))
        .select((
            (chats::kind, chats::project_id, chats::parent_id),
            members::role,
            members::read_seq,
            Head::as_select(),
        ))
        .first::<((String, Option<i64>, Option<i64>), String, i64, Head)>(conn)
        .await?;
    Ok(Standing {
        chat,
        kind: rows::chat_kind(&word, project, parent)?,
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

/// Lets somebody in if the rules do.
async fn add(
    conn: &mut Conn,
    joining: Joining,
) -> Result<Result<Option<Joined>, JoinRefusal>, Failure> {
    let Joining { chat, user, role, capacity, at } = joining;
    // Whoever deletes the account comes before or after this.
    lock_users(conn, vec![user.get()]).await?;
    let mut head = heads::lock(conn, chat).await?;
    if membership::find(conn, chat, user).await?.is_some_and(|row| row.left_at.is_none()) {
        return Ok(Ok(None));
    }
    people::exist(conn, vec![user.get()]).await?;
    let ban = bans::of(conn, chat, user).await?;
    let members = usize::try_from(head.member_count).unwrap_or(usize::MAX);
    if let Err(refusal) = rules::may_join(members, capacity, ban.as_ref(), at) {
        return Ok(Err(refusal));
    }
    let mut joined = membership::let_in(conn, &mut head, &[(user, role)], Instant(at)).await?;
    heads::store(conn, &head).await?;
    let member = joined.remove(0);
    Ok(Ok(Some(Joined { member, whispers: joined })))
}

async fn set_role(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
    role: ChatRole,
) -> Result<MemberChange, Failure> {
    let mut head = heads::lock(conn, chat).await?;
    let mut row = membership::present(conn, chat, user).await?;
    if row.role == role.as_str() {
        return Ok(None);
    }
    if row.role == ChatRole::Owner.as_str() {
        return Err(Failure::CONFLICT);
    }
    role.as_str().clone_into(&mut row.role);
    membership::store(conn, &mut head, &mut row).await?;
    heads::store(conn, &head).await?;
    membership::named(conn, row).await.map(Some)
}

async fn hand_over(
    conn: &mut Conn,
    chat: ChatId,
    from: UserId,
    to: UserId,
) -> Result<[Member; 2], Failure> {
    let mut head = heads::lock(conn, chat).await?;
    let (mut owner, mut heir) =
        (membership::present(conn, chat, from).await?, membership::present(conn, chat, to).await?);
    // Handing over to oneself would leave the chat without an owner.
    if owner.role != ChatRole::Owner.as_str() || from == to {
        return Err(Failure::CONFLICT);
    }
    ChatRole::Owner.as_str().clone_into(&mut heir.role);
    ChatRole::Admin.as_str().clone_into(&mut owner.role);
    membership::store(conn, &mut head, &mut heir).await?;
    membership::store(conn, &mut head, &mut owner).await?;
    heads::store(conn, &head).await?;
    Ok([membership::named(conn, heir).await?, membership::named(conn, owner).await?])
}

async fn remove(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
    at: Instant,
) -> Result<Vec<Member>, Failure> {
    let mut head = heads::lock(conn, chat).await?;
    let member = membership::present(conn, chat, user).await?;
    membership::spare(conn, &member).await?;
    let left = membership::take_out(conn, &mut head, &[user], at).await?;
    heads::store(conn, &head).await?;
    Ok(left)
}

async fn mark_read(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
    seq: Seq,
) -> Result<ReadMarker, Failure> {
    let mut head = heads::lock(conn, chat).await?;
    let mut row = membership::present(conn, chat, user).await?;
    if seq.get() <= row.read_seq {
        return Ok(ReadMarker { seq: Seq::stored(row.read_seq), moved: None });
    }
    if seq.get() > head.last_seq {
        return Err(Failure::CONFLICT);
    }
    row.read_seq = seq.get();
    membership::store(conn, &mut head, &mut row).await?;
    heads::store(conn, &head).await?;
    Ok(ReadMarker { seq, moved: Some(Version::stored(row.version)) })
}

async fn contacts(
    conn: &mut Conn,
    user: UserId,
    crowd: usize,
    limit: usize,
) -> Result<Vec<UserId>, Failure> {
    let (user, other) = (user.get(), companions.field(members::user_id));
    let ids = members::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(members::chat_id)))
        .inner_join(companions.on(companions.field(members::chat_id).eq(members::chat_id)))
        .filter(members::user_id.eq(user).and(members::left_at.is_null()))
        .filter(other.ne(user).and(companions.field(members::left_at).is_null()))
        .filter(chat_heads::member_count.le(i64::try_from(crowd).unwrap_or(i64::MAX)))
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
