//! People of a host, whom its backend brings in by a service key.

use tests::{
    Answer, Engine, Method, Person, Server, ServiceKeyClient, Value, behind_hosts, json, on_both,
};

on_both!(
    a_backend_brings_somebody_in_and_up_to_date,
    many_are_brought_in_and_each_is_answered,
    a_thousand_are_brought_in_at_once_and_not_one_more,
    whoever_was_brought_in_signs_in_by_a_token,
    only_a_key_as_itself_brings_people_in,
    what_is_wrong_with_somebody_is_named,
);

async fn put(shop: &ServiceKeyClient, id: &str, body: &Value) -> Answer {
    shop.call(Method::PUT, &format!("/users/ext:{id}"), body).await
}

/// Sends lines, and reads those of the answer.
async fn post(shop: &ServiceKeyClient, lines: &str) -> Vec<Value> {
    let request = shop.api.request(Method::POST, "/users").bearer_auth(&shop.key);
    let request = request.header("content-type", "application/x-ndjson").body(lines.to_owned());
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.expect("a body");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn a_backend_brings_somebody_in_and_up_to_date(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write,people:read").await;
    let ada = json!({"username": "Ada", "email": "ada@example.org"});
    let made = put(&shop, "17", &ada).await.expect(201);
    assert_eq!((&made["username"], &made["external_id"]), (&json!("Ada"), &json!("17")));
    let again = put(&shop, "17", &ada).await.expect(200);
    assert_eq!(again, made);
    let renamed = put(&shop, "17", &json!({"username": "Ada Lovelace"})).await.expect(200);
    assert_eq!((&renamed["id"], &renamed["username"]), (&made["id"], &json!("Ada Lovelace")));
    assert_eq!(put(&shop, "17", &json!({})).await.expect(200), renamed);
    // Somebody else of that name is told apart by a number.
    let other = put(&shop, "18", &json!({"username": "ADA LOVELACE"})).await.expect(201);
    assert_eq!(other["username"], "ADA LOVELACE 2");
    assert_eq!(shop.get("/users/ext:17").await.expect(200), renamed);

    let root = Person::admin(&server, "Root").await;
    let of_ada = root.get(&format!("/admin/users/{}", made["id"])).await.expect(200);
    assert_eq!(of_ada["email"], "ada@example.org");
    let lines = root.all("/admin/audit?kind=change").await;
    let line = lines.iter().find(|line| line["target_id"] == made["id"]).expect("a line");
    let key = shop.get("/users/me").await.expect(200)["id"].clone();
    assert_eq!((&line["action"], &line["actor_id"]), (&json!("user.added"), &key));
}

async fn many_are_brought_in_and_each_is_answered(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write,people:read").await;
    put(&shop, "1", &json!({"username": "Anna"})).await.expect(201);
    let answers = post(
        &shop,
        concat!(
            r#"{"external_id": "1", "username": "Anna"}"#,
            "\n",
            r#"{"external_id": "2", "username": "anna"}"#,
            "\n",
            r#"{"external_id": "3", "username": "Ben", "email": "ben@example.org"}"#,
            "\n",
            r#"{"external_id": "3", "username": "Benjamin"}"#,
            "\n",
            r#"{"external_id": "4"}"#,
            "\n",
            r#"{"external_id": "5", "username": "admin"}"#,
            "\n",
            r#"{"external_id": "", "username": "Eve"}"#,
            "\n",
            "nonsense\n",
            r#"{"external_id": "6", "name": "Eve"}"#,
            "\n",
            r#"{"external_id": "7", "username": "Fay", "email": "nowhere"}"#,
        ),
    )
    .await;
    let told = |answer: &Value| {
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        (text("outcome").expect("a word"), text("external_id"), text("username"))
    };
    let some = |text: &str| Some(text.to_owned());
    let refused = || ("refused".to_owned(), None, None);
    assert_eq!(
        answers.iter().map(told).collect::<Vec<_>>(),
        [
            ("unchanged".to_owned(), some("1"), some("Anna")),
            ("added".to_owned(), some("2"), some("anna 2")),
            ("added".to_owned(), some("3"), some("Ben")),
            ("changed".to_owned(), some("3"), some("Benjamin")),
            ("added".to_owned(), some("4"), some("person")),
            refused(),
            refused(),
            refused(),
            refused(),
            refused(),
        ]
    );
    let lines: Vec<_> = answers.iter().map(|answer| answer["line"].as_u64()).collect();
    assert_eq!(lines, (1..=10).map(Some).collect::<Vec<_>>());
    let why = |nth: usize| {
        let error = &answers[nth]["error"];
        let field = error["errors"].get(0).unwrap_or(error);
        (field["code"].as_str().expect("a code"), field["field"].as_str().unwrap_or_default())
    };
    assert_eq!(why(5), ("name_reserved", "username"));
    assert_eq!(why(6), ("invalid_id", "external_id"));
    assert_eq!(why(7), ("malformed_json", ""));
    assert_eq!(why(8), ("wrong_type", "name"));
    assert_eq!(why(9), ("email_invalid", "email"));
}

async fn a_thousand_are_brought_in_at_once_and_not_one_more(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write").await;
    let line = |nth: usize| format!("{{\"external_id\": \"n{nth}\", \"username\": \"N {nth}\"}}\n");
    let thousand: String = (0..1000).map(line).collect();
    let answers = post(&shop, &thousand).await;
    assert!(answers.len() == 1000 && answers.iter().all(|answer| answer["outcome"] == "added"));
    let answers = post(&shop, &thousand).await;
    assert!(answers.iter().all(|answer| answer["outcome"] == "unchanged"));
    let request = shop.api.request(Method::POST, "/users").bearer_auth(&shop.key);
    let request = request.header("content-type", "application/x-ndjson");
    let request = request.body(thousand + &line(1000));
    shop.api.answer_to(request).await.refused(413, "too_many_people");
    assert!(post(&shop, "").await.is_empty());
}

async fn whoever_was_brought_in_signs_in_by_a_token(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write,people:read").await;
    let made = put(&shop, "17", &json!({"username": "Person 17"})).await.expect(201);
    let ada = Person::of_host(&server, "shop", "17").await;
    assert_eq!(json!(ada.id), made["id"]);
    let stranger = Person::of_host(&server, "forum", "17").await;
    assert_ne!(stranger.id, ada.id);
    // Whoever deletes their account is not made again.
    let root = Person::admin(&server, "Root").await;
    root.delete(&format!("/admin/users/{}?messages=delete", ada.id)).await.expect(204);
    put(&shop, "17", &json!({"username": "Ada"})).await.refused(409, "account_deleted");
    let answers = post(&shop, r#"{"external_id": "17", "username": "Ada"}"#).await;
    assert_eq!(answers[0]["error"]["code"], "account_deleted");
}

async fn only_a_key_as_itself_brings_people_in(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write,act_as").await;
    let reader = ServiceKeyClient::add(&server, "Reader", "people:read").await;
    put(&reader, "17", &json!({})).await.refused(403, "scope_missing");
    let (ada, root) =
        (Person::register(&server, "Ada").await, Person::admin(&server, "Root").await);
    for person in [&ada, &root] {
        person.put("/users/ext:17", &json!({"username": "Eve"})).await.refused(403, "key_needed");
        let as_them = [&*person.id.to_string()];
        let body = json!({"username": "Eve"});
        let acted = shop.call_as(&as_them, Method::PUT, "/users/ext:17", &body).await;
        acted.refused(403, "key_needed");
    }
    shop.call(Method::PUT, "/users/ext:17", &json!({"username": "Ada 17"})).await.expect(201);
}

async fn what_is_wrong_with_somebody_is_named(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write").await;
    let long = "x".repeat(256);
    for (id, field) in [("17", false), (&*long, true)] {
        let path = if field { format!("/users/ext:{id}") } else { format!("/users/{id}") };
        shop.call(Method::PUT, &path, &json!({})).await.refused_field(400, "user_id", "invalid_id");
    }
    put(&shop, "", &json!({})).await.refused_field(400, "user_id", "invalid_id");
    put(&shop, "17", &json!({"username": ""})).await.refused_field(400, "username", "empty");
    put(&shop, "17", &json!({"username": 17})).await.refused_field(400, "username", "wrong_type");
    put(&shop, "17", &json!({"role": "admin"})).await.refused(400, "invalid");
    put(&shop, "17", &Value::Null).await.refused(400, "body_missing");
    let request = shop.api.request(Method::POST, "/users").bearer_auth(&shop.key);
    let answer = shop.api.answer_to(request.json(&json!({"external_id": "17"}))).await;
    answer.refused(415, "not_json_lines");
    let request = shop.api.request(Method::POST, "/users").bearer_auth(&shop.key);
    let request = request.header("content-type", "application/x-ndjson");
    let request = request.body("x".repeat(1024 * 1024 + 1));
    shop.api.answer_to(request).await.refused(413, "body_too_large");
}
