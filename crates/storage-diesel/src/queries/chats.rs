//! Chats.

use super::columns::Columns;
use super::{
    Conn, Store, audit, blocks, changes, chat_list, chats_from_outside, deleted_chats,
    direct_chat_state, heads, lock_heads, lock_users, membership, people, standing, writers,
};
use crate::error::Failure;
use crate::rows::{self, ChatRow, Head, MemberRow};
use crate::schema::{chat_heads, chats, members};
use crate::types::{Instant, Permitted};
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{AsChangeset, BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{
    AllChats, ChangeSettings, Changes, Chat, ChatActor, ChatKey, ChatKind, ChatPage, ChatQuery,
    ChatRole, ChatSettings, ChatStore, ChatView, DeleteChat, DeleteError, DeleteRefusal, Followed,
    NewGroup, Pair, Permissions, Preferences, PreferencesUpdate, SettingsError, SettingsRefusal,
    Standing, Title, rules,
};
use domain::clock::Timestamp;
use domain::data::Data;
use domain::failure::StoreError;
use domain::host::{ExternalId, Issuer};
use domain::ids::{ChatId, ProjectId, UserId, Version};

#[async_trait]
impl ChatStore for Store {
    async fn open_direct(&self, pair: Pair, at: Timestamp) -> Result<(Chat, bool), StoreError> {
        Ok(self.db.write(move |conn| Box::pin(open_direct(conn, pair, Instant(at)))).await?)
    }

    async fn create_group(&self, group: NewGroup) -> Result<Chat, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(create_group(conn, group))).await?)
    }

    async fn update(&self, wanted: ChangeSettings) -> Result<Option<Chat>, SettingsError> {
        self.db.decide(wanted.chat, move |conn| Box::pin(update(conn, wanted))).await
    }

    async fn delete(&self, wanted: DeleteChat) -> Result<Vec<ChatId>, DeleteError> {
        self.db.decide(wanted.chat, move |conn| Box::pin(delete_as(conn, wanted))).await
    }

    async fn erase_deleted(&self, limit: usize) -> Result<usize, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(deleted_chats::erase(conn, limit))).await?)
    }

    async fn view(&self, chat: ChatId, viewer: UserId) -> Result<ChatView, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(chat_list::one(conn, chat, viewer))).await?)
    }

    async fn list(&self, viewer: UserId, query: ChatQuery) -> Result<ChatPage, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(chat_list::list(conn, viewer, query))).await?)
    }

    async fn view_from_outside(&self, chat: ChatId) -> Result<ChatView, StoreError> {
        let view = self.db.snapshot(move |conn| Box::pin(chats_from_outside::one(conn, chat)));
        Ok(view.await?)
    }

    async fn all(&self, query: AllChats) -> Result<ChatPage, StoreError> {
        let all = self.db.snapshot(move |conn| Box::pin(chats_from_outside::all(conn, query)));
        Ok(all.await?)
    }

    async fn set_preferences(
        &self,
        chat: ChatId,
        member: UserId,
        wanted: PreferencesUpdate,
    ) -> Result<Preferences, StoreError> {
        let set = self
            .db
            .write_in(chat, move |conn| Box::pin(set_preferences(conn, chat, member, wanted)));
        Ok(set.await?)
    }

    async fn followed(&self, viewer: UserId) -> Result<Vec<Followed>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(followed(conn, viewer.get()))).await?)
    }

    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Version)>, StoreError> {
        let chats = chats.to_vec();
        Ok(self.db.read(move |conn| Box::pin(heads::versions(conn, chats))).await?)
    }

    async fn changes(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        Ok(self.db.snapshot(move |conn| Box::pin(changes::since(conn, chat, since, limit))).await?)
    }

    async fn changes_with_standing(
        &self,
        viewer: UserId,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<(Standing, Changes), StoreError> {
        let read = self.db.snapshot(move |conn| {
            Box::pin(async move {
                let stands = standing::of(shared!(conn), chat, viewer).await?;
                Ok((stands, changes::since(conn, chat, since, limit).await?))
            })
        });
        Ok(read.await?)
    }
}

