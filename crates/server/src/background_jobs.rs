//! Background jobs: what a node does by itself now and then. Every node runs them.
//!
//! Each is supervised: a job that panics is started again after a pause, and `/readyz` reports one that keeps
//! failing.

use crate::error::one_line;
use crate::job_steps::{compare_for_a_minute, erase, fetch_pictures};
use async_trait::async_trait;
use domain::failure::StoreError;
use domain::limits::PRESENCE_SLICE;
use domain::session::SessionWatch;
use futures_util::FutureExt;
use http_actix::Backend;
use http_actix::health::{Check, Dependency, Trouble};
use http_core::Access;
use metrics::{Counter, counter};
use realtime::SocketServices;
use std::any::Any;
use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// How often nodes ask for ended sessions and changed roles. Sockets of an ended session stay open for about
/// so long.
const SESSIONS: Duration = Duration::from_millis(100);
/// How often deleted accounts and chats are looked for whose content is still to be deleted.
const DELETIONS: Duration = Duration::from_millis(500);
/// Every so many slices of presence ([`PRESENCE_SLICE`]) it is found out who came and went: once a second.
const PRESENCE: usize = 10;
/// How long reindexing pauses after a failure.
const REINDEX_PAUSE: Duration = Duration::from_secs(10);
/// How often the log says how many lines of a flood it left out.
const LOG_TURNS: Duration = Duration::from_secs(1);
/// How often pictures of hosts' people are looked for that are to be fetched.
const PICTURES: Duration = Duration::from_secs(1);
/// How often expired rows are deleted.
const PURGE: Duration = Duration::from_secs(600);
/// How often files that nothing refers to are deleted.
const SWEEP: Duration = Duration::from_secs(600);

/// How often the length of SQLite's write-ahead log is checked.
const TRIM: Duration = Duration::from_secs(5);

/// The number of failures in a row from which on `/readyz` reports a job.
const KEEPS_FAILING: u32 = 3;
/// How long a job pauses after a panic. It doubles with each further one, up to [`LONGEST_REST`].
const REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(10);
/// See [`Job::recovery`].
const RECOVERY: Duration = Duration::from_secs(60);

/// The states of all jobs.
#[derive(Clone, Default)]
pub(crate) struct JobStates(Arc<Mutex<Vec<Arc<Job>>>>);

/// One job.
pub(crate) struct Job {
    name: &'static str,
    /// Failures since it last succeeded.
    failures: AtomicU32,
    /// A job without turns counts as recovered when it has run for so long since its last start.
    recovery: Duration,
    panics: Counter,
    errors: Counter,
}

impl JobStates {
    /// Registers a job under that name, which is also its label in metrics.
    pub(crate) fn add(&self, name: &'static str) -> Arc<Job> {
        self.add_with(name, RECOVERY)
    }

    fn add_with(&self, name: &'static str, recovery: Duration) -> Arc<Job> {
        let of = |outcome| counter!("confab_background_job_failures_total", "job" => name, "outcome" => outcome);
        let (panics, errors) = (of("panicked"), of("failed"));
        let job = Arc::new(Job { name, failures: AtomicU32::new(0), recovery, panics, errors });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(job.clone());
        job
    }

    fn failing(&self) -> Vec<&'static str> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failing = |job: &&Arc<Job>| job.failures.load(Ordering::Relaxed) >= KEEPS_FAILING;
        jobs.iter().filter(failing).map(|job| job.name).collect()
    }
}

/// The jobs as a check of `/readyz`. It is reported, but the node stays ready: requests are served without them.
#[async_trait]
impl Dependency for JobStates {
    async fn checks(&self) -> Vec<Check> {
        let failing = self.failing();
        let trouble = (!failing.is_empty()).then(|| Trouble {
            told: "a background job keeps failing; the log says which and why",
            cause: failing.join(", "),
        });
        vec![Check { name: "background_jobs", trouble }]
    }
}

impl Job {
    /// Runs the job, or one turn of it; `None` if it panicked. A panic is logged and counted. What the job
    /// shares with the next turn must be sound after a panic, which is why it may be asserted unwind-safe.
    async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(done) => Some(done),
            Err(panic) => {
                self.panics.increment(1);
                self.failures.fetch_add(1, Ordering::Relaxed);
                tracing::error!(
                    job = self.name,
                    panic = message(&*panic),
                    "a background job panicked"
                );
                None
            }
        }
    }

    fn failed(&self, error: &StoreError) {
        self.errors.increment(1);
        tracing::warn!(job = self.name, error = one_line(error), "a background job failed");
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    fn recovered(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    async fn rest(&self) {
        let doublings = self.failures.load(Ordering::Relaxed).saturating_sub(1).min(16);
        sleep((REST * 2_u32.pow(doublings)).min(LONGEST_REST)).await;
    }

    /// Runs a job every `period`, for ever. If a turn takes longer, the next one comes a whole period later.
    /// A turn that failed is not repeated before the next one is due.
    async fn every<F, Fut>(self: Arc<Self>, period: Duration, turn: F)
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<(), StoreError>>,
    {
        let mut turns = interval(period);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            match self.run(async { turn().await }).await {
                Some(Ok(())) => self.recovered(),
                Some(Err(error)) => self.failed(&error),
                None => self.rest().await,
            }
        }
    }

    /// Runs a job that has no turns, and starts it again if it panics. Returns when it is done.
    pub(crate) async fn keep<F, Fut>(self: Arc<Self>, mut start: F)
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = ()>,
    {
        loop {
            let mut work = pin!(self.run(start()));
            let ended = tokio::select! {
                ended = &mut work => ended,
                () = sleep(self.recovery) => {
                    self.recovered();
                    work.await
                }
            };
            match ended {
                Some(()) => return,
                None => self.rest().await,
            }
        }
    }
}

