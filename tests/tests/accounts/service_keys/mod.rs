//! Service keys: the command line, what they open, how often, and where they are refused.

mod acting;
mod everywhere;
mod repeating;
mod whispers;

use tests::{
    Collector, ConnectError, Engine, Method, Person, Server, ServiceKeyClient, Socket, Value, json,
    on_both,
};

on_both!(
    a_key_calls_until_it_is_revoked,
    one_key_replaces_another_of_its_name,
    the_command_line_names_what_is_wrong,
    each_route_asks_for_its_scope,
    a_key_with_the_scope_manages,
    a_retry_sends_once,
    a_key_is_limited_by_itself,
    a_socket_and_other_protocols_take_no_key,
    a_key_is_written_nowhere,
);

const EVERYTHING: &str = "people:read,people:write,chats:read,chats:write,messages:read,\
    messages:write,media:read,media:write,projects:write,admin:read,admin:write,act_as,\
    whispers:read";

/// Runs `confab key …` and returns whether it did, and what it said.
async fn run(server: &Server, arguments: &[&str]) -> (bool, String) {
    let output = server.run(&[&["key"][..], arguments].concat(), "").await;
    let done = output.status.success();
    let said = if done { output.stdout } else { output.stderr };
    (done, String::from_utf8_lossy(&said).trim().to_owned())
}

async fn a_key_calls_until_it_is_revoked(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:read").await;
    let listed = run(&server, &["list"]).await.1;
    assert!(listed.ends_with("\tnever"), "{listed}");
    let me = shop.get("/users/me").await.expect(200);
    assert_eq!((&me["username"], &me["role"]), (&json!("Shop"), &json!("user")));
    let listed = run(&server, &["list"]).await.1;
    let parts: Vec<_> = listed.split('\t').collect();
    assert_eq!(&parts[1..5], ["Shop", "people:read", "shop", "100"], "{listed}");
    assert!(!listed.contains(&shop.key), "it is told once");
    assert!(parts[6] > "2026" && parts[5] > "2026", "{listed}");

    let (done, said) = run(&server, &["revoke", "shop"]).await;
    assert!(done && said.contains(parts[0]), "{said}");
    let refused = shop.get("/users/me").await.refused(401, "key_invalid");
    assert!(refused["detail"].as_str().expect("a text").contains("revoked"), "{refused}");
    let (done, why) = run(&server, &["revoke", "Shop"]).await;
    assert!(!done && why.contains("There is no service key of that name"), "{why}");
    assert_eq!(run(&server, &["list"]).await.1, "");
    let mut mistyped = shop.clone();
    mistyped.key.pop();
    let refused = mistyped.get("/users/me").await.refused(401, "key_invalid");
    assert!(refused["detail"].as_str().expect("a text").contains("mistyped"), "{refused}");
}

async fn one_key_replaces_another_of_its_name(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:read").await;
    let id = run(&server, &["list"]).await.1.split('\t').next().expect("an id").to_owned();
    let me = shop.get("/users/me").await.expect(200)["id"].clone();
    let next = ServiceKeyClient::add(&server, "shop", "people:read,chats:read").await;
    assert_eq!(next.get("/users/me").await.expect(200)["id"], me);
    assert!(run(&server, &["revoke", "Shop", "--id", &id]).await.0);
    shop.get("/users/me").await.refused(401, "key_invalid");
    next.get("/users/me").await.expect(200);
    assert!(run(&server, &["revoke", "Shop"]).await.0);

    let root = Person::admin(&server, "Root").await;
    let lines = root.all("/admin/audit?kind=change").await;
    let of_keys: Vec<_> = lines.iter().rev().filter(|line| line["target_id"] == me).collect();
    let told: Vec<_> =
        of_keys.iter().map(|line| line["action"].as_str().expect("a word")).collect();
    assert_eq!(told, ["user.added", "key.added", "key.added", "key.revoked", "key.revoked"]);
    assert_eq!(of_keys[1]["detail"], format!("{id}: people:read; issuer shop; 100 a second"));
    assert_eq!(of_keys[3]["detail"], id);
    // Its account stays, and ending its sessions as an admin does revokes its keys.
    let again = ServiceKeyClient::add(&server, "Shop", "people:read").await;
    root.delete(&format!("/admin/users/{me}/sessions")).await.expect(204);
    again.get("/users/me").await.refused(401, "key_invalid");
}

