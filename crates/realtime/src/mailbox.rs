//! What waits to be written to one socket.

use crate::backlog::Backlog;
use crate::close::CloseCode;
use crate::delivery::Delivery;
use domain::event::EventBody;
use domain::limits::PAGE_BYTES;
use domain::user::AccountRole;
use futures_util::task::AtomicWaker;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use tokio::sync::mpsc;

/// Events that may wait for one socket, enough for a burst of a crowd. Of a chat that has one more the
/// socket is behind from then on: it reads the rest from the database, see [`Backlog`].
pub const MAILBOX_SIZE: usize = 1_024;

/// Events beside those that no database keeps, and that are few.
const LOOSE_EVENTS: usize = 256;

/// About how many bytes of them may wait. An event is kept once for all sockets, but one that does not
/// read may be the only one that still holds it.
pub const MAILBOX_BYTES: usize = 4 * PAGE_BYTES;

/// The end that the hub holds.
pub(crate) struct Mailbox {
    queue: mpsc::Sender<Arc<Delivery>>,
    bytes: Arc<AtomicUsize>,
    /// How many events were put in so far, or are being put in. Those of one chat are put in one after the other.
    sent: AtomicU64,
    backlog: Arc<Backlog>,
    control: Arc<SocketControl>,
}

/// The end that the socket holds.
pub(crate) struct Deliveries {
    queue: mpsc::Receiver<Arc<Delivery>>,
    bytes: Arc<AtomicUsize>,
    /// How many events were taken out so far.
    pub(crate) taken: u64,
    pub(crate) backlog: Arc<Backlog>,
}

impl Deliveries {
    /// Waits for some, and adds them to `arrived`: at most so many. How many came; none if the mailbox
    /// is gone.
    pub(crate) async fn take(&mut self, arrived: &mut Vec<Arc<Delivery>>, most: usize) -> usize {
        let before = arrived.len();
        let count = self.queue.recv_many(arrived, most).await;
        let taken = arrived[before..].iter().map(|delivery| delivery.size).sum();
        self.bytes.fetch_sub(taken, Ordering::Relaxed);
        self.taken += count as u64;
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
            // In this order, so that a command between the two is not missed.
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
        let (queue, receiver) = mpsc::channel(MAILBOX_SIZE + LOOSE_EVENTS);
        let (bytes, control) = (Arc::<AtomicUsize>::default(), Arc::<SocketControl>::default());
        let backlog = Arc::<Backlog>::default();
        let deliveries = Deliveries {
            queue: receiver,
            bytes: Arc::clone(&bytes),
            taken: 0,
            backlog: Arc::clone(&backlog),
        };
        let (sent, held) = (AtomicU64::new(0), Arc::clone(&control));
        (Self { queue, bytes, sent, backlog, control: held }, deliveries, control)
    }

    /// Never waits. What does not fit is left out: the socket reads it from the database later. Only
    /// what no database keeps closes it, and typing, which is over in seconds, is worth nothing then.
    pub(crate) fn put(&self, delivery: &Arc<Delivery>) {
        match delivery.event.body.version() {
            Some((chat, version)) if self.backlog.extend(chat, version) => {}
            Some((chat, version)) if !self.fits(delivery.size) => {
                self.backlog.begin(chat, version, self.sent.load(Ordering::Relaxed));
            }
            None if self.waiting() >= MAILBOX_SIZE && is_over_soon(&delivery.event.body) => {}
            _ => self.send(delivery),
        }
    }

    fn fits(&self, size: usize) -> bool {
        let bytes = self.bytes.load(Ordering::Relaxed);
        self.waiting() < MAILBOX_SIZE && (bytes == 0 || bytes + size <= MAILBOX_BYTES)
    }

