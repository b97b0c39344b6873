//! What hosts keep with chats.

use tests::{Engine, Method, Person, Server, ServiceKeyClient, Value, json, on_both};

on_both!(
    data_goes_wherever_its_chat_goes,
    data_is_patched_by_keys_and_caught_up,
    nobody_else_changes_data,
    what_is_no_data_is_refused_by_name,
);

const SCOPES: &str = "people:read,chats:read,chats:write,messages:read,act_as";

/// A group that a key made with that data, and two people in it.
async fn order(server: &Server, data: &Value) -> (ServiceKeyClient, [Person; 2], Value) {
    let shop = ServiceKeyClient::add(server, "Shop", SCOPES).await;
    let people = Person::several(server, ["Ada", "Grace"]).await;
    let members = people.each_ref().map(|person| person.id);
    let group = json!({"title": "Order 7", "members": members, "data": data});
    let chat = shop.call(Method::POST, "/chats", &group).await.expect(201);
    (shop, people, chat)
}

fn path_of(chat: &Value) -> String {
    format!("/chats/{}", chat["id"])
}

async fn data_goes_wherever_its_chat_goes(engine: Engine) {
    let server = Server::start(engine).await;
    let early = Person::register(&server, "Early").await;
    let mut socket = early.socket().await;
    let data = json!({"order": {"id": 7}, "note": null});
    let (shop, [ada, _], made) = order(&server, &data).await;
    let kept = json!({"order": {"id": 7}});
    assert_eq!(made["data"], kept);
    let id = made["id"].as_i64().expect("an id");
    assert_eq!(ada.chat(id).await["data"], kept);
    assert_eq!(ada.get("/chats").await.expect(200)["items"][0]["data"], kept);
    let changes = ada.get(&format!("/chats/{id}/changes?since=0")).await.expect(200);
    assert_eq!(changes["chat"]["data"], kept);
    let other = json!({"title": "Order 8", "members": [early.id], "data": {"order": 8}});
    shop.call(Method::POST, "/chats", &other).await.expect(201);
    assert_eq!(socket.push_of("chat.created").await["data"]["data"], json!({"order": 8}));
    let plain = ada.group("Plain", &[]).await;
    assert_eq!(ada.chat(plain).await["data"], Value::Null);
}

async fn data_is_patched_by_keys_and_caught_up(engine: Engine) {
    let server = Server::start(engine).await;
    let (shop, [ada, grace], chat) = order(&server, &json!({"order": 7, "note": "x"})).await;
    let (path, id) = (path_of(&chat), chat["id"].as_i64().expect("an id"));
    let mut of_ada = ada.socket().await;
    let patch = json!({"data": {"state": "paid", "note": null}});
    let patched = shop.call(Method::PATCH, &path, &patch).await.expect(200);
    let now = json!({"order": 7, "state": "paid"});
    assert_eq!((&patched["data"], &patched["version"]), (&now, &json!(2)));
    let pushed = of_ada.push_of("chat.updated").await;
    assert_eq!((&pushed["data"]["data"], &pushed["version"]), (&now, &json!(2)));
    assert_eq!(pushed["data"]["version"], 2);
    // The same again is no change, and a title keeps it.
    let again = shop.call(Method::PATCH, &path, &patch).await.expect(200);
    assert_eq!(again["version"], 2);
    let titled = shop.call(Method::PATCH, &path, &json!({"title": "Order 7, paid"})).await;
    assert_eq!(titled.expect(200)["data"], now);
    // Whoever was away learns of it.
    let changes = grace.get(&format!("/chats/{id}/changes?since=1")).await.expect(200);
    assert_eq!((&changes["chat"]["data"], &changes["version"]), (&now, &json!(3)));
    let mut of_grace = grace.socket().await;
    let resumed = of_grace.ask(json!({"type": "resume", "chats": {id.to_string(): 1}})).await;
    assert_eq!(resumed["chats"][id.to_string()]["chat"]["data"], now);
    let gone = shop.call(Method::PATCH, &path, &json!({"data": null})).await.expect(200);
    assert_eq!(gone["data"], Value::Null);
    assert_eq!(ada.chat(id).await["data"], Value::Null);
}

async fn nobody_else_changes_data(engine: Engine) {
    let server = Server::start(engine).await;
    let (shop, [ada, grace], chat) = order(&server, &json!({"order": 7})).await;
    let (path, patch) = (path_of(&chat), json!({"data": {"order": 8}}));
    ada.patch(&path, &patch).await.refused(403, "key_needed");
    let as_ada = [&*ada.id.to_string()];
    let acted = shop.call_as(&as_ada, Method::PATCH, &path, &patch).await;
    acted.refused(403, "key_needed");
    let reader = ServiceKeyClient::add(&server, "Reader", "chats:read").await;
    reader.call(Method::PATCH, &path, &patch).await.refused(403, "scope_missing");
    let stranger = ServiceKeyClient::add(&server, "Stranger", SCOPES).await;
    stranger.call(Method::PATCH, &path, &patch).await.refused(403, "scope_missing");
    let new = json!({"title": "Order 8", "data": {}});
    grace.post("/chats", &new).await.refused(403, "key_needed");
    shop.post_as(&grace, "/chats", &new).await.refused(403, "key_needed");
    assert_eq!(shop.get(&path).await.expect(200)["version"], 1);
}

async fn what_is_no_data_is_refused_by_name(engine: Engine) {
    let server = Server::start(engine).await;
    let (shop, _, chat) = order(&server, &json!({"a": "x".repeat(4_000)})).await;
    let path = path_of(&chat);
    let deep = (1..17).fold(json!({}), |inside, _| json!({"a": inside}));
    for (data, code) in [
        (json!([1]), "data_not_an_object"),
        (json!({"b": "x".repeat(90)}), "data_too_long"),
        (deep, "data_too_deep"),
    ] {
        let patched = shop.call(Method::PATCH, &path, &json!({"data": data})).await;
        patched.refused_field(400, "data", code);
    }
    let new = json!({"title": "Order 8", "data": "order"});
    let refused = shop.call(Method::POST, "/chats", &new).await;
    refused.refused_field(400, "data", "data_not_an_object");
    assert_eq!(shop.get(&path).await.expect(200)["version"], 1, "refusals use up no number");
}
