//! Somebody in a scenario: a browser with cookies of its own, which is at home on one node.

use super::cookies::Cookies;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};
use std::fmt::Display;
use std::time::Duration;
use tests::{Stream, Value, connect};

/// How long a request may take, and a socket to open. Generous, as slow machines must fail nothing.
const PATIENCE: Duration = Duration::from_secs(20);

const EDGE: &str = "edge-of-a-part-of-this-form";

/// One person.
pub(crate) struct Person {
    http: Client,
    cookies: Cookies,
    home: String,
    away: String,
    known_as: String,
}

/// What a request was answered with.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Person {
    /// Somebody who makes requests at one address and opens sockets at another, both under the address by
    /// which the server is known to everybody.
    pub(crate) fn at([home, away]: [&str; 2], known_as: &str) -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE);
        let http = http.build().expect("a client");
        let (home, away, known_as) = (home.to_owned(), away.to_owned(), known_as.to_owned());
        Self { http, cookies: Cookies::default(), home, away, known_as }
    }

    /// Makes a request of a scenario.
    pub(crate) async fn ask(&mut self, wanted: &Value) -> Result<Answer, String> {
        let (method, path) = (text(wanted, "method")?, text(wanted, "path")?);
        let method = method.parse().map_err(told)?;
        let url = match path.strip_prefix('/') {
            Some(_) => format!("http://{}{path}", self.home),
            None => path.to_owned(),
        };
        let url: Url = url.parse().map_err(told)?;
        let path = url.path().to_owned();
        let mut headers = headers_of(wanted)?;
        headers.insert("host", HeaderValue::from_str(&self.known_as).map_err(told)?);
        if let Some(cookies) = self.cookies.header(&path) {
            headers.insert("cookie", HeaderValue::from_str(&cookies).map_err(told)?);
        }
        let request = with_body(self.http.request(method, url), wanted)?.headers(headers);
        let answered = request.send().await.map_err(told)?;
        self.cookies.keep(answered.headers(), &path);
        let (status, headers) = (answered.status().as_u16(), answered.headers().clone());
        // Pictures are no texts, and nobody asks what is in them.
        let body = answered.bytes().await.map_err(told)?;
        Ok(Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Opens a socket of a scenario, as a page does: with cookies and with where the page is from.
    pub(crate) async fn open(&self, wanted: &Value) -> Result<Stream, String> {
        let path = text(wanted, "path")?;
        let mut headers = vec![("origin".to_owned(), format!("http://{}", self.away))];
        for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
            let value = value.as_str().ok_or("a header is no text")?;
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        if let Some(cookies) = self.cookies.header(path) {
            headers.push(("cookie".to_owned(), cookies));
        }
        let protocols: Vec<_> = wanted["protocols"].as_array().into_iter().flatten().collect();
        let protocols: Vec<_> = protocols.into_iter().filter_map(Value::as_str).collect();
        if !protocols.is_empty() {
            headers.push(("sec-websocket-protocol".to_owned(), protocols.join(", ")));
        }
        let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let url = format!("ws://{}{path}", self.away);
        let opened = tokio::time::timeout(PATIENCE, connect(&url, &headers)).await;
        opened.map_err(|_| "no answer".to_owned())?.map_err(told)
    }
}

impl Answer {
    /// The body, or `null` if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The header of that name, or `null`.
    pub(crate) fn header(&self, name: &str) -> Value {
        let values = self.headers.get_all(name).iter();
        let values: Vec<_> = values.map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
        if values.is_empty() { Value::Null } else { Value::String(values.join(", ")) }
    }
}

fn told(error: impl Display) -> String {
    error.to_string()
}

/// A text that a step must have.
fn text<'a>(step: &'a Value, key: &str) -> Result<&'a str, String> {
    step[key].as_str().ok_or_else(|| format!("{key} is no text: {}", step[key]))
}

fn headers_of(wanted: &Value) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(told)?;
        let value = value.as_str().ok_or("a header is no text")?;
        headers.insert(name, HeaderValue::from_str(value).map_err(told)?);
    }
    Ok(headers)
}

/// JSON, a form, or a form in parts if there are files.
fn with_body(request: RequestBuilder, wanted: &Value) -> Result<RequestBuilder, String> {
    if let Some(files) = wanted["files"].as_object() {
        let mut body = Vec::new();
        for (name, value) in fields(wanted) {
            let head =
                format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
        }
        for (field, file) in files {
            let (name, mime) = (file[0].as_str(), file[1].as_str());
            let head = format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"; \
                 filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                name.ok_or("a file has no name")?,
                mime.ok_or("a file has no type")?,
            );
            let bytes = file[2].as_str().ok_or("a file has no bytes")?;
            let bytes = STANDARD.decode(bytes).map_err(told)?;
            body.extend([head.as_bytes(), &bytes, b"\r\n"].concat());
        }
        body.extend(format!("--{EDGE}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={EDGE}");
        return Ok(request.header("content-type", kind).body(body));
    }
    if wanted["form"].is_object() {
        let mut url: Url = "http://form".parse().map_err(told)?;
        url.query_pairs_mut().extend_pairs(fields(wanted));
        let body = url.query().unwrap_or_default().to_owned();
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        return Ok(request.body(body));
    }
    Ok(if wanted["json"].is_null() { request } else { request.json(&wanted["json"]) })
}

/// The texts of a form.
fn fields(wanted: &Value) -> Vec<(String, String)> {
    let fields = wanted["form"].as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.map(|(name, value)| (name.clone(), text(value))).collect()
}
