//! Messages: editing and deleting. Sending is in `sending` and `append`, reading a chat in `history`.

use super::columns::Columns;
use super::{Conn, Store, audit, edits, heads, history, hydrate, index, mentions, search};
use crate::error::Failure;
use crate::indexed::Indexed;
use crate::rows::extras::{ATTACHMENTS, EDITS, MENTIONS};
use crate::rows::{Head, KindRow, MemberRow, MessageChange, MessageRow};
use crate::schema::{chats, members, messages};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{ChatActor, Standing};
use domain::data::Data;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{
    AppendError, Appended, ChangeError, ChangeRefusal, DeleteMessage, Draft, EarlierText, Edit,
    Edited, FoundPage, History, Message, MessageFacts, MessagePage, MessageQuery, MessageStore,
    MessageText, Page, ShownPage,
};
use domain::words;

#[async_trait]
impl MessageStore for Store {
    async fn append(&self, mut draft: Draft) -> Result<Appended, AppendError> {
        draft.text =
            mentions::known(&self.db, mentions::Place::Chat(draft.chat), draft.text).await?;
        self.sender.submit(&self.db, draft).await
    }

    async fn get(&self, id: MessageId) -> Result<Message, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(get(conn, id.get()))).await?)
    }

    async fn page(
        &self,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(history::page(conn, chat, page, limit))).await?)
    }

    async fn seen_among(
        &self,
        viewer: UserId,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreError> {
        let ids = ids.iter().map(|id| id.get()).collect();
        Ok(self.db.snapshot(move |conn| Box::pin(seen_among(conn, viewer.get(), ids))).await?)
    }

    async fn history(
        &self,
        viewer: UserId,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<History, StoreError> {
        let read =
            self.db.read(move |conn| Box::pin(history::read(conn, viewer, (chat, page), limit)));
        Ok(read.await?)
    }

    async fn shown(
        &self,
        viewer: UserId,
        chat: ChatId,
        skip: usize,
        limit: usize,
    ) -> Result<ShownPage, StoreError> {
        let of = (viewer, chat);
        Ok(self.db.snapshot(move |conn| Box::pin(history::shown(conn, of, skip, limit))).await?)
    }

    async fn edit(&self, mut wanted: Edit) -> Result<Option<Message>, ChangeError> {
        if let Some(Ok(text)) = wanted.text {
            let place = mentions::Place::Message(wanted.message);
            wanted.text = Some(Ok(mentions::known(&self.db, place, text).await?));
        }
        self.db.decide(wanted.chat, move |conn| Box::pin(edit(conn, wanted))).await
    }

    async fn delete(&self, wanted: DeleteMessage) -> Result<Option<Message>, ChangeError> {
        self.db.decide(wanted.chat, move |conn| Box::pin(delete(conn, wanted))).await
    }

    async fn edits(&self, id: MessageId) -> Result<Vec<EarlierText>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(edits::list(conn, id.get()))).await?)
    }

    async fn find(
        &self,
        viewer: UserId,
        query: MessageQuery,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<FoundPage, StoreError> {
        let find = search::Find { viewer, query, before, limit };
        Ok(search::find(&self.db, find).await?)
    }
}

/// A message, whose chat's head is locked, as it is then.
pub(super) struct Locked {
    pub(super) head: Head,
    pub(super) row: MessageRow,
    /// Where somebody stands in the chat, if they are in it.
    pub(super) actor: Option<Standing>,
}

/// The message, locked, with where `actor` stands in its chat. `None` if there is none, or none in that
/// chat.
pub(super) async fn locked(
    conn: &mut Conn,
    (chat, id): (Option<ChatId>, MessageId),
    actor: ChatActor,
) -> Result<Option<Locked>, Failure> {
    let message = messages::table.filter(messages::id.eq(id.get()));
    let chat = match chat {
        Some(chat) => Some(chat.get()),
        // A message never moves to another chat, so this may be read before the lock.
        None => message.select(messages::chat_id).get_result::<i64>(conn).await.optional()?,
    };
    let Some(chat) = chat else { return Ok(None) };
    let Some(head) = heads::find(shared!(conn), ChatId::stored(chat)).await? else {
        return Ok(None);
    };
    let here = members::chat_id.eq(messages::chat_id).and(members::user_id.eq(actor.user().get()));
    let found = message
        .inner_join(chats::table.on(chats::id.eq(messages::chat_id)))
        .left_join(members::table.on(here.and(members::left_at.is_null())))
        .filter(messages::chat_id.eq(chat))
        .select((MessageRow::as_select(), KindRow::as_select(), Option::<MemberRow>::as_select()))
        .get_result::<(MessageRow, KindRow, Option<MemberRow>)>(conn)
        .await
        .optional()?;
    let Some((row, kind, member)) = found else { return Ok(None) };
    let kind = kind.kind()?;
    let member = member.map(|member| member.standing(kind, &head)).transpose()?;
    let actor = actor.stands(member, Some(head.facts(kind)));
    Ok(Some(Locked { head, row, actor }))
}

/// Changes a message, whose chat's head is locked, as the next version of its chat.
pub(super) async fn touch(
    conn: &mut Conn,
    mut head: Head,
    id: MessageId,
    change: MessageChange,
) -> Result<MessageRow, Failure> {
    head.version += 1;
    heads::store(shared!(conn), &head).await?;
    let message = messages::table.filter(messages::id.eq(id.get()));
    let update = diesel::update(message).set((change, messages::version.eq(head.version)));
    Ok(update.returning(MessageRow::as_returning()).get_result(conn).await?)
}

