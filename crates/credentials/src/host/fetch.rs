//! Reading small documents of an issuer over HTTPS.

use bytes::Bytes;
use domain::limits::{HOST_KEYS_BYTES, HOST_KEYS_PATIENCE};
use http_body_util::{BodyExt, Collected, Empty, Limited};
use hyper::header::ACCEPT;
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

/// Why a document was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("its address {0} is not https")]
    Address(String),
    #[error("it was not reached: {0}")]
    Unreached(String),
    #[error("it was answered with {0}")]
    Status(StatusCode),
    #[error("the answer has more than {HOST_KEYS_BYTES} bytes, or broke off")]
    Body,
    #[error("there was no answer within {} seconds", HOST_KEYS_PATIENCE.as_secs())]
    Late,
    #[error("{0}")]
    Content(&'static str),
}

/// A client that follows no redirects and keeps no connections, since it is used once in a while.
#[derive(Clone)]
pub(super) struct Fetcher(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>);

impl Fetcher {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(HOST_KEYS_PATIENCE));
        let builder = match HttpsConnectorBuilder::new().with_native_roots() {
            Ok(builder) => builder,
            Err(error) => {
                tracing::warn!(%error, "the system trusts nobody, so keys of hosts are not fetched");
                let nobody = RootCertStore::empty();
                let config = ClientConfig::builder().with_root_certificates(nobody);
                HttpsConnectorBuilder::new().with_tls_config(config.with_no_client_auth())
            }
        };
        // Which addresses may be called without TLS is checked before each call.
        let connector = builder.https_or_http().enable_http1().wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new());
        Self(client.clone().pool_max_idle_per_host(0).build(connector))
    }

    /// The document at that address.
    pub(super) async fn get(&self, address: &str) -> Result<Bytes, FetchError> {
        let uri = permitted(address).ok_or_else(|| FetchError::Address(address.to_owned()))?;
        timeout(HOST_KEYS_PATIENCE, self.read(uri)).await.unwrap_or(Err(FetchError::Late))
    }

    async fn read(&self, uri: Uri) -> Result<Bytes, FetchError> {
        let request = Request::get(uri).header(ACCEPT, "application/json").body(Empty::new());
        let request = request.map_err(|error| FetchError::Unreached(error.to_string()))?;
        let answer = self.0.request(request).await;
        let answer = answer.map_err(|error| FetchError::Unreached(told(&error)))?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        let body = Limited::new(answer.into_body(), HOST_KEYS_BYTES).collect().await;
        body.map(Collected::to_bytes).map_err(|_| FetchError::Body)
    }
}

/// The address, if it is of HTTPS, or leads nowhere else than to this machine.
pub(super) fn permitted(address: &str) -> Option<Uri> {
    let uri: Uri = address.parse().ok()?;
    let is_here = || matches!(uri.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let is_good = match uri.scheme_str()? {
        "https" => true,
        "http" => is_here(),
        _ => false,
    };
    (is_good && uri.host().is_some_and(|host| !host.is_empty())).then_some(uri)
}

/// What went wrong, down to the cause.
fn told(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
