//! Serving, from the start to the shutdown.

use crate::apis::mounts;
use crate::background_jobs;
use crate::composition::{Assembled, assemble};
use crate::descriptors;
use crate::error::BoxError;
use crate::metrics::Metrics;
use crate::settings::Settings;
use futures_util::FutureExt;
use http_core::rate_limit::Connections;
use rustix::process::Signal;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;

/// How long the last notifications may take at a shutdown.
const LAST_PUSHES: Duration = Duration::from_secs(2);

/// Serves until it receives a signal to stop, and then finishes running work.
pub(crate) async fn serve(settings: Settings) -> Result<(), BoxError> {
    // Handled so that reaching a limit on file sizes is an error for the writer, and does not end the process.
    let _too_large = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()))?;
    // Before anything else: a second server at the same address must not touch the database.
    let listener = TcpListener::bind(settings.listen)
        .map_err(|error| format!("CONFAB_LISTEN: cannot listen at {}: {error}", settings.listen))?;
    let address = listener.local_addr()?;
    let metrics = settings.metrics_listen.map(Metrics::start).transpose()?;
    let Assembled { backend, storage, nodes, rounds, jobs, set_up_link } =
        assemble(&settings).await?;
    let mounts = mounts(&settings, &backend);
    let room = (settings.workers, connections(&settings));
    let server = http_actix::serve::start(listener, backend.clone(), room, mounts)?;
    let handle = server.handle();
    let mut serving = tokio::spawn(server);
    let unsure = storage.clone();
    let mut running = background_jobs::start(&backend, &jobs, move || {
        let unsure = unsure.clone();
        async move { unsure.unsure().await }
    });
    let indexed = storage.clone();
    background_jobs::start_reindexing(&jobs, &mut running, move || {
        let indexed = indexed.clone();
        async move { indexed.reindex().await }
    });
    let trimmed = storage.clone();
    background_jobs::start_trimming(&jobs, &mut running, move || {
        let trimmed = trimmed.clone();
        async move { trimmed.trim_log().await }
    });
    if let Some(metrics) = metrics {
        let (hub, storage) = (backend.sockets.hub.clone(), storage.clone());
        let limits = backend.access.rate_limits.clone();
        let shown = metrics.show(move || {
            http_actix::metrics::observe(&hub, &limits);
            storage.observe();
        });
        announce(&format!("metrics at http://{}/metrics", shown?));
    }
    let (stop_pushing, stopped) = oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) }.shared();
    let rounds = Arc::new(Mutex::new(rounds));
    let pushing = tokio::spawn(jobs.add("push").keep(move || {
        let (rounds, stopped) = (rounds.clone(), stopped.clone());
        async move { rounds.lock().await.run(stopped).await }
    }));
    announce_address(address, set_up_link);

    tokio::select! {
        ended = &mut serving => return Ok(ended??),
        told = told_to_stop() => told?,
    }
    tracing::info!("stopping: no new work, and every socket is told to resume elsewhere");
    backend.health.stop();
    backend.sockets.hub.stop();
    handle.stop(true).await;
    drop(running);
    drop(stop_pushing);
    let _ = timeout(LAST_PUSHES, pushing).await;
    if let Some(nodes) = nodes {
        nodes.bus.close().await;
    }
    storage.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The limits of connections. Behind proxies all connections come from these, so they are not counted by address.
fn connections(settings: &Settings) -> Connections {
    let shared = settings.trusted_proxies > 0 || !settings.rate_limits;
    Connections::new(descriptors::take_all(), shared)
}

/// Waits for SIGTERM or SIGINT.
async fn told_to_stop() -> io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    Ok(())
}

/// Prints the address that it listens at and, if there is no admin, the link that creates the first one.
fn announce_address(address: SocketAddr, set_up_link: Option<String>) {
    if let Some(link) = set_up_link {
        announce(&format!("there is no admin yet; make the first: http://{address}/{link}"));
    }
    announce(&format!("listening on http://{address}"));
}

#[expect(clippy::print_stdout, reason = "scripts wait for this line")]
fn announce(line: &str) {
    println!("{line}");
    tracing::info!("{line}");
}
