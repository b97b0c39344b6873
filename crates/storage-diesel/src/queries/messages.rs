//! Messages: reading, editing and deleting. Sending is in `sending` and `append`.

use super::{Conn, Store, heads};
use crate::error::Failure;
use crate::rows::{self, MessageRow};
use crate::schema::{chat_heads, messages};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId};
use domain::message::{
    AppendError, Appended, Draft, Message, MessagePage, MessageStore, MessageText, Page,
};
use std::ops::RangeInclusive;

#[async_trait]
impl MessageStore for Store {
    async fn append(&self, draft: Draft) -> Result<Appended, AppendError> {
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

    async fn edit(
        &self,
        id: MessageId,
        text: MessageText,
        at: Timestamp,
    ) -> Result<Message, StoreError> {
        let text = text.into_string();
        let change = Change { text, edited_at: Some(Instant(at)), deleted_at: None };
        Ok(self.db.write(move |conn| Box::pin(change_message(conn, id, change))).await?)
    }

    async fn delete(&self, id: MessageId, at: Timestamp) -> Result<Message, StoreError> {
        let change = Change { text: String::new(), edited_at: None, deleted_at: Some(Instant(at)) };
        Ok(self.db.write(move |conn| Box::pin(change_message(conn, id, change))).await?)
    }
}

/// What an edit or a deletion sets; `None` leaves a column as it is.
#[derive(AsChangeset)]
#[diesel(table_name = messages)]
struct Change {
    text: String,
    edited_at: Option<Instant>,
    deleted_at: Option<Instant>,
}

/// Changes a message as the next version of its chat. `NotFound` if there is no such message,
/// `Conflict` if it is a tombstone.
async fn change_message(
    conn: &mut Conn,
    id: MessageId,
    change: Change,
) -> Result<Message, Failure> {
    let message = messages::table.filter(messages::id.eq(id.get()));
    // A message never moves to another chat, so this may be read before the lock.
    let chat = message.select(messages::chat_id).first::<i64>(conn).await?;
    let mut head = heads::lock(conn, ChatId::stored(chat)).await?;
    let deleted_at = message.select(messages::deleted_at).first::<Option<Instant>>(conn).await?;
    if deleted_at.is_some() {
        return Err(Failure::CONFLICT);
    }
    head.version += 1;
    heads::store(conn, &head).await?;
    let update = diesel::update(message).set((change, messages::version.eq(head.version)));
    update.returning(MessageRow::as_returning()).get_result(conn).await?.try_into()
}

async fn get(conn: &mut Conn, id: i64) -> Result<Message, Failure> {
    let row = messages::table.filter(messages::id.eq(id)).select(MessageRow::as_select());
    row.first(conn).await?.try_into()
}

/// Seqs have no holes, so a page is a range of them. The end is read first; what is sent meanwhile
/// is beyond it.
async fn read_page(
    conn: &mut Conn,
    chat: ChatId,
    page: Page,
    limit: usize,
) -> Result<MessagePage, Failure> {
    let head = chat_heads::table.filter(chat_heads::chat_id.eq(chat.get()));
    let last = head.select(chat_heads::last_seq).first::<i64>(conn).await.optional()?.unwrap_or(0);
    let seqs = range(page, i64::try_from(limit).unwrap_or(i64::MAX), last);
    let (first, end) = (*seqs.start(), *seqs.end());
    let (older, newer) = (first > 1 && last > 0, end < last);
    if seqs.is_empty() {
        return Ok(MessagePage { messages: Vec::new(), older, newer });
    }
    let here = messages::chat_id.eq(chat.get()).and(messages::seq.between(first, end));
    let rows = messages::table.filter(here).order(messages::seq).select(MessageRow::as_select());
    let messages = rows::all(rows.load(conn).await?)?;
    Ok(MessagePage { messages, older, newer })
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::Seq;

    #[test]
    fn a_page_is_a_range_of_seqs() {
        let seq = Seq::stored;
        for (page, limit, last, expected) in [
            (Page::Latest, 3, 10, 8..=10),
            (Page::Latest, 30, 10, 1..=10),
            (Page::Before(seq(5)), 3, 10, 2..=4),
            (Page::Before(seq(2)), 3, 10, 1..=1),
            (Page::Before(seq(99)), 3, 10, 8..=10),
            (Page::After(seq(0)), 3, 10, 1..=3),
            (Page::After(seq(8)), 3, 10, 9..=10),
            (Page::Around(seq(5)), 4, 10, 3..=6),
            (Page::Around(seq(5)), 5, 10, 3..=7),
            (Page::Around(seq(5)), 1, 10, 5..=5),
            (Page::Around(seq(1)), 4, 10, 1..=2),
            (Page::Around(seq(10)), 4, 10, 8..=10),
        ] {
            assert_eq!(range(page, limit, last), expected, "{page:?} {limit} {last}");
        }
        for page in [Page::Latest, Page::Before(seq(3)), Page::After(seq(3)), Page::Around(seq(3))]
        {
            assert!(range(page, 5, 0).is_empty(), "{page:?}");
        }
        assert!(range(Page::Before(seq(1)), 5, 9).is_empty());
        assert!(range(Page::After(seq(9)), 5, 9).is_empty());
    }
}
