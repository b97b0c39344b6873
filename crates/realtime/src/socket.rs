//! Serving one socket: one task, from the first frame to the last.

use super::mailbox::{Delivery, Order, Orders};
use super::{CloseCode, Connection, Frame, FrameGuard, FrameLimit, outgoing};
use crate::figures::Meter;
use crate::traces;
use actix_web::dev::Payload as AnyPayload;
use actix_web::error::PayloadError;
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError};
use bytestring::ByteString;
use domain::user::AccountRole;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use std::error::Error;
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tracing::{Instrument, Span};

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

impl Default for SocketTimes {
    fn default() -> Self {
        Self {
            sign_in: Duration::from_secs(10),
            heartbeat: Duration::from_secs(25),
            silence: Duration::from_secs(60),
            write: Duration::from_secs(10),
        }
    }
}

/// What a protocol does with one socket.
pub trait Conversation: 'static {
    /// What the protocol is called.
    const PROTOCOL: &'static str;

    /// What a request asks to remember once it is answered.
    type Note: 'static;

    /// Starts answering a text frame. The future is always run to its end, and one at a time.
    fn request(&mut self, text: ByteString) -> Answer<Self::Note>;

    /// A request was answered with this note.
    fn answered(&mut self, note: Self::Note);

    /// The frame for an event, unless the client knows it already.
    fn push(&mut self, delivery: &Arc<Delivery>) -> Push;

    /// The owner of the socket was given another role; the frame that says so, if the protocol does.
    fn set_role(&mut self, role: AccountRole) -> Option<Frame>;
}

/// What is pushed for an event.
pub enum Push {
    /// This, or nothing.
    Now(Option<Frame>),
    /// What comes of this, which looks something up; nothing else is written before.
    Later(LocalBoxFuture<'static, Result<Option<Frame>, CloseCode>>),
}

/// A request on its way.
pub struct Answer<N> {
    /// Whether pushes must wait until it is answered.
    pub holds_pushes: bool,
    /// The frame to answer with, if any, and what to remember.
    pub future: LocalBoxFuture<'static, (Option<Frame>, Option<N>)>,
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
enum Incoming {
    Text(ByteString),
    /// Nothing to do: a ping, which is answered, or a pong.
    Control,
}

impl Socket {
    /// Opens a socket whose frames have `limit` bytes at most. The socket works once the response is
    /// returned; what is written before waits.
    pub async fn open(
        request: &HttpRequest,
        payload: Payload,
        limit: u64,
        times: SocketTimes,
    ) -> Result<(HttpResponse, Self), actix_web::Error> {
        let limit = FrameLimit::new(limit);
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
            .max_continuation_size(crate::BODY_BYTES);
        let heard_at = Instant::now();
        let ping_at = heard_at + times.heartbeat;
        let takes_binary = false;
        Ok((response, Self { outgoing, incoming, limit, times, heard_at, ping_at, takes_binary }))
    }

    /// From now on frames may have that many bytes.
    pub fn set_frame_limit(&self, bytes: u64) {
        self.limit.set(bytes);
    }

