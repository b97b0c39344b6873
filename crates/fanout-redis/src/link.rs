//! Connections to Redis.

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, ProtocolVersion, PushInfo,
    RedisError, RedisResult, cmd,
};
use std::time::{Duration, Instant};

/// For connecting, and for an answer. Redis answers in well under a millisecond; what takes this long
/// is not coming.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two attempts to connect: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// An address that is none. It does not show the address, in which a password may be.
#[derive(Debug, thiserror::Error)]
#[error("not an address like redis://host:6379 or rediss://user:password@host:6380")]
pub struct BadUrl;

/// The way to Redis.
#[derive(Clone)]
pub(crate) struct Link {
    client: Client,
}

/// A connection, and what its server can do.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) redis: MultiplexedConnection,
    /// Whether channels are spread over the shards of a cluster (Redis 7).
    pub(crate) sharded: bool,
}

impl Link {
    pub(crate) fn new(url: &str) -> Result<Self, BadUrl> {
        let info = url.trim().into_connection_info().map_err(|_| BadUrl)?;
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings)).map_err(|_| BadUrl)?;
        Ok(Self { client })
    }

    /// Connects. What Redis says unasked goes to `hear`, which must not wait.
    pub(crate) async fn open(
        &self,
        hear: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> RedisResult<Connection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_push_sender(move |push| {
                hear(push);
                Ok::<_, RedisError>(())
            });
        let opened = tokio::time::timeout(PATIENCE, async {
            let mut redis =
                self.client.get_multiplexed_async_connection_with_config(&config).await?;
            // Every node asks the same server, so all come to the same answer.
            let asked = cmd("COMMAND").arg("INFO").arg("SPUBLISH").to_owned();
            let answer = asked.query_async::<Vec<Option<redis::Value>>>(&mut redis).await;
            let sharded = match answer {
                Ok(known) => known.first().is_some_and(Option::is_some),
                Err(error) if error.is_io_error() || error.is_connection_dropped() => {
                    return Err(error);
                }
                // It does not tell, to anybody.
                Err(_) => false,
            };
            Ok(Connection { redis, sharded })
        });
        opened.await.unwrap_or_else(|_| Err((ErrorKind::Io, "no answer in time").into()))
    }
}

impl Connection {
    /// The name of a command, with an `S` before it if channels are sharded.
    pub(crate) fn command(&self, plain: &'static str, sharded: &'static str) -> &'static str {
        if self.sharded { sharded } else { plain }
    }
}

/// How long to wait before the next attempt to connect.
pub(crate) struct Pauses {
    next: Duration,
}

impl Pauses {
    pub(crate) fn new() -> Self {
        Self { next: PAUSES.0 }
    }

    /// Says why an attempt failed, loudly only once in a row.
    pub(crate) fn report(&self, error: &RedisError) {
        let error = plainly(error);
        if self.next == PAUSES.0 {
            tracing::warn!(error, "Redis cannot be reached; trying again and again");
        } else {
            tracing::debug!(error, "Redis cannot be reached");
        }
    }

    /// Twice as long as the last one, at most; between half of it and all, so that nodes do not
    /// come all at once.
    pub(crate) fn next(&mut self) -> Duration {
        let half = self.next / 2;
        self.next = (self.next * 2).min(PAUSES.1);
        half + half.mul_f64((random() % 1_000) as f64 / 1_000.0)
    }
}

/// This node, as others know it.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    /// A number that no other node has, nor this one after a restart.
    pub(crate) id: u64,
    /// When it began.
    pub(crate) began: Instant,
}

impl Node {
    pub(crate) fn new() -> Self {
        Self { id: random(), began: Instant::now() }
    }
}

/// A number that nobody else has.
fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| {
        // Without randomness the process and the time have to do.
        let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        now.as_nanos() as u64 ^ u64::from(std::process::id()) << 40
    })
}

/// An error for the log: what it is, without addresses.
pub(crate) fn plainly(error: &RedisError) -> String {
    format!("{:?}: {error}", error.kind())
}
