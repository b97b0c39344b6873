//! People on all nodes who write and read in one chat while something goes wrong.

use crate::api::Api;
use crate::follower::Follower;
use crate::load::Writer;
use crate::nodes::Nodes;
use crate::person::Person;
use crate::replica::Replica;
use crate::server::Server;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long it may take until everybody has the same again.
/// A machine that is busy elsewhere has four times as long.
pub const CONVERGENCE_TIMEOUT: Duration = Duration::from_secs(4 * 5);
/// Writers on each node.
const WRITERS: usize = 2;
const END: &str = "the end";

/// People on all nodes who write and read in one chat.
pub struct Load {
    owner: Person,
    chat: i64,
    stop: watch::Sender<bool>,
    writing: JoinSet<Writer>,
    following: JoinSet<(Follower, Vec<u16>)>,
}

impl Load {
    /// Each node has writers and a reader; whose node is gone goes to the next.
    pub async fn start<R>(nodes: &Nodes<R>) -> Self {
        let owner = Person::register(&nodes[0], "Owner").await;
        let apis = apis(nodes).await;
        let (mut writers, mut readers) = (Vec::new(), Vec::new());
        for node in 0..apis.len() {
            for n in 0..WRITERS {
                writers.push((node, Person::register(&nodes[0], &format!("W {node} {n}")).await));
            }
            readers.push(Person::register(&nodes[0], &format!("Reader {node}")).await);
        }
        let members: Vec<_> = writers.iter().map(|(_, writer)| writer).chain(&readers).collect();
        let chat = owner.group("Load", &members).await;
        let (stop, stopped) = watch::channel(false);
        let (mut writing, mut following) = (JoinSet::new(), JoinSet::new());
        for (node, person) in writers {
            let writer = Writer::new(person, chat);
            writing.spawn(write(writer, rotated(&apis, node), stopped.clone()));
        }
        for (node, person) in readers.into_iter().enumerate() {
            let follower = Follower::new(person.clone(), Replica::download(&person).await);
            following.spawn(follow(follower, chat, rotated(&apis, node)));
        }
        let load = Self { owner, chat, stop, writing, following };
        load.wait_for_messages(&nodes[0], 50).await;
        load
    }

    /// Waits until that many more messages are stored.
    pub async fn wait_for_messages(&self, node: &Server, messages: i64) {
        let mut owner = self.owner.clone();
        owner.moved_to(node).await;
        let last = async || owner.chat(self.chat).await["last_seq"].as_i64();
        let wanted = last().await.map(|now| now + messages);
        node.until("more messages", async |_| last().await >= wanted).await;
    }

    /// Stops, and asserts that everybody has what the database has. Answers with what codes sockets of
    /// readers were closed.
    pub async fn assert_converged(mut self) -> Vec<u16> {
        self.stop.send_replace(true);
        let mut acknowledged = Vec::new();
        while let Some(writer) = self.writing.join_next().await {
            acknowledged.extend(writer.expect("it writes to its end").acknowledged);
        }
        self.owner.send(self.chat, END).await;
        let began = Instant::now();
        let mut codes = Vec::new();
        let mut fresh = None;
        while let Some(followed) = self.following.join_next().await {
            let (follower, closed) = followed.expect("it follows to the end");
            assert!(began.elapsed() < CONVERGENCE_TIMEOUT, "together after {:?}", began.elapsed());
            codes.extend(closed);
            if fresh.is_none() {
                fresh = Some(Replica::download(&self.owner).await);
            }
            assert_eq!(Some(&follower.replica), fresh.as_ref(), "{}", follower.person.name);
        }
        let history = self.owner.history(self.chat).await;
        assert_eq!(history.len(), acknowledged.len() + 1, "nothing lost and nothing twice");
        for one in acknowledged {
            one.assert_in(&history);
        }
        codes
    }
}

async fn apis<R>(nodes: &Nodes<R>) -> Vec<Api> {
    let mut apis = Vec::new();
    for server in &nodes.servers {
        apis.push(Api::of(server).await);
    }
    apis
}

/// The same, from that one on.
fn rotated(apis: &[Api], first: usize) -> Vec<Api> {
    apis.iter().cycle().skip(first).take(apis.len()).cloned().collect()
}

/// Writes until told to stop, on the next node whenever one is gone.
async fn write(mut writer: Writer, nodes: Vec<Api>, stop: watch::Receiver<bool>) -> Writer {
    for node in nodes.iter().cycle() {
        writer.write(node.address(), stop.clone()).await;
        if *stop.borrow() && writer.is_answered() {
            break;
        }
        tokio::task::yield_now().await;
    }
    writer
}

/// Follows to the end, on the next node whenever one is gone.
async fn follow(mut follower: Follower, chat: i64, nodes: Vec<Api>) -> (Follower, Vec<u16>) {
    let mut codes = Vec::new();
    for node in nodes.iter().cycle() {
        follower.person.api = node.clone();
        match follower.follow_while_open(chat, END, |_| {}).await {
            Some(code) => codes.push(code),
            None => break,
        }
    }
    (follower, codes)
}
