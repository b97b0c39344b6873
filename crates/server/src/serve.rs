//! Serving, from the first request to the last.

use crate::apis::mounts;
use crate::composition::{Assembled, assemble};
use crate::error::BoxError;
use crate::metrics::Metrics;
use crate::settings::Settings;
use domain::limits::PRESENCE_SLICE;
use domain::nodes::{Doubt, Sockets};
use http_actix::Backend;
use http_core::Access;
use realtime::{Hub, SocketServices};
use rustix::process::Signal;
use std::collections::HashSet;
use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// Within which sockets of an ended session are closed, wherever it was ended.
const ENDED_SESSIONS: Duration = Duration::from_millis(100);
/// Within which sockets know of a role that their owner was given, wherever that was.
const ROLES: Duration = Duration::from_millis(250);
/// Within which what deleted accounts left in chats begins to follow them.
const DELETIONS: Duration = Duration::from_millis(500);
/// In each of so many slices it is looked at who came and who went: once a second.
const PRESENCE: usize = 10;
/// How often it is looked for what came of a write of which nobody knows, each time after twice as many
/// seconds: for a minute.
const LOOKS: u32 = 6;
/// How often what has expired is forgotten.
const PURGE: Duration = Duration::from_secs(600);

/// How long notifications of messages that were sent before the end may take.
const LAST_PUSHES: Duration = Duration::from_secs(2);

/// How often files that nothing refers to are deleted.
const SWEEP: Duration = Duration::from_secs(600);

/// Serves until it is told to stop, and then finishes what it began.
pub(crate) async fn serve(settings: Settings) -> Result<(), BoxError> {
    // A file that may not grow is an error for who writes it, and not the end of the process.
    let _too_large = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()))?;
    // Before anything else: a second server at the same address must not touch the database.
    let listener = TcpListener::bind(settings.listen)
        .map_err(|error| format!("CONFAB_LISTEN: cannot listen at {}: {error}", settings.listen))?;
    let address = listener.local_addr()?;
    let metrics = settings.metrics_listen.map(Metrics::start).transpose()?;
    let Assembled { backend, storage, nodes, rounds } = assemble(&settings).await?;
    let mounts = mounts(&settings, &backend);
    let server = http_actix::serve::start(listener, backend.clone(), settings.workers, mounts)?;
    let handle = server.handle();
    let mut serving = tokio::spawn(server);
    let mut chores = start_chores(&backend);
    let (hub, unsure) = (backend.sockets.hub.clone(), storage.clone());
    chores.spawn(async move {
        loop {
            unsure.unsure().await;
            compare_for_a_minute(&hub).await;
        }
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
    let pushing = tokio::spawn(rounds.run(async move { drop(stopped.await) }));
    announce(&format!("listening on http://{address}"));

    tokio::select! {
        ended = &mut serving => return Ok(ended??),
        told = told_to_stop() => told?,
    }
    tracing::info!("stopping: no new work, and every socket is told to resume elsewhere");
    backend.health.stop();
    backend.sockets.hub.stop();
    handle.stop(true).await;
    drop(chores);
    drop(stop_pushing);
    let _ = timeout(LAST_PUSHES, pushing).await;
    if let Some(nodes) = nodes {
        nodes.bus.close().await;
    }
    storage.close().await;
    tracing::info!("stopped");
    Ok(())
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

#[expect(clippy::print_stdout, reason = "scripts wait for this line")]
fn announce(line: &str) {
    println!("{line}");
    tracing::info!("{line}");
}

/// What is to be done again and again; it ends when the set is dropped.
fn start_chores(backend: &Backend) -> JoinSet<()> {
    let mut chores = JoinSet::new();
    let Backend { use_cases, access, sockets, .. } = backend;
    let SocketServices { hub, chats, .. } = sockets.clone();
    chores.spawn(async move { hub.fill_gaps(&chats).await });
    let SocketServices { hub, chats, .. } = sockets.clone();
    chores.spawn(async move { hub.reconcile(&chats).await });
    let presence = use_cases.presence.clone();
    let slices = AtomicUsize::new(0);
    chores.spawn(every(PRESENCE_SLICE, move || {
        let presence = presence.clone();
        let look = slices.fetch_add(1, Ordering::Relaxed).is_multiple_of(PRESENCE);
        async move { if look { presence.settle().await } else { presence.tell().await } }
    }));
    let SocketServices { hub, sessions, .. } = sockets.clone();
    chores.spawn(every(ENDED_SESSIONS, move || {
        let (hub, sessions) = (hub.clone(), sessions.clone());
        async move {
            if hub.sockets() > 0 {
                let ended = sessions.ended_lately().await?;
                hub.close_sessions(&ended.iter().map(|e| e.session).collect::<HashSet<_>>());
            }
            Ok(())
        }
    }));
    let SocketServices { hub, sessions, .. } = sockets.clone();
    chores.spawn(every(ROLES, move || {
        let (hub, sessions) = (hub.clone(), sessions.clone());
        async move {
            if hub.sockets() > 0 {
                hub.set_roles(&sessions.roles_set_lately().await?);
            }
            Ok(())
        }
    }));
    let own = use_cases.own.clone();
    chores.spawn(every(DELETIONS, move || {
        let own = own.clone();
        async move { own.finish_deletions().await }
    }));
    let Access { sessions, rate_limits, .. } = access.clone();
    chores.spawn(every(PURGE, move || {
        let (sessions, rate_limits) = (sessions.clone(), rate_limits.clone());
        async move {
            rate_limits.forget_idle();
            sessions.purge().await
        }
    }));
    let media = use_cases.media.clone();
    chores.spawn(every(SWEEP, move || {
        let media = media.clone();
        async move { media.sweep().await }
    }));
    chores
}

/// Of a write that got no answer nobody was told. So sockets are compared with the database, for as long
/// as it may still be done.
async fn compare_for_a_minute(hub: &Hub) {
    for look in 0..LOOKS {
        hub.compare(Doubt::Everything);
        sleep(Duration::from_secs(1 << look)).await;
    }
}

/// Does a chore now and then for ever. One that fails is tried again at its next turn.
async fn every<F, Fut>(period: Duration, chore: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), domain::failure::StoreError>>,
{
    let mut turns = interval(period);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(error) = chore().await {
            tracing::warn!(error = crate::error::one_line(&error), "a chore failed");
        }
    }
}
