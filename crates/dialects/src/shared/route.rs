//! Addresses of dialects, each with and without a slash at its end.

use super::fields::id_of;
use super::refusal::Refused;
use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use domain::ids::NotAnId;
use http_core::auth::Origins;
use http_core::rate_limit::{Class, RouteClasses};

/// What answers a method at an address.
pub(crate) struct Route {
    /// A method, or `WS` for a socket.
    pub(crate) method: &'static str,
    /// Without a slash at its end; `{…}` stands for one segment.
    pub(crate) path: &'static str,
    /// What it counts as.
    pub(crate) class: Class,
    /// Makes the route.
    handler: fn() -> actix_web::Route,
}

impl Route {
    /// A method at an address.
    pub(crate) const fn new(
        method: &'static str,
        path: &'static str,
        handler: fn() -> actix_web::Route,
    ) -> Self {
        Self { method, path, class: Class::Other, handler }
    }

    /// The same, counted as something that is done less often.
    pub(crate) const fn counted(self, class: Class) -> Self {
        Self { class, ..self }
    }
}

/// Puts routes at their addresses. A method that an address does not take is refused in the words of
/// dialects.
pub(crate) fn configure(app: &mut ServiceConfig, routes: &[Route]) {
    let mut done = Vec::new();
    for Route { path, .. } in routes {
        if done.contains(path) {
            continue;
        }
        done.push(path);
        let here: Vec<_> = routes.iter().filter(|route| route.path == *path).collect();
        let mut resource = web::resource(vec![(*path).to_owned(), format!("{path}/")]);
        for route in &here {
            resource = resource.route((route.handler)());
        }
        let methods = here.iter().map(|route| match route.method {
            "GET" => "GET, HEAD",
            "WS" => "GET",
            other => other,
        });
        let allowed = methods.collect::<Vec<_>>().join(", ");
        let resource = resource.wrap(from_fn(refuse_other_pages));
        app.service(resource.default_service(web::to(move |request: actix_web::HttpRequest| {
            let refused = Refused::method(request.method(), &allowed);
            async move { Err::<&str, _>(refused) }
        })));
    }
}

/// Says what routes count as.
pub(crate) fn count(classes: &mut RouteClasses, routes: &[Route]) {
    for Route { method, path, class, .. } in routes {
        classes.add(method, (*path).to_owned(), *class);
        classes.add(method, format!("{path}/"), *class);
    }
}

/// Middleware: what writes is not for the forms of other pages, which a browser sends without asking.
/// They would make accounts and sign in from its address.
///
/// # Errors
/// Those of the service.
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

/// An id in an address. What is none leads nowhere.
pub(crate) fn id_in<T: TryFrom<i64, Error = NotAnId>>(segment: &str) -> Result<T, Refused> {
    id_of(segment).ok_or_else(Refused::not_found)
}

/// What a request is refused with that would have to open a socket and does not.
pub(crate) fn no_upgrade() -> Refused {
    Refused::detail(StatusCode::BAD_REQUEST, "This is the address of a WebSocket.")
}
