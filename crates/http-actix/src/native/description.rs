//! The API's OpenAPI description, and the page to try it out.

use super::operations::{methods, operation};
use actix_web::http::header::ContentType;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse};
use domain::limits::Chosen;
use http_core::NATIVE_ROOT;
use http_core::path::fits;
use http_core::problem::Problem;
use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};
use utoipa::openapi::schema::{ArrayItems, Schema};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, RefOr};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::{AppExt, scope};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The path of the description.
const DESCRIPTION: &str = "/api/v1/openapi.json";

/// Registers the description, and the page to try out the API. The page's files are embedded in the binary,
/// and it loads nothing from other servers.
pub(crate) fn configure(app: &mut ServiceConfig) {
    let config = Config::new([DESCRIPTION]).validator_url("none").persist_authorization(true);
    app.route(DESCRIPTION, web::get().to(show))
        .service(SwaggerUi::new("/api/docs/{_:.*}").config(config))
        .service(web::redirect("/api/docs", "/api/docs/"));
}

/// The description of the native API, generated from its operations, with the default limits.
pub fn describe() -> utoipa::openapi::OpenApi {
    describe_with(&Chosen::default())
}

fn describe_with(limits: &Chosen) -> utoipa::openapi::OpenApi {
    let mut description = App::new()
        .into_utoipa_app()
        .openapi(Description::openapi())
        .service(scope(NATIVE_ROOT).configure(|api| super::operations(api)))
        .split_for_parts()
        .1;
    describe_keys(&mut description);
    let components = description.components.iter_mut();
    components.flat_map(|components| components.schemas.values_mut()).for_each(complete);
    describe_limits(&mut description, limits);
    description
}

/// Marks every field of answers as required: a field without a value is sent as `null`, but utoipa describes
/// an `Option` as a field that may be missing. Objects that refuse unknown fields are requests, where fields
/// may be missing.
fn complete(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) if object.additional_properties.is_none() => {
            object.required = object.properties.keys().cloned().collect();
            object.properties.values_mut().for_each(complete);
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                complete(items);
            }
        }
        RefOr::T(Schema::AllOf(all)) => all.items.iter_mut().for_each(complete),
        _ => {}
    }
}

/// Adds the scope that a service key needs for each operation. Operations that need no token stay open.
fn describe_keys(description: &mut utoipa::openapi::OpenApi) {
    let (_, routes) = super::declared();
    for route in routes.iter() {
        let Some(scope) = route.access.scope() else { continue };
        let item = description.paths.paths.get_mut(&route.path);
        let Some(operation) = item.and_then(|item| operation(item, route.method)) else { continue };
        let nothing = SecurityRequirement::default();
        let person = operation.security.take().filter(|ways| ways.contains(&nothing));
        let person = person.unwrap_or_else(|| vec![SecurityRequirement::new(TOKEN, [""; 0])]);
        let key = SecurityRequirement::new(KEY, [scope.as_str()]);
        operation.security = Some(person.into_iter().chain([key]).collect());
    }
}

/// Answers with the description, with this server's limits.
async fn show(limits: web::Data<Chosen>) -> HttpResponse {
    static LIMITED: OnceLock<web::Bytes> = OnceLock::new();
    let json = LIMITED.get_or_init(|| {
        let description = describe_with(&limits);
        description.to_json().expect("a description is JSON").into()
    });
    HttpResponse::Ok().content_type(ContentType::json()).body(json.clone())
}

/// Sets the limits of request fields to this server's.
fn describe_limits(description: &mut utoipa::openapi::OpenApi, limits: &Chosen) {
    let Some(components) = &mut description.components else { return };
    for (schema, field) in [("NewMessage", "text"), ("EditMessage", "text")] {
        if let Some(Schema::Object(text)) = field_of(components, schema, field) {
            text.max_length = Some(limits.message_chars);
        }
    }
    if let Some(Schema::Array(files)) = field_of(components, "NewMessage", "attachments") {
        files.max_items = Some(limits.attachments);
    }
}

fn field_of<'a>(
    components: &'a mut Components,
    schema: &str,
    field: &str,
) -> Option<&'a mut Schema> {
    match components.schemas.get_mut(schema)? {
        RefOr::T(Schema::Object(object)) => match object.properties.get_mut(field)? {
            RefOr::T(schema) => Some(schema),
            RefOr::Ref(_) => None,
        },
        _ => None,
    }
}

/// The methods of all operations whose path matches. Paths that are not described (the socket, pages, health)
/// allow only reading.
pub(super) fn allowed_at(path: &str) -> Vec<&'static str> {
    // Made when it is first needed: many servers never need it, and the description takes megabytes while it
    // is made.
    static ALLOWED: LazyLock<AllowedMethods> = LazyLock::new(|| AllowedMethods::of(&describe()));
    ALLOWED.at(path)
}

/// The paths of the description with the methods that they allow.
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
        // Wherever GET is allowed, HEAD is.
        let with_head = |method| if method == "GET" { vec!["GET", "HEAD"] } else { vec![method] };
        methods.into_iter().flat_map(with_head).collect()
    }
}

