//! Several nodes are one server: whatever happens on one reaches the sockets of the others.

use std::time::{Duration, Instant};
use tests::{Engine, Nodes, PASSWORD, Person, Server, Socket, Value, json};

/// People who are at home on different nodes, by turns.
async fn people<const N: usize>(nodes: &Nodes, names: [&str; N]) -> [Person; N] {
    let mut people = Person::several(&nodes[0], names).await;
    for (n, person) in people.iter_mut().enumerate() {
        person.moved_to(&nodes[n % nodes.servers.len()]).await;
    }
    people
}

#[tokio::test]
async fn what_happens_on_one_node_is_seen_on_the_others() {
    let nodes = Nodes::start(3).await;
    let [ada, ben, cleo] = people(&nodes, ["Ada", "Ben", "Cleo"]).await;
    let mut far = ben.socket().await;
    let mut farther = cleo.socket().await;
    let chat = ada.group("Far", &[&ben]).await;
    assert_eq!(far.push_of("chat.created").await["chat"], chat);
    let said = ada.send(chat, "one").await;
    let heard = far.push_of("message.created").await;
    assert_eq!((&heard["data"], &heard["version"]), (&said, &said["version"]));

    // Cleo comes in: it is told on her node, where nobody followed the chat.
    ada.put(&format!("/chats/{chat}/members/{}", cleo.id), &Value::Null).await.expect(201);
    for socket in [&mut far, &mut farther] {
        assert_eq!(socket.push_of("member.joined").await["data"]["user_id"], cleo.id);
    }
    farther.send(chat, "two").await;
    assert_eq!(far.push_of("message.created").await["data"]["text"], "two");
    let path = format!("/messages/{}/reactions/\u{1f44d}", said["id"]);
    cleo.put(&path, &Value::Null).await;
    far.ask(json!({"type": "typing", "chat": chat, "typing": true})).await;
    assert_eq!(farther.push_of("typing").await["data"]["user_id"], ben.id);
    far.ask(json!({"type": "read", "chat": chat, "seq": 2})).await;
    assert_eq!(farther.push_of("read").await["data"]["user_id"], ben.id);

    // What is somebody's own reaches their other device, wherever that is.
    let mut device = nodes.person_at(&ben, 0).await.socket().await;
    ben.put(&format!("/messages/{}/star", said["id"]), &Value::Null).await;
    assert_eq!(device.push_of("star").await["data"]["message_id"], said["id"]);

    ada.delete(&format!("/chats/{chat}/members/{}", cleo.id)).await.expect(204);
    assert_eq!(farther.push_of("member.left").await["data"]["user_id"], cleo.id);
    ada.send(chat, "not for Cleo").await;
    far.push("the message", |push| push["data"]["text"] == "not for Cleo").await;
    farther.ask(json!({"type": "ping"})).await;
    let met = farther.take_pushes();
    assert!(met.iter().all(|push| push["data"]["text"] != "not for Cleo"), "{met:?}");

    ada.delete(&format!("/chats/{chat}")).await.expect(204);
    assert_eq!(far.push_of("chat.deleted").await["chat"], chat);
}

#[tokio::test]
async fn presence_is_that_of_all_nodes() {
    let nodes = Nodes::start(2).await;
    let [ada, ben] = people(&nodes, ["Ada", "Ben"]).await;
    ada.direct(&ben).await;
    let mut watching = ada.socket().await;
    let far = ben.socket().await;
    watching.push("Ben to be online", ben.is_presence_push(true)).await;
    let near = nodes.person_at(&ben, 0).await.socket().await;
    far.close().await;
    near.close().await;
    watching.push("Ben to be offline", ben.is_presence_push(false)).await;
    let met = watching.take_pushes();
    assert!(!met.iter().any(ben.is_presence_push(false)), "told once: {met:?}");
}

