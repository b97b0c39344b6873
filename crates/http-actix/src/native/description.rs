//! The API's description of itself, and the page to try it at.

use super::operations::methods;
use actix_web::http::header::ContentType;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse};
use http_core::NATIVE_ROOT;
use http_core::path::fits;
use http_core::problem::Problem;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::{AppExt, scope};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Where the description is.
const DESCRIPTION: &str = "/api/v1/openapi.json";

/// Adds the description and the page to try the API at. Its files are in the binary, and it asks nobody
/// else for anything.
pub(crate) fn configure(app: &mut ServiceConfig) {
    let config = Config::new([DESCRIPTION]).validator_url("none").persist_authorization(true);
    app.route(DESCRIPTION, web::get().to(show))
        .service(SwaggerUi::new("/api/docs/{_:.*}").config(config))
        .service(web::redirect("/api/docs", "/api/docs/"));
}

/// The description of the native API, from its operations themselves.
pub fn describe() -> utoipa::openapi::OpenApi {
    App::new()
        .into_utoipa_app()
        .openapi(Description::openapi())
        .service(scope(NATIVE_ROOT).configure(|api| super::operations(api)))
        .split_for_parts()
        .1
}

/// What is kept of the description.
struct Described {
    /// Which methods its paths take.
    allowed: AllowedMethods,
    /// As it is sent.
    json: web::Bytes,
}

/// Made once it is asked for: most servers never are, and the tree that it is made from takes megabytes.
fn described() -> &'static Described {
    static DESCRIBED: LazyLock<Described> = LazyLock::new(|| {
        let description = describe();
        let json = description.to_json().expect("a description is JSON");
        Described { allowed: AllowedMethods::of(&description), json: json.into() }
    });
    &DESCRIBED
}

async fn show() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(described().json.clone())
}

/// The methods of every operation that a path may mean. What is there and not described (the socket,
/// pages, health) is read and nothing else.
pub(super) fn allowed_at(path: &str) -> Vec<&'static str> {
    described().allowed.at(path)
}

/// Which methods the paths of the description take.
struct AllowedMethods(Vec<(String, Vec<&'static str>)>);

impl AllowedMethods {
    fn of(description: &utoipa::openapi::OpenApi) -> Self {
        let paths = description.paths.paths.iter();
        Self(paths.map(|(path, item)| (path.clone(), methods(item).collect())).collect())
    }

    fn at(&self, path: &str) -> Vec<&'static str> {
        let meant = self.0.iter().filter(|(template, _)| fits(template, path));
        let methods: BTreeSet<_> = meant.flat_map(|(_, methods)| methods).copied().collect();
        let methods = if methods.is_empty() { BTreeSet::from(["GET"]) } else { methods };
        // HEAD is answered as GET is.
        let with_head = |method| if method == "GET" { vec!["GET", "HEAD"] } else { vec![method] };
        methods.into_iter().flat_map(with_head).collect()
    }
}

/// The description of the API, before its operations are added.
#[derive(OpenApi)]
#[openapi(
    info(title = "Confab", description = "The native API of a chat server. The socket is described in `docs/api/socket.md`."),
    modifiers(&AccessToken),
    components(schemas(Problem)),
    security(("access_token" = []))
)]
struct Description;

struct AccessToken;

impl Modify for AccessToken {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("access_token", SecurityScheme::Http(scheme));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_takes_the_methods_of_all_operations_that_it_may_mean() {
        assert_eq!(allowed_at("/api/v1/auth/login"), ["POST"]);
        assert_eq!(allowed_at("/api/v1/chats/7"), ["DELETE", "GET", "HEAD", "PATCH"]);
        assert_eq!(allowed_at("/healthz"), ["GET", "HEAD"]);
    }
}
