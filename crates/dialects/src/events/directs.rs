//! Chats of two people. The original names them by both ids, `3_7`.

use super::caller::Known;
use super::render::{self, Seen};
use super::said::no_such_thing;
use super::{chats, shown};
use crate::shared::fields::id_of;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::absolute;
use crate::shared::words::people;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use domain::chat::{ChatKind, ChatView, GetError, OpenDirectError, Pair};
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::session::Caller;
use domain::user::User;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(super) async fn list(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let caller = caller.0;
    let mut views =
        chats::mine(&services, &caller, |kind| matches!(kind, ChatKind::Direct)).await?;
    views.sort_by_cached_key(|view| name_of(&caller, view));
    let origin = absolute(&request, "");
    let peers = people(&services, views.iter().filter_map(|view| Some(view.peer.as_ref()?.id)));
    let peers = peers.await?;
    let online = shown::online(&services, &caller, peers.values()).await?;
    let row = |view: &ChatView| {
        let peer = peers.get(&view.peer.as_ref()?.id)?;
        Some(with(peer, &caller, &origin, &online))
    };
    chats::rows(&services, &caller, &origin, &views, row).await
}

/// The name of a chat in URLs and frames: the two ids, the lower one first.
fn name_of(caller: &Caller, view: &ChatView) -> String {
    let peer = view.peer.as_ref().map_or(caller.user, |peer| peer.id);
    Pair::new(caller.user, peer).to_string()
}

/// The caller's chat with somebody, as lists show it.
fn with(peer: &User, caller: &Caller, origin: &str, online: &HashSet<UserId>) -> Value {
    let is_online = online.contains(&peer.id);
    json!({
        "id": Pair::new(caller.user, peer.id).to_string(),
        "opponent": render::long(peer, &Seen { origin, email: "", is_online }),
        "name": render::full_name(peer),
        "image_address": render::picture(origin, peer.id),
    })
}

/// One chat, which is created if it does not exist. Clients open the page of a new chat by this request alone.
pub(super) async fn one(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let caller = caller.0;
    let other = other(&caller, &id).map_err(refused)?;
    open(&services, &caller, other).await?;
    let peer = services.users.get(other).await.map_err(Failure::from)?;
    let online = shown::online(&services, &caller, [&peer].into_iter()).await?;
    Ok(Json(with(&peer, &caller, &absolute(&request, ""), &online)))
}

async fn open(services: &Services, caller: &Caller, other: UserId) -> Result<(), Refused> {
    match services.chats.find_direct(caller, other).await {
        Ok(_) => return Ok(()),
        Err(GetError::NotFound) => {}
        Err(error) => return Err(Failure::from(error).into()),
    }
    match services.chats.open_direct(caller, other).await {
        Ok(_) => Ok(()),
        // Both have the same answer, so that it does not tell who has blocked whom.
        Err(OpenDirectError::UserNotFound | OpenDirectError::PeerUnavailable) => {
            Err(refused("One or both users do not exist"))
        }
        Err(error) => Err(Failure::from(error).into()),
    }
}

/// The other person of a name, whose two ids may be in either order.
fn other(caller: &Caller, named: &str) -> Result<UserId, &'static str> {
    let two = named.split_once('_').ok_or("pk must contain underscore")?;
    let (Some(a), Some(b)) = (id_of(two.0), id_of(two.1)) else {
        return Err("pk must contain two integers separated by underscore");
    };
    match caller.user {
        me if me == a => Ok(b),
        me if me == b => Ok(a),
        _ => Err("current user id is not present in pk"),
    }
}

fn refused(why: &str) -> Refused {
    Refused::detail(StatusCode::BAD_REQUEST, why)
}

pub(super) async fn messages(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let chat = found(&services, &caller.0, &id).await?;
    chats::messages(&services, &caller.0, &request, chat).await
}

pub(super) async fn files(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let chat = found(&services, &caller.0, &id).await?;
    chats::files(&services, &caller.0, &request, chat).await
}

/// The caller's chat of that name, if it exists.
async fn found(services: &Services, caller: &Caller, named: &str) -> Result<ChatId, Refused> {
    let other = other(caller, named).map_err(|_| no_such_thing())?;
    services.chats.find_direct(caller, other).await.map_err(|error| match error {
        GetError::NotFound => no_such_thing(),
        error => Failure::from(error).into(),
    })
}
