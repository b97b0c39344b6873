//! What is counted, and where it is read.

use crate::native;
use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use http_core::rate_limit::RateLimits;
use realtime::Hub;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

/// Looks at what is not counted as it happens.
pub fn observe(hub: &Hub, limits: &RateLimits) {
    realtime::metrics::observe(hub);
    http_core::metrics::observe(limits);
}

/// Shows every metric from the start, at nothing: a metric that appears with its first event hides
/// that event from a rate. To be called once there is a recorder.
pub fn register() {
    http_core::metrics::register();
    realtime::metrics::register(native::PROTOCOL);
    native::metrics::register();
}

/// Writes all metrics as Prometheus reads them.
pub type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// Answers `GET /metrics` on a listener of its own, and nothing else: what a reverse proxy passes on
/// of the API never includes it.
///
/// # Errors
/// The listener cannot be used.
pub fn listen(listener: TcpListener, render: Render) -> io::Result<Server> {
    let render = Data::new(render);
    let server = HttpServer::new(move || {
        App::new().app_data(render.clone()).route("/metrics", web::get().to(show))
    });
    Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

async fn show(render: Data<Render>) -> HttpResponse {
    let text = ContentType("text/plain; version=0.0.4".parse().expect("a media type"));
    HttpResponse::Ok().content_type(text).body((**render)())
}
