//! The native API: REST under `/api/v1` and its socket.

mod accounts;
mod admin;
mod attachments;
mod avatars;
mod bans;
mod blocks;
mod chats;
mod marks;
mod members;
mod messages;
mod nowhere;
mod operations;
mod own_data;
mod paging;
mod people;
mod places;
mod push;
mod serving;
mod socket;
mod wire;

pub use nowhere::{AllowedMethods, no_such_path};
pub use operations::Operations;

use crate::problem::{Problem, Refusals};
use actix_web::web;
use domain::failure::Failure;
use std::future::Future;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Where the API is.
pub const ROOT: &str = "/api/v1";
/// What figures call it.
pub(crate) const PROTOCOL: &str = "native";
/// Where its description is.
pub const DESCRIPTION: &str = "/api/v1/openapi.json";

/// Adds every operation, each with its description.
pub fn operations(api: &mut impl Operations) {
    accounts::configure(api);
    people::configure(api);
    own_data::configure(api);
    blocks::configure(api);
    admin::configure(api);
    chats::configure(api);
    members::configure(api);
    places::configure(api);
    bans::configure(api);
    messages::configure(api);
    marks::configure(api);
    attachments::configure(api);
    avatars::configure(api);
    push::configure(api);
}

/// Adds what the description leaves out: the socket.
pub fn socket(app: &mut web::ServiceConfig) {
    app.service(socket::open);
}

/// The page to try the API at. Its files are in the binary, and it asks nobody else for anything.
pub fn docs() -> SwaggerUi {
    let config = Config::new([DESCRIPTION]).validator_url("none").persist_authorization(true);
    SwaggerUi::new("/api/docs/{_:.*}").config(config)
}

/// The description of the API, before its operations are added.
#[derive(OpenApi)]
#[openapi(
    info(title = "Confab", description = "The native API of a chat server. The socket is described in `docs/api/socket.md`."),
    modifiers(&AccessToken),
    components(schemas(Problem)),
    security(("access_token" = []))
)]
pub struct Description;

struct AccessToken;

impl Modify for AccessToken {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("access_token", SecurityScheme::Http(scheme));
    }
}

/// Runs a change to its end even when its caller hangs up.
async fn to_the_end<T: 'static, E: Into<Failure> + 'static>(
    change: impl Future<Output = Result<T, E>> + 'static,
) -> Result<T, Problem> {
    crate::to_the_end(change).await.map_err(Problem::from)
}
