//! Who calls, and is there by that: a front end of this dialect may have no socket.

use crate::shared::refusal::Refused;
use crate::shared::services::{Services, data};
use crate::shared::who::Known;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::session::Caller;
use futures_util::future::LocalBoxFuture;

/// Somebody who proved who they are.
pub(super) struct Here(pub(super) Caller);

impl FromRequest for Here {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let known = Known::from_request(request, payload);
        let services = data::<Services>(request);
        Box::pin(async move {
            let Known(caller) = known.await?;
            services.presence.visit(caller.user).await?;
            Ok(Self(caller))
        })
    }
}
