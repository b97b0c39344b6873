//! A socket of whatever protocol: texts are sent, and JSON is received.

use crate::server::within;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::fmt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// A connection that speaks the WebSocket protocol.
pub type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why there is no socket.
#[derive(Debug)]
pub enum ConnectError {
    /// The request was refused.
    Refused(u16, Value),
    /// There was no answer.
    Unreachable(Box<Error>),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(status, body) => write!(f, "refused with {status} {body}"),
            Self::Unreachable(error) => write!(f, "unreachable: {error}"),
        }
    }
}

/// Opens a socket with headers of one's own.
pub async fn connect(url: &str, headers: &[(&str, &str)]) -> Result<Stream, ConnectError> {
    let mut request = url.into_client_request().expect("a URL");
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name of a header");
        let value = HeaderValue::from_str(value).expect("a header");
        request.headers_mut().insert(name, value);
    }
    match within("the socket to open", connect_async_with_config(request, None, true)).await {
        Ok((stream, _)) => Ok(stream),
        Err(Error::Http(response)) => {
            let body = response.body().as_deref().unwrap_or_default();
            let body = serde_json::from_slice(body).unwrap_or(Value::Null);
            Err(ConnectError::Refused(response.status().as_u16(), body))
        }
        Err(error) => Err(ConnectError::Unreachable(Box::new(error))),
    }
}

/// One socket.
pub struct JsonSocket {
    stream: Stream,
}

impl JsonSocket {
    /// Opens a socket, or answers the status and the body of the refusal.
    pub async fn open(
        address: &str,
        path: &str,
        authorization: Option<&str>,
    ) -> Result<Self, (u16, Value)> {
        let headers: Vec<_> =
            authorization.map(|value| ("authorization", value)).into_iter().collect();
        Self::open_with(address, path, &headers).await
    }

    /// The same with headers of one's own.
    pub async fn open_with(
        address: &str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, (u16, Value)> {
        match connect(&format!("ws://{address}{path}"), headers).await {
            Ok(stream) => Ok(Self { stream }),
            Err(ConnectError::Refused(status, body)) => Err((status, body)),
            Err(ConnectError::Unreachable(error)) => panic!("{path}: {error}"),
        }
    }

    /// Sends a text as it is.
    pub async fn send(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("the socket is open");
    }

    /// Sends bytes.
    pub async fn binary(&mut self, bytes: &'static [u8]) {
        self.stream.send(Message::Binary(Bytes::from_static(bytes))).await.expect("it is open");
    }

    /// The next frame, or the code that the socket was closed with.
    pub async fn next(&mut self) -> Result<Value, u16> {
        self.next_for("a frame").await
    }

    /// The same, and what it is that is waited for.
    async fn next_for(&mut self, what: &str) -> Result<Value, u16> {
        within(what, async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return Ok(serde_json::from_str(&text).expect("a frame of JSON"));
                    }
                    Some(Ok(Message::Close(frame))) => {
                        return Err(frame.map_or(1005, |frame| frame.code.into()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(1006),
                }
            }
        })
        .await
    }

    /// The next frame that this is so for; others are passed over.
    pub async fn until(&mut self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        loop {
            match self.next_for(what).await {
                Ok(frame) if is_so(&frame) => return frame,
                Ok(_) => {}
                Err(code) => panic!("waiting for {what}: closed with {code}"),
            }
        }
    }

    /// Closes from this side.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
    }
}