    /// From now on binary frames are texts that say nothing.
    pub(crate) fn take_binary(&mut self) {
        self.takes_binary = true;
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
    pub async fn close(self, code: CloseCode) {
        let last = self.outgoing.send(Frame::close(code));
        let _ = timeout(crate::serve::UNACKNOWLEDGED, last).await;
    }

    /// When there is something to do for a socket on which nothing happens.
    fn due_at(&self) -> Instant {
        self.ping_at.min(self.heard_at + self.times.silence)
    }

    /// Does what is due, if anything: a frame since the alarm was set puts it off.
    async fn tend(&mut self) -> Result<(), CloseCode> {
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

    async fn next(&mut self) -> Result<Incoming, CloseCode> {
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

/// Serves a socket until it is to be closed, and says why. A request that was begun is finished.
pub async fn serve<C: Conversation>(
    socket: &mut Socket,
    connection: &mut Connection,
    conversation: &mut C,
) -> CloseCode {
    let meter = Meter::new(C::PROTOCOL);
    let mut answer: Option<Answer<C::Note>> = None;
    // Of the request that is being answered.
    let mut span = Span::none();
    // One alarm, set anew when it rings, is cheaper than one for each frame.
    let mut alarm = pin!(sleep_until(socket.due_at()));
    let orders = Arc::clone(&connection.orders);
    let code = loop {
        let step = tokio::select! {
            biased;
            order = orders.next() => match order {
                Order::Close(code) => Err(code),
                Order::Role(role) => Ok(Step::Role(role)),
            },
            step = step(socket, connection, &mut answer, &span, alarm.as_mut()) => step,
        };
        let written = match step {
            Err(code) => Err(code),
            Ok(Step::Nothing) => Ok(()),
            Ok(Step::Alarm) => {
                let tended = unless_closing(&orders, socket.tend()).await;
                alarm.as_mut().reset(socket.due_at());
                tended
            }
            Ok(Step::Request(text)) => {
                meter.asked();
                span = traces::frame(C::PROTOCOL);
                answer = Some(span.in_scope(|| conversation.request(text)));
                Ok(())
            }
            Ok(Step::Answered(frame, note)) => {
                (answer, span) = (None, Span::none());
                if let Some(note) = note {
                    conversation.answered(note);
                }
                write(socket, &orders, frame).await
            }
            Ok(Step::Role(role)) => write(socket, &orders, conversation.set_role(role)).await,
            Ok(Step::Arrived) => {
                push_all(socket, &orders, conversation, &meter, connection.arrived.drain(..)).await
            }
        };
        if let Err(code) = written {
            break code;
        }
    };
    if let Some(answer) = answer {
        // Its change may be on its way; whoever is to hear of it does.
        let (frame, _) = answer.future.instrument(span).await;
        if let Some(frame) = frame.filter(|_| code == CloseCode::Restarting) {
            let _ = socket.write(frame).await;
        }
    }
    code
}

/// Deliveries that are written before anything else is looked at, at most.
const AT_ONCE: usize = 16;

enum Step<N> {
    Nothing,
    Alarm,
    Request(ByteString),
    Answered(Option<Frame>, Option<N>),
    /// Some deliveries.
    Arrived,
    Role(AccountRole),
}

/// Goes on with an answer, of which there must be one.
async fn answering<N>(answer: &mut Option<Answer<N>>) -> (Option<Frame>, Option<N>) {
    (&mut answer.as_mut().expect("a request to answer").future).await
}

/// Pushes what is new to the client of these.
async fn push_all<C: Conversation>(
    socket: &mut Socket,
    orders: &Orders,
    conversation: &mut C,
    meter: &Meter,
    arrived: impl Iterator<Item = Arc<Delivery>>,
) -> Result<(), CloseCode> {
    for delivery in arrived {
        let frame = match conversation.push(&delivery) {
            Push::Now(frame) => frame,
            Push::Later(frame) => unless_closing(orders, frame).await?,
        };
        if frame.is_some() {
            write(socket, orders, frame).await?;
            meter.delivered(&delivery);
        }
    }
    Ok(())
}

async fn step<N>(
    socket: &mut Socket,
    connection: &mut Connection,
    answer: &mut Option<Answer<N>>,
    span: &Span,
    alarm: Pin<&mut Sleep>,
) -> Result<Step<N>, CloseCode> {
    let Connection { deliveries, arrived, .. } = connection;
    let idle = answer.is_none();
    let pushes = answer.as_ref().is_none_or(|answer| !answer.holds_pushes);
    tokio::select! {
        (frame, note) = answering(answer).instrument(span.clone()), if !idle => {
            Ok(Step::Answered(frame, note))
        }
        count = deliveries.recv_many(arrived, AT_ONCE), if pushes => match count {
            0 => Err(CloseCode::TooSlow),
            _ => Ok(Step::Arrived),
        },
        incoming = socket.next(), if idle => match incoming? {
            Incoming::Text(text) => Ok(Step::Request(text)),
            Incoming::Control => Ok(Step::Nothing),
        },
        () = alarm => Ok(Step::Alarm),
    }
}

/// Writes, but not past a request to close: a client that does not read must not keep its socket.
async fn write(
    socket: &mut Socket,
    orders: &Orders,
    frame: Option<Frame>,
) -> Result<(), CloseCode> {
    match frame {
        Some(frame) => unless_closing(orders, socket.write(frame)).await,
        None => Ok(()),
    }
}

/// Waits, but not past a request to close.
async fn unless_closing<T>(
    orders: &Orders,
    work: impl Future<Output = Result<T, CloseCode>>,
) -> Result<T, CloseCode> {
    tokio::select! {
        biased;
        done = work => done,
        code = orders.close() => Err(code),
    }
}
