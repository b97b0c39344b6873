//! Who people are: profiles and roles.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, Method, Person, Server, Value, json, on_both};

on_both!(
    people_say_who_they_are,
    a_profile_is_refused_by_field,
    people_are_found_by_their_names,
    roles_are_given_by_admins,
    roles_come_from_the_settings,
    a_role_reaches_open_sockets,
);

fn names(found: &Value) -> Vec<&str> {
    let items = found["items"].as_array().expect("items");
    items.iter().map(|user| user["username"].as_str().expect("a name")).collect()
}

async fn people_say_who_they_are(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let me = ada.get("/users/me").await.expect(200);
    for field in ["first_name", "last_name", "bio", "email"] {
        assert_eq!(me[field], "", "{field} begins empty");
    }
    let profile = json!({"first_name": " Ada ", "last_name": "Lovelace", "bio": "Numbers.\n∑",
        "email": "ada@example.org"});
    let changed = ada.patch("/users/me", &profile).await.expect(200);
    assert_eq!(
        (&changed["first_name"], &changed["email"]),
        (&json!("Ada"), &json!("ada@example.org"))
    );
    let changed = ada.patch("/users/me", &json!({"last_name": "", "bio": null})).await.expect(200);
    assert_eq!((&changed["last_name"], &changed["bio"]), (&json!(""), &json!("Numbers.\n∑")));
    assert_eq!(ada.get("/users/me").await.expect(200), changed);
    assert_eq!(ada.patch("/users/me", &json!({})).await.expect(200), changed);

    let path = format!("/users/{}", ada.id);
    for seen in [grace.get(&path).await.expect(200), root.get(&path).await.expect(200)] {
        assert_eq!((&seen["first_name"], &seen["deleted"]), (&json!("Ada"), &json!(false)));
        assert!(seen.get("email").is_none(), "{seen}");
    }
    let listed = grace.get("/users").await.expect(200);
    assert!(!listed.to_string().contains("ada@example.org"));
    let managed = root.get(&format!("/admin/users/{}", ada.id)).await.expect(200);
    assert_eq!(managed["email"], "ada@example.org");
    let listed = root.get("/admin/users?q=ada").await.expect(200);
    assert_eq!(listed["items"], json!([managed]));
    ada.api.call(Method::PATCH, "/users/me", None, &profile).await.refused(401, "token_missing");
}

async fn a_profile_is_refused_by_field(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for (field, value, code) in [
        ("first_name", "x".repeat(151), "too_long"),
        ("first_name", "a\0b".into(), "nul_character"),
        ("last_name", "a\u{202e}b".into(), "invisible_character"),
        ("last_name", "a\nb".into(), "invisible_character"),
        ("bio", "x".repeat(1001), "too_long"),
        ("bio", "a\0b".into(), "nul_character"),
        ("bio", "a\u{8}b".into(), "control_character"),
        ("email", "ada".into(), "email_invalid"),
        ("email", "Ada <ada@example.org>".into(), "email_invalid"),
        ("email", format!("{}@example.org", "x".repeat(250)), "too_long"),
        ("email", "a\0@example.org".into(), "nul_character"),
    ] {
        ada.patch("/users/me", &json!({field: value})).await.refused_field(400, field, code);
    }
    for (field, body) in [
        ("first_name", json!({"first_name": 1})),
        ("body", json!([])),
        ("role", json!({"role": "admin"})),
        ("username", json!({"username": "Root"})),
    ] {
        let refused = ada.patch("/users/me", &body).await.refused(400, "invalid");
        assert_eq!(refused["errors"][0]["code"], "wrong_type", "{field}: {refused}");
    }
    let both = json!({"first_name": "a\nb", "email": "x", "bio": "good"});
    let refused = ada.patch("/users/me", &both).await.refused(400, "invalid");
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(2), "{refused}");
    assert_eq!(ada.get("/users/me").await.expect(200)["bio"], "", "nothing of it was done");
    let longest = json!({"first_name": "😀".repeat(150), "bio": "😀".repeat(1000)});
    assert_eq!(ada.patch("/users/me", &longest).await.expect(200)["bio"], longest["bio"]);
}

