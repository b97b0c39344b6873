//! Rooms and their messages.

use super::here::Here;
use super::{render, shown};
use crate::shared::body::Sent;
use crate::shared::chats::{self, Crowd};
use crate::shared::lists::{self, Part};
use crate::shared::refusal::Refused;
use crate::shared::route::id_in;
use crate::shared::services::Services;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::chat::{
    ChatRole, ChatView, Description, SetMemberError, SetMemberRefusal, SettingsUpdate,
};
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::message::Send;
use domain::session::Caller;
use http_core::metrics;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) async fn list(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part = Part::of(&request)?;
    let (views, next) = chats::mine(&services, &caller.0, &part).await?;
    let rooms = shown::rooms(&services, &caller.0, &views).await?;
    Ok(part.answer(&request, rooms, next))
}

pub(super) async fn create(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let fields = sent.0;
    let participants: Vec<UserId> = fields.ids("participants")?;
    let description = fields.maybe_text("description")?.map(str::to_owned);
    let direct = match fields.maybe_text("chat_type")? {
        None | Some("group") => None,
        Some("direct") => match participants.as_slice() {
            [other] => Some(*other),
            _ => return Err(Refused::field("participants", "A direct chat has one other person.")),
        },
        Some(_) => return Err(Refused::field("chat_type", "Not a valid choice.")),
    };
    // What breaks a rule makes nothing.
    let checked = description.as_deref().map(Description::new).transpose();
    checked.map_err(|why| Refused::field("description", &format!("The description {why}.")))?;
    if direct.is_none() {
        fields.text("name")?;
    }
    let (services, caller) = (services, caller.0);
    let (of, who) = (services.clone(), caller.clone());
    let view = http_core::to_the_end(async move {
        match direct {
            Some(other) => Ok::<_, Failure>(of.chats.open_direct(&who, other).await?.0),
            None => {
                let name = fields.text("name").unwrap_or_default();
                let made = of.chats.create_group(&who, name, &participants).await;
                let made = made.map_err(named)?;
                let Some(text) = description.as_deref().filter(|text| !text.is_empty()) else {
                    return Ok(made);
                };
                let wanted = SettingsUpdate { description: Some(text), ..Default::default() };
                Ok(of.chats.update(&who, made.chat.id, wanted).await?)
            }
        }
    });
    let room = shown::room(&services, &caller, view.await?).await?;
    Ok(HttpResponse::Created().json(room))
}

/// What is wrong with a title is wrong with the field `name` here, and so on.
fn named(error: impl Into<Failure>) -> Failure {
    let mut failure = error.into();
    for field in &mut failure.fields {
        field.field = match field.field {
            "title" => "name",
            "members" => "participants",
            other => other,
        };
    }
    failure
}

pub(super) async fn one(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = chats::one(&services, &caller.0, id_in(&id)?).await?;
    Ok(Json(shown::room(&services, &caller.0, view).await?))
}

pub(super) async fn update(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let (fields, caller) = (sent.0, caller.0);
    let view = chats::one(&services, &caller, id_in(&id)?).await?;
    let (of, who, chat) = (services.clone(), caller.clone(), view.chat.id);
    fields.maybe_text("name")?;
    fields.maybe_text("description")?;
    let participants = fields.ids("participants")?;
    let participants = fields.has("participants").then_some(participants);
    let view = http_core::to_the_end(async move {
        let title = fields.maybe_text("name").unwrap_or_default();
        let description = fields.maybe_text("description").unwrap_or_default();
        let wanted = SettingsUpdate { title, description, slow_mode: None };
        let view = of.chats.update(&who, chat, wanted).await.map_err(named)?;
        match participants {
            Some(wanted) => set_participants(&of, &who, &view, wanted).await,
            None => Ok(view),
        }
    });
    Ok(Json(shown::room(&services, &caller, view.await?).await?))
}

