//! The harness of the end-to-end tests: it starts the real binary on a database of its own and
//! talks to it over real sockets, as clients do.
//!
//! Nothing here knows the server's insides; it is written from `docs/api/`. Every REST answer that
//! passes through [`Api`] is compared with the server's own OpenAPI document.
#![expect(clippy::print_stderr, reason = "a failed test shows the server's log there")]

mod api;
mod authenticator;
mod collector;
mod database;
mod dialect_socket;
mod endless_body;
mod follower;
mod host;
mod identity_provider;
mod json_socket;
mod load;
mod message_log;
mod metrics;
mod nodes;
mod nodes_load;
mod openapi_document;
mod person;
mod picture_host;
mod post_request;
mod postgres;
mod proxy;
mod push_service;
mod raw;
mod raw_http;
mod replica;
mod server;
mod service_key;
mod socket;
mod transcript;

pub use api::{Answer, Api};
pub use authenticator::Authenticator;
pub use collector::{Collector, attribute};
pub use database::Engine;
pub use dialect_socket::{DialectSocket, with_token};
pub use endless_body::{BodyOutcome, EndlessBody};
pub use follower::Follower;
pub use host::{behind_hosts, behind_hosts_with};
pub use identity_provider::{Begun, IdentityProvider};
pub use json_socket::{ConnectError, JsonSocket, Stream, connect};
pub use load::{Acknowledged, Writer, measure_deliveries};
pub use message_log::MessageLog;
pub use metrics::Metrics;
pub use nodes::Nodes;
pub use nodes_load::{CONVERGENCE_TIMEOUT, Load};
pub use openapi_document::OpenApiDocument;
pub use person::{PASSWORD, Person};
pub use picture_host::PictureHost;
pub use postgres::OwnPostgres;
pub use proxy::Proxy;
pub use push_service::{Browser, PushService, Pushed};
pub use raw::RawSocket;
pub use raw_http::raw_http;
pub use replica::Replica;
pub use reqwest::Method;
pub use serde_json::{Value, json};
pub use server::{DEADLINE, Server, cpu_time_of, within};
pub use service_key::{KEY_ISSUER, ServiceKeyClient};
pub use socket::Socket;
pub use testkit::redis_cluster::RedisCluster;
pub use testkit::redis_server::RedisServer;
pub use transcript::{Transcript, fits};

/// Makes of each scenario, an `async fn(Engine)`, a test on SQLite and one on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($scenario:ident),+ $(,)?) => {$(
        mod $scenario {
            #[tokio::test]
            async fn sqlite() {
                super::$scenario($crate::Engine::Sqlite).await;
            }
            #[tokio::test]
            async fn postgres() {
                super::$scenario($crate::Engine::Postgres).await;
            }
        }
    )+};
}
