//! What hosts keep with people.

use tests::{
    Answer, Engine, Method, Person, Server, ServiceKeyClient, Value, behind_hosts, json, on_both,
};

on_both!(
    a_host_keeps_data_with_its_people,
    what_is_no_data_is_refused_by_name,
    nobody_else_sees_it,
    nobody_else_changes_it,
    lines_patch_data_and_are_answered,
);

const SCOPES: &str = "people:read,people:write,act_as";

/// The second line of what somebody takes along.
async fn exported(person: &Person) -> Value {
    let request = person.api.request(Method::GET, "/users/me/export").bearer_auth(&person.access);
    let lines = request.send().await.expect("an answer").text().await.expect("a body");
    serde_json::from_str(lines.lines().nth(1).expect("a line")).expect("JSON")
}

async fn put(shop: &ServiceKeyClient, body: &Value) -> Answer {
    shop.call(Method::PUT, "/users/ext:17", body).await
}

async fn a_host_keeps_data_with_its_people(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let made = json!({"username": "Person 17", "data": {"plan": "free", "n": null}});
    let made = put(&shop, &made).await.expect(201);
    assert_eq!(made["data"], json!({"plan": "free"}));
    let patched = put(&shop, &json!({"data": {"seats": 3}})).await.expect(200);
    let now = json!({"plan": "free", "seats": 3});
    assert_eq!((&patched["data"], &patched["username"]), (&now, &json!("Person 17")));
    assert_eq!(put(&shop, &json!({})).await.expect(200), patched, "what is left out stays");
    assert_eq!(shop.get("/users/ext:17").await.expect(200), patched);
    let ada = Person::of_host(&server, "shop", "17").await;
    assert_eq!(ada.get("/users/me").await.expect(200)["data"], now);
    assert_eq!(shop.get_as(&ada, "/users/me").await.expect(200)["data"], now);
    assert_eq!(exported(&ada).await, json!({"type": "host_data", "data": now}));
    assert_eq!(put(&shop, &json!({"data": null})).await.expect(200)["data"], Value::Null);
    // It goes with the account.
    put(&shop, &json!({"data": {"plan": "paid"}})).await.expect(200);
    let root = Person::admin(&server, "Root").await;
    root.delete(&format!("/admin/users/{}", ada.id)).await.expect(204);
    let gone = shop.get(&format!("/users/{}", ada.id)).await.expect(200);
    assert_eq!((&gone["deleted"], &gone["data"]), (&json!(true), &Value::Null));
}

async fn what_is_no_data_is_refused_by_name(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let patched = put(&shop, &json!({"data": {"plan": "free", "seats": 30}})).await.expect(201);
    for (data, code) in [
        (json!([]), "data_not_an_object"),
        (json!({"a": "x".repeat(4_090)}), "data_too_long"),
        (json!({"a": "x".repeat(4_070)}), "data_too_long"),
        ((1..17).fold(json!({}), |inside, _| json!({"a": inside})), "data_too_deep"),
    ] {
        put(&shop, &json!({"data": data})).await.refused_field(400, "data", code);
    }
    assert_eq!(shop.get("/users/ext:17").await.expect(200), patched);
}

async fn nobody_else_sees_it(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let data = json!({"data": {"plan": "secret word"}});
    put(&shop, &data).await.expect(201);
    let ada = Person::of_host(&server, "shop", "17").await;
    let ben = Person::of_host(&server, "shop", "18").await;
    let root = Person::admin(&server, "Root").await;
    let chat = ada.group("Order", &[&ben]).await;
    let add = ["key", "add", "Forum", "--scopes", SCOPES, "--issuer", "forum"];
    let key = String::from_utf8(server.run(&add, "").await.stdout).expect("UTF-8");
    let forum = ServiceKeyClient { key: key.trim().to_owned(), ..shop.clone() };
    let path = format!("/users/{}", ada.id);
    for answer in [
        ben.get(&path).await,
        root.get(&path).await,
        forum.get(&path).await,
        shop.get_as(&ben, &path).await,
        ben.get("/users?q=person").await,
        shop.get("/users?q=person").await,
        root.get(&format!("/admin{path}")).await,
        ben.get(&format!("/chats/{chat}/members")).await,
    ] {
        let answer = answer.expect(200);
        assert!(!answer.to_string().contains("secret word"), "{answer}");
    }
    let reader = ServiceKeyClient::add(&server, "Reader", "people:read").await;
    assert_eq!(reader.get(&path).await.expect(200)["data"], data["data"]);
}

async fn nobody_else_changes_it(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let data = json!({"data": {"plan": "free"}});
    ada.put("/users/ext:17", &data).await.refused(403, "key_needed");
    ada.patch("/users/me", &data).await.refused(400, "invalid");
    let as_ada = [&*ada.id.to_string()];
    let acted = shop.call_as(&as_ada, Method::PUT, "/users/ext:17", &data).await;
    acted.refused(403, "key_needed");
    let reader = ServiceKeyClient::add(&server, "Reader", "people:read").await;
    reader.call(Method::PUT, "/users/ext:17", &data).await.refused(403, "scope_missing");
    assert_eq!(shop.get("/users/ext:17").await.expect(200)["data"], Value::Null);
}

async fn lines_patch_data_and_are_answered(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let long = "x".repeat(4_080);
    let lines = [
        json!({"external_id": "17", "username": "Ada", "data": {"n": 1, "plan": "free"}}),
        json!({"external_id": "18", "username": "Ben"}),
        json!({"external_id": "17", "data": {"n": 2}}),
        json!({"external_id": "17", "data": {"n": 2}}),
        json!({"external_id": "17", "data": {"a": long}}),
        json!({"external_id": "18", "data": 7}),
        json!({"external_id": "17", "data": {"plan": null}}),
    ];
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let request = shop.api.request(Method::POST, "/users").bearer_auth(&shop.key);
    let request = request.header("content-type", "application/x-ndjson").body(body);
    let answer = request.send().await.expect("an answer").text().await.expect("a body");
    let told = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let code = line["error"]["errors"][0]["code"].as_str().unwrap_or_default();
        (line["outcome"].as_str().expect("a word").to_owned(), code.to_owned())
    };
    let expected = [
        ("added", ""),
        ("added", ""),
        ("changed", ""),
        ("unchanged", ""),
        ("refused", "data_too_long"),
        ("refused", "data_not_an_object"),
        ("changed", ""),
    ];
    let expected = expected.map(|(word, code)| (word.to_owned(), code.to_owned()));
    assert_eq!(answer.lines().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(shop.get("/users/ext:17").await.expect(200)["data"], json!({"n": 2}));
    assert_eq!(shop.get("/users/ext:18").await.expect(200)["data"], Value::Null);
}
