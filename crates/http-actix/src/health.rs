//! Whether the process runs, and whether it can serve.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One thing that this process stands on.
pub struct Check {
    /// What it is called.
    pub name: &'static str,
    /// What is wrong with it.
    pub trouble: Option<Trouble>,
}

/// What is wrong.
pub struct Trouble {
    /// A sentence for whoever asks, which says no more than they may know.
    pub told: &'static str,
    /// For the log: it may say where the database is.
    pub cause: String,
}

/// Something that this process stands on.
#[async_trait]
pub trait Dependency: Send + Sync {
    /// Everything about it that is to be right, within a second or so.
    async fn checks(&self) -> Vec<Check>;
}

/// What readiness is decided by.
pub struct Health {
    database: Arc<dyn Dependency>,
    /// What it can serve without, though not as well.
    helpers: Vec<Arc<dyn Dependency>>,
    stopping: AtomicBool,
}

impl Health {
    /// Ready as long as the database is.
    pub fn new(database: Arc<dyn Dependency>) -> Self {
        Self { database, helpers: Vec::new(), stopping: AtomicBool::new(false) }
    }

    /// The same, and tells what is wrong with a helper.
    #[must_use]
    pub fn helped_by(mut self, helper: Arc<dyn Dependency>) -> Self {
        self.helpers.push(helper);
        self
    }

    /// From now on this process takes no new work.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Each check, and whether this process can serve without what it is about.
    async fn checks(&self) -> Vec<(Check, bool)> {
        let stopping = self.stopping.load(Ordering::Relaxed).then(|| Trouble {
            told: "the server is stopping",
            cause: "it was told to".to_owned(),
        });
        let mut checks = vec![(Check { name: "serving", trouble: stopping }, false)];
        checks.extend(self.database.checks().await.into_iter().map(|check| (check, false)));
        for helper in &self.helpers {
            checks.extend(helper.checks().await.into_iter().map(|check| (check, true)));
        }
        checks
    }
}

/// Where it is asked. Whoever watches the server must always be answered.
pub(crate) const PATHS: [&str; 2] = ["/healthz", "/readyz"];

/// Adds them.
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
    for (Check { name, trouble }, is_dispensable) in health.checks().await {
        let shown = match trouble {
            None => json!({"status": "ok"}),
            Some(Trouble { told, .. }) if is_dispensable => {
                json!({"status": "degraded", "detail": told})
            }
            Some(Trouble { told, cause }) => {
                is_ready = false;
                tracing::warn!(check = name, cause, "not ready");
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

    struct Fine;

    #[async_trait]
    impl Dependency for Fine {
        async fn checks(&self) -> Vec<Check> {
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
