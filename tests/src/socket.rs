//! The WebSocket side of a client.

use crate::json_socket::{ConnectError, Stream, connect};
use crate::server::within;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// One socket. It reads only while it is asked for something, so that a test can be slow on
/// purpose; what it meets on the way is kept.
pub struct Socket {
    stream: Stream,
    pushes: VecDeque<Value>,
    answers: HashMap<String, Value>,
    /// The ids of all answers, in the order in which they came.
    answered: Vec<String>,
    asked: u64,
    /// The code it was closed with; 1006 when the connection just ended.
    closed: Option<u16>,
}

impl Socket {
    /// Opens a socket with the token in a header.
    pub async fn open(address: &str, token: &str) -> Result<Self, ConnectError> {
        Self::open_with(address, "", &[("authorization", &format!("Bearer {token}"))]).await
    }

    /// Opens a socket with a query and headers of one's own.
    pub async fn open_with(
        address: &str,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, ConnectError> {
        let stream = connect(&format!("ws://{address}/api/v1/ws{query}"), headers).await?;
        let (pushes, answers, answered) = Default::default();
        Ok(Self { stream, pushes, answers, answered, asked: 0, closed: None })
    }

    /// The data of `ready`, which must be the first push.
    pub async fn ready(&mut self) -> Value {
        let first = self.next_push().await.expect("a socket that is open");
        assert_eq!(first["type"], "ready", "the first frame was {first}");
        first["data"].clone()
    }

    /// Sends a request and returns its id at once.
    pub async fn submit(&mut self, mut request: Value) -> String {
        self.asked += 1;
        let id = self.asked.to_string();
        request["id"] = json!(id);
        self.text(&request.to_string()).await;
        id
    }

    /// The answer to a request, or `None` if the socket was closed before.
    pub async fn answer(&mut self, id: &str) -> Option<Value> {
        within(&format!("the answer to request {id}"), async {
            loop {
                if let Some(answer) = self.answers.remove(id) {
                    return Some(answer);
                }
                if !self.step().await {
                    return None;
                }
            }
        })
        .await
    }

    /// Asks for something that must be done.
    pub async fn ask(&mut self, request: Value) -> Value {
        let told = request.to_string();
        let id = self.submit(request).await;
        let answer = self.answer(&id).await;
        let answer = answer.unwrap_or_else(|| panic!("{told}: closed with {:?}", self.closed));
        assert!(answer["ok"].is_object(), "{told} was answered with {answer}");
        answer["ok"].clone()
    }

    /// Asks for something that must be refused, and answers the problem.
    pub async fn refused(&mut self, request: Value, code: &str) -> Value {
        let told = request.to_string();
        let id = self.submit(request).await;
        let answer = self.answer(&id).await.expect("the socket stays open");
        assert_eq!(answer["error"]["code"], code, "{told} was answered with {answer}");
        answer["error"].clone()
    }

    /// Sends a message and answers it as stored.
    pub async fn send(&mut self, chat: i64, text: &str) -> Value {
        let ok = self.ask(json!({"type": "send", "chat": chat, "text": text})).await;
        ok["message"].clone()
    }

    /// The first push, kept or to come, for which this is so. Others stay.
    pub async fn push(&mut self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        within(what, async {
            let mut seen = 0;
            loop {
                if let Some(found) = self.pushes.iter().skip(seen).position(&is_so) {
                    return self.pushes.remove(seen + found).expect("it was found");
                }
                seen = self.pushes.len();
                assert!(self.step().await, "waiting for {what}: closed with {:?}", self.closed);
            }
        })
        .await
    }

    /// The first push of that type.
    pub async fn push_of(&mut self, kind: &str) -> Value {
        self.push(kind, |push| push["type"] == kind).await
    }

    /// The next push, kept or to come; `None` if the socket was closed.
    pub async fn next_push(&mut self) -> Option<Value> {
        within("a push", async {
            loop {
                if let Some(push) = self.pushes.pop_front() {
                    return Some(push);
                }
                if !self.step().await {
                    return None;
                }
            }
        })
        .await
    }

    /// The pushes that were met so far.
    pub fn take_pushes(&mut self) -> Vec<Value> {
        self.pushes.drain(..).collect()
    }

    /// The ids of the requests that were answered, in the order of the answers.
    pub fn answered_so_far(&self) -> &[String] {
        &self.answered
    }

    /// Reads until the server closes, and answers the code.
    pub async fn closed(&mut self) -> u16 {
        within("the socket to be closed", async { while self.step().await {} }).await;
        self.closed.expect("it was closed")
    }

    /// The answer to a frame that had no id that could be read.
    pub async fn answer_to_nothing(&mut self) -> Value {
        self.answer("").await.expect("the socket stays open")
    }

    /// Sends text as it is. A socket that was closed says so when it is read.
    pub async fn text(&mut self, text: &str) {
        let sent = self.stream.send(Message::text(text)).await;
        if sent.is_err() && self.closed.is_none() {
            // What the server said before it closed may still wait to be read.
            while self.step().await {}
        }
    }

    /// Sends a binary frame.
    pub async fn binary(&mut self, bytes: &'static [u8]) {
        let _ = self.stream.send(Message::Binary(Bytes::from_static(bytes))).await;
    }

    /// Closes from this side.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
        within("the close to be answered", async { while self.step().await {} }).await;
    }

    /// Reads one frame and keeps it; `false` when there are no more.
    async fn step(&mut self) -> bool {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).expect("a frame of JSON");
                self.keep(frame);
            }
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map_or(1005, |frame| frame.code.into());
                self.closed.get_or_insert(code);
                // Nothing comes after it, and the HTTP server leaves the connection open for another second.
                return false;
            }
            Some(Ok(Message::Binary(_))) => panic!("the server sent a binary frame"),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => {
                self.closed.get_or_insert(1006);
                return false;
            }
        }
        true
    }

    fn keep(&mut self, frame: Value) {
        let Some(re) = frame.get("re") else {
            assert!(frame["type"].is_string(), "neither a push nor an answer: {frame}");
            self.pushes.push_back(frame);
            return;
        };
        let id = re.as_str().unwrap_or_default().to_owned();
        self.answered.push(id.clone());
        let twice = self.answers.insert(id, frame.clone());
        assert!(twice.is_none(), "answered twice: {frame}");
    }
}
