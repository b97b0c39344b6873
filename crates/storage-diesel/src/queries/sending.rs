//! Messages as what is committed in groups.

use super::append::{append, placed};
use super::database::{Start, Work};
use super::grouping::{Group, Grouped, Loop};
use super::optimistic::{Facts, Remembered};
use super::{Conn, drafts};
use crate::metrics::Commits;
use crate::rows::Presumed;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::ids::ChatId;
use domain::limits::COMMIT_COST;
use domain::message::{Appended, Draft, SendRefusal};
use std::sync::Arc;
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
    type Memory = Remembered;
    type Facts = Facts;
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

    fn commit(conn: &mut Conn, these: Arc<[Arc<Self>]>, start: Start) -> Work<'_, Group<Self>> {
        Box::pin(append(conn, these, start))
    }

    fn note(memory: &mut Remembered, facts: Facts) {
        if drafts::IS_OPTIMISTIC {
            memory.note(facts);
        }
    }

    fn presume(memory: &Remembered, these: &[Arc<Self>]) -> Option<Presumed> {
        if drafts::IS_OPTIMISTIC { memory.admit(these) } else { None }
    }

    fn store_presumed(
        conn: &mut Conn,
        these: Arc<[Arc<Self>]>,
        presumed: Presumed,
    ) -> Work<'_, Vec<(usize, Appended)>> {
        Box::pin(async move {
            let stored = drafts::store_if_so(conn, &these, &presumed).await?;
            let told = |place: &crate::rows::Placed| {
                Some((place.nth, placed(these.get(place.nth)?, place)))
            };
            Ok(stored.iter().filter_map(told).collect())
        })
    }
}
