//! What admins do, and what it leaves in the log.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, Method, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    only_admins_manage,
    accounts_are_listed_and_shown,
    a_profile_is_changed_and_noted,
    a_password_is_set_and_sessions_end,
    chats_and_messages_are_deleted,
    the_log_tells_it_all,
    the_command_line_does_the_same,
);

const ANOTHER: &str = "cloud-bridge-violin-7";

/// Every route of admins, each with a good body.
fn routes(user: i64, chat: i64, message: i64) -> Vec<(Method, String, Value)> {
    vec![
        (Method::GET, "/admin/users".into(), Value::Null),
        (Method::GET, format!("/admin/users/{user}"), Value::Null),
        (Method::PATCH, format!("/admin/users/{user}"), json!({"is_active": false})),
        (Method::PUT, format!("/admin/users/{user}/password"), json!({"password": ANOTHER})),
        (Method::DELETE, format!("/admin/users/{user}/sessions"), Value::Null),
        (Method::DELETE, format!("/admin/users/{user}"), Value::Null),
        (Method::GET, "/admin/chats".into(), Value::Null),
        (Method::DELETE, format!("/admin/chats/{chat}"), Value::Null),
        (Method::DELETE, format!("/admin/messages/{message}"), Value::Null),
        (Method::GET, "/admin/audit".into(), Value::Null),
        (Method::GET, "/admin/invites".into(), Value::Null),
        (Method::POST, "/admin/invites".into(), json!({})),
        (Method::DELETE, format!("/admin/invites/{message}"), Value::Null),
    ]
}

fn id(value: &Value) -> i64 {
    value["id"].as_i64().expect("an id")
}

async fn lines(root: &Person) -> Vec<(String, i64, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let all = root.all("/admin/audit?kind=change").await;
    let line = |e: &Value| {
        (text(&e["action"]), e["target_id"].as_i64().expect("an id"), text(&e["detail"]))
    };
    all.iter().map(line).collect()
}

async fn only_admins_manage(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let seller = Person::register(&server, "Seller").await;
    root.patch(&format!("/admin/users/{}", seller.id), &json!({"role": "seller"}))
        .await
        .expect(200);
    let chat = ada.group("Theirs", &[&grace]).await;
    let message = id(&ada.send(chat, "hello").await);
    for (method, path, body) in routes(grace.id, chat, message) {
        for who in [&ada, &seller] {
            who.call(method.clone(), &path, &body).await.refused(403, "admin_only");
        }
        ada.api.call(method, &path, None, &body).await.refused(401, "token_missing");
    }
    // One who was an admin is none from the next request on, and a disabled one is nobody.
    let gone = Person::admin(&server, "Gone").await;
    gone.get("/admin/audit").await.expect(200);
    root.patch(&format!("/admin/users/{}", gone.id), &json!({"role": "user"})).await.expect(200);
    gone.get("/admin/audit").await.refused(403, "admin_only");
    root.patch(&format!("/admin/users/{}", gone.id), &json!({"is_active": false}))
        .await
        .expect(200);
    gone.get("/admin/audit").await.refused(401, "token_invalid");
    assert_eq!(ada.chat(chat).await["last_message"]["text"], "hello", "nothing was done");
    grace.get("/users/me").await.expect(200);
    // What is not there is not found, and what is no number is refused.
    for (method, path, body) in routes(999_999, 999_999, 999_999) {
        if path.contains("999999") {
            assert_eq!(root.call(method.clone(), &path, &body).await.status, 404, "{path}");
            let path = path.replace("999999", "x");
            assert_eq!(root.call(method, &path, &body).await.status, 400, "{path}");
        }
    }
}

async fn a_profile_is_changed_and_noted(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let path = format!("/admin/users/{}", ada.id);
    let change = json!({"first_name": " Augusta ", "email": "ada@example.org", "bio": ""});
    let changed = root.patch(&path, &change).await.expect(200);
    assert_eq!((&changed["first_name"], &changed["role"]), (&json!("Augusta"), &json!("user")));
    assert_eq!(ada.get("/users/me").await.expect(200)["email"], "ada@example.org");
    let wrong = json!({"last_name": "x\u{0}y", "email": "nowhere", "role": "seller"});
    let refused = root.patch(&path, &wrong).await.refused(400, "invalid");
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(2), "{refused}");
    root.patch(&path, &json!({"bio": 7})).await.refused(400, "invalid");
    assert_eq!(root.get(&path).await.expect(200), changed, "what was refused changed nothing");

    let king = json!({"last_name": "King"});
    grace.patch(&path, &king).await.refused(403, "admin_only");
    root.patch(&path, &king).await.expect(200);
    root.patch("/admin/users/999999", &king).await.refused(404, "user_not_found");
    assert_eq!(root.get(&path).await.expect(200)["last_name"], "King");
    let noted: Vec<_> =
        lines(&root).await.into_iter().map(|(what, _, detail)| (what, detail)).collect();
    let line = |detail: &str| ("user.profile".to_owned(), detail.to_owned());
    assert_eq!(noted[..2], [line("last_name"), line("first_name, bio, email")]);
}

