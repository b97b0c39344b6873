//! Several nodes and a network between them and Redis that parts them, is slow or breaks.

use std::time::{Duration, Instant};
use tests::{
    CONVERGENCE_TIMEOUT, Engine, Load, Nodes, Person, Proxy, RedisServer, Server, Socket, Value,
};
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
    sockets[0].push("Ben to be online", ben.is_presence_push(true)).await;
    let [one, two, three] = sockets;
    (chat, [(ada, one), (ann, two), (ben, three)])
}

#[tokio::test]
async fn one_node_does_not_reach_redis() {
    let (nodes, ways) = apart().await;
    let load = Load::start(&nodes).await;
    ways[1].partition();
    load.wait_for_messages(&nodes[0], 50).await;
    nodes[1].until("it to be alone", async |server| server.lost_others() > 0).await;
    load.wait_for_messages(&nodes[1], 50).await;
    ways[1].heal();
    nodes.wait_until_connected().await;
    load.wait_for_messages(&nodes[0], 50).await;
    ways[1].cut();
    load.wait_for_messages(&nodes[0], 50).await;
    assert_eq!(load.assert_converged().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn nobody_reaches_redis() {
    let (nodes, ways) = apart().await;
    let load = Load::start(&nodes).await;
    let (chat, [(_, mut one), (ann, mut near), (ben, mut far)]) = three(&nodes).await;
    ways.iter().for_each(Proxy::partition);
    for text in ["before it is noticed", "after it was"] {
        one.send(chat, text).await;
        for socket in [&mut near, &mut far] {
            socket.push(text, says(text)).await;
        }
        nodes.wait_until_apart().await;
    }
    load.wait_for_messages(&nodes[0], 50).await;
    ways.iter().for_each(Proxy::heal);
    nodes.wait_until_connected().await;
    one.send(chat, "healed").await;
    for socket in [&mut near, &mut far] {
        socket.push("a message", says("healed")).await;
    }
    assert_eq!(load.assert_converged().await, [0; 0], "no socket was closed");
    // Their sockets stayed, so they were there all the time.
    let seen = [one.take_pushes(), near.take_pushes(), far.take_pushes()].concat();
    for person in [ann, ben] {
        assert!(!seen.iter().any(person.is_presence_push(false)), "{}: {seen:?}", person.name);
    }
}

#[tokio::test]
async fn who_came_and_went_meanwhile_is_seen_when_redis_is_reached_again() {
    let (nodes, ways) = apart().await;
    let [ada, ann, mut ben, mut cleo, mut dan] =
        Person::several(&nodes[0], ["Ada", "Ann", "Ben", "Cleo", "Dan"]).await;
    for person in [&mut ben, &mut cleo, &mut dan] {
        person.moved_to(&nodes[1]).await;
    }
    ada.group("Five", &[&ann, &ben, &cleo, &dan]).await;
    let (mut near, ann_is_there) = (ada.socket().await, ann.socket().await);
    let (mut far, bens) = (dan.socket().await, ben.socket().await);
    near.push("Ben to be online", ben.is_presence_push(true)).await;
    ways[0].partition();
    nodes[0].until("it to be alone", async |server| server.lost_others() > 0).await;
    let cleos = cleo.socket().await;
    bens.close().await;
    far.push("Cleo to be online", cleo.is_presence_push(true)).await;
    far.push("Ben to be offline", ben.is_presence_push(false)).await;
    assert!(!near.take_pushes().iter().any(cleo.is_presence_push(true)), "her node is cut off");
    ways[0].heal();
    let began = Instant::now();
    near.push("Cleo to be online", cleo.is_presence_push(true)).await;
    near.push("Ben to be offline", ben.is_presence_push(false)).await;
    assert!(began.elapsed() < CONVERGENCE_TIMEOUT, "after {:?}", began.elapsed());
    let seen = [near.take_pushes(), far.take_pushes()].concat();
    for person in [&ada, &ann, &cleo, &dan] {
        assert!(!seen.iter().any(person.is_presence_push(false)), "{}: {seen:?}", person.name);
    }
    drop((ann_is_there, cleos));
}

#[tokio::test]
async fn people_of_a_node_that_was_taken_for_dead_are_back() {
    let (nodes, ways) = apart().await;
    let (chat, [(ada, mut one), _near, (ben, mut far)]) = three(&nodes).await;
    ways[1].partition();
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
    one.push("Ben to be offline", ben.is_presence_push(false)).await;
    ways[1].heal();
    one.push("Ben to be online", ben.is_presence_push(true)).await;
    let path = format!("/users/{}", ben.id);
    assert_eq!(ada.get(&path).await.expect(200)["online"], true);
    far.send(chat, "I never was away").await;
    one.push("a message", says("I never was away")).await;
    let seen = one.take_pushes();
    assert!(!seen.iter().any(ben.is_presence_push(false)), "once: {seen:?}");
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
    load.wait_for_messages(&nodes[0], 50).await;
    ways.iter().for_each(Proxy::cut);
    nodes.wait_until_apart().await;
    nodes.wait_until_connected().await;
    load.wait_for_messages(&nodes[0], 50).await;
    ways.iter().for_each(|way| way.delay(Duration::ZERO));
    load.wait_for_messages(&nodes[0], 50).await;
    assert_eq!(load.assert_converged().await, [0; 0], "no socket was closed");
}

/// What `docs/OPERATIONS.md` says that a user has to be let do.
const USER: &str = "ACL SETUSER confab on >p@ss:word ~confab:* &confab:* \
    +@read +@write +@pubsub +@scripting +@connection +command|info +cluster|slots -@dangerous";

#[tokio::test]
async fn a_user_who_is_let_do_little_is_enough() {
    let redis = RedisServer::start();
    redis.ask(USER);
    redis.ask("ACL SETUSER default off");
    let url = |password| format!("redis://confab:{password}@{}", redis.address());
    let (right, wrong) = (url("p%40ss%3Aword"), url("something-else"));
    let nodes = Nodes::start_on(redis, &[right.clone(), right]).await;
    let (chat, [(_, mut one), _near, (_, mut far)]) = three(&nodes).await;
    one.send(chat, "heard").await;
    far.push("a message", says("heard")).await;
    assert!(nodes.servers.iter().all(|server| server.lost_others() == 0));

    let stranger = nodes[0].start_beside_with(&[("REDIS_URL", &wrong)]).await;
    let refused = async |server: &Server| server.log().contains("WRONGPASS");
    stranger.until("it to be refused", refused).await;
    assert_eq!(stranger.heard_others(), 0);
    assert!(!stranger.log().contains("something-else"), "{}", stranger.log());
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
