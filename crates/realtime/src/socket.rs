//! A socket: frames that come, frames that go, and when something is overdue.

use crate::close::CloseCode;
use crate::frame::Frame;
use crate::frame_guard::{FrameGuard, FrameLimit};
use crate::outgoing;
use actix_web::dev::Payload as AnyPayload;
use actix_web::error::PayloadError;
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError};
use bytestring::ByteString;
use futures_util::StreamExt;
use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::time::{Instant, timeout};

/// How long a peer may leave what was sent to it unacknowledged before the system gives up on the
/// connection: the only thing that ends one whose client never reads. It is longer than a write may
/// take, so that a client that reads again in time learns why it was closed.
pub const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// When things are overdue.
#[derive(Debug, Clone, Copy)]
pub struct SocketTimes {
    /// Within which somebody must sign in.
    pub sign_in: Duration,
    /// Between two pings of the server.
    pub heartbeat: Duration,
    /// Without a frame from the client after which it counts as gone.
    pub silence: Duration,
    /// For writing one frame.
    pub write: Duration,
}

impl SocketTimes {
    /// The usual ones.
    pub const DEFAULT: Self = Self {
        sign_in: Duration::from_secs(10),
        heartbeat: Duration::from_secs(25),
        silence: Duration::from_secs(60),
        write: Duration::from_secs(10),
    };
}

/// How a socket is opened.
#[derive(Debug, Clone, Copy)]
pub struct SocketOptions {
    /// Bytes of a frame, at most, until [`Socket::set_frame_limit`].
    pub frame_bytes: u64,
    /// Bytes of a message in pieces, at most.
    pub message_bytes: usize,
    /// When things are overdue.
    pub times: SocketTimes,
    /// Whether a binary frame is a text that says nothing, and not the end.
    pub takes_binary: bool,
}

/// A socket that was opened.
pub struct Socket {
    outgoing: mpsc::Sender<Frame>,
    incoming: AggregatedMessageStream,
    limit: FrameLimit,
    times: SocketTimes,
    heard_at: Instant,
    ping_at: Instant,
    /// Whether a binary frame is a text that cannot be read, and not the end.
    takes_binary: bool,
}

/// What came from the client.
pub(crate) enum Incoming {
    Text(ByteString),
    /// Nothing to do: a ping, which is answered, or a pong.
    Control,
}

impl Socket {
    /// Opens a socket. It works once the response is returned; what is written before waits.
    pub(crate) async fn open(
        request: &HttpRequest,
        payload: Payload,
        options: SocketOptions,
    ) -> Result<(HttpResponse, Self), actix_web::Error> {
        let SocketOptions { frame_bytes, message_bytes, times, takes_binary } = options;
        let limit = FrameLimit::new(frame_bytes);
        let guard = FrameGuard::new(payload, limit.clone());
        let mut guarded: AnyPayload = AnyPayload::Stream { payload: guard.boxed_local() };
        let guarded = Payload::from_request(request, &mut guarded).await?;
        let (response, _, incoming) = actix_ws::handle(request, guarded)?;
        let (response, outgoing) = outgoing::of(response);
        const NO_FURTHER_LIMIT: usize = 1 << 30;
        let incoming = incoming
            // The guard is quicker, and its limit can change.
            .max_frame_size(NO_FURTHER_LIMIT)
            .aggregate_continuations()
            .max_continuation_size(message_bytes);
        let heard_at = Instant::now();
        let ping_at = heard_at + times.heartbeat;
        Ok((response, Self { outgoing, incoming, limit, times, heard_at, ping_at, takes_binary }))
    }

    /// From now on frames may have that many bytes.
    pub fn set_frame_limit(&self, bytes: u64) {
        self.limit.set(bytes);
    }

    /// The first text frame, within the time to sign in.
    pub async fn first_text(&mut self) -> Result<ByteString, CloseCode> {
        let deadline = self.heard_at + self.times.sign_in;
        loop {
            let next = tokio::time::timeout_at(deadline, self.next()).await;
            match next.map_err(|_| CloseCode::NotSignedIn)?? {
                Incoming::Text(text) => return Ok(text),
                Incoming::Control => {}
            }
        }
    }

    /// Writes a frame; a client that does not take it in time is too slow.
    pub async fn write(&mut self, frame: Frame) -> Result<(), CloseCode> {
        match self.outgoing.try_send(frame) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(CloseCode::Normal),
            Err(TrySendError::Full(frame)) => {
                let written = timeout(self.times.write, self.outgoing.send(frame)).await;
                written.map_err(|_| CloseCode::TooSlow)?.map_err(|_| CloseCode::Normal)
            }
        }
    }

    /// Says why and closes. A client that does not read learns why if it begins to before the
    /// system gives up on the connection.
    pub(crate) async fn close(self, code: CloseCode) {
        let last = self.outgoing.send(Frame::close(code));
        let _ = timeout(UNACKNOWLEDGED, last).await;
    }

    /// When there is something to do for a socket on which nothing happens.
    pub(crate) fn due_at(&self) -> Instant {
        self.ping_at.min(self.heard_at + self.times.silence)
    }

    /// Does what is due, if anything: a frame since the alarm was set puts it off.
    pub(crate) async fn tend(&mut self) -> Result<(), CloseCode> {
        let now = Instant::now();
        if now >= self.heard_at + self.times.silence {
            return Err(CloseCode::Heartbeat);
        }
        if now < self.ping_at {
            return Ok(());
        }
        self.ping_at = now + self.times.heartbeat;
        self.write(Frame::ping()).await
    }

    pub(crate) async fn next(&mut self) -> Result<Incoming, CloseCode> {
        let next = self.incoming.recv().await;
        if let Some(code) = self.limit.broken() {
            return Err(code);
        }
        self.heard_at = Instant::now();
        match next {
            Some(Ok(AggregatedMessage::Text(text))) => Ok(Incoming::Text(text)),
            Some(Ok(AggregatedMessage::Ping(bytes))) => {
                self.write(Frame::pong(bytes)).await.map(|()| Incoming::Control)
            }
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(Incoming::Control),
            Some(Ok(AggregatedMessage::Binary(_))) if self.takes_binary => {
                Ok(Incoming::Text(ByteString::new()))
            }
            Some(Ok(AggregatedMessage::Binary(_))) => Err(CloseCode::Unsupported),
            Some(Ok(AggregatedMessage::Close(_))) | None => Err(CloseCode::Normal),
            Some(Err(error)) => Err(code_of(&error)),
        }
    }
}

fn code_of(error: &ProtocolError) -> CloseCode {
    match error {
        ProtocolError::Overflow => CloseCode::TooBig,
        ProtocolError::Io(error) if error.kind() == ErrorKind::InvalidData => {
            CloseCode::InvalidText
        }
        // A message in pieces is over the limit; a broken connection has another source.
        ProtocolError::Io(error)
            if !error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<PayloadError>) =>
        {
            CloseCode::TooBig
        }
        ProtocolError::Io(_) => CloseCode::Normal,
        _ => CloseCode::ProtocolError,
    }
}
