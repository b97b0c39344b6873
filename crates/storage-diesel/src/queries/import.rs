//! Taking in what another server kept, with its ids.

use super::columns::Columns;
use super::grouping::distinct;
use super::{
    Conn, Store, drafts, heads, lock_heads, lock_users, membership, names, note_id, people,
    users as accounts,
};
use crate::error::Failure;
use crate::indexed::Indexed;
use crate::pairs::pair_in;
use crate::rows::{self, Head, KindRow, MemberRow, UserRow};
use crate::schema::{chat_heads, chats, host_accounts, members, messages, users};
use crate::types::{Instant, Permitted};
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::chat::{ChatRole, Permissions, Title};
use domain::data::Data;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, ProjectId, Seq, UserId, Version};
use domain::import::{
    ImportStore, Imported, MessagePlace, Misplaced, OfHost, OldChat, OldMember, OldMessage, OldUser,
};
use domain::user::{Lookalikes, Profile};
use std::collections::{BTreeMap, HashMap, HashSet};

#[async_trait]
impl ImportStore for Store {
    async fn add_user(&self, user: OldUser) -> Result<bool, StoreError> {
        let lookalikes = self.lookalikes;
        Ok(self.db.write(move |conn| Box::pin(add_user(conn, user, lookalikes))).await?)
    }

    async fn add_chat(&self, chat: OldChat) -> Result<bool, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(add_chat(conn, chat))).await?)
    }

    async fn add_member(&self, member: OldMember) -> Result<bool, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(add_member(conn, member))).await?)
    }

    async fn add_messages(
        &self,
        messages: Vec<OldMessage>,
    ) -> Result<Vec<Result<Imported, Misplaced>>, StoreError> {
        Ok(self.db.write(move |conn| Box::pin(add_messages(conn, messages))).await?)
    }
}

fn issuer_of(host: &OfHost) -> Option<&str> {
    host.external.as_ref().map(|(issuer, _)| issuer.as_str())
}

fn external_id_of(host: &OfHost) -> Option<&str> {
    host.external.as_ref().map(|(_, id)| id.as_str())
}

async fn add_user(conn: &mut Conn, old: OldUser, lookalikes: Lookalikes) -> Result<bool, Failure> {
    let there = users::table.filter(users::id.eq(old.id.get())).select(UserRow::as_select());
    if there.first::<UserRow>(conn).await.optional()?.is_some() {
        return Ok(false);
    }
    let profile = Profile {
        first_name: old.profile.first_name.unwrap_or_default(),
        last_name: old.profile.last_name.unwrap_or_default(),
        bio: old.profile.bio.unwrap_or_default(),
    };
    let email = old.profile.email.unwrap_or_default();
    names::unlike_others(conn, &old.name, old.id.get(), lookalikes).await?;
    let keys = old.name.lookalike_keys();
    let login_email = accounts::login_email(conn, &email, old.id.get()).await?;
    let values = (
        users::id.eq(old.id.get()),
        users::name.eq(old.name.as_str()),
        users::name_folded.eq(old.name.folded()),
        users::lookalike_lower.eq(keys.lower),
        users::lookalike_upper.eq(keys.upper),
        users::searched.eq(profile.searched(&old.name)),
        users::password_hash.eq(old.password.as_str()),
        users::role.eq(old.role.as_str()),
        users::active.eq(true),
        users::created_at.eq(Instant(old.created_at)),
        users::last_seen_at.eq(old.last_seen_at.map(Instant)),
        users::first_name.eq(profile.first_name.as_str()),
        users::last_name.eq(profile.last_name.as_str()),
        users::bio.eq(profile.bio.as_str()),
        users::email.eq(email.as_str()),
        users::login_email.eq(login_email),
        (
            users::external_issuer.eq(issuer_of(&old.host)),
            users::external_id.eq(external_id_of(&old.host)),
            users::data.eq(old.host.data.as_ref().map(Data::as_str)),
        ),
    );
    diesel::insert_into(users::table).values(values).execute(conn).await?;
    if let Some((issuer, subject)) = &old.host.external {
        let account = (
            host_accounts::issuer.eq(issuer.as_str()),
            host_accounts::subject.eq(subject.as_str()),
            host_accounts::user_id.eq(old.id.get()),
        );
        diesel::insert_into(host_accounts::table).values(account).execute(conn).await?;
    }
    note_id(conn, "users", old.id.get()).await?;
    Ok(true)
}

async fn add_chat(conn: &mut Conn, old: OldChat) -> Result<bool, Failure> {
    let ids: Vec<_> = old.people.iter().map(|(user, _)| user.get()).collect();
    lock_users(conn, ids.clone()).await?;
    let there = chats::table.filter(chats::id.eq(old.id.get())).count();
    if there.get_result::<i64>(conn).await? > 0 {
        return Ok(false);
    }
    people::exist(conn, ids).await?;
    let at = Instant(old.created_at);
    let values = (
        chats::id.eq(old.id.get()),
        chats::kind.eq(old.kind.as_str()),
        chats::title.eq(old.title.as_ref().map(Title::as_str)),
        chats::description.eq(old.description.as_str()),
        chats::key.eq(old.key.as_ref().map(ToString::to_string)),
        chats::project_id.eq(old.kind.project().map(ProjectId::get)),
        chats::created_at.eq(at),
        chats::version.eq(1),
        chats::external_issuer.eq(issuer_of(&old.host)),
        chats::external_id.eq(external_id_of(&old.host)),
        chats::data.eq(old.host.data.as_ref().map(Data::as_str)),
    );
    diesel::insert_into(chats::table).values(values).execute(conn).await?;
    note_id(conn, "chats", old.id.get()).await?;
    let head = Head {
        chat_id: old.id.get(),
        last_seq: 0,
        version: 1,
        active_at: at,
        member_count: rows::number(old.people.len()),
        slow_mode: 0,
        closed: false,
        open: old.open,
        permissions: Permitted(Permissions::default()),
        hushed: false,
    };
    diesel::insert_into(chat_heads::table).values(&head).execute(conn).await?;
    let members = old.people.iter();
    let members = members.map(|(user, role)| MemberRow::new(head.chat_id, user.get(), *role, at));
    membership::insert(conn, members.collect()).await?;
    Ok(true)
}

