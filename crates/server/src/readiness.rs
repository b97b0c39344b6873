//! What `/readyz` checks: the adapters that this server was put together from.

use crate::background_jobs::JobStates;
use crate::error::one_line;
use async_trait::async_trait;
use domain::failure::StoreError;
use fanout_redis::{Bus, Nodes};
use http_actix::health::{Check, Dependency, Health, Trouble};
use std::sync::Arc;
use storage_diesel::Storage;

/// The checks of this server. Only the database decides readiness; Redis and background jobs are reported, but
/// a server without them still serves, so a load balancer should keep it.
pub(crate) fn health(storage: &Arc<Storage>, nodes: Option<&Nodes>, jobs: &JobStates) -> Health {
    let health = Health::new(Arc::new(Database(storage.clone()))).helped_by(Arc::new(jobs.clone()));
    match nodes {
        Some(nodes) => health.helped_by(Arc::new(OtherNodes(nodes.bus.clone()))),
        None => health,
    }
}

/// The other nodes, as readiness sees them.
struct OtherNodes(Arc<Bus>);

#[async_trait]
impl Dependency for OtherNodes {
    async fn checks(&self) -> Vec<Check> {
        let trouble = (!self.0.is_up()).then(|| Trouble {
            told: "Redis cannot be reached; what other nodes do is read from the database",
            cause: "the log says more".to_owned(),
        });
        vec![Check { name: "redis", trouble }]
    }
}

/// The database, as readiness sees it.
struct Database(Arc<Storage>);

#[async_trait]
impl Dependency for Database {
    async fn checks(&self) -> Vec<Check> {
        let trouble = |told, error: &StoreError| Trouble { told, cause: one_line(error) };
        let away = self.0.ping().await.err();
        let schema = match &away {
            // The error is reported once, as that of the database.
            Some(_) => None,
            None => match self.0.is_migrated().await {
                Ok(true) => None,
                Ok(false) => Some(Trouble {
                    told: "migrations of this version have not been run",
                    cause: "run `confab migrate`, or restart the server".to_owned(),
                }),
                Err(error) => Some(trouble("the tables cannot be read", &error)),
            },
        };
        let full = self.0.is_full().then(|| Trouble {
            told: "there is no room on the database's disk",
            cause: "the last write found none".to_owned(),
        });
        let away = match away {
            Some(error) => Some(trouble("the database does not answer", &error)),
            None => match self.0.takes_writes().await {
                Ok(true) => None,
                Ok(false) => Some(Trouble {
                    told: "the database takes no writes",
                    cause: "it stands by for another one, or was told to be only read".to_owned(),
                }),
                Err(error) => Some(trouble("the database does not say if it takes writes", &error)),
            },
        };
        let named = [("database", away), ("schema", schema), ("disk", full)];
        named.into_iter().map(|(name, trouble)| Check { name, trouble }).collect()
    }
}
