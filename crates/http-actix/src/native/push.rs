//! Web Push for the calling device.

use super::Operations;
use super::wire::{
    NewPushSubscription, PushKeys, PushRenewal, PushState, PushSubscription, key_bytes,
};
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post, put};
use domain::clock::Timestamp;
use domain::failure::Failure;
use domain::push::{NewSubscription, OldSubscription, Pushes};
use domain::service_key::KeyAccess;
use http_core::auth::SignedIn;
use http_core::body::{self, Body};
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::{Class, ClientAddress, RateLimits};

pub(super) fn configure(api: &mut impl Operations) {
    // These resolve a host name, so they count for a lower rate limit.
    api.service(KeyAccess::Closed, state)
        .counted(Class::Search, KeyAccess::Closed, subscribe)
        .counted(Class::Search, KeyAccess::Closed, renew)
        .service(KeyAccess::Closed, unsubscribe);
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
    let given = Given::new(endpoint, &keys, expires_at.as_deref())?;
    let subscribed = pushes.subscribe(&caller.0, given.subscription(), content.into()).await;
    Ok(Json(PushSubscription::from(&subscribed.map_err(Failure::from)?)))
}

/// Put a subscription in the place of one that the browser has dropped. Who knows the old one needs
/// no token.
#[utoipa::path(
    tag = "push",
    security(()),
    request_body = PushRenewal,
    responses((status = 200, body = PushSubscription), Refusals)
)]
#[post("/push/renewals")]
async fn renew(
    (pushes, limits): (Data<Pushes>, Data<RateLimits>),
    address: ClientAddress,
    body: Body<PushRenewal>,
) -> Result<Json<PushSubscription>, Problem> {
    limits.check_anybody(Class::Search, address)?;
    let PushRenewal { old, endpoint, keys, expires_at } = body.0;
    let given = Given::new(endpoint, &keys, expires_at.as_deref())?;
    let old = OldSubscription { endpoint: &old.endpoint, auth: &key_bytes(&old.auth) };
    let renewed = pushes.renew(old, given.subscription()).await.map_err(Failure::from)?;
    Ok(Json(PushSubscription::from(&renewed)))
}

/// A subscription as it was sent, with its keys as bytes.
struct Given {
    endpoint: String,
    p256dh: Vec<u8>,
    auth: Vec<u8>,
    expires_at: Option<Timestamp>,
}

impl Given {
    fn new(endpoint: String, keys: &PushKeys, expires_at: Option<&str>) -> Result<Self, Problem> {
        let expires_at = expires_at.map(|end| body::moment("expires_at", end)).transpose()?;
        let [p256dh, auth] = [&keys.p256dh, &keys.auth].map(|key| key_bytes(key));
        Ok(Self { endpoint, p256dh, auth, expires_at })
    }

    fn subscription(&self) -> NewSubscription<'_> {
        let Self { endpoint, p256dh, auth, expires_at } = self;
        NewSubscription { endpoint, p256dh, auth, expires_at: *expires_at }
    }
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
