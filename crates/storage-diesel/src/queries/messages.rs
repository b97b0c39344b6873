//! Messages: reading, editing and deleting. Sending is in `sending` and `append`.

use super::columns::Columns;
use super::{Conn, Shared, Store, edits, heads, hydrate, index, mentions, search};
use crate::error::Failure;
use crate::indexed::Indexed;
use crate::rows::extras::{ATTACHMENTS, EDITS, MENTIONS};
use crate::rows::{self, Head, KindRow, MemberRow, MessageRow};
use crate::schema::{chat_heads, chats, members, messages};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{AsChangeset, BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::Standing;
use domain::data::Data;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{
    AppendError, Appended, ChangeError, ChangeRefusal, DeleteMessage, Draft, EarlierText, Edit,
    Edited, FoundPage, Message, MessageFacts, MessagePage, MessageQuery, MessageStore, MessageText,
    Page, ShownPage,
};
use std::ops::RangeInclusive;

#[async_trait]
impl MessageStore for Store {
    async fn append(&self, mut draft: Draft) -> Result<Appended, AppendError> {
        draft.text =
            mentions::known(&self.db, mentions::Place::Chat(draft.chat), draft.text).await?;
        self.sender.append(&self.db, draft).await
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
        Ok(self.db.read(move |conn| Box::pin(read_page(conn, chat, page, limit))).await?)
    }

    async fn shown(
        &self,
        chat: ChatId,
        skip: usize,
        limit: usize,
    ) -> Result<ShownPage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(read_shown(conn, chat, skip, limit))).await?)
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

/// What a change of a message sets; `None` leaves a column as it is.
#[derive(AsChangeset, Default)]
#[diesel(table_name = messages)]
pub(super) struct Change {
    pub(super) text: Option<String>,
    pub(super) data: Option<Option<String>>,
    pub(super) edited_at: Option<Instant>,
    pub(super) deleted_at: Option<Instant>,
    pub(super) extras: Option<i64>,
    pub(super) pinned_at: Option<Option<Instant>>,
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
    actor: UserId,
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
    let here = members::chat_id.eq(messages::chat_id).and(members::user_id.eq(actor.get()));
    let found = message
        .inner_join(chats::table.on(chats::id.eq(messages::chat_id)))
        .left_join(members::table.on(here.and(members::left_at.is_null())))
        .filter(messages::chat_id.eq(chat))
        .select((MessageRow::as_select(), KindRow::as_select(), Option::<MemberRow>::as_select()))
        .get_result::<(MessageRow, KindRow, Option<MemberRow>)>(conn)
        .await
        .optional()?;
    let Some((row, kind, member)) = found else { return Ok(None) };
    let actor = member.map(|member| member.standing(kind.kind()?, &head)).transpose()?;
    Ok(Some(Locked { head, row, actor }))
}

/// Changes a message, whose chat's head is locked, as the next version of its chat.
pub(super) async fn touch(
    conn: &mut Conn,
    mut head: Head,
    id: MessageId,
    change: Change,
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
    let message = Message::try_from(row.clone())?;
    let facts = MessageFacts { actor, message: Some(&message) };
    let edited = match wanted.decide(facts, row.extras & ATTACHMENTS != 0) {
        Ok(edited) if edited == Edited::default() => return Ok(Ok(None)),
        Ok(edited) => edited,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let said = match edited.text {
        Some(text) => say(conn, (&row, message), text, head.version + 1).await?,
        None => Change::default(),
    };
    let edited_at = said.text.is_some().then_some(Instant(wanted.at));
    let data = edited.data.map(|data| data.map(Data::into_string));
    let change = Change { edited_at, data, ..said };
    let row = touch(conn, head, wanted.message, change).await?;
    hydrate::one(conn, row).await.map(|edited| Ok(Some(edited)))
}

/// Keeps what a message says until that version, and notes what is found by the text that it has from then on
/// and whom that mentions.
async fn say(
    conn: &mut Conn,
    (row, mut message): (&MessageRow, Message),
    text: MessageText,
    version: i64,
) -> Result<Change, Failure> {
    edits::keep(conn, row, version).await?;
    if row.extras & MENTIONS != 0 {
        mentions::forget(conn, row.id).await?;
    }
    let named = [(message.chat, text.mentions())].into_iter();
    let named = mentions::Named::find(conn, named).await?;
    message.extras.set_mentions(named.resolve(message.chat, text.mentions()));
    mentions::store(conn, std::slice::from_ref(&message)).await?;
    index::remove(conn, row.id).await?;
    index::add(shared!(conn), vec![Indexed::new(&message, text.words())]).await?;
    let mentioned = if message.extras.mentions.is_empty() { 0 } else { MENTIONS };
    let extras = Some(row.extras | EDITS | mentioned);
    Ok(Change { text: Some(text.into_string()), extras, ..Change::default() })
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
        Ok(true) => bury(conn, head, &row, Instant(wanted.at)).await.map(|dead| Ok(Some(dead))),
        Ok(false) => Ok(Ok(None)),
        Err(refusal) => Ok(Err(refusal)),
    }
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
    let change = Change {
        text: Some(String::new()),
        data: Some(None),
        deleted_at: Some(at),
        extras: Some(0),
        pinned_at: Some(None),
        ..Change::default()
    };
    touch(conn, head, MessageId::stored(row.id), change).await?.try_into()
}