async fn accounts_are_listed_and_shown(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let path = format!("/admin/users/{}", grace.id);
    let change = json!({"role": "seller", "is_active": false});
    let changed = root.patch(&path, &change).await.expect(200);
    assert_eq!((&changed["role"], &changed["is_active"]), (&json!("seller"), &json!(false)));
    assert_eq!(root.get(&path).await.expect(200), changed);
    let found = async |query: &str| -> Vec<i64> {
        let found = root.get(&format!("/admin/users?{query}")).await.expect(200);
        found["items"].as_array().expect("items").iter().map(id).collect()
    };
    assert_eq!(found("").await, [ada.id, grace.id, root.id]);
    assert_eq!(found("q=GRA").await, [grace.id], "disabled ones too");
    assert_eq!(found("active=false").await, [grace.id]);
    assert_eq!(found("active=true&limit=1").await, [ada.id]);
    assert_eq!(found("role=seller").await, [grace.id]);
    assert_eq!(found("role=admin").await, [root.id]);
    assert_eq!(found("role=nobody").await, [0; 0]);
    root.get("/admin/users?role=a+b").await.refused_field(400, "role", "wrong_type");
    root.get("/admin/users?active=perhaps").await.refused(400, "invalid");
    root.get("/admin/users?limit=201").await.refused_field(400, "limit", "limit_out_of_range");
    assert_eq!(ada.all("/users").await.len(), 2, "people find active ones only");
}

async fn a_password_is_set_and_sessions_end(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let root = Person::admin(&server, "Root").await;
    let mut socket = ada.socket().await;
    let path = format!("/admin/users/{}/password", ada.id);
    for (password, code) in [("short", "password_too_short"), ("ada", "password_too_short")] {
        let answer = root.put(&path, &json!({"password": password})).await;
        answer.refused_field(400, "password", code);
    }
    ada.get("/users/me").await.expect(200);
    root.put(&path, &json!({"password": ANOTHER})).await.expect(204);
    assert_eq!(socket.closed().await, 4502);
    ada.get("/users/me").await.refused(401, "token_invalid");
    let login = |password| json!({"username": "Ada", "password": password});
    ada.api.post("/auth/login", &login(PASSWORD)).await.refused(401, "wrong_credentials");
    let signed = ada.api.post("/auth/login", &login(ANOTHER)).await.expect(200);
    let ada = Person::signed_in(ada.api.clone(), &signed);
    let mut socket = ada.socket().await;
    root.delete(&format!("/admin/users/{}/sessions", ada.id)).await.expect(204);
    assert_eq!(socket.closed().await, 4502);
    ada.get("/users/me").await.refused(401, "token_invalid");
    ada.api.post("/auth/login", &login(ANOTHER)).await.expect(200);
    let own = format!("/admin/users/{}/password", root.id);
    root.put(&own, &json!({"password": ANOTHER})).await.refused(409, "own_account");
}

async fn chats_and_messages_are_deleted(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let (group, direct) = (ada.group("Lunch", &[&grace]).await, ada.direct(&grace).await);
    let said = id(&ada.send(direct, "marker-of-a-message").await);
    let listed = root.get("/admin/chats").await.expect(200);
    assert!(!listed.to_string().contains("marker"), "{listed}");
    let of = |chat: i64| {
        let items = listed["items"].as_array().expect("items");
        items.iter().find(|item| id(item) == chat).expect("it is listed").clone()
    };
    assert_eq!((&of(group)["title"], &of(group)["message_count"]), (&json!("Lunch"), &json!(0)));
    assert_eq!((&of(direct)["kind"], &of(direct)["message_count"]), (&json!("direct"), &json!(1)));
    let groups = root.get("/admin/chats?kind=group").await.expect(200);
    assert_eq!(groups["items"].as_array().map(Vec::len), Some(1));
    root.get("/admin/chats?kind=none").await.refused_field(400, "kind", "wrong_type");

    let mut socket = grace.socket().await;
    root.delete(&format!("/admin/messages/{said}")).await.expect(204);
    let push = socket.push_of("message.deleted").await;
    assert_eq!((&push["data"]["id"], &push["data"]["text"]), (&json!(said), &json!("")));
    root.delete(&format!("/admin/messages/{said}")).await.expect(204);
    root.delete(&format!("/admin/chats/{group}")).await.expect(204);
    let push = socket.push_of("chat.deleted").await;
    assert_eq!(push["chat"], group);
    ada.get(&format!("/chats/{group}")).await.refused(404, "chat_not_found");
    root.delete(&format!("/admin/chats/{group}")).await.refused(404, "chat_not_found");
    let expected = [
        ("chat.deleted".to_owned(), group, "group \"Lunch\"".to_owned()),
        ("message.deleted".to_owned(), said, String::new()),
    ];
    assert_eq!(lines(&root).await[..2], expected, "once each, the newest first");
}

