//! Several nodes on one PostgreSQL and one Redis.

use crate::database::Engine;
use crate::person::Person;
use crate::server::Server;
use rustix::process::{Pid, Signal, kill_process};
use std::ops::Index;
use tempfile::TempDir;
use testkit::redis_server::RedisServer;

/// Nodes, and the Redis by which they are one.
pub struct Nodes<R = RedisServer> {
    /// The nodes.
    pub servers: Vec<Server>,
    /// Their Redis.
    pub redis: R,
    _media: TempDir,
}

impl<R> Nodes<R> {
    /// A node for each of these addresses, at which it finds Redis, on a database of their own.
    pub async fn start_on(redis: R, urls: &[String]) -> Self {
        let media = tempfile::tempdir().expect("a temporary folder");
        let settings = [
            ("REDIS_URL", urls[0].clone()),
            ("CONFAB_MEDIA_DIR", media.path().display().to_string()),
            ("CONFAB_ACCESS_TOKEN_LIFE", "86400".to_owned()),
        ];
        let settings = settings.each_ref().map(|(name, value)| (*name, &**value));
        let first = Server::start_with(Engine::Postgres, &settings).await;
        let mut servers = vec![first];
        for url in &urls[1..] {
            servers.push(servers[0].start_beside_with(&[("REDIS_URL", url)]).await);
        }
        let nodes = Self { servers, redis, _media: media };
        nodes.wait_until_connected().await;
        nodes
    }

    /// Waits until every node has noticed that it does not hear others.
    pub async fn wait_until_apart(&self) {
        for server in &self.servers {
            server.until("it to be alone", async |server| server.lost_others() > 0).await;
        }
    }

    /// Waits until each node hears others, again if it did not.
    pub async fn wait_until_connected(&self) {
        for server in &self.servers {
            let hears = async |server: &Server| server.heard_others() > server.lost_others();
            server.until("it to hear others", hears).await;
        }
    }

    /// The same person as a client of that node.
    pub async fn person_at(&self, person: &Person, node: usize) -> Person {
        let mut person = person.clone();
        person.moved_to(&self.servers[node]).await;
        person
    }
}

impl Nodes {
    /// So many nodes on a database and a Redis of their own.
    pub async fn start(count: usize) -> Self {
        let redis = RedisServer::start();
        let urls = vec![redis.url(); count];
        Self::start_on(redis, &urls).await
    }

    /// Stops Redis in the middle of whatever it does, until [`Self::resume_redis`].
    pub fn pause_redis(&self) {
        self.signal_redis(Signal::STOP);
    }

    /// Lets Redis go on.
    pub fn resume_redis(&self) {
        self.signal_redis(Signal::CONT);
    }

    fn signal_redis(&self, signal: Signal) {
        let pid = i32::try_from(self.redis.pid()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process id"), signal).expect("Redis is there");
    }
}

impl<R> Index<usize> for Nodes<R> {
    type Output = Server;

    fn index(&self, node: usize) -> &Server {
        &self.servers[node]
    }
}

impl Server {
    /// How often it began to hear what happens on other nodes.
    pub fn heard_others(&self) -> usize {
        self.log().matches("events of other nodes arrive").count()
    }

    /// How often it noticed that it does not hear others.
    pub fn lost_others(&self) -> usize {
        self.log().matches("events of other nodes do not arrive").count()
    }
}