#[tokio::test]
async fn who_is_hidden_is_not_told_of_by_any_node() {
    let mut nodes = Nodes::start(2).await;
    let [ada, ben, cleo, dora] = people(&nodes, ["Ada", "Ben", "Cleo", "Dora"]).await;
    ada.direct(&ben).await;
    cleo.direct(&dora).await;
    for server in &mut nodes.servers {
        server.set("CONFAB_DIRECTORY", "nobody");
        server.restart().await;
    }
    nodes.wait_until_connected().await;
    let [ada, cleo] = [nodes.person_at(&ada, 0).await, nodes.person_at(&cleo, 0).await];
    let [ben, dora] = [nodes.person_at(&ben, 1).await, nodes.person_at(&dora, 1).await];
    let (mut watching, mut friend) = (ada.socket().await, cleo.socket().await);
    // Whoever is told of Dora was told before Ben comes.
    let _of_dora = dora.socket().await;
    friend.push("Dora to be online", dora.is_presence_push(true)).await;
    let _of_ben = ben.socket().await;
    let first = watching.push("somebody", |push| push["type"] == "presence").await;
    assert_eq!(first["data"]["user_id"], ben.id);
    for person in [&ada, &ben] {
        person.get(&format!("/users/{}", dora.id)).await.refused(404, "user_not_found");
        assert_eq!(person.get("/users").await.expect(200)["items"], json!([]));
    }
}

#[tokio::test]
async fn people_of_a_killed_node_go_offline() {
    let mut nodes = Nodes::start(2).await;
    let [ada, ben] = people(&nodes, ["Ada", "Ben"]).await;
    ada.direct(&ben).await;
    let mut watching = ada.socket().await;
    let _far = ben.socket().await;
    watching.push("Ben to be online", ben.is_presence_push(true)).await;
    let began = Instant::now();
    nodes.servers[1].kill().await;
    watching.push("Ben to be offline", ben.is_presence_push(false)).await;
    assert!(began.elapsed() < Duration::from_secs(30), "after {:?}", began.elapsed());
}

/// The socket is closed with 4502 soon.
async fn revoked(what: &str, mut socket: Socket) {
    assert_eq!(socket.closed().await, 4502, "{what}");
}

#[tokio::test]
async fn a_session_that_ends_is_over_on_every_node() {
    let nodes = Nodes::start(2).await;
    let admin = Person::admin(&nodes[0], "Root").await;
    let [ada] = Person::several(&nodes[0], ["Ada"]).await;
    let sign_in = async || nodes.person_at(&ada.sign_in_again().await, 1).await;

    let (device, far) = (ada.sign_in_again().await, nodes.person_at(&ada, 1).await);
    let moved = nodes.person_at(&device, 1).await;
    let socket = moved.socket().await;
    device.post("/auth/logout", &Value::Null).await.expect(204);
    revoked("logout", socket).await;
    moved.get("/users/me").await.refused(401, "token_invalid");
    far.get("/users/me").await.expect(200);

    // A socket that took a token of another session ends with that one.
    let device = ada.sign_in_again().await;
    let mut socket = far.socket().await;
    socket.ask(json!({"type": "auth", "token": device.access})).await;
    device.post("/auth/logout", &Value::Null).await.expect(204);
    revoked("the session of its last token", socket).await;

    let socket = sign_in().await.socket().await;
    let change = json!({"old_password": PASSWORD, "new_password": "quite-another-one-7"});
    ada.put("/auth/password", &change).await.expect(204);
    revoked("a new password", socket).await;

    let socket = far.socket().await;
    let path = format!("/admin/users/{}", ada.id);
    admin.patch(&path, &json!({"is_active": false})).await.expect(200);
    revoked("a disabled account", socket).await;
}

#[tokio::test]
async fn a_role_and_a_file_are_known_on_every_node() {
    let nodes = Nodes::start(2).await;
    let admin = Person::admin(&nodes[0], "Root").await;
    let [ada] = Person::several(&nodes[0], ["Ada"]).await;
    let far = nodes.person_at(&ada, 1).await;
    let file = ada.upload("notes.txt").await;
    let sent = json!({"text": "", "attachments": [file["id"]]});
    let chat = ada.direct(&ada).await;
    far.post(&format!("/chats/{chat}/messages"), &sent).await.expect(201);
    far.get("/admin/users").await.refused(403, "admin_only");
    let mut sockets = [ada.socket().await, far.socket().await];
    admin.patch(&format!("/admin/users/{}", ada.id), &json!({"role": "admin"})).await.expect(200);
    far.get("/admin/users").await.expect(200);
    for socket in &mut sockets {
        assert_eq!(socket.push_of("role").await["data"], json!({"role": "admin"}));
    }
}

