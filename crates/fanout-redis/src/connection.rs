//! Connections to all servers that have channels.

use crate::shards::Layout;
use futures_util::future::try_join_all;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Value, cmd};
use std::sync::Arc;
use tokio::sync::Notify;

/// A connection to one server, or one to each of a cluster. If one of them breaks all of it counts as
/// broken.
pub(crate) struct Connection {
    servers: Vec<MultiplexedConnection>,
    /// Whether channels are spread over the shards of a cluster (Redis 7).
    sharded: bool,
    /// Who has what in a cluster: the servers, in their order.
    layout: Option<Layout>,
    /// Notified when one breaks.
    broken: Arc<Notify>,
}

impl Connection {
    /// To one server, or to all of a layout in their order.
    pub(crate) fn new(
        servers: Vec<MultiplexedConnection>,
        sharded: bool,
        layout: Option<Layout>,
        broken: Arc<Notify>,
    ) -> Self {
        Self { servers, sharded, layout, broken }
    }

    /// Waits until a server has closed its connection.
    pub(crate) async fn broken(&self) -> RedisError {
        self.broken.notified().await;
        (ErrorKind::Io, "the connection broke").into()
    }

    /// Whether all servers answer, and still have what they had. One that a channel was taken away from
    /// says no more of it.
    pub(crate) async fn check(&self) -> RedisResult<()> {
        let Some(layout) = &self.layout else {
            return cmd("PING").exec_async(&mut self.servers[0].clone()).await;
        };
        let checks = layout.servers().zip(&self.servers).map(async |((host, _), server)| {
            let told = slots().query_async(&mut server.clone()).await?;
            if Layout::read(told, host)? == *layout { Ok(()) } else { Err(changed()) }
        });
        try_join_all(checks).await.map(drop)
    }

    /// Whether a server that publishes knows all who listen. Without shards those of a cluster do not:
    /// each passes on what it publishes to the others.
    pub(crate) fn knows_listeners(&self) -> bool {
        self.sharded || self.layout.is_none()
    }

    /// Commands to be given together.
    pub(crate) fn batch(&self) -> Batch<'_> {
        let pipelines = vec![Pipeline::new(); self.servers.len()];
        Batch { connection: self, pipelines, places: Vec::new() }
    }

    /// The name of a command, with an `S` before it if channels are sharded.
    fn command(&self, plain: &'static str, sharded: &'static str) -> Cmd {
        cmd(if self.sharded { sharded } else { plain })
    }
}

/// Commands about channels, in one pipeline for each server.
pub(crate) struct Batch<'a> {
    connection: &'a Connection,
    pipelines: Vec<Pipeline>,
    /// In which of them each command is.
    places: Vec<usize>,
}

impl Batch<'_> {
    pub(crate) fn publish(&mut self, channel: &str, frame: &[u8]) -> RedisResult<()> {
        let mut publish = self.connection.command("PUBLISH", "SPUBLISH");
        publish.arg(channel).arg(frame);
        self.add(channel, publish)
    }

    pub(crate) fn subscribe(&mut self, channel: &str) -> RedisResult<()> {
        let mut subscribe = self.connection.command("SUBSCRIBE", "SSUBSCRIBE");
        subscribe.arg(channel);
        self.add(channel, subscribe)
    }

    pub(crate) fn unsubscribe(&mut self, channel: &str) -> RedisResult<()> {
        let mut unsubscribe = self.connection.command("UNSUBSCRIBE", "SUNSUBSCRIBE");
        unsubscribe.arg(channel);
        self.add(channel, unsubscribe)
    }

    fn add(&mut self, channel: &str, command: Cmd) -> RedisResult<()> {
        let layout = self.connection.layout.as_ref();
        let place = layout.map_or(Ok(0), |layout| layout.place_of(channel))?;
        self.pipelines[place].add_command(command);
        self.places.push(place);
        Ok(())
    }

    /// Gives them to the servers, waits until all have done them, and returns what was answered to each.
    pub(crate) async fn send(self) -> RedisResult<Vec<Value>> {
        let servers = self.connection.servers.iter().zip(self.pipelines);
        let sent = servers.map(|(server, pipeline)| {
            let mut server = server.clone();
            async move {
                if pipeline.is_empty() {
                    return Ok(Vec::new());
                }
                pipeline.query_async::<Vec<Value>>(&mut server).await
            }
        });
        let answered = try_join_all(sent).await?;
        let mut answered: Vec<_> = answered.into_iter().map(Vec::into_iter).collect();
        Ok(self.places.into_iter().filter_map(|place| answered[place].next()).collect())
    }
}

/// Asks a server of a cluster who has what.
pub(crate) fn slots() -> Cmd {
    cmd("CLUSTER").arg("SLOTS").to_owned()
}

pub(crate) fn changed() -> RedisError {
    (ErrorKind::Io, "the cluster is not as it was").into()
}
