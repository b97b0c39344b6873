//! What waits to be written to one socket, and what it is told that is no event.
//!
//! The hub puts things in; the socket's own task takes them out, and nobody else waits for them. So there is one
//! lock, held for moments, and one waker: a socket on which nothing happens keeps nothing else.

use crate::backlog::Backlog;
use crate::close::CloseCode;
use crate::delivery::Delivery;
use domain::chat::Missed;
use domain::event::{Event, EventBody};
use domain::ids::{ChatId, Version};
use domain::limits::PAGE_BYTES;
use domain::user::AccountRole;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Events that may wait for one socket, enough for a burst of a crowd. Of a chat that has one more the
/// socket is behind from then on: it reads the rest from the database, see [`Backlog`].
pub const MAILBOX_SIZE: usize = 1_024;

/// Events beside those that no database keeps, and that are few.
const LOOSE_EVENTS: usize = 256;

/// About how many bytes of them may wait. An event is kept once for all sockets, but one that does not
/// read may be the only one that still holds it.
pub const MAILBOX_BYTES: usize = 4 * PAGE_BYTES;

/// Events for which an empty mailbox keeps room. A burst's room is given back.
const ROOM_KEPT: usize = 32;

/// What waits for one socket.
#[derive(Default)]
pub(crate) struct Mailbox(Mutex<Content>);

#[derive(Default)]
struct Content {
    events: VecDeque<Arc<Delivery>>,
    /// Of the events that wait.
    bytes: usize,
    /// How many events were taken out so far.
    taken: u64,
    backlog: Backlog,
    /// The first one counts.
    close: Option<CloseCode>,
    /// The last one counts.
    role: Option<AccountRole>,
    /// Of the socket's task, while it waits.
    waker: Option<Waker>,
}

pub(crate) enum Command {
    Close(CloseCode),
    /// The role of its owner is this now.
    Role(AccountRole),
}

impl Content {
    fn fits(&self, size: usize) -> bool {
        let has_bytes = self.bytes == 0 || self.bytes + size <= MAILBOX_BYTES;
        self.events.len() < MAILBOX_SIZE && has_bytes
    }

    /// Whether there is something new for the socket's task.
    fn put(&mut self, delivery: &Arc<Delivery>) -> bool {
        match delivery.event.body.version() {
            Some((chat, version)) if self.backlog.extend(chat, version) => false,
            Some((chat, version)) if !self.fits(delivery.size) => {
                let put_in = self.taken + self.events.len() as u64;
                self.backlog.begin(chat, version, put_in);
                // It may have emptied this just now, and nothing else would wake it.
                true
            }
            None if self.events.len() >= MAILBOX_SIZE && is_over_soon(&delivery.event.body) => {
                false
            }
            _ if self.events.len() >= MAILBOX_SIZE + LOOSE_EVENTS => {
                self.close.get_or_insert(CloseCode::TooSlow);
                true
            }
            _ => {
                self.bytes += delivery.size;
                self.events.push_back(Arc::clone(delivery));
                true
            }
        }
    }

    fn take(&mut self, arrived: &mut Vec<Arc<Delivery>>, most: usize) {
        let count = most.min(self.events.len());
        for delivery in self.events.drain(..count) {
            self.bytes -= delivery.size;
            arrived.push(delivery);
        }
        self.taken += count as u64;
        if self.events.is_empty() && self.events.capacity() > ROOM_KEPT {
            self.events = VecDeque::new();
        }
    }
}

impl Mailbox {
    /// Never waits. What does not fit is left out: the socket reads it from the database later. Only
    /// what no database keeps closes it, and typing, which is over in seconds, is worth nothing then.
    pub(crate) fn put(&self, delivery: &Arc<Delivery>) {
        self.tell(|content| content.put(delivery));
    }

    /// Tells the socket to close.
    pub(crate) fn close(&self, code: CloseCode) {
        self.tell(|content| {
            content.close.get_or_insert(code);
            true
        });
    }

    /// Tells the socket that its owner's role is this now.
    pub(crate) fn set_role(&self, role: AccountRole) {
        self.tell(|content| {
            content.role = Some(role);
            true
        });
    }

    /// How many events wait.
    pub(crate) fn waiting(&self) -> usize {
        self.content().events.len()
    }

    /// Whether so many more would fit, of a page's bytes together.
    pub(crate) fn has_room(&self, events: usize) -> bool {
        let content = self.content();
        content.events.len() + events <= MAILBOX_SIZE && content.bytes + PAGE_BYTES <= MAILBOX_BYTES
    }

    /// Waits for the next command.
    pub(crate) async fn command(&self) -> Command {
        self.first(|content| {
            let role = content.role.take().filter(|_| content.close.is_none());
            content.close.map(Command::Close).or(role.map(Command::Role))
        })
        .await
    }

    /// Waits until the socket is to be closed.
    pub(crate) async fn closed(&self) -> CloseCode {
        self.first(|content| content.close).await
    }

    /// Waits for events, and adds them to `arrived`: at most so many. If none wait and the socket is behind with a
    /// chat, it does not wait either, unless `is_reading`, since one chat is read at a time.
    pub(crate) async fn arrive(
        &self,
        arrived: &mut Vec<Arc<Delivery>>,
        most: usize,
        is_reading: bool,
    ) {
        self.first(|content| {
            content.take(arrived, most);
            let is_behind = !is_reading && content.backlog.next(content.taken).is_some();
            (!arrived.is_empty() || is_behind).then_some(())
        })
        .await;
    }