pub(super) async fn get(conn: &mut Conn, id: i64) -> Result<Message, Failure> {
    let row = messages::table.filter(messages::id.eq(id)).select(MessageRow::as_select());
    let row = row.first(conn).await?;
    hydrate::one(conn, row).await
}

/// Seqs have no holes, so a page is a range of them. The end is read first; what is sent meanwhile
/// is beyond it.
async fn read_page(
    conn: &mut Conn,
    chat: ChatId,
    page: Page,
    limit: usize,
) -> Result<MessagePage, Failure> {
    let limit = rows::number(limit);
    let (last, rows) = match page {
        // Where it lies depends on which message is the last.
        Page::Around(_) => {
            let last = last_seq(shared!(conn), chat).await?;
            let seqs = range(page, limit, last);
            (last, between(conn, chat, seqs).await?)
        }
        page => {
            let (last, rows) = together!(conn =>
                last_seq(conn, chat),
                next_to(conn, chat, page, limit),
            );
            (last?, rows?)
        }
    };
    // Of a chat that is deleted, rows may be left. One that was sent in between is there as well.
    let rows = if last == 0 { Vec::new() } else { rows };
    let last = rows.last().map_or(last, |row| row.seq.max(last));
    let seqs = range(page, limit, last);
    let (older, newer) = (*seqs.start() > 1 && last > 0, *seqs.end() < last);
    let (messages, quoted) = hydrate::with_quoted(conn, chat, rows).await?;
    Ok(MessagePage { messages, older, newer, quoted })
}

/// The seq of the newest message; 0 if there is none.
async fn last_seq(conn: &mut Shared<'_>, chat: ChatId) -> Result<i64, Failure> {
    let head = chat_heads::table.filter(chat_heads::chat_id.eq(chat.get()));
    let head = head.filter(chat_heads::deleted.eq(false)).select(chat_heads::last_seq);
    Ok(head.first::<i64>(conn).await.optional()?.unwrap_or(0))
}

/// The messages of a page that begins or ends at a seq, wherever the last message is.
async fn next_to(
    conn: &mut Shared<'_>,
    chat: ChatId,
    page: Page,
    limit: i64,
) -> Result<Vec<MessageRow>, Failure> {
    let here = messages::table.filter(messages::chat_id.eq(chat.get())).limit(limit);
    let here = here.select(MessageRow::as_select()).into_boxed();
    let older = |rows: Vec<MessageRow>| rows.into_iter().rev().collect();
    let (newest, oldest) = (messages::seq.desc(), messages::seq.asc());
    Ok(match page {
        Page::Before(seq) => {
            older(here.filter(messages::seq.lt(seq.get())).order(newest).load(conn).await?)
        }
        Page::After(seq) => {
            here.filter(messages::seq.gt(seq.get())).order(oldest).load(conn).await?
        }
        Page::Latest | Page::Around(_) => older(here.order(newest).load(conn).await?),
    })
}

async fn between(
    conn: &mut Conn,
    chat: ChatId,
    seqs: RangeInclusive<i64>,
) -> Result<Vec<MessageRow>, Failure> {
    let (first, end) = seqs.into_inner();
    let here = messages::chat_id.eq(chat.get()).and(messages::seq.between(first, end));
    let rows = messages::table.filter(here).order(messages::seq).select(MessageRow::as_select());
    Ok(rows.load(conn).await?)
}

async fn read_shown(
    conn: &mut Conn,
    chat: ChatId,
    skip: usize,
    limit: usize,
) -> Result<ShownPage, Failure> {
    let shown = || messages::chat_id.eq(chat.get()).and(messages::deleted_at.is_null());
    let count: i64 = messages::table.filter(shown()).count().get_result(conn).await?;
    let page = messages::table.filter(shown()).order(messages::seq.desc());
    let page =
        page.offset(rows::number(skip)).limit(rows::number(limit)).select(MessageRow::as_select());
    let page = page.load(conn).await?;
    let (messages, quoted) = hydrate::with_quoted(conn, chat, page).await?;
    Ok(ShownPage { messages, count: usize::try_from(count).unwrap_or_default(), quoted })
}

/// The seqs of a page of a chat whose last one is `last`. An empty range lies where the page would
/// be: what is before it is older, what is after it newer.
fn range(page: Page, limit: i64, last: i64) -> RangeInclusive<i64> {
    let ending_at = |end: i64, limit: i64| (end - limit.min(end) + 1)..=end;
    let starting_at = |first: i64, limit: i64| first..=(first - 1).saturating_add(limit).min(last);
    match page {
        Page::Latest => ending_at(last, limit),
        Page::Before(seq) => ending_at((seq.get() - 1).clamp(0, last), limit),
        Page::After(seq) => starting_at(seq.get().min(last) + 1, limit),
        Page::Around(seq) => {
            let before = ending_at((seq.get() - 1).clamp(0, last), limit / 2);
            let after = starting_at(before.end() + 1, limit - limit / 2);
            *before.start()..=*after.end()
        }
    }
}
