//! Several nodes under load while something goes wrong: nothing acknowledged is lost, nothing is there
//! twice, nothing is out of order, and in the end everybody holds what the database holds.

use std::time::{Duration, Instant};
use tests::{Api, Follower, Nodes, Person, Replica, Server, Value, Writer};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Within which everybody has the same again.
const CONVERGED: Duration = Duration::from_secs(5);
/// Writers on each node.
const WRITERS: usize = 2;
const END: &str = "the end";

/// People on all nodes who write and read in one chat.
struct Load {
    owner: Person,
    chat: i64,
    stop: watch::Sender<bool>,
    writing: JoinSet<Writer>,
    following: JoinSet<(Follower, Vec<u16>)>,
}

impl Load {
    /// Each node has writers and a reader; whose node is gone goes to the next.
    async fn start(nodes: &Nodes) -> Self {
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
        load.more(&nodes[0], 50).await;
        load
    }

    /// Waits until that many more messages are stored.
    async fn more(&self, node: &Server, messages: i64) {
        let mut owner = self.owner.clone();
        owner.moved_to(node).await;
        let last = async || owner.chat(self.chat).await["last_seq"].as_i64();
        let wanted = last().await.map(|now| now + messages);
        node.until("more messages", async |_| last().await >= wanted).await;
    }

    /// Stops, and compares what everybody has with the database. Answers with what codes sockets of
    /// readers were closed.
    async fn compare(mut self) -> Vec<u16> {
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
            assert!(began.elapsed() < CONVERGED, "together after {:?}", began.elapsed());
            codes.extend(closed);
            if fresh.is_none() {
                fresh = Some(Replica::download(&self.owner).await);
            }
            assert_eq!(Some(&follower.replica), fresh.as_ref(), "{}", follower.person.name);
        }
        let history = self.owner.history(self.chat).await;
        assert_eq!(history.len(), acknowledged.len() + 1, "nothing lost and nothing twice");
        for one in acknowledged {
            one.is_in(&history);
        }
        codes
    }
}

async fn apis(nodes: &Nodes) -> Vec<Api> {
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

#[tokio::test]
async fn redis_is_restarted() {
    let mut nodes = Nodes::start(2).await;
    let load = Load::start(&nodes).await;
    nodes.redis.kill();
    load.more(&nodes[0], 50).await;
    nodes.redis.restart();
    load.more(&nodes[0], 50).await;
    assert_eq!(load.compare().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn redis_stands_still() {
    let nodes = Nodes::start(2).await;
    let load = Load::start(&nodes).await;
    nodes.pause_redis();
    for server in &nodes.servers {
        server.until("it to be noticed", async |server| server.lost_others() > 0).await;
    }
    load.more(&nodes[0], 50).await;
    nodes.resume_redis();
    load.more(&nodes[0], 50).await;
    assert_eq!(load.compare().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn connections_to_redis_are_cut_and_its_data_deleted() {
    let nodes = Nodes::start(2).await;
    let load = Load::start(&nodes).await;
    for command in ["CLIENT KILL TYPE pubsub", "CLIENT KILL TYPE normal SKIPME yes", "FLUSHALL"] {
        nodes.redis.ask(command);
        load.more(&nodes[0], 50).await;
    }
    assert_eq!(load.compare().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn a_node_is_killed() {
    let mut nodes = Nodes::start(3).await;
    let load = Load::start(&nodes).await;
    nodes.servers[2].kill().await;
    load.more(&nodes[0], 100).await;
    assert_eq!(load.compare().await, [1006], "of the node that is gone");
}

#[tokio::test]
async fn nodes_are_restarted_one_after_the_other() {
    let mut nodes = Nodes::start(2).await;
    let load = Load::start(&nodes).await;
    for node in [1, 0] {
        let address = nodes[node].address().to_owned();
        nodes.servers[node].terminate();
        assert!(nodes.servers[node].exit().await.success());
        load.more(&nodes[1 - node], 50).await;
        nodes.servers[node].restart_at(&address).await;
    }
    load.more(&nodes[0], 50).await;
    let codes = load.compare().await;
    assert!(codes.len() >= 2 && codes.iter().all(|code| *code == 4000), "{codes:?}");
}

#[tokio::test]
async fn the_last_word_is_heard_without_redis() {
    let mut nodes = Nodes::start(2).await;
    let [ada, ben] = Person::several(&nodes[0], ["Ada", "Ben"]).await;
    let chat = ada.direct(&ben).await;
    let mut far = nodes.person_at(&ben, 1).await.socket().await;
    nodes.redis.kill();
    nodes[1].until("it to be noticed", async |server| server.lost_others() > 0).await;
    let is = |text: &'static str| move |push: &Value| push["data"]["text"] == text;
    ada.send(chat, "the only one").await;
    far.push("a message", is("the only one")).await;
    // Somebody comes into a chat that the other node does not follow, and out again.
    let group = ada.group("New", &[&ben]).await;
    far.push("the new chat", |push| push["chat"] == group).await;
    ada.delete(&format!("/chats/{group}/members/{}", ben.id)).await.expect(204);
    far.push("the departure", |push| push["type"] == "member.left").await;

    nodes.redis.restart();
    let began = Instant::now();
    let heard = nodes[1].heard_others();
    nodes[1].until("it to hear others", async |server| server.heard_others() > heard).await;
    ada.send(chat, "and another").await;
    far.push("a message", is("and another")).await;
    assert!(began.elapsed() < CONVERGED, "after {:?}", began.elapsed());
}