async fn the_command_line_names_what_is_wrong(engine: Engine) {
    let server = Server::start(engine).await;
    Person::register(&server, "Ada").await;
    for (name, scopes, rate, why) in [
        ("Ada", "act_as", "1", "Somebody has this name"),
        ("Shop", "act_as,chats", "1", "\"chats\" is no scope; there are people:read,"),
        ("Shop", " ", "1", "one scope at least"),
        ("Shop", "act_as", "0", "1 to 10000 requests a second"),
        ("Shop", "act_as", "10001", "1 to 10000 requests a second"),
    ] {
        let add = ["add", name, "--scopes", scopes, "--issuer", "shop", "--rate", rate];
        let (done, said) = run(&server, &add).await;
        assert!(!done && said.contains(why), "{said}");
    }
    let (done, said) = run(&server, &["add", "Shop", "--scopes", "act_as", "--issuer", ""]).await;
    assert!(!done && said.contains("1 to 255 characters"), "{said}");
    let (done, said) = run(&server, &["revoke", "Shop", "--id", "x"]).await;
    assert!(!done && said.contains("an id is a whole number"), "{said}");
    assert_eq!(run(&server, &["list"]).await, (true, String::new()));
}

/// The operations of the document, with the scope of each that has one.
async fn operations(server: &Server) -> Vec<(Method, String, Option<String>)> {
    let served = reqwest::get(server.url("/api/v1/openapi.json")).await.expect("an answer");
    let document: Value = served.json().await.expect("JSON");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            let ways = operation["security"].as_array().cloned().unwrap_or_default();
            let scope = ways.iter().find_map(|way| way["service_key"][0].as_str());
            let path = path.strip_prefix("/api/v1").expect("it is of the API");
            found.push((method, path.to_owned(), scope.map(str::to_owned)));
        }
    }
    found
}

/// A path in which every parameter is the number of nothing.
fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{emoji}" => "x",
        "{name}" => "room",
        segment if segment.starts_with('{') => "999999",
        segment => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

async fn each_route_asks_for_its_scope(engine: Engine) {
    let server = Server::start(engine).await;
    let all = ServiceKeyClient::add(&server, "All", EVERYTHING).await;
    let mut keys = Vec::new();
    for scope in EVERYTHING.split(',') {
        let others: Vec<_> = EVERYTHING.split(',').filter(|other| *other != scope).collect();
        let only = ServiceKeyClient::add(&server, &format!("{scope} alone"), scope).await;
        let lacking =
            ServiceKeyClient::add(&server, &format!("no {scope}"), &others.join(",")).await;
        keys.push((scope, only, lacking));
    }
    let refusals = ["scope_missing", "key_not_allowed", "key_invalid", "token_missing"];
    let (mut open, mut closed) = (0, 0);
    for (method, path, scope) in operations(&server).await {
        let asked = format!("{method} {path}");
        let path = filled(&path);
        let Some(scope) = scope else {
            closed += 1;
            let answer = all.call(method, &path, &Value::Null).await;
            assert_eq!(answer.body["code"], "key_not_allowed", "{asked}: {}", answer.body);
            continue;
        };
        open += 1;
        let (_, only, lacking) = keys.iter().find(|(known, ..)| *known == scope).expect("a scope");
        let refused = lacking.call(method.clone(), &path, &Value::Null).await;
        let refused = refused.refused(403, "scope_missing");
        assert!(refused["detail"].as_str().expect("a text").contains(&scope), "{asked}: {refused}");
        let answer = only.call(method, &path, &Value::Null).await;
        let code = answer.body["code"].as_str().unwrap_or_default();
        // What is in no reach of a key is refused by another scope, which reaches every chat.
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        let is_far = code == "scope_missing" && detail.contains("all_chats:");
        assert!(is_far || !refusals.contains(&code), "{asked} with {scope}: {}", answer.body);
    }
    assert!(open > 50 && closed > 20, "{open} {closed}");
}

async fn a_key_with_the_scope_manages(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    let ada = Person::register(&server, "Ada").await;
    let shop =
        ServiceKeyClient::add(&server, "Shop", "projects:write,admin:read,admin:write").await;
    let wanted = json!({"title": "An order", "members": [ada.id], "owner": ada.id});
    let made = shop.call(Method::PUT, "/projects/7/chat", &wanted).await.expect(201);
    assert_eq!(ada.chat(made["chat"]["id"].as_i64().expect("an id")).await["title"], "An order");
    let found = shop.get("/admin/users?q=ada").await.expect(200);
    assert_eq!(found["items"][0]["id"], ada.id);
    // A person would have to step up for this.
    let disable = json!({"is_active": false});
    let path = format!("/admin/users/{}", ada.id);
    shop.call(Method::PATCH, &path, &disable).await.expect(200);
    ada.get("/users/me").await.refused(401, "token_invalid");
    shop.call(Method::DELETE, "/projects/7/chat", &Value::Null).await.expect(204);

    let lines = root.all("/admin/audit?kind=change").await;
    let bot =
        lines.iter().find(|l| l["action"] == "key.added").expect("a line")["target_id"].clone();
    let mut acts: Vec<_> = lines.iter().filter(|line| line["actor_id"] == bot).collect();
    acts.reverse();
    let acts: Vec<_> = acts.iter().map(|line| line["action"].as_str().expect("a word")).collect();
    assert_eq!(acts, ["chat.project", "user.disabled", "chat.deleted"]);

    // An admin's role gives its account nothing.
    let few = ServiceKeyClient::add(&server, "Few", "chats:read").await;
    let made = server.run(&["user", "set-role", "Few", "admin"], "").await;
    assert!(made.status.success());
    few.get("/admin/users").await.refused(403, "scope_missing");
    few.get("/chats").await.expect(200);
}

