//! Metrics, and the server that Prometheus reads them from.

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

/// Samples the metrics that are not updated when something happens.
pub fn observe(hub: &Hub, limits: &RateLimits) {
    realtime::metrics::observe(hub);
    http_core::metrics::observe(limits);
}

/// Registers every metric with the value 0: if a metric appeared only with its first event, a rate would not
/// show that event. To be called once a recorder is installed.
pub fn register() {
    http_core::metrics::register();
    realtime::metrics::register(native::PROTOCOL);
    native::metrics::register();
}

/// Renders all metrics in Prometheus's format.
pub type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// Serves `GET /metrics`, and nothing else, on its own listener, so that a reverse proxy for the API never
/// exposes it.
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