/// Lets in who is missing and takes out who is too many, except the caller.
async fn set_participants(
    services: &Services,
    caller: &Caller,
    view: &ChatView,
    wanted: Vec<UserId>,
) -> Result<ChatView, Failure> {
    let chat = view.chat.id;
    let gathering = services.chats.gathering(caller, &[chat]).await?;
    let present: BTreeSet<_> = gathering.of(chat).iter().map(|member| member.user.id).collect();
    let wanted: BTreeSet<_> = wanted.into_iter().chain([caller.user]).collect();
    for new in &wanted - &present {
        let added = services.chats.set_member(caller, chat, new, ChatRole::Member).await;
        added.map_err(|error| match error {
            SetMemberError::Refused(SetMemberRefusal::UserNotFound) => {
                Failure::field("participants", "user_not_found", error)
            }
            error => error.into(),
        })?;
    }
    for gone in &present - &wanted {
        services.chats.remove_member(caller, chat, gone).await?;
    }
    Ok(services.chats.get(caller, chat).await?)
}

pub(super) async fn remove(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let chat = chats::one(&services, &caller.0, id_in(&id)?).await?.chat.id;
    http_core::to_the_end(async move { services.chats.delete(&caller.0, chat).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn history(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let view = chats::one(&services, &caller.0, id_in(&id)?).await?;
    let read = services.chats.mark_read(&caller.0, view.chat.id, view.last_seq).await;
    read.map_err(Failure::from)?;
    part_of(&services, &caller, &request, view.chat.id).await
}

pub(super) async fn messages(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let room = lists::value(&request, "room");
    let room = room.ok_or_else(|| Refused::field("room", "This field is required."))?;
    let view = chats::one(&services, &caller.0, id_in(&room)?).await?;
    part_of(&services, &caller, &request, view.chat.id).await
}

async fn part_of(
    services: &Services,
    caller: &Here,
    request: &HttpRequest,
    chat: ChatId,
) -> Result<HttpResponse, Refused> {
    let part = Part::of(request)?;
    let (messages, next) = chats::history(services, &caller.0, chat, &part).await?;
    let shown = shown::messages(services, &caller.0, &messages).await?;
    Ok(part.answer(request, shown, next))
}

pub(super) async fn participants(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let chat = chats::one(&services, &caller.0, id_in(&id)?).await?.chat.id;
    let gathering = services.chats.gathering(&caller.0, &[chat]).await?;
    let ids: Vec<_> = gathering.of(chat).iter().map(|member| member.user.id).collect();
    let people = services.users.get_many(&ids).await?;
    let own = services.users.me(&caller.0).await.map_err(Failure::from)?;
    let crowd = Crowd::of(&services, &caller.0, people).await?;
    Ok(Json(render::people(&crowd, &own).into()))
}

pub(super) async fn send(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    sent.0.require(&["room", "content"])?;
    let (room, text) = (sent.0.id("room")?, sent.0.text("content")?.to_owned());
    let chat = chats::one(&services, &caller.0, room).await?.chat.id;
    let (of, who) = (services.clone(), caller.0.clone());
    let sent = http_core::to_the_end(async move {
        metrics::send(&of.messages, &who, Send::new(chat, &text)).await.map_err(content)
    });
    let shown = shown::messages(&services, &caller.0, &[sent.await?.message]).await?;
    Ok(HttpResponse::Created().json(&shown[0]))
}

/// What is wrong with a text is wrong with the field `content` here.
fn content(error: impl Into<Failure>) -> Failure {
    let mut failure = error.into();
    for field in failure.fields.iter_mut().filter(|field| field.field == "text") {
        field.field = "content";
    }
    failure
}

pub(super) async fn create_direct(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let (other, who, of) = (sent.0.id("user_id")?, caller.0.clone(), services.clone());
    let opened = http_core::to_the_end(async move { of.chats.open_direct(&who, other).await });
    let (view, made) = opened.await?;
    let room = shown::room(&services, &caller.0, view).await?;
    let mut response = if made { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(room))
}