async fn people_are_found_by_their_names(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, _] = Person::several(&server, ["Ada", "Grace", "Straße_1"]).await;
    ada.patch("/users/me", &json!({"first_name": "Анна", "last_name": "Éclair"})).await.expect(200);
    grace.patch("/users/me", &json!({"last_name": "100% Hopper"})).await.expect(200);
    for (query, expected) in [
        ("%D0%90%D0%9D%D0%9D%D0%90", vec!["Ada"]),
        ("%D0%B0%D0%BD%D0%BD%D0%B0%20e%CC%81CLA", vec!["Ada"]),
        ("STRASSE", vec!["Straße_1"]),
        ("0%25%20hop", vec!["Grace"]),
        ("%25", vec!["Grace"]),
        ("_", vec!["Straße_1"]),
        ("adaанна", vec![]),
    ] {
        let found = ada.get(&format!("/users?q={query}")).await.expect(200);
        assert_eq!(names(&found), expected, "{query}");
    }
    let first = ada.get("/users?limit=2").await.expect(200);
    let next = first["next"].as_str().expect("a second page");
    let second = ada.get(&format!("/users?limit=2&cursor={next}")).await.expect(200);
    assert_eq!((names(&first), names(&second)), (vec!["Ada", "Grace"], vec!["Straße_1"]));
    ada.get("/users?cursor=x").await.refused_field(400, "cursor", "invalid_cursor");
    ada.get("/users?q=a%00b").await.refused_field(400, "q", "nul_character");
}

async fn roles_are_given_by_admins(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let chat = ada.group("Shop", &[&grace]).await;
    let direct = ada.direct(&grace).await;
    let path = format!("/admin/users/{}", grace.id);
    let seller = json!({"role": "seller"});
    ada.patch(&path, &seller).await.refused(403, "admin_only");
    grace.patch(&path, &seller).await.refused(403, "admin_only");
    let before = ada.chat(chat).await["version"].as_i64().expect("a version");
    assert_eq!(root.patch(&path, &seller).await.expect(200)["role"], "seller");

    assert_eq!(grace.get("/users/me").await.expect(200)["role"], "seller");
    assert_eq!(ada.get(&format!("/users/{}", grace.id)).await.expect(200)["role"], "seller");
    assert_eq!(ada.chat(direct).await["peer"]["role"], "seller");
    let members = ada.get(&format!("/chats/{chat}/members")).await.expect(200);
    let role = |name: &str| {
        let items = members["items"].as_array().expect("items");
        let member = items.iter().find(|member| member["username"] == name);
        member.expect("a member")["account_role"].clone()
    };
    assert_eq!((role("Ada"), role("Grace")), (json!("user"), json!("seller")));
    let changes = ada.get(&format!("/chats/{chat}/changes?since={before}")).await.expect(200);
    assert_eq!(changes["members"][0]["account_role"], "seller", "a copy learns of it: {changes}");

    // An admin from the next request on, and a user again from the one after.
    root.patch(&path, &json!({"role": "admin"})).await.expect(200);
    grace.patch(&format!("/admin/users/{}", ada.id), &seller).await.expect(200);
    root.patch(&path, &json!({"role": "user"})).await.expect(200);
    grace.patch(&path, &seller).await.refused(403, "admin_only");

    for wrong in ["owner", "Seller", "", "a b", "\0", &"r".repeat(33)] {
        let answer = root.patch(&path, &json!({"role": wrong})).await;
        answer.refused_field(400, "role", "unknown_role");
    }
    let own = root.patch(&format!("/admin/users/{}", root.id), &seller).await;
    own.refused(409, "own_account");
    root.patch("/admin/users/999999", &seller).await.refused(404, "user_not_found");
    root.patch("/admin/users/x", &seller).await.refused_field(400, "user_id", "invalid_id");
}

async fn roles_come_from_the_settings(engine: Engine) {
    // A dialect that is not served brings no roles.
    let settings = [("CONFAB_ACCOUNT_ROLES", "coach, vip-1"), ("CONFAB_DIALECTS", "events")];
    let server = Server::start_with(engine, &settings).await;
    let ada = Person::register(&server, "Ada").await;
    let root = Person::admin(&server, "Root").await;
    let path = format!("/admin/users/{}", ada.id);
    root.patch(&path, &json!({"role": "vip-1"})).await.expect(200);
    let refused = root.patch(&path, &json!({"role": "seller"})).await;
    refused.refused_field(400, "role", "unknown_role");
    let set = server.run(&["user", "set-role", "ada", "coach"], "").await;
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    assert_eq!(ada.get("/users/me").await.expect(200)["role"], "coach");
    let set = server.run(&["user", "set-role", "ada", "seller"], "").await;
    let told = String::from_utf8_lossy(&set.stderr).into_owned();
    assert!(!set.status.success() && told.contains("user, admin, coach, vip-1"), "{told}");
}

async fn a_role_reaches_open_sockets(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let chat = ada.group("Shop", &[&grace]).await;
    let mut socket = ada.socket().await;
    root.patch(&format!("/admin/users/{}", grace.id), &json!({"role": "seller"})).await.expect(200);
    let push = socket.push_of("member.updated").await;
    assert_eq!((&push["chat"], &push["data"]["account_role"]), (&json!(chat), &json!("seller")));
    assert_eq!(push["data"]["role"], "member", "what they may do in the chat stays");
    socket.send(chat, "still open").await;
}
