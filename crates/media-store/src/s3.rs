//! Storage that speaks S3.

use async_trait::async_trait;
use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::TokioExecutor;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use object_store::{ClientOptions, RetryConfig};
use std::error::Error;
use std::fmt;
use std::time::Duration;
use tokio::time::timeout;

/// How long an answer may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A bucket's address and credentials.
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The service's address; `None` for AWS.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: String,
    /// The key's id and secret; `None` uses the machine's AWS credentials.
    pub key: Option<(String, String)>,
}

impl fmt::Debug for Bucket {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({})", self.name)
    }
}

pub(crate) fn open(bucket: Bucket) -> Result<AmazonS3, Box<dyn Error + Send + Sync>> {
    let retry = RetryConfig {
        max_retries: 3,
        retry_timeout: Duration::from_secs(20),
        ..RetryConfig::default()
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket.name)
        .with_region(bucket.region)
        .with_retry(retry)
        // Not every service that speaks S3 supports deleting many objects at once.
        .with_disable_bulk_delete(true)
        .with_http_connector(Connector(client()?));
    if let Some(endpoint) = bucket.endpoint {
        builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint);
    }
    if let Some((id, secret)) = bucket.key {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    }
    Ok(builder.build()?)
}

type Https = Client<HttpsConnector<Tcp>, HttpRequestBody>;

fn client() -> std::io::Result<Https> {
    let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
    Ok(Client::builder(TokioExecutor::new()).build(https.build()))
}

/// Sends requests with hyper, which the workspace uses anyway: the library's own client would bring a second
/// TLS stack.
#[derive(Clone)]
struct Connector(Https);

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let asked = timeout(PATIENCE, self.0.request(request)).await;
        let answer = asked.map_err(|late| HttpError::new(HttpErrorKind::Timeout, late))?;
        let answer = answer.map_err(|error| {
            let kind = if error.is_connect() {
                HttpErrorKind::Connect
            } else {
                HttpErrorKind::Interrupted
            };
            HttpError::new(kind, error)
        })?;
        let broken = |error| HttpError::new(HttpErrorKind::Interrupted, error);
        Ok(answer.map(|body| HttpResponseBody::new(body.map_err(broken))))
    }
}