async fn add_member(conn: &mut Conn, old: OldMember) -> Result<bool, Failure> {
    lock_users(conn, vec![old.user.get()]).await?;
    people::exist(conn, vec![old.user.get()]).await?;
    let mut head = heads::lock(conn, old.chat).await?;
    if place(conn, old.chat, old.user).await? {
        return Ok(false);
    }
    let kind = chats::table.filter(chats::id.eq(old.chat.get())).select(KindRow::as_select());
    let kind = kind.first(conn).await?.kind()?;
    let owned = membership::owner(conn, old.chat).await?.is_some();
    let second = old.role == ChatRole::Owner && owned;
    if kind.is_between_two() || second {
        return Err(Failure::CONFLICT);
    }
    head.version += 1;
    head.member_count += 1;
    let at = Instant(old.joined_at);
    let row = MemberRow::new(old.chat.get(), old.user.get(), old.role, at);
    let row = MemberRow { version: head.version, ..row };
    diesel::insert_into(members::table).values(row).execute(conn).await?;
    heads::store(shared!(conn), &head).await?;
    Ok(true)
}

/// Whether somebody is in a chat or was.
async fn place(conn: &mut Conn, chat: ChatId, user: UserId) -> Result<bool, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(user.get()));
    Ok(members::table.filter(here).count().get_result::<i64>(conn).await? > 0)
}

/// What is known of the chats and the ids of imported messages.
struct Known {
    heads: BTreeMap<i64, Head>,
    /// The chats of those ids that are there.
    there: HashMap<i64, i64>,
    /// Who is or was in which chat.
    places: HashSet<(i64, i64)>,
    /// The last messages of the chats.
    last: HashMap<i64, i64>,
}

impl Known {
    async fn find(conn: &mut Conn, old: &[OldMessage]) -> Result<Self, Failure> {
        let chats = distinct(old.iter().map(|message| message.chat.get()));
        let heads = lock_heads(shared!(conn), chats).await?;
        let heads: BTreeMap<_, _> = heads.into_iter().map(|head| (head.chat_id, head)).collect();
        let ids = distinct(old.iter().map(|message| message.id.get()));
        let there = messages::table.filter(messages::id.eq_any(ids));
        let there = there.select((messages::id, messages::chat_id)).load(conn).await?;
        let authors = distinct(old.iter().map(|old| (old.chat.get(), old.author.get())));
        let are_in =
            pair_in::<(BigInt, BigInt), _, _, _, _>(members::chat_id, members::user_id, authors);
        let places = members::table.filter(are_in).select((members::chat_id, members::user_id));
        let places = places.load(conn).await?;
        // In a chat ids rise with the seqs, so the last one is the highest.
        let last = heads.values().map(|head| (head.chat_id, head.last_seq)).collect();
        let are_last =
            pair_in::<(BigInt, BigInt), _, _, _, _>(messages::chat_id, messages::seq, last);
        let last = messages::table.filter(are_last).select((messages::chat_id, messages::id));
        let last = last.load(conn).await?;
        Ok(Self {
            heads,
            there: there.into_iter().collect(),
            places: places.into_iter().collect(),
            last: last.into_iter().collect(),
        })
    }

    fn place_of(&self, old: &OldMessage) -> MessagePlace {
        let chat = old.chat.get();
        let is_there = self.heads.contains_key(&chat);
        MessagePlace {
            there: self.there.get(&old.id.get()).copied().map(ChatId::stored),
            has_author: is_there && self.places.contains(&(chat, old.author.get())),
            last: self.last.get(&chat).copied().map(MessageId::stored),
        }
    }
}

async fn add_messages(
    conn: &mut Conn,
    old: Vec<OldMessage>,
) -> Result<Vec<Result<Imported, Misplaced>>, Failure> {
    let mut known = Known::find(conn, &old).await?;
    let (mut new, mut words, mut edited, mut became) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for old in old {
        let admitted = old.admit(known.place_of(&old));
        became.push(admitted);
        let Some(head) = known.heads.get_mut(&old.chat.get()) else { continue };
        if admitted != Ok(Imported::Added) {
            continue;
        }
        head.last_seq += 1;
        head.version += 1;
        head.active_at = head.active_at.max(Instant(old.created_at));
        let (id, chat) = (old.id.get(), old.chat.get());
        known.there.insert(id, chat);
        known.last.insert(chat, id);
        let message = old.message(Seq::stored(head.last_seq), Version::stored(head.version));
        words.push(Indexed::new(&message, old.text.words()));
        edited.extend(old.edited_at.map(|at| (id, Instant(at))));
        new.push(message);
    }
    let Some(highest) = new.iter().map(|message| message.id.get()).max() else {
        return Ok(became);
    };
    let moved: HashSet<_> = new.iter().map(|message| message.chat.get()).collect();
    let heads = known.heads.into_values().filter(|head| moved.contains(&head.chat_id)).collect();
    drafts::store_batch(shared!(conn), new, words, heads).await?;
    for (id, at) in edited {
        let message = messages::table.filter(messages::id.eq(id));
        diesel::update(message).set(messages::edited_at.eq(at)).execute(conn).await?;
    }
    note_id(conn, "messages", highest).await?;
    Ok(became)
}
