//! Making an account, signing in and out.

use tests::{Api, Engine, Method, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    an_account_is_made_and_signed_in,
    an_account_is_refused_by_name,
    a_password_is_refused_by_name,
    names_are_one_in_every_spelling,
    signing_in_is_refused,
    people_are_found,
    an_admin_disables_and_enables,
);

async fn an_account_is_made_and_signed_in(engine: Engine) {
    let server = Server::start(engine).await;
    let api = Api::of(&server).await;
    let body = json!({"username": "  Ada ", "password": PASSWORD});
    let signed = api.post("/auth/register", &body).await.expect(201);
    assert_eq!(signed["user"]["username"], "Ada");
    assert_eq!(signed["user"]["role"], "user");
    assert_eq!(signed["expires_in"], 600);
    let ada = Person::signed_in(api.clone(), &signed);

    let me = ada.get("/users/me").await.expect(200);
    assert_eq!((&me["id"], &me["username"]), (&json!(ada.id), &json!("Ada")));
    let again = api.post("/auth/login", &json!({"username": "ADA", "password": PASSWORD})).await;
    let again = again.expect(200);
    assert_eq!(again["user"]["id"], ada.id);
    assert_ne!(again["session_id"], ada.session);
}

async fn an_account_is_refused_by_name(engine: Engine) {
    let server = Server::start(engine).await;
    let api = Api::of(&server).await;
    let cases = [
        (String::new(), "empty"),
        (" \t ".into(), "empty"),
        ("x".repeat(151), "too_long"),
        ("A\0da".into(), "nul_character"),
        ("Ada\u{200b}".into(), "invisible_character"),
        ("Ada\u{202e}".into(), "invisible_character"),
        ("A\nda".into(), "invisible_character"),
    ];
    for (name, code) in cases {
        let body = json!({"username": name, "password": PASSWORD});
        api.post("/auth/register", &body).await.refused_field(400, "username", code);
    }
    // Characters are counted, not bytes.
    let longest = "😀".repeat(150);
    let body = json!({"username": longest, "password": PASSWORD});
    assert_eq!(api.post("/auth/register", &body).await.expect(201)["user"]["username"], longest);

    let body = json!({"username": "", "password": "short"});
    let both = api.post("/auth/register", &body).await.refused(400, "invalid");
    assert_eq!(both["errors"].as_array().map(Vec::len), Some(2), "both fields at once: {both}");
}

async fn a_password_is_refused_by_name(engine: Engine) {
    let server = Server::start(engine).await;
    let api = Api::of(&server).await;
    let cases = [
        ("seven77".to_owned(), "password_too_short"),
        ("aB3$".repeat(18) + "x", "password_too_long"),
        ("8302917465".into(), "password_all_digits"),
        ("password1".into(), "password_common"),
        ("GRACE HOPPER".into(), "password_is_name"),
        ("good\0enough".into(), "nul_character"),
    ];
    for (password, code) in cases {
        let body = json!({"username": "Grace Hopper", "password": password});
        api.post("/auth/register", &body).await.refused_field(400, "password", code);
    }
    let body = json!({"username": "Grace Hopper", "password": "aB3$".repeat(18)});
    api.post("/auth/register", &body).await.expect(201);
    // 72 bytes are all compared: the same with one more, or another last one, is wrong.
    for wrong in ["aB3$".repeat(18) + "x", "aB3$".repeat(17) + "aB3%"] {
        let body = json!({"username": "Grace Hopper", "password": wrong});
        api.post("/auth/login", &body).await.refused(401, "wrong_credentials");
    }
}

async fn names_are_one_in_every_spelling(engine: Engine) {
    let server = Server::start(engine).await;
    Person::register(&server, "Straße É").await;
    let api = Api::of(&server).await;
    for spelling in ["Straße É", "STRASSE e\u{301}", "ｓtrasse É"] {
        let body = json!({"username": spelling, "password": PASSWORD});
        api.post("/auth/register", &body).await.refused_field(409, "username", "name_taken");
        api.post("/auth/login", &body).await.expect(200);
    }
    // Of many at once that want one name, one gets it.
    let body = json!({"username": "Wanted", "password": PASSWORD});
    let rivals = (0..8).map(|_| api.post("/auth/register", &body));
    let answers = futures_util::future::join_all(rivals).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let taken = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((made, taken), (1, 7));
}

