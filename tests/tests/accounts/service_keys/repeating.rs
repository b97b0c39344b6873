//! `Idempotency-Key`: what is repeated is carried out once.

use tests::{Answer, Engine, Method, Person, Server, ServiceKeyClient, Value, json, on_both};

on_both!(
    a_repeated_request_gets_the_first_answer,
    of_several_at_once_one_is_carried_out,
    another_request_with_the_key_is_refused,
    a_refusal_may_be_tried_again,
    keys_belong_to_whoever_sends_them,
    answers_outlive_a_restart,
    lines_and_empty_answers_are_repeated,
    an_upload_is_repeated,
    what_is_no_key_is_refused,
    sending_has_a_promise_of_its_own,
);

const SCOPES: &str = "people:read,people:write,chats:read,chats:write,messages:read,\
    messages:write,media:write,act_as";

/// Asks with a key, and as somebody if that is said.
async fn ask(
    backend: &ServiceKeyClient,
    (key, who): (&str, Option<&Person>),
    (method, path): (Method, &str),
    body: &Value,
) -> Answer {
    let mut request = backend.api.request(method, path).bearer_auth(&backend.key);
    request = request.header("idempotency-key", key);
    if let Some(who) = who {
        request = request.header("confab-act-as", who.id.to_string());
    }
    if !body.is_null() {
        request = request.json(body);
    }
    backend.api.answer_to(request).await
}

async fn post(backend: &ServiceKeyClient, key: &str, path: &str, body: &Value) -> Answer {
    ask(backend, (key, None), (Method::POST, path), body).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotent-replayed").is_some_and(|value| value == "true")
}

async fn chats(backend: &ServiceKeyClient) -> usize {
    let listed = backend.get("/chats?limit=500").await.expect(200);
    listed["items"].as_array().expect("items").len()
}

async fn a_repeated_request_gets_the_first_answer(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let group = json!({"title": "An order", "members": []});
    let first = post(&shop, "order-7", "/chats", &group).await;
    assert!(!is_replayed(&first));
    let first = first.expect(201);
    let path = format!("/chats/{}", first["id"]);
    let renamed = json!({"title": "An order, paid"});
    shop.call(Method::PATCH, &path, &renamed).await.expect(200);
    for _ in 0..3 {
        let again = post(&shop, "order-7", "/chats", &group).await;
        assert!(is_replayed(&again), "{again:?}");
        assert_eq!(again.headers["content-type"], "application/json");
        assert_eq!(again.expect(201), first, "the first answer, whatever happened since");
    }
    assert_eq!(chats(&shop).await, 1);
    assert_ne!(post(&shop, "order-8", "/chats", &group).await.expect(201)["id"], first["id"]);
    assert_eq!(chats(&shop).await, 2);
    // What only reads takes no key, and without a key nothing is kept.
    let read = ask(&shop, ("order-7", None), (Method::GET, &path), &Value::Null).await;
    assert_eq!(read.expect(200)["title"], "An order, paid");
    for _ in 0..2 {
        shop.call(Method::POST, "/chats", &group).await.expect(201);
    }
    assert_eq!(chats(&shop).await, 4);
}

async fn of_several_at_once_one_is_carried_out(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let group = json!({"title": "An order", "members": []});
    for round in 0..5 {
        let key = format!("order-{round}");
        let all = (0..8).map(|_| post(&shop, &key, "/chats", &group));
        let all = futures_util::future::join_all(all).await;
        let mut made = Vec::new();
        for answer in all {
            if answer.status == 409 {
                assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
                answer.refused(409, "idempotency_under_way");
            } else {
                made.push(answer.expect(201));
            }
        }
        assert!(!made.is_empty() && made.iter().all(|chat| *chat == made[0]), "{made:?}");
        assert_eq!(post(&shop, &key, "/chats", &group).await.expect(201), made[0]);
        assert_eq!(chats(&shop).await, round + 1);
    }
}

