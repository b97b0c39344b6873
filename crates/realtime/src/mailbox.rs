//! What waits to be written to one socket.

use crate::close::CloseCode;
use crate::delivery::Delivery;
use domain::limits::PAGE_BYTES;
use domain::user::AccountRole;
use futures_util::task::AtomicWaker;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use tokio::sync::mpsc;

/// Events that may wait for one socket. When one more comes, the socket is closed; its client comes
/// back and resumes.
pub const MAILBOX_SIZE: usize = 256;

/// About how many bytes of them may wait. An event is kept once for all sockets, but one that does not
/// read may be the only one that still holds it.
pub const MAILBOX_BYTES: usize = 4 * PAGE_BYTES;

/// The end that the hub holds.
pub(crate) struct Mailbox {
    queue: mpsc::Sender<Arc<Delivery>>,
    bytes: Arc<AtomicUsize>,
    control: Arc<SocketControl>,
}

/// The end that the socket holds.
pub(crate) struct Deliveries {
    queue: mpsc::Receiver<Arc<Delivery>>,
    bytes: Arc<AtomicUsize>,
}

impl Deliveries {
    /// Waits for some, and adds them to `arrived`: at most so many. How many came; none if the mailbox
    /// is gone.
    pub(crate) async fn take(&mut self, arrived: &mut Vec<Arc<Delivery>>, most: usize) -> usize {
        let before = arrived.len();
        let count = self.queue.recv_many(arrived, most).await;
        let taken = arrived[before..].iter().map(|delivery| delivery.size).sum();
        self.bytes.fetch_sub(taken, Ordering::Relaxed);
        count
    }
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
    pub(crate) fn new() -> (Self, Deliveries, Arc<SocketControl>) {
        let (sender, queue) = mpsc::channel(MAILBOX_SIZE);
        let (bytes, control) = (Arc::default(), Arc::new(SocketControl::default()));
        let deliveries = Deliveries { queue, bytes: Arc::clone(&bytes) };
        (Self { queue: sender, bytes, control: Arc::clone(&control) }, deliveries, control)
    }

    /// Never waits: a full mailbox closes its socket.
    pub(crate) fn put(&self, delivery: &Arc<Delivery>) {
        let before = self.bytes.fetch_add(delivery.size, Ordering::Relaxed);
        let fits = before == 0 || before + delivery.size <= MAILBOX_BYTES;
        if !fits || self.queue.try_send(Arc::clone(delivery)).is_err() {
            self.close(CloseCode::TooSlow);
        }
    }

    /// How many events wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Whether so many more would fit, of a page's bytes together.
    pub(crate) fn has_room(&self, events: usize) -> bool {
        let bytes = self.bytes.load(Ordering::Relaxed);
        self.waiting() + events <= MAILBOX_SIZE && bytes + PAGE_BYTES <= MAILBOX_BYTES
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Slots;
    use domain::event::{Audience, Event, EventBody};
    use domain::ids::{ChatId, UserId};
    use futures_util::FutureExt;

    /// An event of about so many bytes.
    fn delivery(bytes: usize) -> Arc<Delivery> {
        let body = EventBody::Blocked { user: UserId::stored(1), on: true };
        let event = Event { audience: Audience::Members(ChatId::stored(1)), body };
        let mut delivery = Delivery::new(event, &Slots::default());
        delivery.size = bytes;
        Arc::new(delivery)
    }

    fn closed(control: &SocketControl) -> bool {
        control.close().now_or_never() == Some(CloseCode::TooSlow)
    }

    #[test]
    fn a_mailbox_is_full_by_number_or_by_bytes() {
        let (mailbox, _deliveries, control) = Mailbox::new();
        (0..MAILBOX_SIZE).for_each(|_| mailbox.put(&delivery(1)));
        assert!(!closed(&control));
        mailbox.put(&delivery(1));
        assert!(closed(&control));

        let (mailbox, mut deliveries, control) = Mailbox::new();
        let quarter = delivery(MAILBOX_BYTES / 4);
        (0..4).for_each(|_| mailbox.put(&quarter));
        assert!(!closed(&control) && !mailbox.has_room(1));
        let mut arrived = Vec::new();
        assert_eq!(deliveries.take(&mut arrived, 2).now_or_never(), Some(2));
        assert!(mailbox.has_room(1));
        (0..2).for_each(|_| mailbox.put(&quarter));
        assert!(!closed(&control), "what was taken out does not count");
        mailbox.put(&delivery(1));
        assert!(closed(&control));
    }
}