/// The description of the API, before its operations are added.
#[derive(OpenApi)]
#[openapi(
    info(title = "Confab", description = "The native API of a chat server. The socket is described in `docs/api/socket.md`."),
    modifiers(&Credentials),
    components(schemas(Problem)),
    security(("access_token" = []))
)]
struct Description;

/// The security scheme of people.
const TOKEN: &str = "access_token";
/// The security scheme of hosts' backends.
const KEY: &str = "service_key";

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = || HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let said = "A service key; the operation names the scope that it needs. With the scope act_as, the header \
                    Confab-Act-As names whom it acts as.";
        let key = bearer().bearer_format("confab_key_…").description(Some(said)).build();
        let components = api.components.get_or_insert_default();
        let token = SecurityScheme::Http(bearer().bearer_format("JWT").build());
        components.add_security_scheme(TOKEN, token);
        components.add_security_scheme(KEY, SecurityScheme::Http(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::service_key::Scope;
    use http_core::keys::KeyRoute;

    #[test]
    fn a_path_takes_the_methods_of_all_operations_that_it_may_mean() {
        assert_eq!(allowed_at("/api/v1/auth/login"), ["POST"]);
        assert_eq!(allowed_at("/api/v1/chats/7"), ["DELETE", "GET", "HEAD", "PATCH", "PUT"]);
        assert_eq!(allowed_at("/healthz"), ["GET", "HEAD"]);
    }

    #[test]
    fn answers_have_all_their_fields_and_requests_those_that_they_need() {
        let description = describe();
        let schemas = &description.components.as_ref().expect("it has schemas").schemas;
        let required = |name: &str| {
            let RefOr::T(Schema::Object(object)) = &schemas[name] else {
                panic!("{name} is no object");
            };
            object.required.clone()
        };
        assert_eq!(required("Preferences"), ["archived", "mentions_only", "muted_until", "pinned"]);
        assert_eq!(required("List_Chat"), ["items", "next"]);
        assert_eq!(required("NewMessage"), ["text"]);
        assert_eq!(required("PreferencesUpdate"), [""; 0]);
    }

    /// The routes of a row of `docs/scopes.md`.
    fn listed(word: &str) -> String {
        let page = include_str!("../../../../docs/scopes.md");
        let begin = format!("| {word} |");
        let mut rows = page.lines().filter(|line| line.starts_with(&begin));
        let row = rows.next().unwrap_or_else(|| panic!("no row begins with {begin}"));
        assert_eq!(rows.next(), None, "one row begins with {begin}");
        let routes = row.trim_end_matches(" |").rsplit(" | ").next();
        routes.expect("a last cell").to_owned()
    }

    #[test]
    fn the_table_of_scopes_has_the_routes_that_each_opens() {
        let (_, routes) = super::super::declared();
        let of = |wanted: Option<Scope>| {
            let is_of = |route: &&KeyRoute| {
                let access = route.access;
                access.scope() == wanted || wanted.is_some() && access.reaching() == wanted
            };
            let routes = routes.iter().filter(is_of).map(|route| {
                let path = route.path.strip_prefix(NATIVE_ROOT).expect("it is of this API");
                format!("`{} {path}`", route.method)
            });
            routes.collect::<Vec<_>>().join(", ")
        };
        for scope in Scope::ALL.iter().copied() {
            let wanted = of(Some(scope));
            let is_named = scope != Scope::ActAs;
            assert_eq!(is_named, !wanted.is_empty(), "{scope}");
            let wanted = if is_named { &wanted } else { "every route of its other scopes" };
            assert_eq!(listed(&format!("`{scope}`")), wanted, "{scope}");
        }
        assert_eq!(listed("none"), of(None));
    }

    /// Names of parameters by which `http_core::keys` finds what may belong to a whisper, and refuses it to keys that
    /// see no whispers.
    const CHECKED: [&str; 3] = ["attachment_id", "chat_id", "message_id"];
    /// All others. None of them is a whisper, or something in one.
    const UNCHECKED: [&str; 7] =
        ["emoji", "invite_id", "name", "project_id", "provider", "session_id", "user_id"];

    #[test]
    fn no_path_names_a_place_by_a_name_that_is_not_checked_for_whispers() {
        let (_, routes) = super::super::declared();
        let segments = routes.iter().flat_map(|route| route.path.split('/'));
        let named = segments.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let named: BTreeSet<_> = named.collect();
        let known: BTreeSet<_> = CHECKED.into_iter().chain(UNCHECKED).collect();
        assert_eq!(named, known, "a new name belongs in one of the lists");
    }

    #[test]
    fn every_described_operation_says_what_it_asks_of_keys() {
        let (_, routes) = super::super::declared();
        let said: BTreeSet<_> = routes.iter().map(|r| (r.path.clone(), r.method)).collect();
        let description = describe();
        let paths = description.paths.paths.iter();
        let described: BTreeSet<_> = paths
            .flat_map(|(path, item)| methods(item).map(|method| (path.clone(), method)))
            .collect();
        assert_eq!(said, described);
    }
}
