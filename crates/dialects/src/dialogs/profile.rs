//! Profiles over HTTP, in the form that the pages expect.

use super::age::Age;
use super::parse::Family;
use super::render;
use super::shown::{Viewer, views};
use super::who::Jwt;
use crate::shared::fields::Fields;
use crate::shared::lists::Part;
use crate::shared::refusal::Refused;
use crate::shared::route::id_in;
use crate::shared::services::Services;
use crate::shared::who::absolute;
use crate::shared::words::avatar;
use crate::shared::{profile, words};
use crate::texts::{self, Dialogs};
use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::chat::GetError;
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::session::Caller;
use domain::user::{FindError, UpdateProfile, User};
use serde_json::{Value, json};

/// Fields of the form that the server does not store.
const NOT_KEPT: [&str; 3] = ["tel", "birth", "gender"];

pub(super) async fn one(
    services: Data<Services>,
    caller: Jwt,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let owner = person(&services, &caller.0, id_in(&id)?).await?;
    Ok(Json(shown(&services, &caller.0, &request, &owner).await?))
}

pub(super) async fn all(
    services: Data<Services>,
    caller: Jwt,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part: Part<UserId> = Part::of(&request)?;
    let page = services.users.find(&caller.0, "", part.before, part.limit).await;
    let page = page.map_err(Failure::from)?;
    let mut rows = Vec::new();
    let chats = Chats::of(&services, &caller.0).await?;
    for user in &page.users {
        rows.push(chats.beside(&caller.0, user, &request));
    }
    Ok(part.answer(&request, rows, page.next.map(UserId::get)))
}

/// Changes the picture. Fields that are not stored are accepted only if they are empty.
pub(super) async fn update(
    services: Data<Services>,
    caller: Jwt,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<Json<Value>, Refused> {
    let (caller, owner) = (caller.0, id_in(&id)?);
    let nothing = UpdateProfile::default();
    let allowed = services.users.update_profile_of(&caller, owner, nothing).await;
    allowed.map_err(Failure::from)?;
    profile::change(&services, &caller, owner, (&request, payload), check).await?;
    let owner = person(&services, &caller, owner).await?;
    Ok(Json(shown(&services, &caller, &request, &owner).await?))
}

fn check(fields: &Fields) -> Result<(), Refused> {
    let is_said = |field: &&'static str| fields.value(field).is_ok_and(|value| value != "");
    match NOT_KEPT.into_iter().find(is_said) {
        Some(field) => Err(Refused::field(field, &Dialogs::NotKept.say(texts::say::language()))),
        None => Ok(()),
    }
}

/// A user who exists and whom the caller may find.
async fn person(services: &Services, caller: &Caller, id: UserId) -> Result<User, Refused> {
    match services.users.profile(caller, id).await {
        Ok(user) if user.deleted_at.is_none() => Ok(user),
        Ok(_) | Err(FindError::NotFound) => Err(Refused::not_found()),
        Err(error) => Err(Failure::from(error).into()),
    }
}

/// A profile, with the chats of its owner that the caller may know: all of their own, or the dialog with the
/// owner.
async fn shown(
    services: &Services,
    caller: &Caller,
    request: &HttpRequest,
    owner: &User,
) -> Result<Value, Failure> {
    if owner.id == caller.user {
        return Ok(Chats::of(services, caller).await?.beside(caller, owner, request));
    }
    let dialogs = match services.chats.find_direct(caller, owner.id).await {
        Ok(dialog) => vec![dialog],
        Err(GetError::NotFound) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(with_chats(owner, request, &[], &dialogs))
}

/// The caller's chats, ordered by id.
struct Chats {
    groups: Vec<ChatId>,
    dialogs: Vec<(UserId, ChatId)>,
}

impl Chats {
    async fn of(services: &Services, caller: &Caller) -> Result<Self, Failure> {
        let mut views = views(&Viewer { services, caller, age: Age::December }).await?;
        views.sort_unstable_by_key(|view| view.chat.id);
        let (mut groups, mut dialogs) = (Vec::new(), Vec::new());
        for view in &views {
            match (Family::of(view.chat.kind, Age::December), &view.peer) {
                (Some(Family::Group), _) => groups.push(view.chat.id),
                (Some(Family::Dialog), Some(peer)) => dialogs.push((peer.id, view.chat.id)),
                _ => {}
            }
        }
        Ok(Self { groups, dialogs })
    }

    /// A profile, with those of these chats that its owner is in and the caller may know.
    fn beside(&self, caller: &Caller, owner: &User, request: &HttpRequest) -> Value {
        let own = owner.id == caller.user;
        let theirs = self.dialogs.iter().filter(|(peer, _)| own || *peer == owner.id);
        let dialogs: Vec<_> = theirs.map(|(_, dialog)| *dialog).collect();
        with_chats(owner, request, if own { &self.groups } else { &[] }, &dialogs)
    }
}

fn with_chats(owner: &User, request: &HttpRequest, groups: &[ChatId], dialogs: &[ChatId]) -> Value {
    let name = words::name(Some(owner));
    let mut shown = render::person(&name, &absolute(request, &avatar(owner.id)));
    let numbers = |chats: &[ChatId]| json!(chats.iter().map(|c| c.get()).collect::<Vec<_>>());
    shown["groups"] = numbers(groups);
    shown["dialogs"] = numbers(dialogs);
    shown
}
