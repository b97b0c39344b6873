//! The HTTP server around the handlers.

use crate::backend::Backend;
use crate::{health, native};
use actix_cors::Cors;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Extensions, Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_TYPE, HeaderName, LINK, RETRY_AFTER,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpResponse, HttpServer, rt};
use http_core::problem::Problem;
use http_core::rate_limit::{Connections, RouteClasses, limit_requests};
use http_core::{
    IDEMPOTENCY_KEY, Mount, NATIVE_ROOT, add_safeguards, carry_out_once, close_on_unread,
    fit_response, log_request, refuse_unreadable_path, sampled,
};
use realtime::UNACKNOWLEDGED;
use socket2::SockRef;
use std::any::Any;
use std::io;
use std::net::{Shutdown, TcpListener};
use std::time::Duration;

/// Bytes that the operating system buffers for a connection; a larger buffer would only hide a slow client.
const SEND_BUFFER: usize = 64 * 1024;
/// How long a client may take to send a request's head.
const REQUEST_HEAD: Duration = Duration::from_secs(10);
/// How long running requests may take when the server shuts down.
const SHUTDOWN_SECONDS: u64 = 8;

/// How many connections more than there may be a worker takes, to say so. A worker that has as many as it may
/// stops accepting, so with a single one, clients would wait for an answer that never comes.
const REFUSED_AT_ONCE: usize = 64;

/// Starts serving on a listener that is bound already; `mounts` are served beside the native API.
///
/// # Errors
/// The listener cannot be used.
pub fn start(
    listener: TcpListener,
    backend: Backend,
    (workers, connections): (usize, Connections),
    mounts: Vec<Mount>,
) -> io::Result<Server> {
    let (native, keys) = native::declared();
    let (classes, keys) = (Data::new(classes(native, &mounts)), Data::new(keys));
    let socket = Data::new(backend.socket_api());
    let server = HttpServer::new(move || {
        let cors = cors(backend.access.origins.allowed());
        App::new()
            .configure(|app| backend.register(app))
            .app_data(classes.clone())
            .app_data(keys.clone())
            .configure(health::configure)
            .configure(|app| native::socket(app, socket.clone()))
            .configure(native::describe_itself)
            .configure(|app| mounts.iter().for_each(|mount| mount.configure_under_native(app)))
            .service(
                web::scope(NATIVE_ROOT).wrap(from_fn(carry_out_once)).configure(native::operations),
            )
            .configure(|app| mounts.iter().for_each(|mount| mount.configure(app)))
            .default_service(web::to(native::no_such_path))
            .wrap(from_fn(limit_requests))
            .wrap(cors)
            .wrap(from_fn(answer_preflights))
            .wrap(from_fn(refuse_unreadable_path))
            .wrap(from_fn(fit_response))
            .wrap(from_fn(add_safeguards))
            .wrap(from_fn(log_request))
            .wrap(from_fn(close_on_unread))
    });
    let most = connections.most();
    let server = server
        .workers(workers)
        .max_connections(most.saturating_add(REFUSED_AT_ONCE))
        .on_connect(move |stream, data| admit(&connections, stream, data))
        .tcp_nodelay(true)
        .client_request_timeout(REQUEST_HEAD)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// The rate limit that each route counts for.
fn classes(native: RouteClasses, mounts: &[Mount]) -> RouteClasses {
    let mut classes = native;
    health::PATHS.iter().for_each(|path| classes.add_uncounted(path));
    mounts.iter().for_each(|mount| classes.extend(mount.classes()));
    classes
}

/// Takes a place for a new connection and sets it up. If there is none, sends the reason and closes the
/// connection.
fn admit(connections: &Connections, stream: &dyn Any, data: &mut Extensions) {
    let Some(stream) = stream.downcast_ref::<rt::net::TcpStream>() else { return };
    // Without a peer, the connection is closed already.
    let Ok(peer) = stream.peer_addr() else { return };
    match connections.take(peer.ip()) {
        Ok(place) => {
            data.insert(place);
            set_up(stream);
        }
        Err(refused) => {
            if sampled::CONNECTIONS.is_written() {
                tracing::warn!(%peer, detail = refused.detail, "refused a connection");
            }
            // The connection's buffer is still empty, so sending does not block.
            let socket = SockRef::from(stream);
            let _ = socket.send(Problem::from(refused).as_response().as_bytes());
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

fn set_up(stream: &rt::net::TcpStream) {
    let socket = SockRef::from(stream);
    let set = socket
        .set_tcp_user_timeout(Some(UNACKNOWLEDGED))
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER));
    if let Err(error) = set {
        tracing::warn!(%error, "a connection could not be set up");
    }
}

/// Middleware: answers CORS preflights of pages that are not allowed with 204 instead of 400. Without the
/// permission in the answer, the browser does not let the page call, and the request itself is no error.
async fn answer_preflights(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let response = next.call(request).await?;
    if asks && response.status() == StatusCode::BAD_REQUEST {
        let refused = response.into_parts().0;
        return Ok(ServiceResponse::new(refused, HttpResponse::NoContent().finish()));
    }
    Ok(response.map_into_boxed_body())
}

/// Allows pages of these origins to call; there are no cookies that would need protection.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allow_any_method()
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE, IDEMPOTENCY_KEY])
        .expose_headers([LINK, RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
