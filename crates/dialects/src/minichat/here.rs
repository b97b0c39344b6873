//! Who calls, and is there by that: a front end of this dialect may have no socket.

use super::super::refusal::Refused;
use super::super::who::Known;
use crate::Services;
use actix_web::dev::Payload;
use actix_web::web::Data;
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
        let services = request.app_data::<Data<Services>>().cloned();
        Box::pin(async move {
            let Known(caller) = known.await?;
            let services = services.expect("`Services::register` hands them to the app");
            services.presence.visit(caller.user).await?;
            Ok(Self(caller))
        })
    }
}