/// Chats in one statement: far from any limit on how many values it may have.
const HUSHED_TOGETHER: usize = 1000;

/// A chat at its first version.
pub(super) struct NewChat {
    pub(super) kind: ChatKind,
    pub(super) key: Option<ChatKey>,
    pub(super) title: Option<Title>,
    pub(super) people: Vec<(UserId, ChatRole)>,
    pub(super) open: bool,
    pub(super) permissions: Permissions,
    pub(super) external_id: Option<(Issuer, ExternalId)>,
    pub(super) data: Option<Data>,
    pub(super) at: Instant,
}

/// Opens the chat with that key or external id, creating it if need be; returns whether it was created.
/// `Conflict` if it is between two people and closed, or would be.
pub(super) async fn open(conn: &mut Conn, new: NewChat) -> Result<(Chat, bool), Failure> {
    if let Some(chat) = find(conn, &new).await? {
        return Ok((chat, false));
    }
    let ids: Vec<_> = new.people.iter().map(|(user, _)| user.get()).collect();
    // With the accounts locked, blocking, disabling and deleting them happen before or after this.
    lock_users(conn, ids.clone()).await?;
    people::exist(conn, ids).await?;
    if let Some(ChatKey::Direct(pair) | ChatKey::Whisper(_, pair)) = &new.key
        && !rules::may_open(direct_chat_state::would_close(conn, *pair).await?)
    {
        return Err(Failure::CONFLICT);
    }
    loop {
        // Of several calls at once, the others wait here for the first one's commit, and then find its chat
        // below.
        if let Some(chat) = insert(conn, &new).await? {
            return Ok((chat, true));
        }
        if let Some(chat) = find(conn, &new).await? {
            return Ok((chat, false));
        }
    }
}

/// The existing chat with that key, or else with that external id. `Conflict` if it is closed.
pub(super) async fn find(conn: &mut Conn, new: &NewChat) -> Result<Option<Chat>, Failure> {
    let mut there = chats::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chats::id)))
        .select((ChatRow::as_select(), Head::as_select()))
        .into_boxed();
    there = match (&new.key, &new.external_id) {
        (Some(key), _) => there.filter(chats::key.eq(key.to_string())),
        (None, Some((issuer, id))) => {
            let theirs = chats::external_issuer.eq(issuer.as_str().to_owned());
            there.filter(theirs.and(chats::external_id.eq(id.as_str().to_owned())))
        }
        (None, None) => return Ok(None),
    };
    match there.first::<(ChatRow, Head)>(conn).await.optional()? {
        Some((_, head)) if !rules::may_open(head.closed) => Err(Failure::CONFLICT),
        Some((row, head)) => row.headed(&head).map(Some),
        None => Ok(None),
    }
}

/// Creates a chat with its head and its first members, unless there is one with that key or external id.
async fn insert(conn: &mut Conn, new: &NewChat) -> Result<Option<Chat>, Failure> {
    let values = (
        chats::kind.eq(new.kind.as_str()),
        chats::title.eq(new.title.as_ref().map(Title::as_str)),
        chats::key.eq(new.key.as_ref().map(ToString::to_string)),
        chats::project_id.eq(new.kind.project().map(ProjectId::get)),
        chats::parent_id.eq(new.kind.parent().map(ChatId::get)),
        chats::created_at.eq(new.at),
        chats::version.eq(1),
        chats::external_issuer.eq(new.external_id.as_ref().map(|(issuer, _)| issuer.as_str())),
        chats::external_id.eq(new.external_id.as_ref().map(|(_, id)| id.as_str())),
        chats::data.eq(new.data.as_ref().map(Data::as_str)),
    );
    let insert = diesel::insert_into(chats::table).values(values).on_conflict_do_nothing();
    let made = insert.returning(ChatRow::as_returning()).get_result(conn).await.optional()?;
    let Some(row) = made else { return Ok(None) };
    let head = Head {
        chat_id: row.id,
        last_seq: 0,
        version: 1,
        active_at: new.at,
        member_count: rows::number(new.people.len()),
        slow_mode: 0,
        closed: false,
        open: new.open,
        permissions: Permitted(new.permissions),
        hushed: false,
    };
    diesel::insert_into(chat_heads::table).values(&head).execute(conn).await?;
    let members = new.people.iter();
    let members = members.map(|(user, role)| MemberRow::new(row.id, user.get(), *role, new.at));
    // A project's chat may have no members yet.
    membership::insert(conn, members.collect()).await?;
    row.headed(&head).map(Some)
}

