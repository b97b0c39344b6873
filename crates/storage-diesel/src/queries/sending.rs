//! Messages as what is committed in groups.

use super::append::{append, placed};
use super::call::Work;
use super::grouping::{Grouped, Loop, Outcome};
use super::optimistic::{Facts, Remembered};
use super::transactions::Start;
use super::{Conn, drafts};
use crate::metrics::Commits;
use crate::rows::Presumed;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::ids::ChatId;
use domain::limits::COMMIT_COST;
use domain::message::{Appended, Draft, SendRefusal};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use write_queue::{Batching, WRITES_OF_A_CHAT};

/// The connections that messages and read markers are stored on.
pub(crate) struct Senders {
    /// None to write each message by itself.
    pub(crate) loops: Vec<Loop>,
    /// As those, for read markers.
    pub(crate) markers: Vec<Loop>,
    /// For the chats that a loop could not take.
    pub(crate) lanes: Pool<Conn>,
}

impl Grouped for Draft {
    type Done = Appended;
    type Refusal = SendRefusal;
    type Facts = Facts;
    type Memory = Mutex<Remembered>;
    type Presumed = Presumed;

    const TOGETHER: Batching<Arc<Self>> =
        Batching { count: WRITES_OF_A_CHAT, cost: COMMIT_COST, cost_of: |draft| draft.cost() };
    const ADDS: bool = true;
    const NAME: &'static str = "append";

    fn chat(&self) -> ChatId {
        self.chat
    }

    fn commits() -> Option<Commits> {
        Some(Commits::new())
    }

    fn commit(
        conn: &mut Conn,
        these: Arc<[Arc<Self>]>,
        start: Start,
    ) -> Work<'_, (Vec<Outcome<Self>>, Facts)> {
        Box::pin(append(conn, these, start))
    }

    fn remember(memory: &Self::Memory, facts: Facts) {
        if drafts::IS_OPTIMISTIC {
            lock(memory).note(facts);
        }
    }

    fn presume<'a>(
        memory: &Self::Memory,
        these: impl Iterator<Item = &'a Self>,
    ) -> Option<Presumed> {
        if drafts::IS_OPTIMISTIC { lock(memory).admit(these) } else { None }
    }

    fn commit_presumed(
        conn: &mut Conn,
        these: Arc<[Arc<Self>]>,
        presumed: Presumed,
    ) -> Work<'_, Vec<Outcome<Self>>> {
        Box::pin(async move {
            let mut outcomes: Vec<_> = these.iter().map(|_| None).collect();
            for place in drafts::store_if_so(conn, &these, &presumed).await? {
                if let Some(draft) = these.get(place.nth) {
                    outcomes[place.nth] = Some(Ok(placed(draft, &place)));
                }
            }
            Ok(outcomes)
        })
    }
}

/// Only the loop itself takes this lock.
fn lock(memory: &Mutex<Remembered>) -> MutexGuard<'_, Remembered> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}