async fn a_retry_sends_once(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let scopes = "people:read,chats:write,messages:write,messages:read";
    let shop = ServiceKeyClient::add(&server, "Shop", scopes).await;
    let group = json!({"title": "An order", "members": [ada.id]});
    let group = shop.call(Method::POST, "/chats", &group).await.expect(201)["id"].clone();
    let path = format!("/chats/{group}/messages");
    let body = json!({"text": "It was sent", "client_id": "order-7-sent"});
    let sent = shop.call(Method::POST, &path, &body).await.expect(201);
    assert_eq!(sent["author_id"], shop.get("/users/me").await.expect(200)["id"], "{sent}");
    let again = shop.call(Method::POST, &path, &body).await;
    assert_eq!((again.status, &again.body["id"]), (200, &sent["id"]));
    assert_eq!(shop.get(&path).await.expect(200)["items"].as_array().map(Vec::len), Some(1));
}

async fn a_key_is_limited_by_itself(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_RATE_LIMITS", "on")]).await;
    let ada = Person::register(&server, "Ada").await;
    let scopes = "chats:read,chats:write,messages:write,act_as";
    let slow = ServiceKeyClient::add_with(&server, "Slow", scopes, &["--rate", "1"]).await;
    let fast = ServiceKeyClient::add_with(&server, "Fast", scopes, &["--rate", "10000"]).await;
    let refused = async |backend: &ServiceKeyClient| {
        loop {
            let answer = backend.get("/chats").await;
            if answer.status != 200 {
                break answer;
            }
        }
    };
    let answer = refused(&slow).await;
    assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
    answer.refused(429, "rate_limited");
    // Neither its account's rates, nor those of its address, nor those of whom it acts as hold for it.
    let chat =
        fast.post_as(&ada, "/chats", &json!({"title": "A", "members": []})).await.expect(201);
    let path = format!("/chats/{}/messages", chat["id"]);
    for nth in 0..250 {
        let body = json!({"text": format!("{nth}")});
        fast.post_as(&ada, &path, &body).await.expect(201);
    }
    ada.post(&path, &json!({"text": "by myself"})).await.expect(201);
}

async fn a_socket_and_other_protocols_take_no_key(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", EVERYTHING).await;
    match Socket::open(server.address(), &shop.key).await {
        Err(ConnectError::Refused(403, body)) => assert_eq!(body["code"], "key_not_allowed"),
        other => panic!("{:?}", other.err()),
    }
    let mut socket = Socket::open_with(server.address(), "", &[]).await.expect("a socket");
    socket.text(&json!({"type": "auth", "token": shop.key}).to_string()).await;
    assert_eq!(socket.closed().await, 4501);
    let ada = Person::register(&server, "Ada").await;
    let mut socket = ada.socket().await;
    let id = socket.submit(json!({"type": "auth", "token": shop.key})).await;
    let answer = socket.answer(&id).await.expect("it stays open");
    assert_eq!(answer["error"]["code"], "key_not_allowed", "{answer}");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for path in ["/api/chats/", "/auth/users/me/", "/api/user/me"] {
        let asked = client.get(server.url(path)).bearer_auth(&shop.key).send().await;
        let status = asked.expect("an answer").status().as_u16();
        assert!(matches!(status, 401 | 403 | 404), "{path}: {status}");
    }
}

async fn a_key_is_written_nowhere(engine: Engine) {
    let collector = Collector::start().await;
    let settings = [
        ("CONFAB_TRACES_URL", &*collector.url()),
        ("CONFAB_LOG", "trace"),
        ("CONFAB_LOG_FORMAT", "json"),
    ];
    let mut server = Server::start_with(engine, &settings).await;
    let ada = Person::register(&server, "Ada").await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:read,act_as").await;
    let mut wrong = shop.clone();
    wrong.key.push('0');
    shop.get_as(&ada, "/users/me").await.expect(200);
    shop.get("/chats").await.refused(403, "scope_missing");
    shop.get("/push").await.refused(403, "key_not_allowed");
    wrong.get("/users/me").await.refused(401, "key_invalid");
    server.terminate();
    assert!(server.exit().await.success());
    let secret = &shop.key["confab_key_".len()..][..32];
    assert!(server.log().contains("/api/v1/push"), "requests are logged");
    assert!(!server.log().contains(secret) && !collector.has(secret));
    let stored = match engine {
        Engine::Sqlite => std::fs::read(server.data_folder().join("confab.db")).expect("a file"),
        Engine::Postgres => Vec::new(),
    };
    assert!(!stored.windows(secret.len()).any(|part| part == secret.as_bytes()));
}
