//! Who signs in, and who tries to, in the audit log: by the native API and by every dialect.

use tests::{Engine, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    every_way_in_is_in_the_audit_log,
    what_is_typed_for_nobody_is_counted_and_not_kept,
    ended_sessions_and_passwords_are_in_the_audit_log,
);

const ANOTHER: &str = "cloud-bridge-violin-7";
const EMAIL: &str = "ada@example.org";

/// Where accounts sign in, and the body for that: by the native API, and by each dialect.
fn ways(name: &str, email: &str, password: &str) -> [(&'static str, &'static str, Value); 6] {
    let by_name = json!({"username": name, "password": password});
    let by_email = json!({"email": email, "password": password});
    [
        ("native", "/api/v1/auth/login", by_name.clone()),
        ("dialogs", "/token-auth/jwt/create", by_name.clone()),
        ("events", "/api/token", by_email.clone()),
        ("flowchat", "/api/login", by_name.clone()),
        ("minichat", "/api/auth/login", by_name),
        ("rooms", "/api/auth", by_email),
    ]
}

async fn post(server: &Server, path: &str, body: &Value) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let post = client.post(server.url(path)).header("user-agent", "a telephone").json(body);
    post.send().await.expect("an answer").status().as_u16()
}

/// Lines about signing in, the oldest first, but for those about an admin.
async fn lines(root: &Person) -> Vec<Value> {
    let mut all = root.all("/admin/audit?kind=sign_in").await;
    all.reverse();
    all.retain(|line| line["target_id"] != root.id);
    all
}

async fn every_way_in_is_in_the_audit_log(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    let ada = Person::register(&server, "Ada").await;
    ada.patch("/users/me", &json!({"email": EMAIL})).await.expect(200);
    let registered = lines(&root).await;
    let told = |line: &Value| (line["action"].clone(), line["actor_id"].clone());
    let expected = [json!("user.registered"), json!("session.opened")];
    let expected = expected.map(|action| (action, json!(ada.id)));
    assert_eq!(registered.iter().map(told).collect::<Vec<_>>(), expected);

    for (protocol, path, body) in ways("ada", EMAIL, PASSWORD) {
        assert_eq!(post(&server, path, &body).await, 200, "{protocol}");
    }
    for (protocol, path, body) in ways("ada", EMAIL, "wrong-tree-lamp") {
        let status = post(&server, path, &body).await;
        assert!((400..500).contains(&status), "{protocol}: {status}");
    }
    let lines = lines(&root).await.split_off(2);
    let names: Vec<_> = ways("", "", "").iter().map(|way| way.0).collect();
    for (line, protocol) in lines.iter().zip(names.iter().cycle()) {
        let origin = json!({"address": "127.0.0.1", "protocol": protocol, "device": "a telephone"});
        assert_eq!(line["origin"], origin, "{line}");
        assert_eq!((&line["target_kind"], &line["target_id"]), (&json!("user"), &json!(ada.id)));
        assert_eq!(line["count"], 1);
    }
    let (opened, refused) = lines.split_at(6);
    assert!(opened.iter().all(|l| l["action"] == "session.opened" && l["actor_id"] == ada.id));
    assert_eq!(refused.len(), 6, "{refused:?}");
    for line in refused {
        assert_eq!((&line["action"], &line["actor_id"]), (&json!("session.refused"), &Value::Null));
        assert_eq!(line["detail"], "wrong_credentials");
    }
    ada.get("/admin/audit?kind=sign_in").await.refused(403, "admin_only");
}

async fn what_is_typed_for_nobody_is_counted_and_not_kept(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    for _ in 0..3 {
        for (protocol, path, body) in ways("my-secret", "my-secret@example.org", PASSWORD) {
            let status = post(&server, path, &body).await;
            assert!((400..500).contains(&status), "{protocol}: {status}");
        }
    }
    let lines = lines(&root).await;
    let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
    assert_eq!((&line["action"], &line["count"]), (&json!("session.refused"), &json!(18)));
    assert_eq!((&line["target_id"], &line["origin"]), (&Value::Null, &Value::Null));
    let log = root.get("/admin/audit").await.expect(200).to_string();
    assert!(!log.contains("my-secret"), "{log}");
}

async fn ended_sessions_and_passwords_are_in_the_audit_log(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    let ada = Person::register(&server, "Ada").await;
    let (second, third) = (ada.sign_in_again().await, ada.sign_in_again().await);
    second.post("/auth/logout", &Value::Null).await.expect(204);
    ada.delete(&format!("/auth/sessions/{}", third.session)).await.expect(204);
    let wrong = json!({"old_password": "wrong-tree-lamp", "new_password": ANOTHER});
    ada.put("/auth/password", &wrong).await.refused_field(400, "old_password", "wrong_password");
    let right = json!({"old_password": PASSWORD, "new_password": ANOTHER});
    ada.put("/auth/password", &right).await.expect(204);
    let lines = lines(&root).await.split_off(4);
    let told: Vec<_> = lines.iter().map(|l| (l["action"].clone(), l["detail"].clone())).collect();
    let expected = [
        ("session.ended", format!("{}: signed_out", second.session)),
        ("session.ended", format!("{}: signed_out", third.session)),
        ("session.refused", "wrong_old_password".to_owned()),
        ("password.changed", String::new()),
    ];
    assert_eq!(told, expected.map(|(action, detail)| (json!(action), json!(detail))));
}
