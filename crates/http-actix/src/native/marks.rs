//! What people put on messages.

use super::wire::Message;
use super::{Refusals, to_the_end};
use crate::auth::SignedIn;
use crate::body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{delete, put};
use domain::message::Messages;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(api: &mut ServiceConfig<'_>) {
    api.service(react).service(take_back);
}

/// React to a message with one emoji.
#[utoipa::path(
    tag = "messages",
    params(("message_id" = i64, Path), ("emoji" = String, Path, example = "👍")),
    responses((status = 200, body = Message), Refusals)
)]
#[put("/messages/{message_id}/reactions/{emoji}")]
async fn react(
    messages: Data<Messages>,
    caller: SignedIn,
    path: Path<(String, String)>,
) -> Result<Json<Message>, Problem> {
    set_reaction(messages, caller, path, true).await
}

/// Take your reaction back.
#[utoipa::path(
    tag = "messages",
    params(("message_id" = i64, Path), ("emoji" = String, Path, example = "👍")),
    responses((status = 200, body = Message), Refusals)
)]
#[delete("/messages/{message_id}/reactions/{emoji}")]
async fn take_back(
    messages: Data<Messages>,
    caller: SignedIn,
    path: Path<(String, String)>,
) -> Result<Json<Message>, Problem> {
    set_reaction(messages, caller, path, false).await
}

async fn set_reaction(
    messages: Data<Messages>,
    caller: SignedIn,
    path: Path<(String, String)>,
    on: bool,
) -> Result<Json<Message>, Problem> {
    let (id, emoji) = path.into_inner();
    let id = body::id("message_id", &id)?;
    let changed =
        to_the_end(async move { messages.react(&caller.0, (None, id), &emoji, on).await }).await?;
    Ok(Json(Message::from(&changed)))
}
