//! The HTTP server around the handlers.

use crate::rate_limit::limit_requests;
use crate::{Services, health, log_request, native};
use actix_cors::Cors;
use actix_web::dev::{Extensions, Server};
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ContentType, HeaderName, LINK,
    RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use socket2::SockRef;
use std::any::Any;
use std::io;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::time::Duration;
use utoipa::OpenApi;
use utoipa_actix_web::{AppExt, scope};

/// How long a peer may leave what was sent to it unacknowledged before the system gives up on the
/// connection: the only thing that ends one whose client never reads. It is longer than a write may
/// take, so that a client that reads again in time learns why it was closed.
pub(crate) const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// Bytes that the system buffers for a connection; more would only hide a slow client.
const SEND_BUFFER: usize = 64 * 1024;
/// How long a client may take to send a request's head.
const REQUEST_HEAD: Duration = Duration::from_secs(10);
/// What a page of this server may do, unless it says more strictly: load its own files and nothing
/// from elsewhere. The page to try the API at styles itself inline and draws with `data:` pictures.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";
/// How long requests may take once the server is to stop.
const SHUTDOWN_SECONDS: u64 = 8;

/// Starts serving on a listener that is bound already; `page` adds what people see at the root.
///
/// # Errors
/// The listener cannot be used.
pub fn start(
    listener: TcpListener,
    services: Services,
    workers: usize,
    page: fn(&mut ServiceConfig),
) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        let services = services.clone();
        let cors = cors(services.origins.allowed());
        App::new()
            .configure(|app| services.register(app))
            .configure(health::configure)
            .configure(native::socket)
            .route(native::DESCRIPTION, web::get().to(answer_description))
            .service(native::docs())
            .service(web::redirect("/api/docs", "/api/docs/"))
            .configure(page)
            .configure(|app| services.dialects.configure(app))
            .service(web::scope(native::ROOT).configure(native::operations))
            .default_service(web::to(native::no_such_path))
            .wrap(from_fn(limit_requests))
            .wrap(cors)
            .wrap(
                DefaultHeaders::new()
                    .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
                    .add((CONTENT_SECURITY_POLICY, POLICY)),
            )
            .wrap(from_fn(log_request))
    });
    let server = server
        .workers(workers)
        .on_connect(set_up_connection)
        .tcp_nodelay(true)
        .client_request_timeout(REQUEST_HEAD)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// The description of the native API, from its operations themselves.
pub fn describe() -> utoipa::openapi::OpenApi {
    App::new()
        .into_utoipa_app()
        .openapi(native::Description::openapi())
        .service(scope(native::ROOT).configure(|api| native::operations(api)))
        .split_for_parts()
        .1
}

/// What is kept of the description.
pub(crate) struct Described {
    /// Which methods its paths take.
    pub(crate) allowed: native::AllowedMethods,
    /// As it is sent.
    json: web::Bytes,
}

/// Made once it is asked for: most servers never are, and the tree that it is made from takes megabytes.
pub(crate) fn described() -> &'static Described {
    static DESCRIBED: LazyLock<Described> = LazyLock::new(|| {
        let description = describe();
        let json = description.to_json().expect("a description is JSON");
        Described { allowed: native::AllowedMethods::of(&description), json: json.into() }
    });
    &DESCRIBED
}

async fn answer_description() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(described().json.clone())
}

fn set_up_connection(connection: &dyn Any, _: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<rt::net::TcpStream>() else { return };
    let socket = SockRef::from(stream);
    let set = socket
        .set_tcp_user_timeout(Some(UNACKNOWLEDGED))
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER));
    if let Err(error) = set {
        tracing::warn!(%error, "a connection could not be set up");
    }
}

/// Lets the pages of the allowed origins call; there are no cookies to protect.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allow_any_method()
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("idempotency-key")])
        .expose_headers([LINK, RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
