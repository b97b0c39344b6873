//! What direct chats and chats of projects have in common.

use super::caller::Known;
use super::shown;
use crate::shared::chats;
use crate::shared::http::query_value;
use crate::shared::lists::{Part, ROWS};
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::absolute;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use domain::chat::{ChatKind, ChatView};
use domain::failure::Failure;
use domain::ids::ChatId;
use domain::limits::PAGE_MAX;
use domain::session::Caller;
use serde_json::{Value, json};

/// Messages on a page by default.
const PAGE: usize = 20;

/// A page, by offset and limit.
pub(super) struct Numbers {
    pub(super) offset: usize,
    pub(super) limit: usize,
}

impl Numbers {
    /// The page that the query asks for; invalid numbers are ignored.
    pub(super) fn of(request: &HttpRequest, usual: usize) -> Self {
        let number = |name| query_value(request.head(), name).and_then(|text| text.parse().ok());
        let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(usual);
        Self { offset: number("offset").unwrap_or(0), limit: limit.min(PAGE_MAX) }
    }

    /// Renders the page, with links to the next and the previous one.
    pub(super) fn page(&self, request: &HttpRequest, count: usize, results: &[Value]) -> Value {
        let Self { offset, limit } = *self;
        let here = absolute(request, request.path());
        let end = offset.saturating_add(results.len());
        let next = (end < count && !results.is_empty())
            .then(|| format!("{here}?limit={limit}&offset={end}"));
        let previous = (offset > 0).then(|| match offset.saturating_sub(limit) {
            0 => format!("{here}?limit={limit}"),
            before => format!("{here}?limit={limit}&offset={before}"),
        });
        json!({"count": count, "next": next, "previous": previous, "results": results})
    }
}

/// The caller's chats of the given kinds, among their 1,000 most recently active ones.
pub(super) async fn mine(
    services: &Services,
    caller: &Caller,
    has: impl Fn(ChatKind) -> bool,
) -> Result<Vec<ChatView>, Failure> {
    let part = Part { before: None, limit: ROWS };
    let (mut views, _) = chats::mine(services, caller, &part).await?;
    views.retain(|view| has(view.chat.kind));
    Ok(views)
}

/// Renders a row for each of these chats, with its last message.
pub(super) async fn rows(
    services: &Services,
    caller: &Caller,
    origin: &str,
    views: &[ChatView],
    row: impl Fn(&ChatView) -> Option<Value>,
) -> Result<Json<Value>, Refused> {
    let last: Vec<_> = views.iter().filter_map(|view| view.last_message.as_ref()).collect();
    let mut last = shown::last(services, caller, origin, &last).await?;
    let rows = views.iter().filter_map(|view| {
        let mut row = row(view)?;
        row["last_message"] = last.remove(&view.chat.id).unwrap_or_default();
        Some(row)
    });
    Ok(Json(rows.collect()))
}

/// A page of a chat's messages, the newest first.
pub(super) async fn messages(
    services: &Services,
    caller: &Caller,
    request: &HttpRequest,
    chat: ChatId,
) -> Result<Json<Value>, Refused> {
    let numbers = Numbers::of(request, PAGE);
    let asked = (numbers.offset, numbers.limit);
    let page = services.messages.shown(caller, chat, asked).await.map_err(Failure::from)?;
    let origin = absolute(request, "");
    let shown = shown::of_chat(services, caller, &origin, &page).await?;
    Ok(Json(numbers.page(request, page.count, &shown)))
}

/// The files of a chat.
pub(super) async fn files(
    services: &Services,
    caller: &Caller,
    request: &HttpRequest,
    chat: ChatId,
) -> Result<Json<Value>, Refused> {
    let files = services.media.in_chat(caller, chat, ROWS).await.map_err(Failure::from)?;
    let origin = absolute(request, "");
    let scene = shown::nobody(services, &origin);
    Ok(Json(files.iter().map(|file| scene.file(file)).collect()))
}

pub(super) async fn has_unreads(
    services: Data<Services>,
    caller: Known,
) -> Result<Json<Value>, Refused> {
    let has = |kind| matches!(kind, ChatKind::Direct | ChatKind::Project(_));
    let views = mine(&services, &caller.0, has).await?;
    let has_unreads = views.iter().any(|view| view.unread_count > 0);
    Ok(Json(json!({"has_unreads": has_unreads})))
}