async fn open_direct(conn: &mut Conn, pair: Pair, at: Instant) -> Result<(Chat, bool), Failure> {
    let people = pair.people().into_iter().map(|user| (user, ChatRole::Member)).collect();
    let (kind, key) = (ChatKind::Direct, Some(ChatKey::Direct(pair)));
    let (title, external_id, data) = (None, None, None);
    let permissions = Permissions::default();
    let new = NewChat { kind, key, title, people, open: false, permissions, external_id, data, at };
    self::open(conn, new).await
}

async fn create_group(conn: &mut Conn, group: NewGroup) -> Result<Chat, Failure> {
    let mut people = vec![(group.owner, ChatRole::Owner)];
    people.extend(group.members.iter().copied().map(|user| (user, ChatRole::Member)));
    let ids: Vec<_> = people.iter().map(|(user, _)| user.get()).collect();
    // With the accounts locked, their deletion happens before or after this.
    lock_users(conn, ids.clone()).await?;
    people::exist(conn, ids.clone()).await?;
    if !group.allows(&blocks::blockers(conn, group.owner.get(), ids).await?) {
        return Err(Failure::NOT_FOUND);
    }
    let (title, at) = (Some(group.title), Instant(group.created_at));
    let NewGroup { open, permissions, external_id, data, .. } = group;
    let (kind, key) = (ChatKind::Group, None);
    let new = NewChat { kind, key, title, people, open, permissions, external_id, data, at };
    insert(conn, &new).await?.ok_or(Failure::CONFLICT)
}

async fn update(
    conn: &mut Conn,
    wanted: ChangeSettings,
) -> Result<Result<Option<Chat>, SettingsRefusal>, Failure> {
    let (chat, actor) = (wanted.chat, wanted.actor);
    let Some(found) = membership::lock(conn, chat, &[actor.user()]).await? else {
        return Ok(Err(SettingsRefusal::ChatNotFound));
    };
    let row = chats::table.filter(chats::id.eq(chat.get()));
    // Only a change of the data depends on the old value, so only then is it read.
    let data = match &wanted.data {
        Some(_) => row.select(chats::data).get_result::<Option<String>>(conn).await?,
        None => None,
    };
    let settings = match wanted.decide(found.actor(actor)?, data.map(Data::stored).as_ref()) {
        Ok(settings) if settings == ChatSettings::default() => return Ok(Ok(None)),
        Ok(settings) => settings,
        Err(refusal) => return Ok(Err(refusal)),
    };
    audit::note(conn, chat.get(), wanted.record()).await?;
    let mut head = found.head;
    head.version += 1;
    if let Some(wait) = settings.slow_mode {
        head.slow_mode = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
    }
    if let Some(permissions) = settings.permissions {
        permit(conn, &mut head, permissions).await?;
    }
    heads::store(shared!(conn), &head).await?;
    let change = ChatChange {
        title: settings.title.map(|title| title.to_string()),
        description: settings.description.map(|text| text.as_str().to_owned()),
        data: settings.data.map(|data| data.map(Data::into_string)),
        version: head.version,
    };
    let update = diesel::update(row).set(change).returning(ChatRow::as_returning());
    update.get_result(conn).await?.headed(&head).map(|chat| Ok(Some(chat)))
}

