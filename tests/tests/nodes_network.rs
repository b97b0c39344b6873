//! Several nodes and a network between them and Redis that parts them, is slow or breaks.

use std::time::Duration;
use tests::{Engine, Load, Nodes, Person, Proxy, RedisServer, Server, Socket, Value};
use tokio::sync::mpsc;

/// How long everything takes to a Redis that is slow, each way.
const SLOW: Duration = Duration::from_millis(300);

/// Two nodes, each with a network of its own to their Redis.
async fn apart() -> (Nodes, [Proxy; 2]) {
    let redis = RedisServer::start();
    let address = redis.address();
    let ways = [Proxy::before(&address).await, Proxy::before(&address).await];
    let urls = ways.each_ref().map(Proxy::url);
    (Nodes::start_on(redis, &urls).await, ways)
}

fn says(text: &str) -> impl Fn(&Value) -> bool {
    move |push| push["type"] == "message.created" && push["data"]["text"] == *text
}

/// Ada and Ann on the first node and Ben on the second, in a group, with sockets.
async fn three(nodes: &Nodes) -> (i64, [(Person, Socket); 3]) {
    let [ada, ann, mut ben] = Person::several(&nodes[0], ["Ada", "Ann", "Ben"]).await;
    ben.moved_to(&nodes[1]).await;
    let chat = ada.group("Three", &[&ann, &ben]).await;
    let mut sockets = [ada.socket().await, ann.socket().await, ben.socket().await];
    sockets[0].push("Ben to be online", ben.is_said_to_be(true)).await;
    let [one, two, three] = sockets;
    (chat, [(ada, one), (ann, two), (ben, three)])
}

#[tokio::test]
async fn one_node_does_not_reach_redis() {
    let (nodes, ways) = apart().await;
    let load = Load::start(&nodes).await;
    ways[1].part();
    load.more(&nodes[0], 50).await;
    nodes[1].until("it to be alone", async |server| server.lost_others() > 0).await;
    load.more(&nodes[1], 50).await;
    ways[1].heal();
    nodes.hear_each_other().await;
    load.more(&nodes[0], 50).await;
    ways[1].cut();
    load.more(&nodes[0], 50).await;
    assert_eq!(load.compare().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn nobody_reaches_redis() {
    let (nodes, ways) = apart().await;
    let load = Load::start(&nodes).await;
    let (chat, [(_, mut one), (ann, mut near), (ben, mut far)]) = three(&nodes).await;
    ways.iter().for_each(Proxy::part);
    for text in ["before it is noticed", "after it was"] {
        one.send(chat, text).await;
        for socket in [&mut near, &mut far] {
            socket.push(text, says(text)).await;
        }
        nodes.are_alone().await;
    }
    load.more(&nodes[0], 50).await;
    ways.iter().for_each(Proxy::heal);
    nodes.hear_each_other().await;
    one.send(chat, "healed").await;
    for socket in [&mut near, &mut far] {
        socket.push("a message", says("healed")).await;
    }
    assert_eq!(load.compare().await, [0; 0], "no socket was closed");
    // Their sockets stayed, so they were there all the time.
    let seen = [one.take_pushes(), near.take_pushes(), far.take_pushes()].concat();
    for person in [ann, ben] {
        assert!(!seen.iter().any(person.is_said_to_be(false)), "{}: {seen:?}", person.name);
    }
}

#[tokio::test]
async fn people_of_a_node_that_was_taken_for_dead_are_back() {
    let (nodes, ways) = apart().await;
    let (chat, [(ada, mut one), _near, (ben, mut far)]) = three(&nodes).await;
    ways[1].part();
    nodes[1].until("it to be alone", async |server| server.lost_others() > 0).await;
    // As after fifteen seconds.
    let script = format!(
        "EVAL \"for _, k in ipairs(redis.call('KEYS', '*:quiet')) do redis.call('DEL', k) end \
         for _, k in ipairs(redis.call('KEYS', '*:lease:*')) do \
         local h = string.gsub(k, ':lease:', ':node:') \
         if redis.call('HEXISTS', h, '{}') == 1 then redis.call('DEL', k) end end\" 0",
        ben.id
    );
    nodes.redis.ask(&script);
    one.push("Ben to be offline", ben.is_said_to_be(false)).await;
    ways[1].heal();
    one.push("Ben to be online", ben.is_said_to_be(true)).await;
    // His own node told it, and hers knows a moment later.
    let path = format!("/users/{}", ben.id);
    let is_online = async |_: &Server| ada.get(&path).await.expect(200)["online"] == true;
    nodes[0].until("Ben to be online on her node", is_online).await;
    far.send(chat, "I never was away").await;
    one.push("a message", says("I never was away")).await;
    let seen = one.take_pushes();
    assert!(!seen.iter().any(ben.is_said_to_be(false)), "once: {seen:?}");
}

#[tokio::test]
async fn a_slow_redis_slows_down_nobody_on_the_node() {
    let (nodes, ways) = apart().await;
    let (chat, [(_, mut one), (_, mut near), (_, mut far)]) = three(&nodes).await;
    ways[0].delay(SLOW);
    let mut last_there = 0;
    for n in 0..10 {
        let text = format!("message {n}");
        let (arrived, mut arrivals) = mpsc::channel(3);
        let note = async |what| arrived.send(what).await.expect("somebody takes notes");
        tokio::join!(
            async {
                one.send(chat, &text).await;
                note("acknowledged").await;
            },
            async {
                near.push(&text, says(&text)).await;
                note("here").await;
            },
            async {
                far.push(&text, says(&text)).await;
                note("there").await;
            },
        );
        let arrivals: [_; 3] = std::array::from_fn(|_| arrivals.try_recv().expect("all came"));
        last_there += usize::from(arrivals[2] == "there");
    }
    // Now and then the other node finds one in the database, where it looks once a second.
    assert!(last_there >= 8, "{last_there} of 10 were acknowledged before Redis could answer");
}

#[tokio::test]
async fn a_slow_redis_is_one_that_is_there() {
    let (nodes, ways) = apart().await;
    let load = Load::start(&nodes).await;
    ways.iter().for_each(|way| way.delay(SLOW));
    load.more(&nodes[0], 50).await;
    ways.iter().for_each(Proxy::cut);
    nodes.are_alone().await;
    nodes.hear_each_other().await;
    load.more(&nodes[0], 50).await;
    ways.iter().for_each(|way| way.delay(Duration::ZERO));
    load.more(&nodes[0], 50).await;
    assert_eq!(load.compare().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn redis_is_reached_by_tls_if_its_certificate_is_trusted() {
    let (_redis, url, certificate) = RedisServer::start_with_tls();
    let certificate = certificate.to_str().expect("UTF-8");
    let settings = [("REDIS_URL", &*url), ("SSL_CERT_FILE", certificate)];
    let trusting = Server::start_with(Engine::Postgres, &settings).await;
    trusting.until("it to hear others", async |server| server.heard_others() > 0).await;
    let wary = Server::start_with(Engine::Postgres, &settings[..1]).await;
    let refuses = async |server: &Server| server.log().contains("invalid peer certificate");
    wary.until("it to refuse", refuses).await;
    assert_eq!(wary.heard_others(), 0);
}