async fn edit(
    conn: &mut Conn,
    wanted: Edit,
) -> Result<Result<Option<Message>, ChangeRefusal>, Failure> {
    let Some(found) = locked(conn, (Some(wanted.chat), wanted.message), wanted.actor).await? else {
        return Ok(Err(ChangeRefusal::NotFound));
    };
    let Locked { head, row, actor } = found;
    let mut message = Message::try_from(row.clone())?;
    let facts = MessageFacts { actor, message: Some(&message) };
    let edited = match wanted.decide(facts, row.extras & ATTACHMENTS != 0) {
        Ok(edited) if edited == Edited::default() => return Ok(Ok(None)),
        Ok(edited) => edited,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let texts = |message: &Message| message.data.as_ref().map(Data::texts).unwrap_or_default();
    let texts_before = texts(&message);
    edited.apply(&mut message, wanted.at);
    let change = MessageChange::edited(&edited, Instant(wanted.at));
    let extras = match &edited.text {
        Some(text) => Some(say(conn, (&row, message), text, head.version + 1).await?),
        None => {
            if texts(&message) != texts_before {
                let words = words::words(&row.text);
                find_by(conn, &message, &words).await?;
            }
            None
        }
    };
    let change = MessageChange { extras, ..change };
    let row = touch(conn, head, wanted.message, change).await?;
    hydrate::one(conn, row).await.map(|edited| Ok(Some(edited)))
}

/// Keeps what a message says until that version, and notes what is found by the text that it has from then on
/// and whom that mentions. Returns what may hang on the message then.
async fn say(
    conn: &mut Conn,
    (row, mut message): (&MessageRow, Message),
    text: &MessageText,
    version: i64,
) -> Result<i64, Failure> {
    edits::keep(conn, row, version).await?;
    if row.extras & MENTIONS != 0 {
        mentions::forget(conn, row.id).await?;
    }
    let named = [(message.chat, text.mentions())].into_iter();
    let named = mentions::Named::find(conn, named).await?;
    message.extras.set_mentions(named.resolve(message.chat, text.mentions()));
    mentions::store(conn, std::slice::from_ref(&message)).await?;
    find_by(conn, &message, text.words()).await?;
    let mentioned = if message.extras.mentions.is_empty() { 0 } else { MENTIONS };
    Ok(row.extras | EDITS | mentioned)
}

/// Has a message found by these words and by its data, and by nothing else.
async fn find_by(conn: &mut Conn, message: &Message, words: &[String]) -> Result<(), Failure> {
    index::remove(conn, message.id.get()).await?;
    index::add(shared!(conn), vec![Indexed::new(message, words)]).await
}

async fn delete(
    conn: &mut Conn,
    wanted: DeleteMessage,
) -> Result<Result<Option<Message>, ChangeRefusal>, Failure> {
    let Some(found) = locked(conn, (Some(wanted.chat), wanted.message), wanted.actor).await? else {
        return Ok(Err(ChangeRefusal::NotFound));
    };
    let Locked { head, row, actor } = found;
    let message = Message::try_from(row.clone())?;
    match wanted.decide(MessageFacts { actor, message: Some(&message) }) {
        Ok(true) => {}
        Ok(false) => return Ok(Ok(None)),
        Err(refusal) => return Ok(Err(refusal)),
    }
    // A key that deletes what it wrote itself moderates nobody.
    if message.author != wanted.actor.user() {
        audit::note(conn, row.id, wanted.record()).await?;
    }
    bury(conn, head, &row, Instant(wanted.at)).await.map(|dead| Ok(Some(dead)))
}

/// Leaves a tombstone in place of a message, whoever wrote it and whoever wants that. `NotFound` if
/// there is no such message; `Conflict` if it is one already.
pub(super) async fn delete_any(
    conn: &mut Conn,
    id: MessageId,
    at: Instant,
) -> Result<Message, Failure> {
    let message = messages::table.filter(messages::id.eq(id.get()));
    let chat = message.select(messages::chat_id).first::<i64>(conn).await?;
    let head = heads::lock(conn, ChatId::stored(chat)).await?;
    let row = message.select(MessageRow::as_select()).first(conn).await?;
    if row.deleted_at.is_some() {
        return Err(Failure::CONFLICT);
    }
    bury(conn, head, &row, at).await
}

/// Leaves a tombstone in place of a message that is none, whose chat's head is locked.
async fn bury(
    conn: &mut Conn,
    head: Head,
    row: &MessageRow,
    at: Instant,
) -> Result<Message, Failure> {
    if row.extras != 0 {
        hydrate::delete_children(conn, row.id).await?;
    }
    index::remove(conn, row.id).await?;
    let change = MessageChange::tombstone(at);
    touch(conn, head, MessageId::stored(row.id), change).await?.try_into()
}

pub(super) async fn get(conn: &mut Conn, id: i64) -> Result<Message, Failure> {
    let row = messages::table.filter(messages::id.eq(id)).select(MessageRow::as_select());
    let row = row.first(conn).await?;
    hydrate::one(conn, row).await
}

async fn seen_among(conn: &mut Conn, viewer: i64, ids: Vec<i64>) -> Result<Vec<Message>, Failure> {
    let here = members::chat_id.eq(messages::chat_id).and(members::user_id.eq(viewer));
    let seen = members::left_at.is_null().and(members::hidden_seq.lt(messages::seq));
    let mut rows = Vec::new();
    for ids in ids.chunks(1000) {
        let found = messages::table.inner_join(members::table.on(here.and(seen)));
        let found = found.filter(messages::id.eq_any(ids.to_vec()));
        rows.extend(found.select(MessageRow::as_select()).load(conn).await?);
    }
    rows.sort_unstable_by_key(|row: &MessageRow| row.id);
    hydrate::all(conn, rows).await
}
