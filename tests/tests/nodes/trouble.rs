//! Several nodes under load while something goes wrong: nothing acknowledged is lost, nothing is there
//! twice, nothing is out of order, and in the end everybody holds what the database holds.

use domain::limits::OFFLINE_GRACE;
use std::time::Instant;
use tests::{CONVERGENCE_TIMEOUT, Load, Nodes, Person, Value, json};

#[tokio::test]
async fn redis_is_restarted() {
    let mut nodes = Nodes::start(2).await;
    let load = Load::start(&nodes).await;
    nodes.redis.kill();
    load.wait_for_messages(&nodes[0], 50).await;
    nodes.redis.restart();
    load.wait_for_messages(&nodes[0], 50).await;
    assert_eq!(load.assert_converged().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn redis_stands_still() {
    let nodes = Nodes::start(2).await;
    let load = Load::start(&nodes).await;
    nodes.pause_redis();
    nodes.wait_until_apart().await;
    load.wait_for_messages(&nodes[0], 50).await;
    nodes.resume_redis();
    load.wait_for_messages(&nodes[0], 50).await;
    assert_eq!(load.assert_converged().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn connections_to_redis_are_cut_and_its_data_deleted() {
    let nodes = Nodes::start(2).await;
    let load = Load::start(&nodes).await;
    for command in ["CLIENT KILL TYPE pubsub", "CLIENT KILL TYPE normal SKIPME yes", "FLUSHALL"] {
        nodes.redis.ask(command);
        load.wait_for_messages(&nodes[0], 50).await;
    }
    assert_eq!(load.assert_converged().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn a_node_is_killed() {
    let mut nodes = Nodes::start(3).await;
    let load = Load::start(&nodes).await;
    nodes.servers[2].kill().await;
    load.wait_for_messages(&nodes[0], 100).await;
    assert_eq!(load.assert_converged().await, [1006], "of the node that is gone");
}

#[tokio::test]
async fn nodes_are_restarted_one_after_the_other() {
    let mut nodes = Nodes::start(2).await;
    let load = Load::start(&nodes).await;
    for node in [1, 0] {
        let address = nodes[node].address().to_owned();
        nodes.servers[node].terminate();
        assert!(nodes.servers[node].exit().await.success());
        load.wait_for_messages(&nodes[1 - node], 50).await;
        nodes.servers[node].restart_at(&address).await;
    }
    load.wait_for_messages(&nodes[0], 50).await;
    let codes = load.assert_converged().await;
    assert!(codes.len() >= 2 && codes.iter().all(|code| *code == 4000), "{codes:?}");
}

#[tokio::test]
async fn who_came_and_went_without_redis_is_seen_when_it_is_back() {
    let mut nodes = Nodes::start(2).await;
    let [ada, ben, cleo] = Person::several(&nodes[0], ["Ada", "Ben", "Cleo"]).await;
    ada.group("Three", &[&ben, &cleo]).await;
    let [ben, cleo] = [nodes.person_at(&ben, 1).await, nodes.person_at(&cleo, 1).await];
    let (mut near, bens) = (ada.socket().await, ben.socket().await);
    near.push("Ben to be online", ben.is_presence_push(true)).await;
    // It comes back with nothing of what it knew.
    nodes.redis.kill();
    nodes.wait_until_apart().await;
    bens.close().await;
    let (left, mut far) = (Instant::now(), cleo.socket().await);
    nodes.redis.restart();
    let began = Instant::now();
    near.push("Cleo to be online", cleo.is_presence_push(true)).await;
    assert!(began.elapsed() < CONVERGENCE_TIMEOUT, "after {:?}", began.elapsed());
    for socket in [&mut near, &mut far] {
        socket.push("Ben to be offline", ben.is_presence_push(false)).await;
    }
    assert!(left.elapsed() < OFFLINE_GRACE + CONVERGENCE_TIMEOUT, "after {:?}", left.elapsed());
    let seen = [near.take_pushes(), far.take_pushes()].concat();
    for person in [&ada, &cleo] {
        assert!(!seen.iter().any(person.is_presence_push(false)), "{}: {seen:?}", person.name);
    }
}

#[tokio::test]
async fn the_last_word_is_heard_without_redis() {
    let mut nodes = Nodes::start(2).await;
    let [ada, ben] = Person::several(&nodes[0], ["Ada", "Ben"]).await;
    let chat = ada.direct(&ben).await;
    let mut far = nodes.person_at(&ben, 1).await.socket().await;
    nodes.redis.kill();
    nodes.wait_until_apart().await;
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
    nodes.wait_until_connected().await;
    ada.send(chat, "and another").await;
    far.push("a message", is("and another")).await;
    assert!(began.elapsed() < CONVERGENCE_TIMEOUT, "after {:?}", began.elapsed());
}

/// A message that says "stop" stays in its transaction, with its chat locked, as long as there is a row here.
const STOPPING: &str = "CREATE TABLE stopped AS SELECT 1 AS one; \
    CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        WHILE EXISTS (SELECT FROM stopped) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN NEW; \
    END $$; \
    CREATE TRIGGER stop BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.text = 'stop') \
        EXECUTE FUNCTION stop()";

/// Waits until there is such a message.
const IS_STOPPING: &str = "DO $$ BEGIN \
    WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
        AND datname = current_database() AND pid <> pg_backend_pid()) \
    LOOP PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$";

#[tokio::test]
async fn a_node_that_stands_still_in_a_commit_lets_its_chat_go() {
    let nodes = Nodes::start(2).await;
    let ada = Person::register(&nodes[0], "Ada").await;
    let (chat, other) = (ada.group("Tea", &[]).await, ada.group("Cake", &[]).await);
    let elsewhere = nodes.person_at(&ada, 1).await;
    let path = format!("/chats/{chat}/messages");
    nodes[0].execute(STOPPING).await;
    let sending = tokio::spawn({
        let (ada, path) = (ada.clone(), path.clone());
        async move { ada.post(&path, &json!({"text": "stop"})).await }
    });
    nodes[0].execute(IS_STOPPING).await;
    nodes[0].pause();
    // The database has done what it was asked to, and hears nothing more of it.
    nodes[0].execute("DELETE FROM stopped").await;
    elsewhere.send(other, "nobody holds this").await;
    elsewhere.send(chat, "nor this, soon").await;
    nodes[0].resume();
    sending.await.expect("no panic").refused(503, "unavailable");
    let said = elsewhere.history(chat).await;
    assert_eq!(said.len(), 1, "what was not acknowledged was not stored: {said:?}");
    assert_eq!((&said[0]["text"], &said[0]["seq"]), (&json!("nor this, soon"), &json!(1)));
    ada.send(chat, "both work").await;
}
