//! Every port in memory.
//!
//! One lock guards everything, so each call is one atomic change. Nothing here ever waits: a future is ready
//! on its first poll, so any executor will do, and a future dropped before that has done nothing.

mod addresses;
mod admin;
mod bans;
mod blocks;
mod bus;
mod changes;
mod chats;
mod clock;
mod files;
mod hasher;
mod host_accounts;
mod host_pictures;
mod import;
mod invites;
mod log;
mod marks;
mod media;
mod members;
mod messages;
mod own_data;
mod pictures;
mod push_sender;
mod repeated_requests;
mod search;
mod second_factors;
mod service_keys;
mod sessions;
mod set_up;
mod signer;
mod state;
mod subscriptions;
mod users;

pub use bus::RecordingBus;
pub use clock::ManualClock;
pub use files::MemoryFiles;
pub use hasher::PlainHasher;
pub use log::RecordingLog;
pub use pictures::PlainPictures;
pub use push_sender::RecordingSender;
pub use signer::TestSigner;

use crate::contract::Stores;
use domain::clock::Clock;
use state::{State, StoreClock};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All stores. They share one state, so deleting a chat also removes its messages.
#[derive(Default)]
pub struct MemoryDb {
    state: Mutex<State>,
}

impl MemoryDb {
    /// An empty database.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The same, with another clock than the machine's.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Arc<Self> {
        let mut state = State::default();
        state.clock = StoreClock(clock);
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// This database as each of the stores.
    pub fn stores(self: &Arc<Self>) -> Stores {
        Stores {
            users: self.clone(),
            sessions: self.clone(),
            chats: self.clone(),
            addresses: self.clone(),
            bans: self.clone(),
            members: self.clone(),
            messages: self.clone(),
            marks: self.clone(),
            blocks: self.clone(),
            own: self.clone(),
            admin: self.clone(),
            media: self.clone(),
            subscriptions: self.clone(),
            import: self.clone(),
            invites: self.clone(),
            host_accounts: self.clone(),
            host_pictures: self.clone(),
            external_ids: self.clone(),
            ties: self.clone(),
            set_up: self.clone(),
            second_factors: self.clone(),
            service_keys: self.clone(),
            idempotency: self.clone(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Everything is checked before anything is changed, so a panic leaves no change half made.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
