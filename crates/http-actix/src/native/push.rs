//! Web Push to the device that calls.

use super::Operations;
use super::Refusals;
use super::wire::{NewPushSubscription, PushState, PushSubscription, key_bytes};
use crate::auth::SignedIn;
use crate::body::{self, Body};
use crate::problem::Problem;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, put};
use domain::failure::Failure;
use domain::push::{Pushes, Subscribe};

pub(super) fn configure(api: &mut impl Operations) {
    api.service(state).service(subscribe).service(unsubscribe);
}

/// The key to subscribe with, and how this device is told of messages.
#[utoipa::path(tag = "push", responses((status = 200, body = PushState), Refusals))]
#[get("/push")]
async fn state(pushes: Data<Pushes>, caller: SignedIn) -> Result<Json<PushState>, Problem> {
    let subscription = pushes.subscription(&caller.0).await.map_err(Failure::from)?;
    Ok(Json(PushState::new(pushes.public_key(), subscription.as_ref())))
}

/// Tell this device of messages, there and like this. It ends with the session.
#[utoipa::path(
    tag = "push",
    request_body = NewPushSubscription,
    responses((status = 200, body = PushSubscription), Refusals)
)]
#[put("/push/subscription")]
async fn subscribe(
    pushes: Data<Pushes>,
    caller: SignedIn,
    body: Body<NewPushSubscription>,
) -> Result<Json<PushSubscription>, Problem> {
    let NewPushSubscription { endpoint, keys, expires_at, content } = body.0;
    let command = Subscribe {
        endpoint: &endpoint,
        p256dh: &key_bytes(&keys.p256dh),
        auth: &key_bytes(&keys.auth),
        expires_at: expires_at.map(|end| body::moment("expires_at", &end)).transpose()?,
        content: content.into(),
    };
    let subscription = pushes.subscribe(&caller.0, command).await.map_err(Failure::from)?;
    Ok(Json(PushSubscription::from(&subscription)))
}

/// Tell this device no more.
#[utoipa::path(
    tag = "push",
    responses((status = 204, description = "It is not told."), Refusals)
)]
#[delete("/push/subscription")]
async fn unsubscribe(pushes: Data<Pushes>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    pushes.unsubscribe(&caller.0).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}
