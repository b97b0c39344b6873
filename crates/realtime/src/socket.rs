//! A socket: frames that come, frames that go, and when something is overdue.

use crate::close::CloseCode;
use crate::frame::Frame;
use crate::frame_guard::{FrameGuard, FrameLimit};
use crate::outgoing::{self, Outgoing};
use actix_web::dev::Payload as AnyPayload;
use actix_web::error::PayloadError;
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError};
use bytestring::ByteString;
use domain::output::Account;
use futures_util::StreamExt;
use std::error::Error;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

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
    /// In which the client takes nothing of what waits for it, when that is as much as may.
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
    /// Bytes of a message, at most, in how many frames so ever, until [`Socket::set_message_limit`].
    pub message_bytes: u64,
    /// When things are overdue.
    pub times: SocketTimes,
    /// Whether a binary frame is a text that says nothing, and not the end.
    pub takes_binary: bool,
}

/// A socket that was opened.
pub struct Socket {
    outgoing: Outgoing,
    incoming: AggregatedMessageStream,
    limit: FrameLimit,
    times: SocketTimes,
    /// Until when somebody must sign in.
    sign_in_by: Instant,
    heard_at: Instant,
    /// Whether nothing is read because too much waits to be written.
    is_held: bool,
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
        let SocketOptions { message_bytes, times, takes_binary } = options;
        let limit = FrameLimit::new(message_bytes);
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
            .max_continuation_size(NO_FURTHER_LIMIT);
        let now = Instant::now();
        let socket = Self {
            outgoing,
            incoming,
            limit,
            times,
            sign_in_by: now + times.sign_in,
            heard_at: now,
            is_held: false,
            ping_at: now + times.heartbeat,
            takes_binary,
        };
        Ok((response, socket))
    }

    /// From now on what is written is on its way to this account.
    pub fn belongs_to(&mut self, account: Option<Arc<Account>>) {
        self.outgoing.belongs_to(account);
    }

    /// Whose it is.
    pub(crate) fn account(&self) -> Option<&Arc<Account>> {
        self.outgoing.account()
    }

    /// From now on messages may have that many bytes.
    pub fn set_message_limit(&self, bytes: u64) {
        self.limit.set(bytes);
    }

    /// The next text frame of somebody who has not signed in, within the time to do so: that begins
    /// when the socket was opened, whatever came since.
    pub async fn first_text(&mut self) -> Result<ByteString, CloseCode> {
        loop {
            let next = timeout_at(self.sign_in_by, self.next()).await;
            match next.map_err(|_| CloseCode::NotSignedIn)?? {
                Incoming::Text(text) => return Ok(text),
                Incoming::Control => {}
            }
        }
    }

    /// The next text frame, however long it takes, while the client answers pings.
    pub(crate) async fn next_text(&mut self) -> Result<ByteString, CloseCode> {
        loop {
            match timeout_at(self.due_at(), self.next()).await {
                Ok(next) => match next? {
                    Incoming::Text(text) => return Ok(text),
                    Incoming::Control => {}
                },
                Err(_) => self.tend().await?,
            }
        }
    }

    /// Writes a frame, once there is room for it; a client that does not make room in time is too slow.
    pub async fn write(&mut self, frame: Frame) -> Result<(), CloseCode> {
        self.room().await?;
        self.outgoing.put(frame)
    }

    /// Waits until there is room for a frame. There nearly always is, so the waiting is boxed: a future is as large as
    /// the largest thing that it may ever wait for, and each socket keeps one.
    async fn room(&self) -> Result<(), CloseCode> {
        if self.outgoing.has_room() {
            return Ok(());
        }
        Box::pin(self.outgoing.room(self.times.write)).await
    }

    /// Says why and closes. A client that does not read learns why if it begins to before the
    /// system gives up on the connection.
    pub(crate) async fn close(self, code: CloseCode) {
        if self.outgoing.put(Frame::close(code)).is_ok() {
            self.outgoing.drain(UNACKNOWLEDGED).await;
        }
    }

    /// When there is something to do for a socket on which nothing happens.
    pub(crate) fn due_at(&self) -> Instant {
        self.ping_at.min(self.heard_at + self.times.silence)
    }

    /// Does what is due, if anything: a frame since the alarm was set puts it off.
    pub(crate) async fn tend(&mut self) -> Result<(), CloseCode> {
        let now = Instant::now();
        if self.is_held {
            // Who is not listened to is not silent; whether they read is looked at elsewhere.
            self.heard_at = now;
        }
        if now >= self.heard_at + self.times.silence {
            return Err(CloseCode::Heartbeat);
        }
        if now < self.ping_at {
            return Ok(());
        }
        self.ping_at = now + self.times.heartbeat;
        self.write(Frame::ping()).await
    }

    /// What comes next. Nothing is read while too much waits to be written.
    pub(crate) async fn next(&mut self) -> Result<Incoming, CloseCode> {
        if !self.outgoing.has_room() {
            self.is_held = true;
            self.room().await?;
        }
        if std::mem::take(&mut self.is_held) {
            self.heard_at = Instant::now();
        }
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
