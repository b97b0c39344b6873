//! The routes of dialects. Each exists with and without a slash at its end.

use super::fields::id_of;
use super::place::Place;
use super::refusal::Refused;
use crate::texts::{self, Language};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::guard::{GuardContext, fn_guard};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Error, Resource};
use domain::ids::NotAnId;
use http_core::NATIVE_ROOT;
use http_core::auth::Origins;
use http_core::rate_limit::{Class, RouteClasses};

/// A route: what answers a method at a path.
pub(crate) struct Route {
    /// A method, or `WS` for a socket.
    pub(crate) method: &'static str,
    /// Without a slash at its end; `{…}` stands for one segment.
    pub(crate) path: &'static str,
    /// The rate limit that it counts for.
    pub(crate) class: Class,
    /// Makes actix's route.
    handler: fn() -> actix_web::Route,
    /// The condition on requests, where another dialect has the same path.
    when: Option<fn(&GuardContext<'_>) -> bool>,
}

impl Route {
    /// A route that counts for [`Class::Other`] and has no condition.
    pub(crate) const fn new(
        method: &'static str,
        path: &'static str,
        handler: fn() -> actix_web::Route,
    ) -> Self {
        Self { method, path, class: Class::Other, handler, when: None }
    }

    /// The route, with another rate limit.
    pub(crate) const fn counted(self, class: Class) -> Self {
        Self { class, ..self }
    }

    /// The route, only for requests that meet a condition. Others get the route at that path without one.
    pub(crate) const fn when(self, when: fn(&GuardContext<'_>) -> bool) -> Self {
        Self { when: Some(when), ..self }
    }

    /// The method of HTTP.
    fn http_method(&self) -> Method {
        let method = if self.method == "WS" { "GET" } else { self.method };
        method.parse().unwrap_or(Method::GET)
    }
}

/// A dialect's routes, with its default language and its place.
pub(crate) struct Placed {
    pub(crate) routes: &'static [Route],
    pub(crate) language: Language,
    pub(crate) place: Place,
}

/// Which routes are registered; see [`http_core::Mount::with_routes_under_native`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    UnderNative,
    Elsewhere,
}

impl Part {
    fn has(self, place: &Place, route: &Route) -> bool {
        let path = format!("{}{}", place.prefix(), route.path);
        let below = path.strip_prefix(NATIVE_ROOT).is_some_and(|rest| rest.starts_with('/'));
        below == (self == Self::UnderNative)
    }
}

/// Registers this part of the routes of all dialects. `hosts` are the host names that belong to one dialect each. A method
/// that a path does not allow is refused in the dialects' format.
pub(crate) fn configure(app: &mut ServiceConfig, all: &[Placed], hosts: &[String], part: Part) {
    // Routes with a condition come first, because actix takes the first one that matches.
    for Placed { routes, place, language } in all {
        let routes = routes.iter().filter(|route| route.when.is_some() && part.has(place, route));
        for route in routes {
            let resource = resource(place, route.path, hosts);
            let when = route.when.unwrap_or(|_| true);
            let method = route.http_method();
            let asked =
                move |context: &GuardContext<'_>| context.head().method == method && when(context);
            let resource = resource.guard(fn_guard(asked)).route(in_language(route, *language));
            app.service(resource.wrap(from_fn(refuse_other_pages)));
        }
    }
    let places = all.iter().map(|placed| &placed.place).collect::<Vec<_>>();
    let mut done = Vec::new();
    for place in places {
        let here = all.iter().filter(|placed| placed.place == *place);
        let here =
            here.flat_map(|placed| placed.routes.iter().map(|route| (route, placed.language)));
        let here = here.filter(|(route, _)| route.when.is_none() && part.has(place, route));
        let here: Vec<_> = here.collect();
        for (route, _) in &here {
            let at = (place, shape(route.path));
            if !done.contains(&at) {
                let same = here.iter().filter(|(other, _)| shape(other.path) == at.1).copied();
                configure_one(app, place, hosts, &same.collect::<Vec<_>>());
                done.push(at);
            }
        }
    }
}

/// A path without the names of its parameters, so that equal paths compare equal.
fn shape(path: &str) -> String {
    let segments = path.split('/');
    let segments = segments.map(|part| if part.starts_with('{') { "{}" } else { part });
    segments.collect::<Vec<_>>().join("/")
}

fn resource(place: &Place, path: &str, hosts: &[String]) -> Resource {
    let path = format!("{}{path}", place.prefix());
    let (place, hosts) = (place.clone(), hosts.to_vec());
    let admits = move |context: &GuardContext<'_>| place.admits(context, &hosts);
    web::resource(vec![path.clone(), format!("{path}/")]).guard(fn_guard(admits))
}

/// A route and the language of its dialect.
type Here = (&'static Route, Language);

/// The route's handler, which answers in the language that the request asks for, or else in this one.
fn in_language(route: &Route, language: Language) -> actix_web::Route {
    (route.handler)().wrap(from_fn(move |request: ServiceRequest, next: Next<_>| {
        let language = texts::say::language_of(request.request(), language);
        texts::say::answering(language, next.call(request))
    }))
}

/// Registers all methods of one path.
fn configure_one(app: &mut ServiceConfig, place: &Place, hosts: &[String], here: &[Here]) {
    let mut resource = resource(place, here[0].0.path, hosts);
    for (route, language) in here {
        resource = resource.route(in_language(route, *language));
    }
    let methods = here.iter().map(|(route, _)| match route.method {
        "GET" => "GET, HEAD",
        "WS" => "GET",
        other => other,
    });
    let allowed = methods.collect::<Vec<_>>().join(", ");
    let resource = resource.wrap(from_fn(refuse_other_pages));
    let language = here[0].1;
    app.service(resource.default_service(web::to(move |request: actix_web::HttpRequest| {
        let refused = Refused::method(language, request.method(), &allowed);
        async move { Err::<&str, _>(refused) }
    })));
}

/// Registers which rate limits the routes count for.
pub(crate) fn count(classes: &mut RouteClasses, Placed { routes, place, .. }: &Placed) {
    for Route { method, path, class, .. } in *routes {
        let path = format!("{}{path}", place.prefix());
        classes.add(method, path.clone(), *class);
        classes.add(method, format!("{path}/"), *class);
    }
}

/// Middleware: refuses writing requests from pages of other origins. A browser sends their forms without
/// asking, so they could register accounts and sign in from a visitor's address.
///
/// # Errors
/// The service's errors.
async fn refuse_other_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let origins = request.app_data::<Data<Origins>>();
    let origins = origins.expect("`Access::register` hands the origins to the app");
    if !request.method().is_safe() && !origins.permit(request.request()) {
        let detail = "Pages of this origin may not do this.";
        return Ok(request.error_response(Refused::detail(StatusCode::FORBIDDEN, detail)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// An id in a path. Anything else is answered with 404.
pub(crate) fn id_in<T: TryFrom<i64, Error = NotAnId>>(segment: &str) -> Result<T, Refused> {
    id_of(segment).ok_or_else(Refused::not_found)
}

/// The refusal of a request to a WebSocket's path that does not open a socket.
pub(crate) fn no_upgrade() -> Refused {
    Refused::detail(StatusCode::BAD_REQUEST, "This is the address of a WebSocket.")
}
