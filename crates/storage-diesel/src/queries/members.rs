//! Members of chats: adding, changing and removing them, and their read markers.

use super::columns::Columns;
use super::markers::Marking;
use super::transactions::Locks;
use super::{
    Conn, Store, audit, bans, chats_from_outside, consent, heads, lock_users, lookups, membership,
    memberships, standing, ties,
};
use crate::error::Failure;
use crate::rows::{self, MemberRow, PersonRow};
use crate::schema::{chat_heads, members, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{
    ChangedMembers, ChatFacts, Horizons, JoinError, JoinFacts, JoinRefusal, Joining, MarkerMove,
    Member, MemberPage, MemberStore, Membership, Moved, ReadMarker, Reader, RemoveMember,
    RemoveMemberError, RemoveMemberFacts, RemoveMemberRefusal, SetMember, SetMemberError,
    SetMemberFacts, SetMemberRefusal, Standing, Target, Wishes, move_marker,
};
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, Seq, UserId};

diesel::alias!(members as companions: Companions);

/// The rules' decision, with what changed.
type Verdict<R> = Result<ChangedMembers, R>;

#[async_trait]
impl MemberStore for Store {
    async fn standing(&self, chat: ChatId, user: UserId) -> Result<Standing, StoreError> {
        Ok(self
            .db
            .read(move |conn| {
                Box::pin(async move { standing::of(shared!(conn), chat, user).await })
            })
            .await?)
    }

    async fn facts(&self, chat: ChatId) -> Result<ChatFacts, StoreError> {
        let facts = self.db.snapshot(move |conn| Box::pin(chats_from_outside::facts(conn, chat)));
        Ok(facts.await?)
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

    async fn add(&self, joining: Joining) -> Result<ChangedMembers, JoinError> {
        let locks = Locks::from(joining.chat).with(joining.user);
        self.db.decide(locks, move |conn| Box::pin(add(conn, joining))).await
    }

    async fn set(&self, wanted: SetMember) -> Result<ChangedMembers, SetMemberError> {
        let locks = Locks::from(wanted.chat).with(wanted.user);
        self.db.decide(locks, move |conn| Box::pin(set(conn, wanted))).await
    }

    async fn remove(&self, wanted: RemoveMember) -> Result<ChangedMembers, RemoveMemberError> {
        self.db.decide(wanted.chat, move |conn| Box::pin(remove(conn, wanted))).await
    }

    async fn mark_read(
        &self,
        chat: ChatId,
        user: UserId,
        seq: Seq,
    ) -> Result<ReadMarker, StoreError> {
        let there = self.standing(chat, user).await?;
        let how = move_marker(Reader::from(&there), seq).ok_or(StoreError::Conflict)?;
        let marking = Marking::new(&there, seq, how);
        let marked = match how {
            MarkerMove::Stay => {
                let (seq, closed) = (there.read_seq, there.closed);
                return Ok(ReadMarker { seq, moved: Moved::Not, closed });
            }
            // It takes no place among the changes of the chat, since others see none.
            MarkerMove::Alone => self.markers.submit_apart(&self.db, marking).await,
            MarkerMove::Share => self.markers.submit(&self.db, marking).await,
        };
        marked.map_err(|error| match error {
            WriteError::Refused(error) | WriteError::Store(error) => error,
        })
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
        Ok(self.db.read(move |conn| Box::pin(ties::sharing(conn, user, others, false))).await?)
    }

    async fn horizons(&self, chat: ChatId, of: Option<UserId>) -> Result<Horizons, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(memberships::horizons(conn, chat, of))).await?)
    }

    async fn memberships(&self, people: &[UserId]) -> Result<Vec<Membership>, StoreError> {
        let people = people.to_vec();
        Ok(self.db.read(move |conn| Box::pin(memberships::of(conn, people))).await?)
    }
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

async fn add(conn: &mut Conn, joining: Joining) -> Result<Verdict<JoinRefusal>, Failure> {
    let Joining { chat, user, at, .. } = joining;
    // With the account locked, its deletion happens before or after this.
    lock_users(conn, vec![user.get()]).await?;
    let found = membership::lock(conn, chat, &[user]).await?;
    let mut found = found.ok_or(Failure::NOT_FOUND)?;
    let target = found.target(user)?;
    if target == Target::default() {
        return Err(Failure::NOT_FOUND);
    }
    let present = target.role.is_some();
    let ban = if present { None } else { bans::of(conn, chat, user).await? };
    let facts = JoinFacts { present, members: found.head.members(), ban: ban.as_ref() };
    match joining.decide(facts) {
        Ok(changes) => membership::apply(conn, &mut found, &changes, Instant(at)).await.map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    }
}

async fn set(conn: &mut Conn, wanted: SetMember) -> Result<Verdict<SetMemberRefusal>, Failure> {
    let SetMember { chat, actor, user, at, .. } = wanted;
    lock_users(conn, vec![user.get()]).await?;
    let Some(head) = heads::find(shared!(conn), chat).await? else {
        return Ok(Err(SetMemberRefusal::ChatNotFound));
    };
    let owner = if wanted.needs_owner() { membership::owner(conn, chat).await? } else { None };
    let people: Vec<_> = [actor.user(), user].into_iter().chain(owner).collect();
    let mut found = membership::find(conn, head, &people).await?;
    let target = found.target(user)?;
    // Bans and wishes matter only for somebody who is not a member yet.
    let (mut ban, mut wishes) = (None, Wishes::default());
    if target.role.is_none() {
        ban = bans::of(conn, chat, user).await?;
        wishes = consent::wishes(conn, (actor.user(), user), found.left_freely_at(user)).await?;
    }
    let (actor, members) = (found.actor(actor)?, found.head.members());
    let facts = SetMemberFacts { actor, target, members, ban: ban.as_ref(), wishes, owner };
    let changes = match wanted.decide(facts) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !changes.is_empty() {
        audit::note(conn, chat.get(), wanted.record()).await?;
    }
    membership::apply(conn, &mut found, &changes, Instant(at)).await.map(Ok)
}

async fn remove(
    conn: &mut Conn,
    wanted: RemoveMember,
) -> Result<Verdict<RemoveMemberRefusal>, Failure> {
    let RemoveMember { chat, actor, user, at } = wanted;
    let Some(mut found) = membership::lock(conn, chat, &[actor.user(), user]).await? else {
        return Ok(Err(RemoveMemberRefusal::ChatNotFound));
    };
    let (actor, target) = (found.actor(actor)?, found.target(user)?.role);
    let changes = match wanted.decide(RemoveMemberFacts { actor, target }) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    audit::note(conn, chat.get(), wanted.record()).await?;
    membership::apply(conn, &mut found, &changes, Instant(at)).await.map(Ok)
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
        .filter(chat_heads::member_count.le(rows::number(crowd)))
        .select(other)
        .distinct()
        .order(other)
        .limit(rows::number(limit))
        .load::<i64>(conn)
        .await?;
    Ok(ids.into_iter().map(UserId::stored).collect())
}
