//! Who listens to what on this node.

use crate::close::CloseCode;
use crate::confirmed::Confirmed;
use crate::delivery::{Codec, Slots};
use crate::feed::Why;
use crate::state::State;
use domain::event::{Event, EventBus};
use domain::ids::{ChatId, Version};
use domain::nodes::{Doubt, Sockets, Subscriptions};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore};

/// The sockets of this node, and the chats that they listen to. Its lock is held for a few map
/// look-ups and never while anything waits.
pub struct Hub {
    state: Mutex<State>,
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
        let mut state = self.state();
        match event.body.version() {
            Some((chat, version)) => {
                state.prepare(&event.body, chat, version);
                let Some(feed) = state.chats.get_mut(&chat) else { return };
                let ready = feed.accept(version, event);
                if state.note_gap(chat) {
                    self.gap_seen.notify_one();
                }
                state.deliver_in_order(chat, ready);
            }
            None => state.deliver_at_once(event),
        }
    }
}

impl Sockets for Hub {
    fn deliver(&self, event: Event) {
        self.publish(event);
    }

    fn reached(&self, chat: ChatId, version: Version) {
        self.note(&mut self.state(), chat, version, Why::Reached);
    }

    fn compare(&self, doubt: Doubt) {
        let waits =
            if doubt == Doubt::AnyChat { &self.routine_reconcile } else { &self.reconcile_now };
        self.state().to_reconcile.add(doubt);
        waits.notify_one();
    }
}

impl Hub {
    /// A hub for these protocols: what they encode is shared by their sockets.
    pub fn new(codecs: &[&dyn Codec]) -> Self {
        let (gap_seen, reconcile_now, routine_reconcile, stop_told) = Default::default();
        Self {
            state: Mutex::new(State::new(Slots::new(codecs))),
            gap_seen,
            reconcile_now,
            routine_reconcile,
            stop_told,
            confirmed: Confirmed::default(),
            catching_up: Semaphore::new(CATCHING_UP),
        }
    }

    /// There are events of a chat up to this version, says somebody.
    pub(crate) fn note(&self, state: &mut State, chat: ChatId, version: Version, why: Why) {
        if let Some(feed) = state.chats.get_mut(&chat) {
            feed.note(version, why);
        }
        if state.note_gap(chat) {
            self.gap_seen.notify_one();
        }
    }

    /// Closes every socket, those to come included: the process is stopping.
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        self.stop_told.notify_waiters();
        for socket in state.sockets.values() {
            socket.mailbox.close(CloseCode::Restarting);
        }
    }

    /// Waits until the process is stopping.
    pub(crate) async fn stopping(&self) {
        let mut told = pin!(self.stop_told.notified());
        told.as_mut().enable();
        if !self.state().stopping {
            told.await;
        }
    }

    /// How many events wait for each socket.
    pub(crate) fn waiting(&self) -> Vec<usize> {
        self.state().sockets.values().map(|socket| socket.mailbox.waiting()).collect()
    }

    /// From now on the events of other nodes come by these. To be called before any socket is there.
    pub fn hear_others(&self, others: Arc<dyn Subscriptions>) {
        self.state().others = Some(others);
    }

    /// Whether all sockets that listen to a chat could take so many events at once.
    pub(crate) fn has_room(&self, chat: ChatId, events: usize) -> bool {
        let state = self.state();
        let listeners = state.chats.get(&chat).into_iter().flat_map(|feed| &feed.listeners);
        let mut sockets = listeners.filter_map(|id| state.sockets.get(id));
        sockets.all(|socket| socket.mailbox.has_room(events))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic below would leave a listener too many or too few, and its socket closed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
