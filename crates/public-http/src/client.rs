//! An HTTP client that only calls the public internet.

use crate::lookup::Lookup;
use bytes::Bytes;
use domain::internet::Reach;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use std::time::Duration;

/// How many idle connections to one host are kept open, and for how long.
const KEPT: usize = 8;
const KEPT_FOR: Duration = Duration::from_secs(60);
/// Bytes of a response's head, at most.
const HEAD_BYTES: usize = 64 * 1024;

/// A client that connects only to addresses that its resolver admits, and follows no redirects. A host that
/// is an IP address is not resolved, so the caller has to check it.
pub type Client = Legacy<HttpsConnector<HttpConnector<Lookup>>, Full<Bytes>>;

/// A client with that resolver. `reach` says whether addresses without TLS may be called; a connection is waited for
/// no longer than `patience`.
pub fn client(reach: Reach, lookup: Lookup, patience: Duration) -> Client {
    let mut connector = HttpConnector::new_with_resolver(lookup);
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(patience));
    let builder = match HttpsConnectorBuilder::new().with_native_roots() {
        Ok(builder) => builder,
        Err(error) => {
            tracing::warn!(%error, "the system trusts nobody, so nothing on the internet is reached");
            let nobody = RootCertStore::empty();
            let config = ClientConfig::builder().with_root_certificates(nobody);
            HttpsConnectorBuilder::new().with_tls_config(config.with_no_client_auth())
        }
    };
    let builder = match reach {
        Reach::Public => builder.https_only(),
        Reach::LoopbackToo => builder.https_or_http(),
    };
    Legacy::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(KEPT)
        .pool_idle_timeout(KEPT_FOR)
        .http1_max_buf_size(HEAD_BYTES)
        .build(builder.enable_http1().wrap_connector(connector))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::NotPublic;

    #[tokio::test]
    async fn names_that_lead_inside_are_not_called() {
        let client = client(Reach::Public, Lookup::new(Reach::Public), KEPT_FOR);
        let error = client.get("https://localhost:9/".parse().unwrap()).await.unwrap_err();
        assert!(NotPublic::caused(&error), "{error:?}");
    }
}
