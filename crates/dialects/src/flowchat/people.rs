//! The caller's own account, and other people's profiles.

use super::parse::Wrong;
use super::profile::Wanted;
use super::who::{Anybody, SignedIn};
use super::words::{LANGUAGE, NAME};
use super::{cookies, refusals, render};
use crate::shared::body::Sent;
use crate::shared::fields::{Fields, id_of};
use crate::shared::form;
use crate::shared::lists::Part;
use crate::shared::pictures::Pictures;
use crate::shared::profile::with_picture;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::texts::Text;
use crate::texts::say::answering;
use actix_web::http::Method;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::clock::{Clock, SystemClock};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::media::PendingAvatar;
use domain::own_data::{DeleteAccount, LeftMessages};
use domain::session::{Caller, Protocol};
use domain::user::{FindError, User};
use serde_json::{Value, json};

/// The list of users, which contains only the caller; it is empty without a token.
pub(super) async fn list(
    services: Data<Services>,
    caller: Anybody,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let mut people = Vec::new();
    if let Some(caller) = caller.0 {
        let user = services.users.get(caller.user).await.map_err(Failure::from)?;
        people.push(shown(&services, &caller, &user, &request).await?);
    }
    Ok(HttpResponse::Ok().json(people))
}

pub(super) async fn me(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let user = services.users.get(caller.0.user).await.map_err(Failure::from)?;
    let mut response = HttpResponse::Ok();
    cookies::renew(&services, &caller.0, &request, &mut response).await?;
    Ok(response.json(shown(&services, &caller.0, &user, &request).await?))
}

/// A user by id. Only the caller's own id is found.
pub(super) async fn one(
    services: Data<Services>,
    caller: Anybody,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let caller = oneself(caller, &id)?;
    let user = services.users.get(caller.user).await.map_err(Failure::from)?;
    Ok(HttpResponse::Ok().json(shown(&services, &caller, &user, &request).await?))
}

/// The profile of anybody whom the caller may find, by id.
pub(super) async fn profile(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let id: UserId = id_of(&id).ok_or_else(refusals::no_user)?;
    let user = services.users.profile(&caller.0, id).await.map_err(|error| match error {
        FindError::NotFound => refusals::no_user(),
        error => Failure::from(error).into(),
    })?;
    if user.deleted_at.is_some() {
        return Err(refusals::no_user());
    }
    Ok(HttpResponse::Ok().json(shown(&services, &caller.0, &user, &request).await?))
}

/// Everybody whom the caller may find, ordered by id, page by page.
pub(super) async fn all(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part: Part<UserId> = Part::of(&request)?;
    let page = services.users.find(&caller.0, "", part.before, part.limit).await;
    let page = page.map_err(Failure::from)?;
    let pictures = Pictures::of(&services, page.users.iter().map(|user| user.id)).await?;
    let rows = page.users.iter().map(|user| render::person(user.id, Some(user), &pictures));
    Ok(part.answer(&request, rows.collect(), page.next.map(UserId::get)))
}

pub(super) async fn update(
    services: Data<Services>,
    caller: Anybody,
    request: HttpRequest,
    payload: Payload,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let caller = oneself(caller, &id)?;
    let (fields, picture) = read_form(&services, &caller, &request, payload).await?;
    let whole = request.method() == Method::PUT;
    let changed = change(&services, &caller, &fields, whole).await;
    let (user, has_bio) = with_picture(&services, picture, changed).await?;
    let mut shown = shown(&services, &caller, &user, &request).await?;
    // The bio is null until a client sets it, even to an empty text.
    if has_bio && !fields.is_null("bio") && shown["bio"].is_null() {
        shown["bio"] = json!("");
    }
    Ok(HttpResponse::Ok().json(shown))
}

