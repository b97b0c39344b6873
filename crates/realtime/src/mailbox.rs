//! What waits to be written to one socket.

use crate::close::CloseCode;
use crate::delivery::Delivery;
use domain::user::AccountRole;
use futures_util::task::AtomicWaker;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use tokio::sync::mpsc;

/// Events that may wait for one socket. When one more comes, the socket is closed; its client comes
/// back and resumes.
pub const MAILBOX_SIZE: usize = 256;

/// The end that the hub holds.
pub(crate) struct Mailbox {
    queue: mpsc::Sender<Arc<Delivery>>,
    control: Arc<SocketControl>,
}

/// What a socket is told that is no event.
#[derive(Default)]
pub(crate) struct SocketControl {
    /// The first one counts.
    close: OnceLock<CloseCode>,
    /// The last one counts.
    role: Mutex<Option<AccountRole>>,
    waiting: AtomicWaker,
}

pub(crate) enum Command {
    Close(CloseCode),
    /// The role of its owner is this now.
    Role(AccountRole),
}

impl SocketControl {
    /// Waits for the next one. Only the socket's own task waits.
    pub(crate) async fn next(&self) -> Command {
        self.first(|| {
            let role = || self.role().take().map(Command::Role);
            self.close.get().map(|code| Command::Close(*code)).or_else(role)
        })
        .await
    }

    /// Waits until the socket is to be closed. Only its own task waits.
    pub(crate) async fn close(&self) -> CloseCode {
        self.first(|| self.close.get().copied()).await
    }

    async fn first<T>(&self, look: impl Fn() -> Option<T>) -> T {
        poll_fn(|context| {
            // In this order, so that an command between the two is not missed.
            self.waiting.register(context.waker());
            look().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    fn role(&self) -> MutexGuard<'_, Option<AccountRole>> {
        self.role.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Arc<Delivery>>, Arc<SocketControl>) {
        let (queue, deliveries) = mpsc::channel(MAILBOX_SIZE);
        let control = Arc::new(SocketControl::default());
        (Self { queue, control: Arc::clone(&control) }, deliveries, control)
    }

    /// Never waits: a full mailbox closes its socket.
    pub(crate) fn put(&self, delivery: &Arc<Delivery>) {
        if self.queue.try_send(Arc::clone(delivery)).is_err() {
            self.close(CloseCode::TooSlow);
        }
    }

    /// How many events wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    pub(crate) fn close(&self, code: CloseCode) {
        let _ = self.control.close.set(code);
        self.control.waiting.wake();
    }

    pub(crate) fn set_role(&self, role: AccountRole) {
        *self.control.role() = Some(role);
        self.control.waiting.wake();
    }
}
