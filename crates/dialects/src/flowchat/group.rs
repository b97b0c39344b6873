//! Creating and changing chats of several people. The original's page has no button for it; its API does.

use super::chats::{find, list, open_direct};
use super::parse::{Wrong, referred, text};
use super::who::SignedIn;
use super::{refusals, shown};
use crate::shared::body::Sent;
use crate::shared::deleting;
use crate::shared::fields::{Fields, Flaw, What, kind_of};
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::words::people;
use crate::texts::Text;
use actix_web::http::Method;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::chat::{ChatRole, ChatView, SettingsUpdate, Title};
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::session::Caller;
use serde_json::Value;

/// The original's limit.
const TITLE_CHARS: usize = 50;

/// Creates a chat with the caller in it: with one other it is a direct chat, unless `is_group` is true. A
/// POST without a body lists chats, as the original's README does.
pub(super) async fn create(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    if sent.0.is_empty() && request.headers().get("content-length").is_none_or(|l| l == "0") {
        return list(services, caller, request).await;
    }
    let (title, members) = read(&services, &caller.0, &sent.0, true).await?;
    let mut others = members.unwrap_or_default();
    others.retain(|member| *member != caller.0.user);
    let is_group = sent.0.truth("is_group").unwrap_or(false);
    let view = match others[..] {
        [] if !is_group => open_direct(&services, &caller.0, caller.0.user).await?,
        [other] if !is_group => open_direct(&services, &caller.0, other).await?,
        _ => make(&services, &caller.0, title, others).await?,
    };
    let chat = shown::chat(&services, &caller.0, view).await?;
    Ok(HttpResponse::Created().json(chat))
}

/// Creates a group. Its title defaults to the names of its members.
async fn make(
    services: &Services,
    caller: &Caller,
    title: Option<String>,
    others: Vec<UserId>,
) -> Result<ChatView, Failure> {
    let title = match title {
        Some(title) => title,
        None => {
            let named = people(services, others.iter().copied().chain([caller.user])).await?;
            let mut named: Vec<_> = named.into_values().collect();
            named.sort_unstable_by_key(|user| user.id);
            let names: Vec<_> = named.iter().map(|user| user.name.as_str()).collect();
            names.join(", ").chars().take(TITLE_CHARS).collect()
        }
    };
    let (chats, who) = (services.chats.clone(), caller.clone());
    http_core::to_the_end(async move { chats.create_group(&who, &title, &others).await }).await
}

/// Changes the title and the members. Members who are not named are removed. These are several changes, each for
/// itself: if one is refused, those before it stay.
pub(super) async fn update(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
    id: Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let view = find(&services, &caller.0, &id).await?;
    let (title, members) =
        read(&services, &caller.0, &sent.0, request.method() == Method::PUT).await?;
    let of = services.clone();
    let who = caller.0.clone();
    let changed = http_core::to_the_end(async move {
        let chat = view.chat.id;
        let title =
            title.filter(|title| view.chat.title.as_ref().map(Title::as_str) != Some(title));
        if let Some(members) = members {
            set_members(&of, &who, chat, &members).await?;
        }
        let wanted = SettingsUpdate { title: title.as_deref(), ..SettingsUpdate::default() };
        of.chats.update(&who, chat, wanted).await.map_err(Failure::from)
    });
    let view = changed.await.map_err(refusals::no_chat)?;
    Ok(Json(shown::chat(&services, &caller.0, view).await?))
}

pub(super) async fn delete(
    services: Data<Services>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let chat = find(&services, &caller.0, &id).await?.chat.id;
    let deleted =
        http_core::to_the_end(
            async move { deleting::delete_chat(&services, &caller.0, chat).await },
        );
    deleted.await.map_err(refusals::no_chat)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes those who are not named, and adds those who are new. In this order: fewer people may remove than may add,
/// so whoever may not remove is refused before anything has changed. A caller who is not named leaves last.
async fn set_members(
    services: &Services,
    caller: &Caller,
    chat: ChatId,
    wanted: &[UserId],
) -> Result<(), Failure> {
    let gathering = services.chats.gathering(caller, &[chat]).await?;
    let present: Vec<_> = gathering.of(chat).iter().map(|member| member.user.id).collect();
    let is_gone = |user: &&UserId| !wanted.contains(user);
    for gone in present.iter().filter(is_gone).filter(|user| **user != caller.user) {
        services.chats.remove_member(caller, chat, *gone).await?;
    }
    for new in wanted.iter().filter(|user| !present.contains(user)) {
        services.chats.set_member(caller, chat, *new, ChatRole::Member).await?;
    }
    if present.contains(&caller.user) && !wanted.contains(&caller.user) {
        services.chats.remove_member(caller, chat, caller.user).await?;
    }
    Ok(())
}

/// The title and the members of a request. `whole` means that members are required.
async fn read(
    services: &Services,
    caller: &Caller,
    fields: &Fields,
    whole: bool,
) -> Result<(Option<String>, Option<Vec<UserId>>), Refused> {
    let mut wrong = Wrong::default();
    let title = match fields.has("title") {
        true => wrong.sort("title", text(fields, "title", TITLE_CHARS)),
        false => None,
    };
    let members = match fields.value("members") {
        Err(Flaw { what: What::Missing, .. }) if !whole => None,
        Err(Flaw { what: What::Null, .. }) => wrong.sort("members", Err(Text::Blank)),
        Err(_) => wrong.sort("members", Err(Text::Required)),
        Ok(value) => wrong.sort("members", listed(value)),
    };
    if let Some(members) = &members {
        // People whom the caller does not find are refused like those who do not exist.
        let known = services.users.contacts(caller, members).await?;
        let known: Vec<_> = known.iter().filter(|user| user.deleted_at.is_none()).collect();
        let gone = |user: &&UserId| !known.iter().any(|known| known.id == **user);
        if let Some(missing) = members.iter().find(gone) {
            wrong.add("members", &Text::NoSuchId(missing.to_string()));
        }
    }
    wrong.nothing()?;
    let title = title.filter(|title| !title.is_empty()).map(std::borrow::Cow::into_owned);
    Ok((title, members))
}

fn listed(value: &Value) -> Result<Vec<UserId>, Text> {
    let Value::Array(items) = value else { return Err(Text::NotAList(kind_of(value))) };
    let mut members = items.iter().map(referred).collect::<Result<Vec<_>, _>>()?;
    members.sort_unstable();
    members.dedup();
    if members.is_empty() { Err(Text::EmptyList) } else { Ok(members) }
}