#[tokio::test]
async fn readiness_tells_that_redis_is_away() {
    let mut nodes = Nodes::start(1).await;
    let ready = async |server: &Server| {
        let answer = reqwest::get(server.url("/readyz")).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.expect("JSON")["checks"]["redis"]["status"].clone()
    };
    assert_eq!(ready(&nodes[0]).await, "ok");
    nodes.redis.kill();
    let told = async |server: &Server| ready(server).await == "degraded";
    nodes[0].until("it to be noticed", told).await;
    nodes.redis.restart();
    nodes[0].until("it to be back", async |server| !told(server).await).await;
    let server = Server::prepare(Engine::Postgres, &[("REDIS_URL", "example.org/secret")]).await;
    let refused = server.run(&["serve"], "").await;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("REDIS_URL") && !told.contains("secret"), "{told}");
}

#[tokio::test]
async fn a_block_holds_on_every_node() {
    let nodes = Nodes::start(2).await;
    let [ada, ben] = people(&nodes, ["Ada", "Ben"]).await;
    let chat = ada.direct(&ben).await;
    let mut far = ben.socket().await;
    far.send(chat, "Hello").await;
    ada.put(&format!("/users/{}/block", ben.id), &Value::Null).await.expect(204);
    far.refused(json!({"type": "send", "chat": chat, "text": "and?"}), "peer_unavailable").await;
}

#[tokio::test]
async fn a_bystander_on_another_node_cannot_tell_that_somebody_whispered() {
    let nodes = Nodes::start(2).await;
    let [ada, bystander, cleo] = people(&nodes, ["Ada", "Bystander", "Cleo"]).await;
    let room = ada.put("/rooms/salon", &Value::Null).await.expect(201)["id"].clone();
    let room = room.as_i64().expect("an id");
    for person in [&bystander, &cleo] {
        person.put("/rooms/salon", &Value::Null).await.expect(200);
    }
    let mut seen = bystander.socket().await;
    let mut heard = cleo.socket().await;
    ada.send(room, "before").await;
    seen.push_of("message.created").await;
    heard.push_of("message.created").await;
    let whisper = json!({"text": "psst", "to": cleo.id});
    ada.post(&format!("/chats/{room}/messages"), &whisper).await.expect(201);
    assert_eq!(heard.push_of("message.created").await["data"]["text"], "psst");
    ada.send(room, "after").await;
    let next = seen.push("the next push", |push| push["type"] != "presence").await;
    assert_eq!(next["data"]["text"], "after");
}

#[tokio::test]
async fn what_is_hidden_from_newcomers_is_hidden_on_every_node() {
    let nodes = Nodes::start(2).await;
    let [ada, ben] = people(&nodes, ["Ada", "Ben"]).await;
    let chat = ada.group("Far", &[]).await;
    let hides = json!({"permissions": {"history": "from_joining"}});
    ada.patch(&format!("/chats/{chat}"), &hides).await.expect(200);
    let old = ada.send(chat, "old").await;
    // One socket is there when Ben comes in, the other opens after it.
    let mut far = ben.socket().await;
    ada.put(&format!("/chats/{chat}/members/{}", ben.id), &Value::Null).await.expect(201);
    far.push_of("member.joined").await;
    let mut later = ben.socket().await;
    let mut same_node = nodes.person_at(&ben, 0).await.socket().await;
    let message = format!("/chats/{chat}/messages/{}", old["id"]);
    ada.patch(&message, &json!({"text": "old, edited"})).await.expect(200);
    let reaction = format!("/messages/{}/reactions/\u{1f44d}", old["id"]);
    ada.put(&reaction, &Value::Null).await.expect(200);
    ada.put(&format!("/chats/{chat}/pins/{}", old["id"]), &Value::Null).await.expect(200);
    ada.delete(&message).await.expect(200);
    let new = ada.send(chat, "new").await;
    for socket in [&mut far, &mut later, &mut same_node] {
        let about_messages = |push: &Value| push["data"]["seq"].is_number();
        assert_eq!(socket.push("a message", about_messages).await["data"], new);
    }
    let resume = json!({"type": "resume", "chats": {chat.to_string(): 0}});
    let resumed = far.ask(resume).await;
    assert_eq!(resumed["chats"][chat.to_string()]["messages"], json!([new]));
}
