//! How long to wait for a database.

use crate::error::Failure;
use std::time::Duration;
use tokio::time::timeout;

/// The timeouts of database calls.
#[derive(Clone, Copy)]
pub(crate) struct Timeouts {
    /// For a free, working connection.
    pub(crate) turn: Duration,
    /// For a chat's locks while another transaction holds them.
    pub(crate) held: Duration,
    /// How long the caller waits for the end of a call.
    pub(crate) answer: Duration,
    /// How long the call itself waits for the database before it closes the connection.
    pub(crate) silence: Duration,
}

impl Timeouts {
    /// For SQLite: a file always answers, so calls have no timeout.
    pub(crate) const fn for_a_file(turn: Duration, held: Duration) -> Self {
        Self { turn, held, answer: Duration::MAX, silence: Duration::MAX }
    }

    /// Waits for the end of a call. After the timeout, the call itself goes on.
    pub(crate) async fn for_answer<T, E>(
        self,
        call: impl Future<Output = Result<Result<T, Failure>, E>>,
    ) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        timeout(self.answer, call).await.unwrap_or_else(|_| Ok(Err(silent())))?
    }
}

/// The failure of a call without an answer in time. The database may still do what it was asked.
pub(crate) fn silent() -> Failure {
    Failure::unavailable("the database does not answer")
}
