//! Whether the process runs, and whether it can serve.

use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Something that this process stands on.
#[async_trait]
pub trait Dependency: Send + Sync {
    /// Why it cannot be used right now.
    async fn trouble(&self) -> Option<String>;
}

/// What readiness is decided by.
pub struct Health {
    database: Arc<dyn Dependency>,
    /// What it can serve without, though not as well.
    helper: Option<Arc<dyn Dependency>>,
    stopping: AtomicBool,
}

impl Health {
    /// Ready as long as the database is.
    pub fn new(database: Arc<dyn Dependency>) -> Self {
        Self { database, helper: None, stopping: AtomicBool::new(false) }
    }

    /// The same, and tells what is wrong with a helper.
    #[must_use]
    pub fn helped_by(self, helper: Arc<dyn Dependency>) -> Self {
        Self { helper: Some(helper), ..self }
    }

    async fn weakness(&self) -> Option<String> {
        self.helper.as_ref()?.trouble().await
    }

    /// From now on this process takes no new work.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

/// Adds `/healthz` and `/readyz`.
pub fn configure(app: &mut ServiceConfig) {
    app.service(alive).service(ready);
}

#[get("/healthz")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

#[get("/readyz")]
async fn ready(health: Data<Health>) -> HttpResponse {
    let trouble = if health.stopping.load(Ordering::Relaxed) {
        Some("the server is stopping".to_owned())
    } else {
        // The reason goes to the log; outside it might tell where the database is.
        health.database.trouble().await.map(|why| {
            tracing::warn!(why, "not ready");
            "the database cannot be reached".to_owned()
        })
    };
    match trouble {
        None => match health.weakness().await {
            None => HttpResponse::Ok().json(serde_json::json!({"status": "ok"})),
            Some(weakness) => {
                HttpResponse::Ok().json(serde_json::json!({"status": "ok", "detail": weakness}))
            }
        },
        Some(why) => HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE)
            .json(serde_json::json!({"status": "unavailable", "detail": why})),
    }
}