/// The message of a panic.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// Starts the jobs; they end when the set is dropped. `unsure` waits for the next write of which nobody knows
/// whether it was committed: its event may be missing, so the hub is compared with the database more often
/// for a while.
pub(crate) fn start<F, Fut>(backend: &Backend, states: &JobStates, unsure: F) -> JoinSet<()>
where
    F: Fn() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let mut jobs = JoinSet::new();
    start_realtime(backend, states, &mut jobs);
    let hub = backend.sockets.hub.clone();
    jobs.spawn(states.add("unknown_writes").keep(move || {
        let (hub, unsure) = (hub.clone(), unsure.clone());
        async move {
            loop {
                unsure().await;
                compare_for_a_minute(&hub).await;
            }
        }
    }));
    let Backend { use_cases, access, sockets, .. } = backend;
    let SocketServices { hub, sessions, .. } = sockets.clone();
    let watch = Arc::new(tokio::sync::Mutex::new(SessionWatch::default()));
    jobs.spawn(states.add("sessions").every(SESSIONS, move || {
        let (hub, sessions, watch) = (hub.clone(), sessions.clone(), watch.clone());
        async move { sessions.watch(&mut *watch.lock().await, &*hub).await }
    }));
    let (own, chats) = (use_cases.own.clone(), use_cases.chats.clone());
    jobs.spawn(states.add("deletions").every(DELETIONS, move || {
        let (own, chats) = (own.clone(), chats.clone());
        async move {
            let accounts = own.finish_deletions().await;
            erase(&chats).await.and(accounts)
        }
    }));
    jobs.spawn(states.add("sampled_log").every(LOG_TURNS, || {
        http_core::sampled::log_what_was_left_out();
        ready(Ok(()))
    }));
    let Access { sessions, rate_limits, .. } = access.clone();
    let idempotency = use_cases.idempotency.clone();
    jobs.spawn(states.add("purge").every(PURGE, move || {
        let (sessions, rate_limits) = (sessions.clone(), rate_limits.clone());
        let idempotency = idempotency.clone();
        async move {
            rate_limits.forget_idle();
            let requests = idempotency.purge().await;
            sessions.purge().await.and(requests)
        }
    }));
    let pictures = use_cases.host_pictures.clone();
    jobs.spawn(states.add("host_pictures").every(PICTURES, move || {
        let pictures = pictures.clone();
        async move { fetch_pictures(&pictures).await }
    }));
    let media = use_cases.media.clone();
    jobs.spawn(states.add("media_sweep").every(SWEEP, move || {
        let media = media.clone();
        async move { media.sweep().await }
    }));
    jobs
}

/// Keeps SQLite's write-ahead log in bounds. `trim` returns whether it is.
pub(crate) fn start_trimming<F, Fut>(states: &JobStates, jobs: &mut JoinSet<()>, trim: F)
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<bool, StoreError>> + Send + 'static,
{
    jobs.spawn(states.add("database_log").every(TRIM, move || {
        let trimming = trim();
        async move {
            if !trimming.await? {
                tracing::warn!("the database's log grows: it is read all the time");
            }
            Ok(())
        }
    }));
}

/// Brings the index of messages up to date after an upgrade, step by step, until `step` returns `false`. It
/// pauses after each step for as long as the step took, so that it uses no more than half of the writer's
/// time.
pub(crate) fn start_reindexing<F, Fut>(states: &JobStates, jobs: &mut JoinSet<()>, step: F)
where
    F: Fn() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<bool, StoreError>> + Send,
{
    let job = states.add("reindex");
    let supervised = job.clone();
    jobs.spawn(job.keep(move || {
        let (job, step) = (supervised.clone(), step.clone());
        async move {
            loop {
                let began = Instant::now();
                match step().await {
                    Ok(true) => sleep(began.elapsed()).await,
                    Ok(false) => return job.recovered(),
                    Err(error) => {
                        job.failed(&error);
                        sleep(REINDEX_PAUSE).await;
                    }
                }
            }
        }
    }));
}

/// The jobs that keep sockets consistent with the database.
fn start_realtime(backend: &Backend, states: &JobStates, jobs: &mut JoinSet<()>) {
    let SocketServices { hub, chats, .. } = backend.sockets.clone();
    jobs.spawn(states.add("gaps").keep(move || {
        let (hub, chats) = (hub.clone(), chats.clone());
        async move { hub.fill_gaps(&chats).await }
    }));
    let SocketServices { hub, chats, .. } = backend.sockets.clone();
    jobs.spawn(states.add("reconcile").keep(move || {
        let (hub, chats) = (hub.clone(), chats.clone());
        async move { hub.reconcile(&chats).await }
    }));
    let presence = backend.use_cases.presence.clone();
    let slices = Arc::new(AtomicUsize::new(0));
    jobs.spawn(states.add("presence").every(PRESENCE_SLICE, move || {
        let presence = presence.clone();
        let look = slices.fetch_add(1, Ordering::Relaxed).is_multiple_of(PRESENCE);
        async move { if look { presence.settle().await } else { presence.tell().await } }
    }));
}

#[cfg(test)]
mod tests;
