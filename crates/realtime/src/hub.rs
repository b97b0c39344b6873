//! Who listens to what on this node.

use crate::close::CloseCode;
use crate::confirmed::Confirmed;
use crate::connected::{Connected, Left};
use crate::delivery::{Codec, Delivery, Slots};
use crate::feed::Why;
use crate::gaps::{Gap, ToReconcile};
use crate::mailbox::Mailbox;
use crate::share::{Feeds, Share};
use crate::socket_id::SocketId;
use domain::event::{Audience, Event, EventBody, EventBus};
use domain::ids::{ChatId, UserId, Version};
use domain::nodes::{Doubt, Sockets, Subscriptions, Topic};
use domain::session::Caller;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{Notify, Semaphore};

/// The sockets of this node, and the chats that they listen to. Its locks are held for a few map look-ups and never
/// while anything waits; what happens in a chat takes only that of its share.
pub struct Hub {
    pub(crate) slots: Slots,
    shares: [Mutex<Feeds>; SHARES],
    connected: Mutex<Connected>,
    /// What brings the events of other nodes, if there are any.
    others: OnceLock<Arc<dyn Subscriptions>>,
    /// What is to be compared with the database.
    to_reconcile: Mutex<ToReconcile>,
    pub(crate) gap_seen: Notify,
    pub(crate) reconcile_now: Notify,
    /// The same, without a reason.
    pub(crate) routine_reconcile: Notify,
    /// The process is stopping.
    stop_told: Notify,
    /// Up to when the sockets know what became of their sessions.
    pub(crate) confirmed: Confirmed,
    /// Sockets that may read at once what their mailboxes had no room for.
    pub(crate) catching_up: Semaphore,
}

/// Into how many shares the chats are divided: so many that those which something happens in at once seldom meet.
const SHARES: usize = 64;

/// How many sockets read at once what their mailboxes had no room for: few enough to leave the database to
/// others.
const CATCHING_UP: usize = 4;

impl Default for Hub {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl EventBus for Hub {
    fn publish(&self, event: Event) {
        match event.body.version() {
            Some((chat, version)) => self.share(chat).publish(version, event),
            None => self.deliver_at_once(event),
        }
    }
}

impl Sockets for Hub {
    fn deliver(&self, event: Event) {
        self.publish(event);
    }

    fn reached(&self, chat: ChatId, version: Version) {
        self.share(chat).note(version, Why::Reached);
    }

    fn compare(&self, doubt: Doubt) {
        let waits =
            if doubt == Doubt::AnyChat { &self.routine_reconcile } else { &self.reconcile_now };
        self.to_reconcile().add(doubt);
        waits.notify_one();
    }
}

impl Hub {
    /// A hub for these protocols: what they encode is shared by their sockets.
    pub fn new(codecs: &[&dyn Codec]) -> Self {
        let (gap_seen, reconcile_now, routine_reconcile, stop_told) = Default::default();
        Self {
            slots: Slots::new(codecs),
            shares: std::array::from_fn(|_| Mutex::default()),
            connected: Mutex::default(),
            others: OnceLock::new(),
            to_reconcile: Mutex::default(),
            gap_seen,
            reconcile_now,
            routine_reconcile,
            stop_told,
            confirmed: Confirmed::default(),
            catching_up: Semaphore::new(CATCHING_UP),
        }
    }

    /// The share of that chat, locked.
    pub(crate) fn share(&self, chat: ChatId) -> Share<'_> {
        let number = usize::try_from(chat.get()).unwrap_or(0) % SHARES;
        Share::new(self, chat, locked(&self.shares[number]))
    }

    /// The sockets, locked.
    pub(crate) fn connected(&self) -> MutexGuard<'_, Connected> {
        locked(&self.connected)
    }

    pub(crate) fn to_reconcile(&self) -> MutexGuard<'_, ToReconcile> {
        locked(&self.to_reconcile)
    }

    /// Takes a socket in.
    pub(crate) fn take_in(&self, caller: &Caller, mailbox: Arc<Mailbox>) -> SocketId {
        let mut connected = self.connected();
        let (id, is_first) = connected.take_in(caller, mailbox);
        if is_first {
            self.follow(Topic::Person(caller.user));
        }
        id
    }

    /// Takes a socket out, with all that it listened to.
    pub(crate) fn take_out(&self, id: SocketId) {
        let mut connected = self.connected();
        let Some(Left { user, was_last, chats }) = connected.take_out(id) else { return };
        if was_last {
            self.unfollow(Topic::Person(user));
        }
        drop(connected);
        for chat in chats {
            self.share(chat).forget(id);
        }
    }

    /// Delivers what has no place among the changes of a chat.
    pub(crate) fn deliver_at_once(&self, event: Event) {
        match (&event.body, &event.audience) {
            (&EventBody::ChatDeleted(chat), _) => {
                let mut share = self.share(chat);
                share.deliver(event);
                share.close_feed();
            }
            (_, &(Audience::Members(chat) | Audience::MembersExcept(chat, _))) => {
                self.share(chat).deliver(event);
            }
            (_, Audience::Users(users)) => {
                let users = users.clone();
                self.put_to_people(&users, &Arc::new(Delivery::new(event, &self.slots)));
            }
        }
    }

    /// Puts an event into the mailboxes of these people.
    pub(crate) fn put_to_people(&self, users: &[UserId], delivery: &Arc<Delivery>) {
        let connected = self.connected();
        for socket in users.iter().flat_map(|user| connected.of(*user)) {
            socket.mailbox.put(delivery);
        }
    }

    /// Where something is missing now.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        self.shares.iter().flat_map(|share| locked(share).gaps().collect::<Vec<_>>()).collect()
    }

    /// The chats that are followed.
    pub(crate) fn followed(&self) -> Vec<ChatId> {
        self.shares.iter().flat_map(|share| locked(share).chats().collect::<Vec<_>>()).collect()
    }

    /// Closes every socket, those to come included: the process is stopping.
    pub fn stop(&self) {
        let mut connected = self.connected();
        connected.stopping = true;
        self.stop_told.notify_waiters();
        for socket in connected.sockets.values() {
            socket.mailbox.close(CloseCode::Restarting);
        }
    }

    /// Waits until the process is stopping.
    pub(crate) async fn stopping(&self) {
        let mut told = pin!(self.stop_told.notified());
        told.as_mut().enable();
        if !self.connected().stopping {
            told.await;
        }
    }

    /// How many events wait for each socket.
    pub(crate) fn waiting(&self) -> Vec<usize> {
        self.connected().sockets.values().map(|socket| socket.mailbox.waiting()).collect()
    }

    /// From now on the events of other nodes come by these. To be called once, before any socket is there.
    pub fn hear_others(&self, others: Arc<dyn Subscriptions>) {
        let set = self.others.set(others);
        debug_assert!(set.is_ok(), "the nodes were joined before");
    }

    pub(crate) fn others(&self) -> Option<&Arc<dyn Subscriptions>> {
        self.others.get()
    }

    pub(crate) fn follow(&self, topic: Topic) {
        self.others().into_iter().for_each(|others| others.follow(topic));
    }

    pub(crate) fn unfollow(&self, topic: Topic) {
        self.others().into_iter().for_each(|others| others.unfollow(topic));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic below would leave a listener too many or too few, and its socket closed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
