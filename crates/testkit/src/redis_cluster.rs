//! A Redis Cluster for one test.

use crate::redis_server::{RedisServer, START};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

const MASTERS: usize = 3;
const SLOTS: usize = 16_384;

/// Three `redis-server`s with a third of the slots each, and no replicas. They end when this is dropped.
pub struct RedisCluster {
    /// Its servers.
    pub servers: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts one and waits until all its servers agree on the slots.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same without sharded channels, like clusters before Redis 7.
    pub fn start_without_shards() -> Self {
        let hidden = ["SPUBLISH", "SSUBSCRIBE", "SUNSUBSCRIBE"];
        let settings = hidden.map(|command| ["--rename-command", command, ""]);
        Self::start_with(settings.as_flattened())
    }

    fn start_with(settings: &[&str]) -> Self {
        let started: Vec<_> = (0..MASTERS).map(|_| start(settings)).collect();
        let (servers, ports): (Vec<_>, Vec<_>) = started.into_iter().unzip();
        let cluster = Self { servers };
        for (n, server) in cluster.servers.iter().enumerate() {
            let (first, end) = (SLOTS * n / MASTERS, SLOTS * (n + 1) / MASTERS);
            server.ask(&format!("CLUSTER ADDSLOTSRANGE {first} {}", end - 1));
            // Different epochs, so that a conflict over a slot would be settled: the higher one wins.
            server.ask(&format!("CLUSTER SET-CONFIG-EPOCH {}", n + 1));
        }
        ports.into_iter().skip(1).for_each(|ports| cluster.meet(ports));
        cluster.wait();
        cluster
    }

    /// Adds a replica of the master with that index; it takes over when the master dies.
    pub fn add_replica_of(&mut self, master: usize) {
        let id = cli(&self.servers[master], &["CLUSTER", "MYID"]);
        let (replica, ports) = start(&[]);
        self.meet(ports);
        let began = Instant::now();
        // It must first know of the master, and can only take over once it has its data.
        while cli(&replica, &["CLUSTER", "REPLICATE", &id]) != "OK" {
            wait_since(began);
        }
        while !cli(&replica, &["INFO", "replication"]).contains("master_link_status:up") {
            wait_since(began);
        }
        self.servers.push(replica);
        self.wait();
    }

    /// Introduces the first server and another one to each other.
    fn meet(&self, [port, bus]: [u16; 2]) {
        self.servers[0].ask(&format!("CLUSTER MEET 127.0.0.1 {port} {bus}"));
    }

    /// Waits until each server knows all the others and serves.
    fn wait(&self) {
        let began = Instant::now();
        for server in &self.servers {
            let is_whole = |told: String| {
                let known = [("state", "ok".to_owned()), ("size", MASTERS.to_string())];
                let nodes = ("known_nodes", self.servers.len().to_string());
                let mut lines = known.iter().chain([&nodes]);
                lines.all(|(name, value)| told.contains(&format!("cluster_{name}:{value}\r")))
            };
            while !is_whole(cli(server, &["CLUSTER", "INFO"])) {
                wait_since(began);
            }
        }
    }

    /// Starts all servers again, empty.
    pub fn restart(&mut self) {
        self.servers.iter_mut().for_each(RedisServer::restart);
        self.wait();
    }

    /// `kill -9` on all servers.
    pub fn kill(&mut self) {
        self.servers.iter_mut().for_each(RedisServer::kill);
    }

    /// The value for `REDIS_URL`.
    pub fn url(&self) -> String {
        self.servers.iter().map(RedisServer::url).collect::<Vec<_>>().join(",")
    }

    /// Gives each server a command and returns the lines of all answers.
    pub fn ask_all(&self, command: &[&str]) -> Vec<String> {
        let told: Vec<_> = self.servers.iter().map(|server| cli(server, command)).collect();
        told.iter().flat_map(|told| told.lines()).map(str::to_owned).collect()
    }

    /// The index of the server that holds a channel or a key.
    pub fn server_of(&self, name: &str) -> usize {
        let has = |server: &RedisServer| server.ask(&format!("EXISTS {name}")).starts_with(':');
        self.servers.iter().position(has).expect("one has it")
    }

    /// Moves the slot of a channel or a key, with all keys in it, to the next server.
    pub fn move_slot_of(&self, name: &str) {
        let from = self.server_of(name);
        let to = (from + 1) % self.servers.len();
        let (from, to) = (&self.servers[from], &self.servers[to]);
        let [from_id, to_id] = [from, to].map(|server| cli(server, &["CLUSTER", "MYID"]));
        let slot = from.ask(&format!("CLUSTER KEYSLOT {name}")).replace(':', "");
        let set = |server: &RedisServer, state: &str| {
            assert_eq!(server.ask(&format!("CLUSTER SETSLOT {slot} {state}")), "+OK");
        };
        set(to, &format!("IMPORTING {from_id}"));
        set(from, &format!("MIGRATING {to_id}"));
        let keys = cli(from, &["CLUSTER", "GETKEYSINSLOT", &slot, "10000"]);
        let port = to.port().to_string();
        for key in keys.lines() {
            // A key that has expired meanwhile is simply not moved.
            cli(from, &["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]);
        }
        set(to, &format!("NODE {to_id}"));
        self.servers.iter().for_each(|server| set(server, &format!("NODE {to_id}")));
    }
}

/// A server for a cluster, at two ports: one for clients, one for the other servers.
fn start(settings: &[&str]) -> (RedisServer, [u16; 2]) {
    RedisServer::start_with(|[_, bus]: [u16; 2]| {
        let bus = bus.to_string();
        let address = ["--cluster-enabled", "yes", "--cluster-port", &bus];
        let timeout = ["--cluster-node-timeout", "2000"];
        [&address[..], &timeout, settings].concat().into_iter().map(str::to_owned).collect()
    })
}

/// Waits a moment; panics if it has taken too long since `began`.
fn wait_since(began: Instant) {
    assert!(began.elapsed() < START, "the servers do not become a cluster");
    sleep(Duration::from_millis(10));
}

/// Gives a server a command and returns its whole answer.
fn cli(server: &RedisServer, command: &[&str]) -> String {
    let mut cli = Command::new("redis-cli");
    cli.args(["-p", &server.port().to_string()]).args(command);
    let told = cli.output().expect("redis-cli is installed with redis-server");
    String::from_utf8_lossy(&told.stdout).trim_end().to_owned()
}
