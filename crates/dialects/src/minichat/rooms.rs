//! Rooms: creating, showing, changing, joining and leaving them.

use super::form::{Form, Rule};
use super::here::Here;
use super::refuse::{self, own};
use super::{mine, render, shown};
use crate::shared::body::Sent;
use crate::shared::fields::{Fields, id, id_of};
use crate::shared::lists::Part;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::texts::Minichat;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::chat::{
    ChatKind, ChatRole, ChatView, DeleteRefusal, Description, GetError, PreferencesUpdate,
    SettingsUpdate,
};
use domain::failure::{Failure, Kind, StoreError, WriteError};
use domain::ids::{ChatId, UserId};
use domain::limits::DESCRIPTION_CHARS;
use domain::session::Caller;
use serde_json::{Value, json};

/// The original's limits. The server's own limit of titles is lower, and refused with another message.
const NAME: Rule = Rule { most: 255, ..Rule::REQUIRED };
const DESCRIPTION: Rule = Rule { most: DESCRIPTION_CHARS, ..Rule::OPTIONAL };

pub(super) async fn list(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part = Part::of(&request)?;
    let (views, next) = mine::rooms(&services, &caller.0, &part).await?;
    let rooms = shown::rooms(&services, &caller.0, &views).await?;
    Ok(part.answer(&request, rooms, next))
}

/// A room to create, or a change of one.
struct Wanted {
    name: Option<String>,
    description: Option<String>,
    chat_type: Option<String>,
}

impl Wanted {
    /// Reads it from a body; `named` says whether a name is required.
    fn read(fields: Fields, named: bool) -> Result<Self, Refused> {
        let mut form = Form::new(fields);
        let name = form.text("name", Rule { required: named, ..NAME });
        let description = form.text("description", DESCRIPTION);
        let chat_type = form.text("chat_type", Rule::OPTIONAL);
        if let Some(other) = &chat_type
            && !["direct", "group"].contains(&other.as_str())
        {
            form.refuse("chat_type", Minichat::NoChoice(other.clone()));
        }
        form.check()?;
        let checked = description.as_deref().map(Description::new).transpose();
        checked.map_err(|why| Refused::field("description", &format!("The description {why}.")))?;
        Ok(Self { name, description, chat_type })
    }
}

/// Creates a room: an open group, which others can join by its id. With another `chat_type` it is a group
/// with nobody else in it.
pub(super) async fn create(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let wanted = Wanted::read(sent.0, true)?;
    let (of, who) = (services.clone(), caller.0.clone());
    let made = http_core::to_the_end(async move {
        let name = wanted.name.as_deref().unwrap_or_default();
        let made = if wanted.chat_type.as_deref() == Some("group") {
            of.chats.create_open_group(&who, name).await
        } else {
            of.chats.create_group(&who, name, &[]).await
        };
        let made = made.map_err(named)?;
        let Some(text) = wanted.description.as_deref().filter(|text| !text.is_empty()) else {
            return Ok::<_, Failure>(made);
        };
        let settings = SettingsUpdate { description: Some(text), ..Default::default() };
        Ok(of.chats.update(&who, made.chat.id, settings).await?)
    });
    let room = shown::room(&services, &caller.0, &made.await?, None).await?;
    Ok(HttpResponse::Created().json(room))
}

/// Renames the field of a title's error: here it is called `name`.
fn named(error: impl Into<Failure>) -> Failure {
    let mut failure = error.into();
    for field in failure.fields.iter_mut().filter(|field| field.field == "title") {
        field.field = "name";
    }
    failure
}

pub(super) async fn one(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = shown::one(&services, &caller.0, &id, refuse::no_chat_room).await?;
    Ok(Json(shown::room(&services, &caller.0, &view, None).await?))
}

pub(super) async fn replace(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let view = shown::one(&services, &caller.0, &id, refuse::no_chat_room).await?;
    update(&services, &caller.0, view, Wanted::read(sent.0, true)?).await
}

pub(super) async fn change(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let view = shown::one(&services, &caller.0, &id, refuse::no_chat_room).await?;
    update(&services, &caller.0, view, Wanted::read(sent.0, false)?).await
}

/// Changes a room. Unchanged values are ignored, so anybody may send them; the type cannot be changed.
async fn update(
    services: &Data<Services>,
    caller: &Caller,
    view: ChatView,
    wanted: Wanted,
) -> Result<Json<Value>, Refused> {
    if let Some(other) = wanted.chat_type.filter(|sort| sort != render::chat_type(&view)) {
        return Err(refuse::field("chat_type", Minichat::NoChoice(other)));
    }
    let me = services.users.me(caller).await.map_err(Failure::from)?;
    let (name, description) = render::called(&view, None, &me.user);
    let (of, who, chat) = (services.clone(), caller.clone(), view.chat.id);
    let view = http_core::to_the_end(async move {
        let title = wanted.name.as_deref().filter(|wanted| wanted.trim() != name);
        let text = wanted.description.as_deref().filter(|wanted| wanted.trim() != description);
        let settings = SettingsUpdate { title, description: text, ..Default::default() };
        of.chats.update(&who, chat, settings).await.map_err(named)
    });
    Ok(Json(shown::room(services, caller, &view.await?, None).await?))
}