async fn signing_in_is_refused(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_ACCESS_TOKEN_LIFE", "1")]).await;
    let ada = Person::register(&server, "Ada").await;
    let api = &ada.api;
    for (name, password) in
        [("Ada", "not-her-password"), ("Nobody", PASSWORD), ("", ""), ("A\0", "x")]
    {
        let body = json!({"username": name, "password": password});
        api.post("/auth/login", &body).await.refused(401, "wrong_credentials");
    }
    let me = |token| api.call(Method::GET, "/users/me", token, &Value::Null);
    me(None).await.refused(401, "token_missing");
    let mut forged = ada.access.clone();
    let end = forged.pop();
    forged.push(if end == Some('A') { 'B' } else { 'A' });
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.";
    for token in ["", "x", "a.b.c", unsigned, &forged, &ada.refresh] {
        let refused = me(Some(token)).await;
        assert_eq!(refused.status, 401, "{token}");
        let code = refused.body["code"].clone();
        assert!(code == "token_invalid" || token.is_empty(), "{token}: {code}");
    }
    // The token lives for a second.
    server
        .until("the token to expire", async |_| {
            let answer = me(Some(&ada.access)).await;
            answer.status == 401 && answer.body["code"] == "token_expired"
        })
        .await;
}

async fn people_are_found(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace_100%"]).await;
    Person::register(&server, "Àlan Éclair").await;
    let names = async |query: &str| -> Vec<String> {
        let found = ada.get(&format!("/users?q={query}")).await.expect(200);
        let items = found["items"].as_array().expect("items").clone();
        items.iter().map(|u| u["username"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names("").await, ["Ada", "Grace_100%", "Àlan Éclair"]);
    assert_eq!(names("GRACE").await, ["Grace_100%"]);
    assert_eq!(names("e%CC%81CLAIR").await, ["Àlan Éclair"], "in any case and composition");
    assert_eq!(names("%25").await, ["Grace_100%"], "a percent sign is itself");
    assert_eq!(names("_").await, ["Grace_100%"], "an underscore is itself");
    assert_eq!(ada.all("/users").await.len(), 3);

    // Presence is for people who share a chat.
    let path = format!("/users/{}", grace.id);
    assert!(ada.get(&path).await.expect(200)["online"].is_null());
    ada.direct(&grace).await;
    assert_eq!(ada.get(&path).await.expect(200)["online"], false);
    ada.get("/users/999999").await.refused(404, "user_not_found");
}

async fn an_admin_disables_and_enables(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let root = Person::admin(&server, "Root").await;

    let path = format!("/admin/users/{}", ada.id);
    let off = json!({"is_active": false});
    ada.patch(&path, &off).await.refused(403, "admin_only");
    root.patch(&format!("/admin/users/{}", root.id), &off).await.refused(409, "own_account");
    root.patch("/admin/users/999999", &off).await.refused(404, "user_not_found");
    let disabled = root.patch(&path, &off).await.expect(200);
    assert_eq!((&disabled["id"], &disabled["is_active"]), (&json!(ada.id), &json!(false)));

    ada.get("/users/me").await.refused(401, "token_invalid");
    let refresh = json!({"refresh_token": ada.refresh});
    ada.api.post("/auth/refresh", &refresh).await.refused(401, "refresh_token_invalid");
    let login = json!({"username": "Ada", "password": PASSWORD});
    ada.api.post("/auth/login", &login).await.refused(403, "account_disabled");
    let wrong = json!({"username": "Ada", "password": "not-her-password"});
    ada.api.post("/auth/login", &wrong).await.refused(401, "wrong_credentials");

    root.patch(&path, &json!({"is_active": true})).await.expect(200);
    ada.api.post("/auth/login", &login).await.expect(200);
    ada.get("/users/me").await.refused(401, "token_invalid");
}
