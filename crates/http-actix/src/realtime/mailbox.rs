//! What waits to be written to one socket.

use super::{CloseCode, Codec, PROTOCOLS, Scene};
use crate::Services;
use bytestring::ByteString;
use domain::event::Event;
use domain::failure::StoreError;
use futures_util::task::AtomicWaker;
use std::future::poll_fn;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use tokio::sync::{OnceCell, mpsc};

/// Events that may wait for one socket. When one more comes, the socket is closed; its client comes
/// back and resumes.
pub const MAILBOX_SIZE: usize = 256;

/// An event on its way to sockets, with the frames that it made so far.
pub struct Delivery {
    /// What happened.
    pub event: Event,
    frames: [OnceLock<Option<ByteString>>; PROTOCOLS],
    scene: OnceCell<Scene>,
}

impl Delivery {
    pub(super) fn new(event: Event) -> Self {
        Self { event, frames: [const { OnceLock::new() }; PROTOCOLS], scene: OnceCell::new() }
    }

    /// What frames say beside the event. The first socket that needs it looks it up for all.
    pub(crate) async fn scene(&self, services: &Services) -> Result<&Scene, StoreError> {
        self.scene.get_or_try_init(|| Scene::of(&self.event.body, services)).await
    }

    /// The same, if it was looked up.
    pub(crate) fn known_scene(&self) -> Option<&Scene> {
        self.scene.get()
    }

    /// The event's frame. The first socket of a protocol makes it, the others share it.
    pub fn frame(&self, codec: &dyn Codec) -> Option<ByteString> {
        self.frames[codec.slot()].get_or_init(|| codec.encode(self)).clone()
    }
}

/// The end that the hub holds.
pub(super) struct Mailbox {
    queue: mpsc::Sender<Arc<Delivery>>,
    closing: Arc<Closing>,
}

/// A request that a socket be closed. The first one counts.
#[derive(Default)]
pub(super) struct Closing {
    code: OnceLock<CloseCode>,
    waiting: AtomicWaker,
}

impl Closing {
    pub(super) fn ask(&self, code: CloseCode) {
        let _ = self.code.set(code);
        self.waiting.wake();
    }

    /// Waits until the socket is to be closed. Only its own task waits.
    pub(super) async fn wait(&self) -> CloseCode {
        poll_fn(|context| {
            // In this order, so that a request between the two is not missed.
            self.waiting.register(context.waker());
            self.code.get().map_or(Poll::Pending, |code| Poll::Ready(*code))
        })
        .await
    }
}

impl Mailbox {
    pub(super) fn new() -> (Self, mpsc::Receiver<Arc<Delivery>>, Arc<Closing>) {
        let (queue, deliveries) = mpsc::channel(MAILBOX_SIZE);
        let closing = Arc::new(Closing::default());
        (Self { queue, closing: Arc::clone(&closing) }, deliveries, closing)
    }

    /// Never waits: a full mailbox closes its socket.
    pub(super) fn put(&self, delivery: &Arc<Delivery>) {
        if self.queue.try_send(Arc::clone(delivery)).is_err() {
            self.close(CloseCode::TooSlow);
        }
    }

    /// How many events wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    pub(super) fn close(&self, code: CloseCode) {
        self.closing.ask(code);
    }
}