async fn the_log_tells_it_all(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let root = Person::admin(&server, "Root").await;
    let path = format!("/admin/users/{}", ada.id);
    root.patch(&path, &json!({"role": "seller", "is_active": false})).await.expect(200);
    root.patch(&path, &json!({"is_active": true})).await.expect(200);
    root.put(&format!("{path}/password"), &json!({"password": ANOTHER})).await.expect(204);
    root.delete(&format!("{path}/sessions")).await.expect(204);
    // Refusals leave nothing.
    root.patch(&path, &json!({"role": "owner"})).await.refused(400, "invalid");
    root.patch("/admin/users/999999", &json!({"is_active": true}))
        .await
        .refused(404, "user_not_found");
    let told = |action: &str, target, detail: &str| (action.to_owned(), target, detail.to_owned());
    let expected = [
        told("user.sessions", ada.id, ""),
        told("user.password", ada.id, ""),
        told("user.enabled", ada.id, ""),
        told("user.disabled", ada.id, ""),
        told("user.role", ada.id, "seller"),
        told("user.added", root.id, "admin"),
    ];
    assert_eq!(lines(&root).await, expected);
    let log = root.get("/admin/audit?kind=change").await.expect(200);
    assert!(!log.to_string().contains(ANOTHER), "no password: {log}");
    let actors: Vec<_> = log["items"].as_array().expect("items").iter().collect();
    assert_eq!(actors[0]["actor_id"], root.id);
    assert!(actors[5]["actor_id"].is_null(), "the operator made the first admin");
    let first = root.get("/admin/audit?kind=change&limit=4").await.expect(200);
    let next = first["next"].as_str().expect("a second page");
    let second =
        root.get(&format!("/admin/audit?kind=change&limit=4&cursor={next}")).await.expect(200);
    assert_eq!(second["items"].as_array().map(Vec::len), Some(2));
    root.get("/admin/audit?kind=none").await.refused_field(400, "kind", "wrong_type");
    root.get("/admin/audit?cursor=x").await.refused_field(400, "cursor", "invalid_cursor");
}

async fn the_command_line_does_the_same(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let root = Person::admin(&server, "Root").await;
    let run = async |arguments: &[&str]| {
        let output = server.run(&[&["user"][..], arguments].concat(), "").await;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    ada.patch("/users/me", &json!({"email": "ada@example.org"})).await.expect(200);
    let mut socket = ada.socket().await;
    assert!(run(&["set-role", "ada", "seller"]).await.0);
    let told = json!({"type": "role", "data": {"role": "seller"}});
    assert_eq!(socket.push_of("role").await, told);
    assert!(run(&["end-sessions", "ADA"]).await.0);
    assert_eq!(socket.closed().await, 4502);
    let (_, shown, _) = run(&["show", "ada"]).await;
    for line in ["name: Ada", "role: seller", "active: yes", "e-mail: ada@example.org"] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in {shown}");
    }
    assert!(run(&["disable", "ada"]).await.0);
    let (_, listed, _) = run(&["list"]).await;
    let listed: Vec<Vec<_>> = listed.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert_eq!(listed[0][1..4], ["Ada", "seller", "disabled"]);
    assert_eq!(run(&["list", "oot"]).await.1.lines().count(), 1);
    assert!(run(&["enable", "ada"]).await.0);
    for nobody in [
        &["show", "nobody"][..],
        &["set-role", "nobody", "user"],
        &["end-sessions", "nobody"],
        &["enable", "\u{200b}"],
    ] {
        let (done, _, told) = run(nobody).await;
        assert!(!done && told.contains("no such user"), "{nobody:?}: {told}");
    }
    let actions: Vec<_> = lines(&root).await.into_iter().map(|line| line.0).collect();
    let expected = ["user.enabled", "user.disabled", "user.sessions", "user.role", "user.added"];
    assert_eq!(actions, expected);
}
