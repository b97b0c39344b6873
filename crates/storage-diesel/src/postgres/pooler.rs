//! Poolers that hand connections round.
//!
//! What this crate does to PostgreSQL needs sessions of its own: timeouts and plans are set once for a
//! connection, statements are prepared once, and migrations wait for a lock that goes with it.

use crate::error::OpenError;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// How often it is looked: others who use the pooler meanwhile may hide once what it does.
const LOOKS: usize = 8;

/// Refuses a pooler that gives a connection another server's process, or the same to two of them, whenever
/// a transaction ends.
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

/// The server's process behind a connection. A prepared statement could be lost on the way.
async fn process(client: &Client) -> Result<Option<String>, Error> {
    let answer = client.simple_query("SELECT pg_backend_pid()").await?;
    Ok(answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
