//! Liveness and readiness: whether the process runs, and whether it can serve requests.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// How long a result is reused, so that the database is asked only once however many clients ask.
const FRESH: Duration = Duration::from_secs(1);

/// The result of checking one property of a dependency.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What is wrong with it.
    pub trouble: Option<Trouble>,
}

/// What is wrong.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// A sentence for the client, without anything confidential.
    pub told: &'static str,
    /// For the log only: it may contain the database's address.
    pub cause: String,
}

/// Something that this process depends on.
#[async_trait]
pub trait Dependency: Send + Sync {
    /// Checks everything that has to be right about it, within about a second.
    async fn checks(&self) -> Vec<Check>;
}

/// Decides whether the process is ready.
pub struct Health {
    database: Arc<dyn Dependency>,
    /// Dependencies without which it can still serve, though with restrictions.
    helpers: Vec<Arc<dyn Dependency>>,
    stopping: AtomicBool,
    last: Mutex<Option<Arc<Look>>>,
}

/// One round of checks: each check, and whether the process can serve without its dependency.
struct Look {
    began: Instant,
    found: OnceCell<Vec<(Check, bool)>>,
}

impl Health {
    /// Ready as long as the database's checks pass.
    pub fn new(database: Arc<dyn Dependency>) -> Self {
        Self {
            database,
            helpers: Vec::new(),
            stopping: AtomicBool::new(false),
            last: Mutex::default(),
        }
    }

    /// Also reports the checks of a dependency without which the process can still serve.
    #[must_use]
    pub fn helped_by(mut self, helper: Arc<dyn Dependency>) -> Self {
        self.helpers.push(helper);
        self
    }

    /// From now on the process is not ready, because it is shutting down.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Each check, and whether the process can serve without its dependency.
    async fn checks(&self, now: Instant) -> Vec<(Check, bool)> {
        let stopping = self.stopping.load(Ordering::Relaxed).then(|| Trouble {
            told: "the server is stopping",
            cause: "it was told to".to_owned(),
        });
        let serving = (Check { name: "serving", trouble: stopping }, false);
        let last = self.last(now);
        let found = last.found.get_or_init(|| self.look()).await;
        std::iter::once(serving).chain(found.iter().cloned()).collect()
    }

    /// The last round of checks while it is fresh, or a new one.
    fn last(&self, now: Instant) -> Arc<Look> {
        // A poisoned lock is harmless: no panic can leave the value half-changed.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(look) if now.saturating_duration_since(look.began) < FRESH => Arc::clone(look),
            _ => Arc::clone(last.insert(Arc::new(Look { began: now, found: OnceCell::new() }))),
        }
    }

    async fn look(&self) -> Vec<(Check, bool)> {
        let needed = self.database.checks().await;
        for check in &needed {
            if let Some(Trouble { cause, .. }) = &check.trouble {
                tracing::warn!(check = check.name, cause, "not ready");
            }
        }
        let mut looked: Vec<_> = needed.into_iter().map(|check| (check, false)).collect();
        for helper in &self.helpers {
            looked.extend(helper.checks().await.into_iter().map(|check| (check, true)));
        }
        looked
    }
}

/// The paths. They are exempt from rate limits, because monitoring must always get an answer.
pub(crate) const PATHS: [&str; 2] = ["/healthz", "/readyz"];

/// Registers the routes.
pub(crate) fn configure(app: &mut ServiceConfig) {
    app.service(alive).service(ready);
}

#[get("/healthz")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

#[get("/readyz")]
async fn ready(health: Data<Health>) -> HttpResponse {
    readiness(health).await
}

async fn readiness(health: Data<Health>) -> HttpResponse {
    let mut told = Map::new();
    let mut is_ready = true;
    for (Check { name, trouble }, is_dispensable) in health.checks(Instant::now()).await {
        let shown = match trouble {
            None => json!({"status": "ok"}),
            Some(Trouble { told, .. }) if is_dispensable => {
                json!({"status": "degraded", "detail": told})
            }
            Some(Trouble { told, .. }) => {
                is_ready = false;
                json!({"status": "failed", "detail": told})
            }
        };
        told.insert(name.to_owned(), shown);
    }
    let checks = Value::Object(told);
    if is_ready {
        HttpResponse::Ok().json(json!({"status": "ok", "checks": checks}))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({"status": "unavailable", "checks": checks}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use futures_util::future::join_all;
    use std::sync::atomic::AtomicUsize;

    struct Fine;

    #[async_trait]
    impl Dependency for Fine {
        async fn checks(&self) -> Vec<Check> {
            vec![Check { name: "database", trouble: None }]
        }
    }

    /// Counts how often it is looked at.
    #[derive(Default)]
    struct Counted(AtomicUsize);

    #[async_trait]
    impl Dependency for Counted {
        async fn checks(&self) -> Vec<Check> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            vec![Check { name: "database", trouble: None }]
        }
    }

    struct Away;

    #[async_trait]
    impl Dependency for Away {
        async fn checks(&self) -> Vec<Check> {
            let trouble = Trouble { told: "it is away", cause: "somewhere".to_owned() };
            vec![Check { name: "helper", trouble: Some(trouble) }]
        }
    }

    async fn asked(health: &Data<Health>) -> (u16, Value) {
        let answer = readiness(health.clone()).await;
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body()).await.ok().unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[actix_web::test]
    async fn a_helper_that_is_away_is_told_of_and_not_needed() {
        let health = Data::new(Health::new(Arc::new(Fine)).helped_by(Arc::new(Away)));
        let (status, body) = asked(&health).await;
        let helper = json!({"status": "degraded", "detail": "it is away"});
        assert_eq!((status, &body["checks"]["helper"]), (200, &helper));
    }

    #[actix_web::test]
    async fn however_many_ask_the_database_is_asked_once_a_second() {
        let database = Arc::new(Counted::default());
        let health = Data::new(Health::new(database.clone()));
        let looked = || database.0.load(Ordering::Relaxed);
        let now = Instant::now();
        let found = join_all((0..1_000).map(|_| health.checks(now))).await;
        assert!(found.iter().all(|checks| checks.len() == 2), "each is told of all");
        assert_eq!(looked(), 1);
        for later in [now + FRESH, now + FRESH, now + FRESH * 2 - Duration::from_millis(1)] {
            health.checks(later).await;
        }
        assert_eq!(looked(), 2);
        health.checks(now + FRESH * 2).await;
        assert_eq!(looked(), 3);
        health.stop();
        assert_eq!(asked(&health).await.0, 503, "that it stops is told at once");
    }

    #[actix_web::test]
    async fn who_stops_says_so() {
        let health = Data::new(Health::new(Arc::new(Fine)));
        let ok = json!({"status": "ok"});
        let expected = json!({"status": "ok", "checks": {"serving": ok, "database": ok}});
        assert_eq!(asked(&health).await, (200, expected));
        health.stop();
        let (status, body) = asked(&health).await;
        assert_eq!((status, &body["checks"]["serving"]["status"]), (503, &json!("failed")));
        assert_eq!(body["checks"]["database"], ok);
    }
}
