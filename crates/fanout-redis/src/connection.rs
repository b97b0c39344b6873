//! The connection to Redis: to one server, or to every server of a cluster.

use crate::shards::Layout;
use futures_util::future::try_join_all;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Value, cmd};
use std::sync::Arc;
use tokio::sync::Notify;

/// A connection to one server, or to each server of a cluster. If one of them breaks, the whole counts as
/// broken, because subscriptions on it are lost.
pub(crate) struct Connection {
    servers: Vec<MultiplexedConnection>,
    /// Whether channels are spread over the shards of a cluster (Redis 7).
    sharded: bool,
    /// Which server of a cluster has which slots, in the order of `servers`; `None` without a cluster.
    layout: Option<Layout>,
    /// Notified when one of the connections breaks.
    broken: Arc<Notify>,
}

impl Connection {
    /// A connection over these: one to a single server, or one to each server of a layout, in its order.
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

    /// Checks that all servers answer and that the cluster has not changed. A server from which a slot was
    /// moved away delivers nothing more on its channels, and does not say so.
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

    /// Whether the answer to `PUBLISH`, the number of listeners, can be believed. In a cluster without
    /// sharded channels it cannot: a server counts its own listeners, and passes the message on to other
    /// servers.
    pub(crate) fn knows_listeners(&self) -> bool {
        self.sharded || self.layout.is_none()
    }

    /// An empty batch of commands.
    pub(crate) fn batch(&self) -> Batch<'_> {
        let pipelines = vec![Pipeline::new(); self.servers.len()];
        Batch { connection: self, pipelines, places: Vec::new() }
    }

    /// A command, by its plain name or by its name for sharded channels.
    fn command(&self, plain: &'static str, sharded: &'static str) -> Cmd {
        cmd(if self.sharded { sharded } else { plain })
    }
}

/// Commands about channels, in one pipeline for each server.
pub(crate) struct Batch<'a> {
    connection: &'a Connection,
    pipelines: Vec<Pipeline>,
    /// For each command, in order, the index of its pipeline.
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

    /// Sends the commands, waits until all servers have executed theirs, and returns the answers in the order
    /// of the commands.
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

/// The command that asks a cluster which server has which slots.
pub(crate) fn slots() -> Cmd {
    cmd("CLUSTER").arg("SLOTS").to_owned()
}

/// The error for a cluster that has changed: a new connection reads the layout again.
pub(crate) fn changed() -> RedisError {
    (ErrorKind::Io, "the cluster is not as it was").into()
}
