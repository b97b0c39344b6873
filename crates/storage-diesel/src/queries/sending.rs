//! Messages as what is committed in groups.

use super::Conn;
use super::append::append;
use super::database::{Start, Work};
use super::grouping::{Grouped, Loop, Outcome};
use crate::metrics::Commits;
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
    ) -> Work<'_, Vec<Outcome<Self>>> {
        Box::pin(append(conn, these, start))
    }
}