/// Checks and makes the changes of the caller's profile. Returns the account, and whether the bio was among them.
async fn change(
    services: &Services,
    caller: &Caller,
    fields: &Fields,
    whole: bool,
) -> Result<(User, bool), Refused> {
    let user = services.users.get(caller.user).await.map_err(Failure::from)?;
    let wanted = checked(services, &user, fields, whole).await?;
    let changed = services.users.update_profile(caller, wanted.update()).await;
    Ok((changed.map_err(Failure::from)?.user, wanted.bio.is_some()))
}

/// Deletes the account with its messages. The original needs only the token for this; here the password is
/// needed, too, so that a stolen token is not enough.
pub(super) async fn delete(
    services: Data<Services>,
    caller: Anybody,
    id: Path<String>,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let caller = oneself(caller, &id)?;
    let mut wrong = Wrong::default();
    let password = wrong.sort("password", sent.0.text("password").map_err(|_| Text::Required));
    wrong.nothing()?;
    let password = password.unwrap_or_default().to_owned();
    let own = services.own.clone();
    http_core::to_the_end(async move {
        let command = DeleteAccount { password: Some(&password), messages: LeftMessages::Delete };
        own.delete(&caller, command).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller, if the id in the path is their own.
fn oneself(caller: Anybody, id: &str) -> Result<Caller, Refused> {
    let caller = caller.0.filter(|caller| id_of(id) == Some(caller.user));
    caller.ok_or_else(refusals::no_user)
}

/// The fields of the body, and the picture in it, if there is one, to be the caller's avatar.
async fn read_form(
    services: &Services,
    caller: &Caller,
    request: &HttpRequest,
    payload: Payload,
) -> Result<(Fields, Option<PendingAvatar>), Refused> {
    let (media, who) = (services.media.clone(), caller.clone());
    let taken = form::read(request, payload, "avatar", move |mut file| async move {
        media.prepare_avatar(&who, file.upload().body).await
    });
    answering(LANGUAGE, taken).await
}

/// The checked changes. With `whole`, required fields may not be missing.
async fn checked<'a>(
    services: &Services,
    user: &User,
    fields: &'a Fields,
    whole: bool,
) -> Result<Wanted<'a>, Refused> {
    let mut wrong = Wrong::default();
    let missing = |field| whole && !fields.has(field) && !fields.is_null(field);
    let wanted = Wanted::read(fields, Some(user), &mut wrong);
    if missing("username") {
        wrong.add("username", &Text::Required);
    }
    if let Some(name) = &wanted.username {
        let named = services.users.named(name).await;
        if named.is_ok_and(|named| named.id != user.id) {
            wrong.add("username", &Text::NameTaken);
        }
    }
    if missing("password") {
        wrong.add("password", &Text::Required);
    } else if fields.has("password") {
        // The original would store it unhashed, so that signing in would fail. Here it is refused.
        wrong.add("password", &Text::PasswordElsewhere);
    }
    wrong.nothing()?;
    Ok(wanted)
}

async fn shown(
    services: &Services,
    caller: &Caller,
    user: &User,
    request: &HttpRequest,
) -> Result<Value, Failure> {
    let presence = presence(services, caller, user).await?;
    let pictures = Pictures::of(services, [user.id]).await?;
    Ok(render::profile(user, presence, (&pictures, request)))
}

/// Somebody's presence; `None` if the caller may not know it. As in the original, people who use this
/// protocol see each other's presence; others' presence is visible only to those with whom they share a chat.
async fn presence(
    services: &Services,
    caller: &Caller,
    user: &User,
) -> Result<Option<render::Presence>, Failure> {
    let asked = [user.id];
    let mut visible = services.presence.online(caller, &asked).await?;
    let protocol = Protocol::new(NAME);
    if visible.visible.is_empty()
        && caller.protocol == protocol
        && services.sessions.speaks(user.id, &protocol).await?
    {
        visible = services.presence.online_openly(caller, &asked).await?;
    }
    if !visible.shows_last_seen(user.id) {
        return Ok(None);
    }
    let online = visible.of(user.id).unwrap_or(false);
    let now = online.then(|| SystemClock.now());
    Ok(Some(render::Presence { online, last_active: user.last_seen_at.or(now) }))
}