    fn send(&self, delivery: &Arc<Delivery>) {
        self.bytes.fetch_add(delivery.size, Ordering::Relaxed);
        // Before it is there: whoever begins to leave out events of a chat waits for as many as were counted, among
        // which those of the chat have to be.
        self.sent.fetch_add(1, Ordering::Relaxed);
        if self.queue.try_send(Arc::clone(delivery)).is_err() {
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

/// Whether an event tells of nothing but the next few seconds.
fn is_over_soon(body: &EventBody) -> bool {
    matches!(body, EventBody::Typing { .. } | EventBody::Arrived { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Slots;
    use domain::event::{Audience, Event};
    use domain::ids::{ChatId, Seq, UserId, Version};
    use futures_util::FutureExt;

    const CHAT: ChatId = ChatId::stored(1);

    /// A change of the chat, of about so many bytes.
    fn change(version: i64, bytes: usize) -> Arc<Delivery> {
        let (user, seq, version) = (UserId::stored(1), Seq::stored(1), Version::stored(version));
        let body = EventBody::Read { chat: CHAT, user, seq, version };
        delivery(body, bytes)
    }

    fn delivery(body: EventBody, bytes: usize) -> Arc<Delivery> {
        let event = Event { audience: Audience::Members(CHAT), body };
        let mut delivery = Delivery::new(event, &Slots::default());
        delivery.size = bytes;
        Arc::new(delivery)
    }

    fn behind_from(deliveries: &Deliveries) -> Option<i64> {
        deliveries.backlog.next(u64::MAX).map(|(_, version)| version.get())
    }

    #[test]
    fn a_mailbox_is_full_by_number_or_by_bytes() {
        let (mailbox, deliveries, control) = Mailbox::new();
        let full = i64::try_from(MAILBOX_SIZE).unwrap();
        (1..=full).for_each(|version| mailbox.put(&change(version, 1)));
        assert_eq!(behind_from(&deliveries), None);
        (full + 1..full + 3).for_each(|version| mailbox.put(&change(version, 1)));
        assert_eq!(behind_from(&deliveries), Some(full));
        assert_eq!(mailbox.waiting(), MAILBOX_SIZE);
        assert_eq!(control.close().now_or_never(), None, "nobody is closed for it");

        let (mailbox, mut deliveries, _control) = Mailbox::new();
        let quarter = MAILBOX_BYTES / 4;
        (1..=4).for_each(|version| mailbox.put(&change(version, quarter)));
        assert_eq!(behind_from(&deliveries), None);
        assert!(!mailbox.has_room(1));
        let mut arrived = Vec::new();
        assert_eq!(deliveries.take(&mut arrived, 2).now_or_never(), Some(2));
        assert!(mailbox.has_room(1));
        (5..=6).for_each(|version| mailbox.put(&change(version, quarter)));
        assert_eq!(behind_from(&deliveries), None, "what was taken out does not count");
        mailbox.put(&change(7, 1));
        assert_eq!(behind_from(&deliveries), Some(6));
        assert_eq!(deliveries.backlog.next(deliveries.taken), None, "four wait before it");
    }

    #[test]
    fn what_no_database_keeps_has_room_of_its_own_and_then_closes() {
        let (mailbox, deliveries, control) = Mailbox::new();
        let full = i64::try_from(MAILBOX_SIZE).unwrap();
        (1..=full + 1).for_each(|version| mailbox.put(&change(version, 1)));
        let (user, until) = (UserId::stored(1), None);
        let typing = delivery(EventBody::Typing { chat: CHAT, user, until }, 1);
        let blocked = delivery(EventBody::Blocked { user, on: true }, 1);
        (0..=LOOSE_EVENTS).for_each(|_| mailbox.put(&typing));
        (0..LOOSE_EVENTS).for_each(|_| mailbox.put(&blocked));
        assert_eq!(mailbox.waiting(), MAILBOX_SIZE + LOOSE_EVENTS);
        assert_eq!(control.close().now_or_never(), None);
        mailbox.put(&blocked);
        assert_eq!(control.close().now_or_never(), Some(CloseCode::TooSlow));
        assert_eq!(behind_from(&deliveries), Some(full));
    }
}
