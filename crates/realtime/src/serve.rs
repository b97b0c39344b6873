//! Serving one socket: one task, from the first frame to the last.

use crate::close::CloseCode;
use crate::connection::Connection;
use crate::conversation::{Answer, Conversation, Push};
use crate::delivery::Delivery;
use crate::frame::Frame;
use crate::mailbox::{Command, Mailbox};
use crate::metrics::Meter;
use crate::sessions::until_sure;
use crate::socket::{Incoming, Socket};
use bytestring::ByteString;
use domain::clock::{Clock, SystemClock};
use domain::output::{Account, Owed};
use domain::user::AccountRole;
use std::pin::{Pin, pin};
use std::sync::Arc;
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::field::Empty;
use tracing::{Instrument, Span, trace_span};

/// Serves a socket until it is to be closed or the conversation is over, and says why. A request that was begun is finished.
pub(crate) async fn serve<C: Conversation>(
    socket: &mut Socket,
    connection: &mut Connection,
    conversation: &mut C,
) -> CloseCode {
    let meter = Meter::new(C::PROTOCOL);
    let mut answer: Option<Answer<C::Note>> = None;
    // What the answer may take.
    let mut owed = Owed::default();
    // Of the request that is being answered.
    let mut span = Span::none();
    // One alarm, set anew when it rings, is cheaper than one for each frame.
    let mut alarm = pin!(sleep_until(due_at(socket, conversation)));
    let mailbox = Arc::clone(&connection.mailbox);
    let code = loop {
        let step = tokio::select! {
            biased;
            command = mailbox.command() => match command {
                Command::Close(code) => Err(code),
                Command::Role(role) => Ok(Step::Role(role)),
            },
            step = step(socket, connection, &mut answer, &span, alarm.as_mut()) => step,
        };
        let step = once_sure(step, socket, connection, conversation).await;
        let written = match step {
            Err(code) => Err(code),
            Ok(Step::Nothing) => Ok(()),
            Ok(Step::Alarm) => {
                let tended = tend(socket, &mailbox, conversation).await;
                alarm.as_mut().reset(due_at(socket, conversation));
                tended
            }
            Ok(Step::Request(text)) => {
                meter.asked();
                span = trace_span!(
                    "frame",
                    otel.kind = "server",
                    protocol = C::PROTOCOL,
                    class = Empty
                );
                let begun = span.in_scope(|| conversation.request(text));
                answer = Some(reserve(socket.account(), begun, &mut owed));
                Ok(())
            }
            Ok(Step::Answered(frame, note)) => {
                (answer, span) = (None, Span::none());
                if let Some(note) = note {
                    conversation.answered(note);
                    alarm.as_mut().reset(due_at(socket, conversation));
                }
                let written = write(socket, &mailbox, frame).await;
                owed = Owed::default();
                written.and_then(|()| match conversation.is_over() {
                    true => Err(CloseCode::Normal),
                    false => Ok(()),
                })
            }
            Ok(Step::Role(role)) => write(socket, &mailbox, conversation.set_role(role)).await,
            Ok(Step::Arrived) => {
                push_all(socket, &mailbox, conversation, &meter, connection.arrived.drain(..)).await
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

/// When something is due of the socket or of its conversation.
fn due_at<C: Conversation>(socket: &Socket, conversation: &C) -> Instant {
    let due = socket.due_at();
    conversation.due_at().map_or(due, |other| other.min(due))
}

/// Does what is due.
async fn tend<C: Conversation>(
    socket: &mut Socket,
    mailbox: &Mailbox,
    conversation: &mut C,
) -> Result<(), CloseCode> {
    unless_closing(mailbox, socket.tend()).await?;
    if conversation.due_at().is_some_and(|due| due <= Instant::now()) {
        write(socket, mailbox, conversation.tend()?).await?;
    }
    Ok(())
}

/// Deliveries that are written before anything else is looked at, at most.
const AT_ONCE: usize = 16;

/// Sees to it that no more answers to an account are made at once than it may have waiting: what one may
/// take is owed while it is made, and it is begun once that is possible.
fn reserve<N: 'static>(
    account: Option<&Arc<Account>>,
    answer: Answer<N>,
    owed: &mut Owed,
) -> Answer<N> {
    let Some(account) = account else { return answer };
    if let Some(reserved) = account.reserve() {
        *owed = reserved;
        return answer;
    }
    let (account, Answer { holds_pushes, future }) = (Arc::clone(account), answer);
    let future = Box::pin(async move {
        let _owed = account.reserved().await;
        future.await
    });
    Answer { holds_pushes, future }
}

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
    mailbox: &Mailbox,
    conversation: &mut C,
    meter: &Meter,
    arrived: impl Iterator<Item = Arc<Delivery>>,
) -> Result<(), CloseCode> {
    let now = SystemClock.now();
    for delivery in arrived {
        let frame = match conversation.push(&delivery) {
            Push::Now(frame) => frame,
            Push::Later(frame) => unless_closing(mailbox, frame).await?,
        };
        if frame.is_some() {
            write(socket, mailbox, frame).await?;
            meter.delivered(&delivery, now);
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
    let idle = answer.is_none();
    let pushes = answer.as_ref().is_none_or(|answer| !answer.holds_pushes);
    tokio::select! {
        (frame, note) = answering(answer).instrument(span.clone()), if !idle => {
            Ok(Step::Answered(frame, note))
        }
        arrived = connection.arrive(AT_ONCE), if pushes => arrived.map(|()| Step::Arrived),
        incoming = socket.next(), if idle => match incoming? {
            Incoming::Text(text) => Ok(Step::Request(text)),
            Incoming::Control => Ok(Step::Nothing),
        },
        () = alarm => Ok(Step::Alarm),
    }
}

/// Holds back what depends on the session while nobody knows whether that is still there.
async fn once_sure<C: Conversation>(
    step: Result<Step<C::Note>, CloseCode>,
    socket: &mut Socket,
    connection: &Connection,
    conversation: &mut C,
) -> Result<Step<C::Note>, CloseCode> {
    if matches!(step, Ok(Step::Request(_) | Step::Arrived)) && !connection.is_sure() {
        // Boxed: it hardly ever happens, and each socket keeps its future.
        Box::pin(until_sure(socket, connection, conversation)).await?;
    }
    step
}

/// Writes, but not past a request to close: a client that does not read must not keep its socket.
pub(crate) async fn write(
    socket: &mut Socket,
    mailbox: &Mailbox,
    frame: Option<Frame>,
) -> Result<(), CloseCode> {
    match frame {
        Some(frame) => unless_closing(mailbox, socket.write(frame)).await,
        None => Ok(()),
    }
}

/// Waits, but not past a request to close.
async fn unless_closing<T>(
    mailbox: &Mailbox,
    work: impl Future<Output = Result<T, CloseCode>>,
) -> Result<T, CloseCode> {
    tokio::select! {
        biased;
        done = work => done,
        code = mailbox.closed() => Err(code),
    }
}