async fn another_request_with_the_key_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let [ada, bob] = Person::several(&server, ["Ada", "Bob"]).await;
    let group = json!({"title": "An order", "members": []});
    let made = post(&shop, "k", "/chats", &group).await.expect(201);
    let path = format!("/chats/{}", made["id"]);
    let other = json!({"title": "Another order", "members": []});
    post(&shop, "k", "/chats", &other).await.refused(409, "idempotency_key_reused");
    post(&shop, "k", "/chats?x=1", &group).await.refused(409, "idempotency_key_reused");
    for (method, path) in [(Method::PATCH, &*path), (Method::DELETE, &*path)] {
        let refused = ask(&shop, ("k", None), (method, path), &group).await;
        refused.refused(409, "idempotency_key_reused");
    }
    // As somebody else it is another request.
    let as_ada = ask(&shop, ("k", Some(&ada)), (Method::POST, "/chats"), &group).await;
    as_ada.refused(409, "idempotency_key_reused");
    let as_ada = ask(&shop, ("l", Some(&ada)), (Method::POST, "/chats"), &group).await.expect(201);
    let as_bob = ask(&shop, ("l", Some(&bob)), (Method::POST, "/chats"), &group).await;
    as_bob.refused(409, "idempotency_key_reused");
    let again = ask(&shop, ("l", Some(&ada)), (Method::POST, "/chats"), &group).await;
    assert_eq!(again.expect(201), as_ada);
    // So it is with other scopes, by which it might be answered otherwise.
    let next = ServiceKeyClient::add(&server, "Shop", "chats:write").await;
    post(&next, "k", "/chats", &group).await.refused(409, "idempotency_key_reused");
    let same = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    assert_eq!(post(&same, "k", "/chats", &group).await.expect(201), made);
}

async fn a_refusal_may_be_tried_again(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let bad = json!({"title": " ", "members": []});
    for _ in 0..2 {
        post(&shop, "k", "/chats", &bad).await.refused_field(400, "title", "empty");
    }
    let good = json!({"title": "An order", "members": []});
    post(&shop, "k", "/chats", &good).await.expect(201);
    let ban = json!({});
    for _ in 0..2 {
        let answer = ask(&shop, ("b", None), (Method::PUT, "/chats/999999/bans/1"), &ban).await;
        answer.refused(403, "scope_missing");
    }
    let few = ServiceKeyClient::add(&server, "Few", "chats:read").await;
    post(&few, "k", "/chats", &good).await.refused(403, "scope_missing");
    shop.call(Method::DELETE, "/auth/sessions/1", &Value::Null)
        .await
        .refused(403, "key_not_allowed");
}

async fn keys_belong_to_whoever_sends_them(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let forum = ServiceKeyClient::add(&server, "Forum", SCOPES).await;
    let [ada, bob] = Person::several(&server, ["Ada", "Bob"]).await;
    let group = json!({"title": "An order", "members": []});
    let of_shop = post(&shop, "k", "/chats", &group).await.expect(201);
    let of_forum = post(&forum, "k", "/chats", &group).await.expect(201);
    assert_ne!(of_shop["id"], of_forum["id"]);
    // People have them, too.
    let by = async |person: &Person| {
        let request = person.api.request(Method::POST, "/chats").bearer_auth(&person.access);
        let request = request.header("idempotency-key", "k").json(&group);
        person.api.answer_to(request).await
    };
    let of_ada = by(&ada).await.expect(201);
    assert_ne!(by(&bob).await.expect(201)["id"], of_ada["id"]);
    let again = by(&ada).await;
    assert!(is_replayed(&again));
    assert_eq!(again.expect(201), of_ada);
    // Somebody who is not signed in is told that, and nothing else.
    let request = ada.api.request(Method::POST, "/chats").header("idempotency-key", "k");
    ada.api.answer_to(request.json(&group)).await.refused(401, "token_missing");
    let request = ada.api.request(Method::POST, "/chats").bearer_auth("x.y.z");
    let request = request.header("idempotency-key", "k").json(&group);
    ada.api.answer_to(request).await.refused(401, "token_invalid");
}

async fn answers_outlive_a_restart(engine: Engine) {
    let mut server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let group = json!({"title": "An order", "members": []});
    let made = post(&shop, "k", "/chats", &group).await.expect(201);
    server.restart().await;
    let shop = ServiceKeyClient { api: tests::Api::of(&server).await, ..shop };
    let again = post(&shop, "k", "/chats", &group).await;
    assert!(is_replayed(&again));
    assert_eq!(again.expect(201), made);
}

