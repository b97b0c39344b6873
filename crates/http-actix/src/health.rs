//! Whether the process runs, and whether it can serve.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One thing that this process cannot serve without.
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

/// Something that this process cannot serve without.
#[async_trait]
pub trait Dependency: Send + Sync {
    /// Everything about it that is to be right, within a second or so.
    async fn checks(&self) -> Vec<Check>;
}

/// What readiness is decided by.
pub struct Health {
    database: Arc<dyn Dependency>,
    stopping: AtomicBool,
}

impl Health {
    /// Ready as long as the database is.
    pub fn new(database: Arc<dyn Dependency>) -> Self {
        Self { database, stopping: AtomicBool::new(false) }
    }

    /// From now on this process takes no new work.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    async fn checks(&self) -> Vec<Check> {
        let stopping = self.stopping.load(Ordering::Relaxed).then(|| Trouble {
            told: "the server is stopping",
            cause: "it was told to".to_owned(),
        });
        let mut checks = vec![Check { name: "serving", trouble: stopping }];
        checks.extend(self.database.checks().await);
        checks
    }
}

/// Adds `/healthz` and `/readyz`.
pub fn configure(app: &mut ServiceConfig) {
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
    for Check { name, trouble } in health.checks().await {
        let shown = match trouble {
            None => json!({"status": "ok"}),
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

    async fn asked(health: &Data<Health>) -> (u16, Value) {
        let answer = readiness(health.clone()).await;
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body()).await.ok().unwrap();
        (status, serde_json::from_slice(&body).unwrap())
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
