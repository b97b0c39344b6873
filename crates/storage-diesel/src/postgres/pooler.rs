//! Poolers that hand connections round.
//!
//! What this crate does to PostgreSQL needs sessions of its own: timeouts and plans are set once for a
//! connection, statements are prepared once, and migrations wait for a lock that goes with it.

use super::{ConnectionConfig, GREETING, session};
use crate::error::OpenError;
use tokio::time::timeout;
use tokio_postgres::{Client, Error, NoTls, SimpleQueryMessage};

/// How often it is looked: others who use the pooler meanwhile may hide once what it does.
const LOOKS: usize = 8;

/// Refuses a pooler that gives a connection another server's process, or the same to two of them, whenever
/// a transaction ends.
pub(super) async fn refuse(config: &ConnectionConfig) -> Result<(), OpenError> {
    let looked = timeout(GREETING, hands_round(config)).await;
    match looked.map_err(|_| OpenError::connect("the server does not answer"))? {
        Ok(false) => Ok(()),
        Ok(true) => Err(OpenError::Pooler),
        Err(error) => Err(OpenError::connect(crate::error::with_causes(&error))),
    }
}

async fn hands_round(config: &ConnectionConfig) -> Result<bool, Error> {
    let (one, other) = (connect(config).await?, connect(config).await?);
    let own = process(&one).await?;
    for _ in 0..LOOKS {
        if process(&other).await? == own || process(&one).await? != own {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A connection as those of the pools are, so that a pooler that keeps it because of its settings does so.
async fn connect(config: &ConnectionConfig) -> Result<Client, Error> {
    let client = match config.tls.clone() {
        None => {
            let (client, connection) = config.client.connect(NoTls).await?;
            tokio::spawn(connection);
            client
        }
        Some(tls) => {
            let (client, connection) = config.client.connect(tls).await?;
            tokio::spawn(connection);
            client
        }
    };
    client.batch_execute(&session()).await?;
    Ok(client)
}

/// The server's process behind a connection. A prepared statement could be lost on the way.
async fn process(client: &Client) -> Result<Option<String>, Error> {
    let answer = client.simple_query("SELECT pg_backend_pid()").await?;
    Ok(answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