async fn lines_and_empty_answers_are_repeated(engine: Engine) {
    let server = tests::behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let people = "{\"external_id\": \"17\"}\n{\"external_id\": \"18\", \"username\": \" \"}\n";
    let bring = async || {
        let request = shop.api.request(Method::POST, "/users").bearer_auth(&shop.key);
        let request = request.header("content-type", "application/x-ndjson");
        let answer = request.header("idempotency-key", "p").body(people).send().await;
        let answer = answer.expect("an answer");
        let replayed = answer.headers().contains_key("idempotent-replayed");
        assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
        (replayed, answer.text().await.expect("a body"))
    };
    let (first, again) = (bring().await, bring().await);
    assert_eq!((first.0, again.0), (false, true));
    assert!(first.1.contains("\"added\""), "{}", first.1);
    assert_eq!(first.1, again.1, "a second time they would be unchanged");

    let ada = Person::register(&server, "Ada").await;
    let group = json!({"title": "An order", "members": [ada.id]});
    let made = post(&shop, "k", "/chats", &group).await.expect(201);
    let path = format!("/chats/{}/members/{}", made["id"], ada.id);
    for nth in 0..3 {
        let answer = ask(&shop, ("out", None), (Method::DELETE, &path), &Value::Null).await;
        assert_eq!(is_replayed(&answer), nth > 0);
        answer.expect(204);
    }
    shop.call(Method::DELETE, &path, &Value::Null).await.refused(404, "member_not_found");
}

async fn an_upload_is_repeated(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let upload = async |key: &str, text: &str| {
        let body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n\
             {text}\r\n--edge--\r\n"
        );
        let request = shop.api.request(Method::POST, "/attachments").bearer_auth(&shop.key);
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        shop.api.answer_to(request.header("idempotency-key", key).body(body)).await
    };
    let first = upload("f", "once").await.expect(201);
    assert_eq!(upload("f", "once").await.expect(201), first);
    upload("f", "longer").await.refused(409, "idempotency_key_reused");
    assert_ne!(upload("g", "once").await.expect(201)["id"], first["id"]);
}

async fn what_is_no_key_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let group = json!({"title": "An order", "members": []});
    let long = "x".repeat(256);
    for bad in ["", "a\tb", &long] {
        post(&shop, bad, "/chats", &group).await.refused(400, "idempotency_key_malformed");
    }
    let request = shop.api.request(Method::POST, "/chats").bearer_auth(&shop.key).json(&group);
    let request = request.header("idempotency-key", "a").header("idempotency-key", "b");
    shop.api.answer_to(request).await.refused(400, "idempotency_key_malformed");
    post(&shop, &"x".repeat(255), "/chats", &group).await.expect(201);
    let large = json!({"title": "x".repeat(2_000_000), "members": []});
    post(&shop, "large", "/chats", &large).await.refused(413, "body_too_large");
    assert_eq!(chats(&shop).await, 1);
}

async fn sending_has_a_promise_of_its_own(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", SCOPES).await;
    let group = json!({"title": "An order", "members": []});
    let made = post(&shop, "k", "/chats", &group).await.expect(201);
    let path = format!("/chats/{}/messages", made["id"]);
    // The same key may be used there: it is the message's client id.
    let sent = post(&shop, "k", &path, &json!({"text": "Sent"})).await.expect(201);
    let again = post(&shop, "k", &path, &json!({"text": "Sent"})).await;
    assert_eq!((again.status, &again.body["id"]), (200, &sent["id"]));
    let path = format!("{path}/{}", sent["id"]);
    let edit = json!({"text": "Sent, edited"});
    let edited = ask(&shop, ("e", None), (Method::PATCH, &path), &edit).await.expect(200);
    let again = ask(&shop, ("e", None), (Method::PATCH, &path), &edit).await;
    assert!(is_replayed(&again));
    assert_eq!(again.expect(200), edited, "it was edited once");
}