/// Deletes a room. A member of an open group who may not delete it leaves it instead.
pub(super) async fn remove(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let view = shown::one(&services, &caller.0, &id, refuse::no_chat_room).await?;
    let Here(caller) = caller;
    let chat = view.chat.id;
    let removed = http_core::to_the_end(async move {
        match services.chats.delete(&caller, chat).await {
            Err(WriteError::Refused(DeleteRefusal::NotAllowed)) if view.chat.open => {
                Ok(services.chats.remove_member(&caller, chat, caller.user).await?)
            }
            deleted => Ok::<_, Failure>(deleted?),
        }
    });
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn join(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let chat: ChatId = id_of(&id).ok_or_else(refuse::no_room)?;
    let joined = http_core::to_the_end(async move {
        services.chats.join(&caller.0, chat).await.map_err(|error| match error {
            WriteError::Store(StoreError::NotFound) => Failure::from(GetError::NotFound),
            error => error.into(),
        })
    });
    joined.await.map_err(|failure| refuse::or_missing(failure, refuse::no_room))?;
    Ok(Json(json!({"message": own(Minichat::Joined)})))
}

pub(super) async fn leave(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let chat: ChatId = id_of(&id).ok_or_else(refuse::no_room)?;
    let answer = Json(json!({"message": own(Minichat::Left)}));
    let Here(caller) = caller;
    match shown::room_of(&services, &caller, chat).await {
        Ok(view) => {
            http_core::to_the_end(async move { leave_one(&services, &caller, view).await }).await?;
        }
        // Leaving an open room that one is not in succeeds.
        Err(failure) if failure.kind == Kind::NotFound => {
            let there = services.chats.outline_for(&caller, chat).await.ok();
            there.filter(|there| there.chat.lets_anybody_in()).ok_or_else(refuse::no_room)?;
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(answer)
}

/// Leaves a room. The original's protocol lets everybody leave every room, while here nobody leaves a direct chat, nor
/// its owner a group that is not open (`domain::chat::rules::can_be_left`). So that the room is gone from the caller's
/// list all the same, a direct chat is archived, and a group whose owner is its only member is deleted, which an owner
/// may do in any case. An owner who is not alone is refused until they have handed the group over.
async fn leave_one(services: &Services, caller: &Caller, view: ChatView) -> Result<(), Failure> {
    let chat = view.chat.id;
    let alone = view.role == ChatRole::Owner && view.member_count == 1 && !view.chat.open;
    match view.chat.kind {
        ChatKind::Direct => put_away(services, caller, chat, true).await,
        ChatKind::Group if alone => Ok(services.chats.delete(caller, chat).await?),
        _ => Ok(services.chats.remove_member(caller, chat, caller.user).await?),
    }
}

async fn put_away(
    services: &Services,
    caller: &Caller,
    chat: ChatId,
    archived: bool,
) -> Result<(), Failure> {
    let wanted = PreferencesUpdate { archived: Some(archived), ..Default::default() };
    services.chats.set_preferences(caller, chat, wanted).await?;
    Ok(())
}

/// Opens the direct chat with somebody. The React client sends `participant_id`, and expects the room's
/// fields at the top level of the answer.
pub(super) async fn create_direct(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let other = other_in(&sent.0)?;
    if other == Some(caller.0.user) {
        return Err(refuse::error(StatusCode::BAD_REQUEST, Minichat::WithOneself));
    }
    let no_user = || refuse::error(StatusCode::NOT_FOUND, Minichat::NoUser);
    let other = other.ok_or_else(no_user)?;
    let (of, who) = (services.clone(), caller.0.clone());
    let opened = http_core::to_the_end(async move { open(&of, &who, other).await });
    let (mut view, made) = opened.await.map_err(|failure| refuse::or_missing(failure, no_user))?;
    // As in the original: clients read the unread count and the other person from the list of rooms.
    view.unread_count = 0;
    let opened_by = made.then_some(caller.0.user);
    let mut room = shown::room(&services, &caller.0, &view, opened_by).await?;
    room["other_participant"] = Value::Null;
    let said = own(if made { Minichat::ChatMade } else { Minichat::ChatThere });
    let mut body = room.clone();
    body["room"] = room;
    body["message"] = said.into();
    let mut response = if made { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(body))
}

/// The user to chat with; `None` if no user can have that id.
fn other_in(fields: &Fields) -> Result<Option<UserId>, Refused> {
    let nobody = || refuse::error(StatusCode::BAD_REQUEST, Minichat::WithWhom);
    let name = if fields.has("user_id") { "user_id" } else { "participant_id" };
    let value = fields.value(name).map_err(|_| nobody())?;
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if number.is_none_or(|number| number == 0) { Err(nobody()) } else { Ok(id(value)) }
}

/// Opens the direct chat with somebody, and returns whether it is new in the caller's list.
async fn open(
    services: &Services,
    caller: &Caller,
    other: UserId,
) -> Result<(ChatView, bool), Failure> {
    let (view, made) = services.chats.open_direct(caller, other).await?;
    if shown::is_there(&view) {
        return Ok((view, made));
    }
    put_away(services, caller, view.chat.id, false).await?;
    Ok((services.chats.get(caller, view.chat.id).await?, true))
}
