//! How long to wait for a database.

use crate::error::Failure;
use std::time::Duration;
use tokio::time::timeout;

/// How long to wait for what.
#[derive(Clone, Copy)]
pub(crate) struct Timeouts {
    /// For a connection that is free and works.
    pub(crate) turn: Duration,
    /// For the locks of a chat that somebody else holds.
    pub(crate) held: Duration,
    /// For the end of a call, by whoever called.
    pub(crate) answer: Duration,
    /// For the same, by the call itself: then its connection is given up.
    pub(crate) silence: Duration,
}

impl Timeouts {
    /// Who is asked is there as long as this process is: a file.
    pub(crate) const fn for_a_file(turn: Duration, held: Duration) -> Self {
        Self { turn, held, answer: Duration::MAX, silence: Duration::MAX }
    }

    /// Waits for the end of a call, which goes on if that takes too long.
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

/// The database was asked and has not answered: it may still do what it was asked to.
pub(crate) fn silent() -> Failure {
    Failure::unavailable("the database does not answer")
}
