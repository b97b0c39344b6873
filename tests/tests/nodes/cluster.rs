//! Several nodes on a Redis Cluster.

use tests::{Load, Nodes, Person, RedisCluster, Value};

async fn on_a_cluster() -> Nodes<RedisCluster> {
    let redis = RedisCluster::start();
    let url = redis.url();
    Nodes::start_on(redis, &[url.clone(), url]).await
}

/// Somebody on each node: what one does is seen by the other, who comes online meanwhile.
async fn they_hear_each_other(nodes: &Nodes<RedisCluster>, names: [&str; 2]) {
    let [ada, mut ben] = Person::several(&nodes[0], names).await;
    ben.moved_to(&nodes[1]).await;
    let mut one = ada.socket().await;
    let mut chats = Vec::new();
    // Several, so that each server has one.
    for n in 0..8 {
        chats.push(ada.group(&format!("Chat {n}"), &[&ben]).await);
    }
    let mut far = ben.socket().await;
    one.push("Ben to be online", ben.is_presence_push(true)).await;
    let says = |chat: i64, text: &'static str| {
        move |push: &Value| push["chat"] == chat && push["data"]["text"] == text
    };
    for chat in chats {
        one.send(chat, "there").await;
        far.push("a message", says(chat, "there")).await;
        far.send(chat, "and back").await;
        one.push("an answer", says(chat, "and back")).await;
    }
}

#[tokio::test]
async fn what_happens_on_one_node_is_seen_on_the_other() {
    let nodes = on_a_cluster().await;
    they_hear_each_other(&nodes, ["Ada", "Ben"]).await;
    for server in &nodes.redis.servers {
        let channels = server.ask("PUBSUB SHARDCHANNELS *");
        assert_ne!(channels, "*0", "each server has some");
    }
}

#[tokio::test]
async fn a_master_is_killed_and_comes_back() {
    let mut nodes = on_a_cluster().await;
    let load = Load::start(&nodes).await;
    let keys = nodes.redis.ask_all(&["KEYS", "*presence}:epoch"]);
    let with_presence = nodes.redis.server_of(&keys[0]);
    nodes.redis.servers[with_presence].kill();
    nodes.wait_until_apart().await;
    load.wait_for_messages(&nodes[0], 50).await;
    nodes.redis.servers[with_presence].restart();
    nodes.wait_until_connected().await;
    load.wait_for_messages(&nodes[0], 50).await;
    they_hear_each_other(&nodes, ["Ada", "Ben"]).await;
    assert_eq!(load.assert_converged().await, [0; 0], "no socket was closed");
}

#[tokio::test]
async fn slots_move_to_another_master() {
    let nodes = on_a_cluster().await;
    let load = Load::start(&nodes).await;
    they_hear_each_other(&nodes, ["Ada", "Ben"]).await;
    let channels = nodes.redis.ask_all(&["PUBSUB", "SHARDCHANNELS", "*:chat:*"]);
    let keys = nodes.redis.ask_all(&["KEYS", "*presence}:epoch"]);
    assert!(!channels.is_empty() && keys.len() == 1, "{channels:?} {keys:?}");
    for name in channels.iter().chain(&keys) {
        nodes.redis.move_slot_of(name);
        load.wait_for_messages(&nodes[0], 20).await;
    }
    nodes.wait_until_connected().await;
    they_hear_each_other(&nodes, ["Cleo", "Dan"]).await;
    assert_eq!(load.assert_converged().await, [0; 0], "no socket was closed");
}
