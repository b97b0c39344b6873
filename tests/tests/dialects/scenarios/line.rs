//! A socket in a scenario. It is read all the time, as a page does, and what nobody asked for yet is
//! kept.

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::collections::VecDeque;
use std::time::Duration;
use tests::{Stream, Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;

/// How long the server may take to answer that a socket is closed.
const CLOSING: Duration = Duration::from_secs(10);

/// One socket.
pub(crate) struct Line {
    sending: SplitSink<Stream, Message>,
    frames: UnboundedReceiver<Value>,
    kept: VecDeque<Value>,
    reading: JoinHandle<()>,
}

impl Line {
    /// Begins to read a socket.
    pub(crate) fn of(stream: Stream) -> Self {
        let (sending, receiving) = stream.split();
        let (found, frames) = unbounded_channel();
        let reading = tokio::spawn(read(receiving, found));
        Self { sending, frames, kept: VecDeque::new(), reading }
    }

    /// Sends a text.
    pub(crate) async fn send(&mut self, text: &str) -> Result<(), String> {
        self.sending.send(Message::text(text)).await.map_err(|error| error.to_string())
    }

    /// The next frame, `{"<closed>": code}` after the last one. `None` if none comes in that time.
    pub(crate) async fn next(&mut self, until: Instant) -> Option<Value> {
        if let Some(kept) = self.kept.pop_front() {
            return Some(kept);
        }
        timeout_at(until, self.frames.recv()).await.ok().flatten()
    }

    /// All frames that are here after that time; they stay.
    pub(crate) async fn after(&mut self, time: Duration) -> &VecDeque<Value> {
        sleep(time).await;
        while let Ok(frame) = self.frames.try_recv() {
            self.kept.push_back(frame);
        }
        &self.kept
    }

    /// Closes it from this side and waits until the server knows.
    pub(crate) async fn close(mut self) {
        let _ = self.sending.close().await;
        let _ = timeout(CLOSING, self.reading).await;
    }
}

/// Passes on every frame, and at last the code that the socket was closed with.
async fn read(mut receiving: SplitStream<Stream>, found: UnboundedSender<Value>) {
    let mut code = 1006;
    while let Some(Ok(message)) = receiving.next().await {
        let frame = match message {
            Message::Text(text) => text.to_string(),
            Message::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Message::Close(frame) => {
                code = frame.map_or(1005, |frame| frame.code.into());
                // Nothing comes after it, and the HTTP server leaves the connection open for another second.
                break;
            }
            _ => continue,
        };
        // A frame that is no JSON is a text.
        let _ = found.send(serde_json::from_str(&frame).unwrap_or(Value::String(frame)));
    }
    let _ = found.send(json!({"<closed>": code}));
}
