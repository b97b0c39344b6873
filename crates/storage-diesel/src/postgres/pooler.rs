//! Detecting connection poolers that share server sessions (transaction pooling).
//!
//! This crate relies on each connection having its own session: timeouts and planner settings are set once
//! per connection, statements are prepared once, and migrations take a session lock.

use crate::error::OpenError;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// How often to check: other clients of the pooler may hide the sharing in a single check.
const LOOKS: usize = 8;

/// Refuses a pooler that after a transaction may give a connection another server process, or two connections
/// the same one.
pub(super) async fn refuse(
    two: impl Future<Output = Result<(Client, Client), Error>>,
    patience: Duration,
) -> Result<(), OpenError> {
    let looked = timeout(patience, hands_round(two)).await;
    match looked.map_err(|_| OpenError::connect("the server does not answer"))? {
        Ok(false) => Ok(()),
        Ok(true) => Err(OpenError::Pooler),
        Err(error) => Err(OpenError::connect(crate::error::with_causes(&error))),
    }
}

async fn hands_round(
    two: impl Future<Output = Result<(Client, Client), Error>>,
) -> Result<bool, Error> {
    let (one, other) = two.await?;
    let own = process(&one).await?;
    for _ in 0..LOOKS {
        if process(&other).await? == own || process(&one).await? != own {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The server process behind a connection. Asked with a simple query, since behind such a pooler a prepared
/// statement may be missing.
async fn process(client: &Client) -> Result<Option<String>, Error> {
    let answer = client.simple_query("SELECT pg_backend_pid()").await?;
    Ok(answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
