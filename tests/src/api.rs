//! The REST side of a client.

use crate::openapi_document::OpenApiDocument;
use crate::server::{Server, within};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A client of one server that nobody is signed in to. Whatever it is answered is compared with
/// the OpenAPI document.
#[derive(Clone)]
pub struct Api {
    http: Client,
    address: String,
    document: Arc<OpenApiDocument>,
}

/// What a request was answered with.
#[derive(Debug)]
pub struct Answer {
    /// What was asked, for messages.
    asked: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; `null` if there is none, a string if it is not JSON.
    pub body: Value,
}

impl Api {
    /// A client of that server.
    pub async fn of(server: &Server) -> Self {
        // One binary has one document, so it is read once.
        static DOCUMENT: OnceLock<Arc<OpenApiDocument>> = OnceLock::new();
        // Sooner than the server closes it, so that no request is sent on a connection that is about to end.
        let http = Client::builder().no_proxy().pool_idle_timeout(Duration::from_secs(2));
        let http = http.build().expect("a client");
        let document = if let Some(document) = DOCUMENT.get() {
            document.clone()
        } else {
            let answered = http.get(server.url("/api/v1/openapi.json")).send().await;
            let read = answered.expect("the server answers").json().await;
            let document = Arc::new(OpenApiDocument::new(read.expect("the document is JSON")));
            DOCUMENT.get_or_init(|| document).clone()
        };
        Self { http, address: server.address().to_owned(), document }
    }

    /// `127.0.0.1:<port>`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The OpenAPI document.
    pub fn openapi(&self) -> &OpenApiDocument {
        &self.document
    }

    /// Asks under `/api/v1`, with a token and a JSON body unless it is `null`.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Answer {
        let mut request = self.request(method.clone(), path);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        self.answer_to(request).await
    }

    /// Posts without a token.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, None, body).await
    }

    /// A request under `/api/v1` to be made by hand and passed to [`Api::answer_to`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}/api/v1{path}", self.address))
    }

    /// Sends a request and compares the answer with the document.
    pub async fn answer_to(&self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let (method, url) = (request.method().clone(), request.url().clone());
        let asked = format!("{method} {}", url.path());
        let answered = within(&asked, self.http.execute(request)).await;
        let answered = answered.unwrap_or_else(|error| panic!("{asked}: {error}"));
        let status = answered.status().as_u16();
        let headers = answered.headers().clone();
        let text = within(&asked, answered.text()).await.expect("a whole body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text.clone()));
        let given = (!text.is_empty()).then_some(&body);
        self.document.check(&method, url.path(), status, given);
        assert!(headers.contains_key("x-request-id"), "{asked} answers without X-Request-Id");
        let body = if text.is_empty() { Value::Null } else { body };
        Answer { asked, status, headers, body }
    }
}

impl Answer {
    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.body);
        self.body
    }

    /// A refusal of the call as a whole, as problem details.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let Self { asked, status: got, headers, body } = self;
        assert_eq!((got, body["code"].as_str()), (status, Some(code)), "{asked} answered {body}");
        let text = |name: &str| headers.get(name).and_then(|h| h.to_str().ok()).map(str::to_owned);
        let kind = text("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/problem+json"), "{asked}: {kind}");
        assert_eq!(body["request_id"].as_str(), text("x-request-id").as_deref(), "{asked}");
        let retryable = matches!(status, 429 | 503) || code == "idempotency_under_way";
        assert_eq!(body["retryable"].as_bool(), Some(retryable), "{asked}: {body}");
        body
    }

    /// A refusal of one field. One that is not about the form of the request has its own code.
    #[track_caller]
    pub fn refused_field(self, status: u16, field: &str, code: &str) {
        let asked = self.asked.clone();
        let body = self.refused(status, if status == 400 { "invalid" } else { code });
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let found = errors.iter().any(|e| e["field"] == field && e["code"] == code);
        assert!(found, "{asked} answered {body} and not {code} for {field}");
    }
}