    /// A chat that the socket is behind with, and from where on, once it may be read.
    pub(crate) fn behind(&self) -> Option<(ChatId, Version)> {
        let content = self.content();
        content.backlog.next(content.taken)
    }

    /// Takes in what was read of a chat; see [`Backlog::fill`].
    pub(crate) fn fill(&self, chat: ChatId, missed: Option<Missed>) -> Vec<Event> {
        self.content().backlog.fill(chat, missed)
    }

    /// Waits until `look` finds something.
    async fn first<T>(&self, mut look: impl FnMut(&mut Content) -> Option<T>) -> T {
        poll_fn(|context: &mut Context<'_>| {
            let mut content = self.content();
            match look(&mut content) {
                Some(found) => Poll::Ready(found),
                None => {
                    let mine = context.waker();
                    if !content.waker.as_ref().is_some_and(|waker| waker.will_wake(mine)) {
                        content.waker = Some(mine.clone());
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Changes what is in it, and wakes the socket's task if that is told so.
    fn tell(&self, change: impl FnOnce(&mut Content) -> bool) {
        let mut content = self.content();
        let waker = if change(&mut content) { content.waker.take() } else { None };
        drop(content);
        waker.into_iter().for_each(Waker::wake);
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        // Nothing that is done under it panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

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

    fn behind_from(mailbox: &Mailbox) -> Option<i64> {
        mailbox.content().backlog.next(u64::MAX).map(|(_, version)| version.get())
    }

    fn is_open(mailbox: &Mailbox) -> bool {
        mailbox.closed().now_or_never().is_none()
    }

    #[test]
    fn a_mailbox_is_full_by_number_or_by_bytes() {
        let mailbox = Mailbox::default();
        let full = i64::try_from(MAILBOX_SIZE).unwrap();
        (1..=full).for_each(|version| mailbox.put(&change(version, 1)));
        assert_eq!(behind_from(&mailbox), None);
        (full + 1..full + 3).for_each(|version| mailbox.put(&change(version, 1)));
        assert_eq!(behind_from(&mailbox), Some(full));
        assert_eq!(mailbox.waiting(), MAILBOX_SIZE);
        assert!(is_open(&mailbox), "nobody is closed for it");

        let mailbox = Mailbox::default();
        let quarter = MAILBOX_BYTES / 4;
        (1..=4).for_each(|version| mailbox.put(&change(version, quarter)));
        assert_eq!(behind_from(&mailbox), None);
        assert!(!mailbox.has_room(1));
        let mut arrived = Vec::new();
        assert!(mailbox.arrive(&mut arrived, 2, false).now_or_never().is_some());
        assert_eq!(arrived.len(), 2);
        assert!(mailbox.has_room(1));
        (5..=6).for_each(|version| mailbox.put(&change(version, quarter)));
        assert_eq!(behind_from(&mailbox), None, "what was taken out does not count");
        mailbox.put(&change(7, 1));
        assert_eq!(behind_from(&mailbox), Some(6));
        assert_eq!(mailbox.behind(), None, "four wait before it");
    }

    #[test]
    fn what_no_database_keeps_has_room_of_its_own_and_then_closes() {
        let mailbox = Mailbox::default();
        let full = i64::try_from(MAILBOX_SIZE).unwrap();
        (1..=full + 1).for_each(|version| mailbox.put(&change(version, 1)));
        let (user, until) = (UserId::stored(1), None);
        let typing = delivery(EventBody::Typing { chat: CHAT, user, until }, 1);
        let blocked = delivery(EventBody::Blocked { user, on: true }, 1);
        (0..=LOOSE_EVENTS).for_each(|_| mailbox.put(&typing));
        (0..LOOSE_EVENTS).for_each(|_| mailbox.put(&blocked));
        assert_eq!(mailbox.waiting(), MAILBOX_SIZE + LOOSE_EVENTS);
        assert!(is_open(&mailbox));
        mailbox.put(&blocked);
        assert_eq!(mailbox.closed().now_or_never(), Some(CloseCode::TooSlow));
        assert_eq!(behind_from(&mailbox), Some(full));
    }

    /// How often a task was woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn who_waits_is_woken_once_for_all_that_comes_before_it_looks() {
        let (mailbox, mut arrived) = (Mailbox::default(), Vec::new());
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(Arc::clone(&woken));
        {
            let mut waiting = pin!(mailbox.arrive(&mut arrived, 8, false));
            assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            (1..=3).for_each(|version| mailbox.put(&change(version, 1)));
            assert_eq!(woken.0.load(Ordering::Relaxed), 1);
            waiting.await;
        }
        assert_eq!(arrived.len(), 3);
    }

    #[test]
    fn an_emptied_mailbox_gives_back_the_room_of_a_burst() {
        let (mailbox, mut arrived) = (Mailbox::default(), Vec::new());
        (1..=100).for_each(|version| mailbox.put(&change(version, 1)));
        while mailbox.waiting() > 0 {
            mailbox.arrive(&mut arrived, 16, false).now_or_never().expect("some wait");
        }
        assert_eq!(arrived.len(), 100);
        assert!(mailbox.content().events.capacity() <= ROOM_KEPT);
    }

    #[test]
    fn who_is_to_close_learns_nothing_else() {
        let mailbox = Mailbox::default();
        mailbox.set_role(AccountRole::Admin);
        mailbox.close(CloseCode::SessionEnded);
        mailbox.close(CloseCode::Restarting);
        let command = mailbox.command().now_or_never();
        assert!(matches!(command, Some(Command::Close(CloseCode::SessionEnded))));
    }
}
