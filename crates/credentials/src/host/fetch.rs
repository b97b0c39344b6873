//! Reading small documents of an issuer over HTTPS, and calling it.

use bytes::Bytes;
use domain::host::Issuer;
use domain::limits::{HOST_KEYS_BYTES, HOST_KEYS_PATIENCE};
use http_body_util::{BodyExt, Collected, Full, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
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
pub(super) struct Fetcher(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

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
        self.get_with(address, None).await
    }

    /// The same, as whoever that token is of.
    pub(super) async fn get_with(
        &self,
        address: &str,
        token: Option<&str>,
    ) -> Result<Bytes, FetchError> {
        let request = Request::get(address).header(ACCEPT, "application/json");
        let request = match token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        let request = request.body(Vec::new());
        // The one thing that may be wrong is the address, or a token that no header holds.
        let request = request.map_err(|_| FetchError::Address(address.to_owned()))?;
        let answer = self.call(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        Ok(answer.into_body().into())
    }

    /// The OpenID configuration of an issuer.
    pub(super) async fn configuration(&self, issuer: &Issuer) -> Result<Value, FetchError> {
        let issuer = issuer.as_str();
        let root = issuer.strip_suffix('/').unwrap_or(issuer);
        let said = self.get(&format!("{root}/.well-known/openid-configuration")).await?;
        let said: Value = serde_json::from_slice(&said)
            .map_err(|_| FetchError::Content("the OpenID configuration is not JSON"))?;
        if said.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(FetchError::Content("the OpenID configuration is another issuer's"));
        }
        Ok(said)
    }

    /// What an address answers, whatever its status.
    pub(super) async fn call(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, FetchError> {
        let address = request.uri().to_string();
        permitted(&address).ok_or(FetchError::Address(address))?;
        let called = timeout(HOST_KEYS_PATIENCE, self.answer(request.map(Full::from)));
        called.await.unwrap_or(Err(FetchError::Late))
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Response<Vec<u8>>, FetchError> {
        let answer = self.0.request(request).await;
        let answer = answer.map_err(|error| FetchError::Unreached(told(&error)))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, HOST_KEYS_BYTES).collect().await;
        let body = body.map(Collected::to_bytes).map_err(|_| FetchError::Body)?;
        Ok(Response::from_parts(head, body.into()))
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
