//! The way of frames from a socket's task to its connection.

use crate::close::CloseCode;
use crate::frame::Frame;
use crate::metrics::Waiting;
use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use domain::limits::{OUTPUT_PIECE_BYTES, SOCKET_OUTPUT_BYTES};
use domain::output::{Account, Owed};
use std::cell::{RefCell, RefMut};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What a frame takes beside its bytes.
const FRAME: usize = 64;

/// Bytes that wait without being counted for the server and the account, at most: the connection mostly takes a few
/// frames at once, and counting them would cost more than writing them.
const UNTOLD: usize = 4 * 1024;

/// Frames that wait to be written, which are counted in bytes.
struct Queue {
    /// The first may be what is left of a frame.
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// How many of them are counted elsewhere: for the whole server, and for the account that the socket belongs to,
    /// once that is known.
    told: usize,
    waiting: Waiting,
    owed: Owed,
    /// When the connection was last seen to take something, or this was empty.
    moved_at: Instant,
    /// Whether it took something since.
    has_moved: bool,
    /// Nobody writes any more.
    ended: bool,
    /// The connection is gone.
    gone: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Queue {
    fn new() -> Self {
        Self {
            // For the first frame. A quiet socket never has more, and room for four is what the first one would take.
            frames: VecDeque::with_capacity(1),
            bytes: 0,
            told: 0,
            waiting: Waiting::default(),
            owed: Owed::default(),
            moved_at: Instant::now(),
            has_moved: false,
            ended: false,
            gone: false,
            reader: None,
            writer: None,
        }
    }

    fn put(&mut self, frame: Bytes) {
        if self.frames.is_empty() {
            self.moved_at = Instant::now();
        }
        self.bytes += frame.len() + FRAME;
        self.frames.push_back(frame);
        if self.bytes >= self.told + UNTOLD {
            self.tell();
        }
        self.reader.take().into_iter().for_each(Waker::wake);
    }

    fn take(&mut self) -> Option<Bytes> {
        let first = self.frames.front_mut()?;
        let piece = first.split_to(OUTPUT_PIECE_BYTES.min(first.len()));
        let whole = if first.is_empty() { FRAME } else { 0 };
        if first.is_empty() {
            self.frames.pop_front();
        }
        self.has_moved = true;
        self.bytes -= piece.len() + whole;
        self.writer.take().into_iter().for_each(Waker::wake);
        Some(piece)
    }

    /// Has the bytes counted as they are now.
    fn tell(&mut self) {
        if self.told != self.bytes {
            self.told = self.bytes;
            self.waiting.set(self.bytes);
            self.owed.set(self.bytes);
        }
    }

    /// When the connection took something last, as far as anybody looked.
    fn moved_at(&mut self) -> Instant {
        if std::mem::take(&mut self.has_moved) {
            self.moved_at = Instant::now();
        }
        self.moved_at
    }

    /// Nobody will read what waits.
    fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
        self.tell();
        self.gone = true;
        self.writer.take().into_iter().for_each(Waker::wake);
    }
}

/// Writes frames to a connection.
pub(crate) struct Outgoing {
    queue: Rc<RefCell<Queue>>,
    account: Option<Arc<Account>>,
}

/// Makes the body of the response that opens a socket of what is written by this.
pub(crate) fn of(response: HttpResponse) -> (HttpResponse, Outgoing) {
    let queue = Rc::new(RefCell::new(Queue::new()));
    let body_queue = Rc::clone(&queue);
    let response =
        response.map_body(|_, replaced| Body { queue: body_queue, _replaced: replaced }.boxed());
    (response, Outgoing { queue, account: None })
}

impl Outgoing {
    /// From now on what waits is on its way to this account.
    pub(crate) fn belongs_to(&mut self, account: Option<Arc<Account>>) {
        let mut queue = self.queue();
        queue.owed = Owed::to(account.clone());
        let told = queue.told;
        queue.owed.set(told);
        drop(queue);
        self.account = account;
    }

    /// Whose socket it is.
    pub(crate) fn account(&self) -> Option<&Arc<Account>> {
        self.account.as_ref()
    }

    /// Whether less waits than may.
    pub(crate) fn has_room(&self) -> bool {
        self.queue().bytes < SOCKET_OUTPUT_BYTES
    }

    /// Waits until less waits than may. A client that takes nothing for so long is too slow.
    pub(crate) async fn room(&self, patience: Duration) -> Result<(), CloseCode> {
        loop {
            let moved_at = self.queue().moved_at();
            let moved = timeout_at(moved_at + patience, self.moved(SOCKET_OUTPUT_BYTES)).await;
            match moved {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(CloseCode::Normal),
                Err(_) if self.queue().moved_at() == moved_at => return Err(CloseCode::TooSlow),
                Err(_) => {}
            }
        }
    }

    /// Adds a frame, whatever waits already.
    pub(crate) fn put(&self, frame: Frame) -> Result<(), CloseCode> {
        let mut queue = self.queue();
        if queue.gone {
            return Err(CloseCode::Normal);
        }
        queue.put(frame.into());
        Ok(())
    }

    /// Waits until the connection has taken everything, and forgets what it does not take in time.
    pub(crate) async fn drain(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        if timeout_at(deadline, self.moved(1)).await.is_err() {
            self.queue().clear();
        }
    }

    /// Waits until fewer bytes than these wait; `false` if the connection is gone.
    async fn moved(&self, bytes: usize) -> bool {
        poll_fn(|context| {
            let mut queue = self.queue();
            if queue.gone || queue.bytes < bytes {
                return Poll::Ready(!queue.gone);
            }
            queue.writer = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn queue(&self) -> RefMut<'_, Queue> {
        self.queue.borrow_mut()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        let mut queue = self.queue();
        queue.ended = true;
        queue.reader.take().into_iter().for_each(Waker::wake);
    }
}

/// The body of the response that opened a socket: the frames that are written to it, as they come, in
/// pieces. It ends when nobody can write any more.
struct Body {
    queue: Rc<RefCell<Queue>>,
    /// What the WebSocket layer made for the same purpose, which copies each frame for each socket.
    /// By its end the half that reads learns that the connection is gone.
    _replaced: BoxBody,
}

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let mut queue = self.queue.borrow_mut();
        match queue.take() {
            Some(piece) => Poll::Ready(Some(Ok(piece))),
            None if queue.ended => Poll::Ready(None),
            None => {
                queue.tell();
                queue.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.queue.borrow_mut().clear();
    }
}
