//! The caller's profile, and other people.

use super::accounts::Profile;
use super::form::Form;
use super::here::Here;
use super::refuse::{self, own};
use super::render::{self, Presence};
use super::shown;
use crate::shared::chats::Crowd;
use crate::shared::fields::Fields;
use crate::shared::form;
use crate::shared::http::query_value;
use crate::shared::lists::Part;
use crate::shared::profile::with_picture;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::words::avatar;
use crate::texts::Minichat;
use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::user::Account;
use serde_json::{Value, json};

/// How many people a search returns, at most, as in the original.
const FOUND: usize = 10;

pub(super) async fn me(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let account = services.users.me(&caller.0).await.map_err(Failure::from)?;
    Ok(Json(profile(&services, &caller, &request, &account).await?))
}

async fn profile(
    services: &Services,
    caller: &Here,
    request: &HttpRequest,
    account: &Account,
) -> Result<Value, Failure> {
    let visible = services.presence.online(&caller.0, &[account.user.id]).await?;
    Ok(render::profile(account, &Presence::new(request, &visible)))
}

/// Changes the caller's profile and picture. `avatar` is a file, or an empty text to remove the picture. The
/// React client sends the picture to a path of its own, and calls it `avatar_url` if it is not a file.
pub(super) async fn update(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<Value>, Refused> {
    let (media, who) = (services.media.clone(), caller.0.clone());
    let taken = form::read(&request, payload, "avatar", move |mut file| async move {
        media.prepare_avatar(&who, file.upload().body).await
    });
    let (fields, picture) = taken.await?;
    let changed = change(&services, &caller, fields).await;
    let (account, removes) = with_picture(&services, picture, changed).await?;
    if removes {
        services.media.remove_avatar(&caller.0).await?;
    }
    let shown = profile(&services, &caller, &request, &account).await?;
    let avatar = shown["profile"]["avatar"].clone();
    Ok(Json(json!({"user": shown, "message": own(Minichat::ProfileChanged), "avatar": avatar})))
}

/// Checks and makes the changes of the caller's profile. Returns the account, and whether the picture is to go.
async fn change(
    services: &Services,
    caller: &Here,
    fields: Fields,
) -> Result<(Account, bool), Refused> {
    let removes = removes_picture(caller, &fields)?;
    let mut form = Form::new(fields);
    let said = Profile::read(&mut form);
    if let Some(email) = &said.email
        && services
            .users
            .with_email(&caller.0, email)
            .await?
            .is_some_and(|user| user != caller.0.user)
    {
        form.refuse_in_own_words("email", Minichat::EmailInUse);
    }
    form.check()?;
    let changed = services.users.update_profile(&caller.0, said.command()).await;
    Ok((changed.map_err(Failure::from)?, removes))
}

/// Whether a picture that is not a file removes the present one. An empty text does, and the present URL keeps it. Any
/// other URL is refused: the server fetches no pictures from elsewhere.
fn removes_picture(caller: &Here, fields: &Fields) -> Result<bool, Refused> {
    let mut removes = false;
    for name in ["avatar", "avatar_url"] {
        let Some(address) = fields.maybe_text(name)? else { continue };
        if address.is_empty() {
            removes = true;
        } else if !address.ends_with(&avatar(caller.0.user)) {
            return Err(refuse::own_field(name, Minichat::PictureIsFile));
        }
    }
    Ok(removes)
}

pub(super) async fn search(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let typed = query_value(request.head(), "q").unwrap_or_default();
    let mut people = Vec::new();
    if !typed.trim().is_empty() {
        let (mut after, most) = (None, FOUND + 1);
        loop {
            let page = services.users.find(&caller.0, &typed, after, most).await;
            let page = page.map_err(Failure::from)?;
            people.extend(page.users.into_iter().filter(|user| user.id != caller.0.user));
            after = page.next;
            if people.len() >= FOUND || after.is_none() {
                break;
            }
        }
        people.truncate(FOUND);
    }
    let crowd = Crowd::of(&services, &caller.0, people).await?;
    Ok(Json(json!({"users": render::people(&crowd, &request)})))
}

pub(super) async fn all(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part: Part<UserId> = Part::of(&request)?;
    let page = services.users.find(&caller.0, "", part.before, part.limit).await;
    let page = page.map_err(Failure::from)?;
    let next = page.next.map(UserId::get);
    let others = page.users.into_iter().filter(|user| user.id != caller.0.user);
    let crowd = Crowd::of(&services, &caller.0, others.collect()).await?;
    let body = json!({"users": render::people(&crowd, &request)});
    Ok(part.object(&request, &body, next))
}

/// The people online who share a chat with the caller, and the caller.
pub(super) async fn online(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let mut ids = services.presence.contacts_online(&caller.0).await?;
    ids.push(caller.0.user);
    ids.sort_unstable();
    ids.dedup();
    let people = services.users.get_many(&ids).await?;
    let own = services.users.me(&caller.0).await.map_err(Failure::from)?;
    let crowd = Crowd::of(&services, &caller.0, people).await?;
    Ok(Json(render::online(&crowd, &own, &request).into()))
}

pub(super) async fn participants(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = shown::one(&services, &caller.0, &id, refuse::no_room).await?;
    let chat = view.chat.id;
    let gathering = services.chats.gathering(&caller.0, &[chat]).await?;
    let ids: Vec<_> = gathering.of(chat).iter().map(|member| member.user.id).collect();
    let people = services.users.get_many(&ids).await?;
    let crowd = Crowd::of(&services, &caller.0, people).await?;
    Ok(Json(json!({
        "room_id": chat.get(),
        "participants": render::participants(&crowd, &request),
    })))
}
