//! The history of a chat, page by page. Seqs have no holes, so a page is a range of them.

use super::columns::Columns;
use super::{Conn, Shared, hydrate, standing};
use crate::error::Failure;
use crate::rows::extras::STARS;
use crate::rows::{self, MessageRow};
use crate::schema::{chat_heads, messages};
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::Horizon;
use domain::ids::{ChatId, Seq, UserId};
use domain::message::{History, MessagePage, Page, ShownPage};
use std::ops::RangeInclusive;

/// A page as one viewer sees it, which is asked for together with their place in the chat. `NotFound` unless they
/// are in it.
pub(super) async fn read(
    conn: &mut Conn,
    viewer: UserId,
    (chat, page): (ChatId, Page),
    limit: usize,
) -> Result<History, Failure> {
    let asked = (page, rows::number(limit));
    let found = find(conn, chat, asked, Some(viewer)).await?;
    let starred =
        found.rows.iter().filter(|row| row.extras & STARS != 0).map(|row| row.id).collect();
    let page = make(conn, chat, asked, found).await?;
    let starred = hydrate::starred(conn, viewer, starred).await?;
    Ok(History { page, starred })
}

/// A page, whoever sees it.
pub(super) async fn page(
    conn: &mut Conn,
    chat: ChatId,
    page: Page,
    limit: usize,
) -> Result<MessagePage, Failure> {
    let asked = (page, rows::number(limit));
    let found = find(conn, chat, asked, None).await?;
    make(conn, chat, asked, found).await
}

/// What was found of a page.
struct Found {
    /// The seq of the newest message.
    last: i64,
    /// What is hidden from the viewer, as if it were not there.
    horizon: Horizon,
    /// The messages of the page that are not hidden.
    rows: Vec<MessageRow>,
}

/// The rows of a page, and what is around them. The ends are read beside the page; what is sent meanwhile is beyond
/// them.
async fn find(
    conn: &mut Conn,
    chat: ChatId,
    (page, limit): (Page, i64),
    viewer: Option<UserId>,
) -> Result<Found, Failure> {
    // Where it lies depends on which message is the last.
    if let Page::Around(_) = page {
        let (last, horizon) = ends(shared!(conn), chat, viewer).await?;
        let rows = between(conn, chat, range(page, limit, (last, horizon))).await?;
        return Ok(Found { last, horizon, rows });
    }
    let (ends, rows) = together!(conn =>
        ends(conn, chat, viewer),
        next_to(conn, chat, page, limit),
    );
    let ((last, horizon), mut rows) = (ends?, rows?);
    // A page after a message that is hidden begins behind all that are. Other pages end at the horizon.
    if let Page::After(seq) = page
        && seq < horizon.seq()
    {
        rows = next_to(shared!(conn), chat, Page::After(horizon.seq()), limit).await?;
    }
    rows.retain(|row| row.seq > horizon.seq().get());
    Ok(Found { last, horizon, rows })
}

/// The page of these rows, with all that hangs on them, of a chat whose last message was that one.
async fn make(
    conn: &mut Conn,
    chat: ChatId,
    (page, limit): (Page, i64),
    Found { last, horizon, rows }: Found,
) -> Result<MessagePage, Failure> {
    // Of a chat that is deleted, rows may be left. One that was sent in between is there as well.
    let rows = if last == 0 { Vec::new() } else { rows };
    let last = rows.last().map_or(last, |row| row.seq.max(last));
    let seqs = range(page, limit, (last, horizon));
    let hidden = horizon.seq().get();
    let (older, newer) = (*seqs.start() > hidden + 1 && last > hidden, *seqs.end() < last);
    let (messages, quoted) = hydrate::with_quoted(conn, (chat, horizon), rows).await?;
    Ok(MessagePage { messages, older, newer, quoted })
}

/// The seq of the newest message, 0 if there is none, and what is hidden from the viewer. With a viewer, `NotFound`
/// unless they are in the chat.
async fn ends(
    conn: &mut Shared<'_>,
    chat: ChatId,
    viewer: Option<UserId>,
) -> Result<(i64, Horizon), Failure> {
    if let Some(viewer) = viewer {
        let there = standing::of(conn, chat, viewer).await?;
        return Ok((there.last_seq.get(), there.horizon));
    }
    let head = chat_heads::table.filter(chat_heads::chat_id.eq(chat.get()));
    let head = head.filter(chat_heads::deleted.eq(false)).select(chat_heads::last_seq);
    Ok((head.first::<i64>(conn).await.optional()?.unwrap_or(0), Horizon::NONE))
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
            older(rows_of!(conn, here.filter(messages::seq.lt(seq.get())).order(newest))?)
        }
        Page::After(seq) => rows_of!(conn, here.filter(messages::seq.gt(seq.get())).order(oldest))?,
        Page::Latest | Page::Around(_) => older(rows_of!(conn, here.order(newest))?),
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
    Ok(rows_of!(conn, rows)?)
}

/// Messages that are no tombstones and not hidden, and how many there are. `NotFound` unless the viewer is in the
/// chat. Must run in a snapshot.
pub(super) async fn shown(
    conn: &mut Conn,
    (viewer, chat): (UserId, ChatId),
    skip: usize,
    limit: usize,
) -> Result<ShownPage, Failure> {
    let horizon = standing::of(shared!(conn), chat, viewer).await?.horizon;
    let seen = messages::seq.gt(horizon.seq().get());
    let kept = || messages::chat_id.eq(chat.get()).and(seen).and(messages::deleted_at.is_null());
    let count: i64 = messages::table.filter(kept()).count().get_result(conn).await?;
    let page = messages::table.filter(kept()).order(messages::seq.desc());
    let page =
        page.offset(rows::number(skip)).limit(rows::number(limit)).select(MessageRow::as_select());
    let page = rows_of!(conn, page)?;
    let (messages, quoted) = hydrate::with_quoted(conn, (chat, horizon), page).await?;
    Ok(ShownPage { messages, count: usize::try_from(count).unwrap_or_default(), quoted })
}

/// The seqs of a page of a chat whose last one is `last`, and in which those up to the horizon are as if they were
/// not there. An empty range lies where the page would be: what is before it is older, what is after it newer.
fn range(page: Page, limit: i64, (last, horizon): (i64, Horizon)) -> RangeInclusive<i64> {
    // Counted from the horizon on.
    let hidden = horizon.seq().get();
    let from_there = |seq: Seq| Seq::stored((seq.get() - hidden).max(0));
    let page = match page {
        Page::Latest => page,
        Page::Before(seq) => Page::Before(from_there(seq)),
        Page::After(seq) => Page::After(from_there(seq)),
        Page::Around(seq) => Page::Around(from_there(seq)),
    };
    let seqs = range_of_all(page, limit, (last - hidden).max(0));
    (seqs.start() + hidden)..=(seqs.end() + hidden)
}

/// The same where nothing is hidden.
fn range_of_all(page: Page, limit: i64, last: i64) -> RangeInclusive<i64> {
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
