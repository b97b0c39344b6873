//! Connecting to Redis: to one server, or to all servers of a cluster.

use crate::connection::{Connection, changed, slots};
use crate::shards::{Address, Layout};
use futures_util::future::{select_ok, try_join_all};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo, ProtocolVersion,
    PushInfo, PushKind, RedisError, RedisResult, Value, pipe,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The timeout of connecting to a server, and of an answer. Redis answers in well under a millisecond, so an
/// answer that takes this long will not come.
const PATIENCE: Duration = Duration::from_secs(1);
/// The timeout of opening a connection with all queries that this takes.
const OPENING: Duration = Duration::from_secs(3);

/// The error for an invalid address. It does not contain the address, which may contain a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "not an address like redis://host:6379 or rediss://user:password@host:6380, nor several of a \
     cluster by commas"
)]
pub struct BadUrl;

/// The addresses of one Redis server, or of several of a cluster; whichever answers describes the whole cluster.
#[derive(Clone)]
pub(crate) struct Link {
    servers: Arc<[Client]>,
}

/// The first server that answered, and what it said.
struct First {
    redis: MultiplexedConnection,
    /// Whether it supports sharded channels (Redis 7).
    sharded: bool,
    /// The cluster's layout, if it belongs to a cluster.
    layout: Option<Layout>,
}

impl Link {
    pub(crate) fn new(urls: &str) -> Result<Self, BadUrl> {
        let client = |url: &str| {
            let info = url.trim().into_connection_info().map_err(|_| BadUrl)?;
            let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
            Client::open(info.set_redis_settings(settings)).map_err(|_| BadUrl)
        };
        Ok(Self { servers: urls.split(',').map(client).collect::<Result<_, _>>()? })
    }

    /// Connects to all servers that have channels. Pushed messages go to `hear`, which must not wait.
    pub(crate) async fn open(
        &self,
        hear: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> RedisResult<Connection> {
        let broken = Arc::new(Notify::new());
        let breaks = Arc::clone(&broken);
        let config = config().set_push_sender(move |push: PushInfo| {
            match push.kind {
                PushKind::Disconnection => breaks.notify_one(),
                _ => hear(push),
            }
            Ok::<_, RedisError>(())
        });
        in_time(async {
            let First { redis, sharded, layout } = self.first(&config).await?;
            let Some(all) = &layout else {
                return Ok(Connection::new(vec![redis], sharded, None, broken));
            };
            let servers = all.servers().map(|server| self.connect(server, &config));
            Ok(Connection::new(try_join_all(servers).await?, sharded, layout, broken))
        })
        .await
    }

    /// Connects to the server that holds a key.
    pub(crate) async fn open_to(&self, key: &str) -> RedisResult<MultiplexedConnection> {
        let config = config();
        in_time(async {
            let first = self.first(&config).await?;
            let Some(layout) = first.layout else { return Ok(first.redis) };
            let place = layout.place_of(key)?;
            let server = layout.servers().nth(place).ok_or_else(changed)?;
            self.connect(server, &config).await
        })
        .await
    }

    async fn first(&self, config: &AsyncConnectionConfig) -> RedisResult<First> {
        let attempts = self.servers.iter().map(|server| Box::pin(look(server, config)));
        let (first, _) = select_ok(attempts).await?;
        if first.layout.is_none() && self.servers.len() > 1 {
            // Nodes that connected to different servers would not receive each other's events.
            let told = "several addresses that are not those of a cluster";
            return Err((ErrorKind::InvalidClientConfig, told).into());
        }
        Ok(first)
    }

    /// Connects to a server of the cluster, with the credentials and TLS settings of the first address.
    async fn connect(
        &self,
        (host, port): &Address,
        config: &AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        let known = self.servers[0].get_connection_info();
        let (host, port) = (host.clone(), *port);
        let address = match known.addr().clone() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                ConnectionAddr::TcpTls { host, port, insecure, tls_params }
            }
            _ => ConnectionAddr::Tcp(host, port),
        };
        let client = Client::open(known.clone().set_addr(address))?;
        client.get_multiplexed_async_connection_with_config(config).await
    }
}

/// Asks a server whether it supports sharded channels, and whether it belongs to a cluster.
async fn look(server: &Client, config: &AsyncConnectionConfig) -> RedisResult<First> {
    let mut redis = server.get_multiplexed_async_connection_with_config(config).await?;
    let mut questions = pipe();
    questions.cmd("COMMAND").arg("INFO").arg("SPUBLISH").add_command(slots()).ignore_errors();
    // An error counts as "no". A server answers all nodes alike, so they reach the same conclusion.
    let (info, slots): (RedisResult<Vec<Value>>, RedisResult<Value>) =
        questions.query_async(&mut redis).await?;
    let sharded = info.is_ok_and(|known| known.first().is_some_and(|one| *one != Value::Nil));
    let host = match server.get_connection_info().addr() {
        ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => host,
        _ => "localhost",
    };
    let layout = slots.ok().map(|told| Layout::read(told, host)).transpose()?;
    if layout.as_ref().is_some_and(|all| all.servers().next().is_none()) {
        return Err((ErrorKind::Io, "a server that belongs to no cluster yet").into());
    }
    Ok(First { redis, sharded, layout })
}

fn config() -> AsyncConnectionConfig {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE));
    config.set_response_timeout(Some(PATIENCE))
}

async fn in_time<T>(opening: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let opened = tokio::time::timeout(OPENING, opening).await;
    opened.unwrap_or_else(|_| Err((ErrorKind::Io, "no answer in time").into()))
}

/// An error for the log, without addresses.
pub(crate) fn plainly(error: &RedisError) -> String {
    format!("{:?}: {error}", error.kind())
}
