//! The limits of this server.

use super::Operations;
use super::wire::Limits;
use actix_web::get;
use actix_web::web::{Data, Json};
use domain::limits::Chosen;
use domain::service_key::KeyAccess;
use http_core::problem::Refusals;
use http_core::rate_limit::{RateLimits, Rates};

pub(super) fn configure(api: &mut impl Operations) {
    api.service(KeyAccess::Closed, limits);
}

/// What this server allows: how long a message may be, how large a file, and how often anybody may do what. It needs
/// no token.
#[utoipa::path(tag = "limits", security(()), responses((status = 200, body = Limits), Refusals))]
#[get("/limits")]
async fn limits(chosen: Data<Chosen>, rates: Data<RateLimits>) -> Json<Limits> {
    Json(Limits::new(&chosen, rates.rates().map(Rates::all).unwrap_or_default()))
}