/// Lets the people of a chat, whose head is locked, do that. The head is stored by the caller.
pub(super) async fn permit(
    conn: &mut Conn,
    head: &mut Head,
    permissions: Permissions,
) -> Result<(), Failure> {
    let before = rules::lets_whisper(head.permissions.0).is_err();
    let hushed = rules::lets_whisper(permissions).is_err();
    head.permissions = Permitted(permissions);
    if hushed != before {
        hush(conn, head.chat_id, hushed).await?;
    }
    Ok(())
}

/// Hushes all whispers in a chat, whose head is locked, so that no others are opened meanwhile, or lets them be
/// heard again. Nobody is told, as of chats that are closed.
async fn hush(conn: &mut Conn, chat: i64, hushed: bool) -> Result<(), Failure> {
    let whispers = chats::table.filter(chats::parent_id.eq(chat)).order(chats::id);
    let whispers = whispers.select(chats::id).load::<i64>(conn).await?;
    // In the order of the ids, in which everybody locks.
    for some in whispers.chunks(HUSHED_TOGETHER) {
        lock_heads(shared!(conn), some.to_vec()).await?;
        let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(some.to_vec()));
        diesel::update(heads).set(chat_heads::hushed.eq(hushed)).execute(conn).await?;
    }
    Ok(())
}

/// What changing the settings sets; `None` leaves a column as it is.
#[derive(AsChangeset)]
#[diesel(table_name = chats)]
pub(super) struct ChatChange {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) data: Option<Option<String>>,
    pub(super) version: i64,
}

/// Deletes a chat if the actor may.
async fn delete_as(
    conn: &mut Conn,
    wanted: DeleteChat,
) -> Result<Result<Vec<ChatId>, DeleteRefusal>, Failure> {
    let people: Vec<_> = wanted.actor.map(ChatActor::user).into_iter().collect();
    let Some(found) = membership::lock(conn, wanted.chat, &people).await? else {
        return Ok(Err(DeleteRefusal::ChatNotFound));
    };
    let actor = match wanted.actor {
        Some(actor) => found.actor(actor)?,
        None => None,
    };
    let ownership = match wanted.writer() {
        Some(writer) => Some(writers::ownership(conn, wanted.chat, writer).await?),
        None => None,
    };
    if let Err(refusal) = wanted.decide(actor, ownership) {
        return Ok(Err(refusal));
    }
    let deleted = deleted_chats::delete(conn, wanted.chat).await?;
    audit::note(conn, wanted.chat.get(), wanted.record(&deleted.chat)).await?;
    Ok(Ok(deleted.gone))
}

async fn set_preferences(
    conn: &mut Conn,
    chat: ChatId,
    member: UserId,
    wanted: PreferencesUpdate,
) -> Result<Preferences, Failure> {
    heads::lock(conn, chat).await?;
    let row = membership::present(shared!(conn), chat, member).await?;
    let preferences = wanted.applied_to(row.preferences());
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(member.get()));
    let change = (
        members::muted_until.eq(preferences.muted_until.map(Instant)),
        members::mentions_only.eq(preferences.mentions_only),
        members::pinned.eq(preferences.pinned),
        members::archived.eq(preferences.archived),
    );
    diesel::update(members::table.filter(here)).set(change).execute(conn).await?;
    Ok(preferences)
}

async fn followed(conn: &mut Conn, viewer: i64) -> Result<Vec<Followed>, Failure> {
    let query = members::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(members::chat_id)))
        .filter(members::user_id.eq(viewer).and(members::left_at.is_null()))
        .order(members::chat_id)
        .select((
            (members::chat_id, chat_heads::version),
            (members::hidden_seq, members::hidden_id),
        ));
    let rows: Vec<((i64, i64), (i64, i64))> = rows_of!(conn, query)?;
    let followed = |((chat, version), hidden)| Followed {
        chat: ChatId::stored(chat),
        version: Version::stored(version),
        horizon: rows::horizon(hidden),
    };
    Ok(rows.into_iter().map(followed).collect())
}
