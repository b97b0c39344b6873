//! Signing in with a token that a host signed.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use std::time::{SystemTime, UNIX_EPOCH};
use tests::{Answer, Api, Engine, Method, Metrics, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    a_person_of_a_host_has_one_account,
    of_two_first_sights_one_makes_the_account,
    two_issuers_are_two_people,
    names_give_way,
    later_tokens_bring_a_person_up_to_date,
    roles_of_a_host_make_admins,
    exchanges_are_counted_as_log_ins,
    who_is_disabled_or_deleted_stays_out,
    an_exchange_proves_whose_a_session_is,
    what_is_not_good_is_refused,
    nothing_is_exchanged_unless_it_is_configured,
    a_server_does_not_start_with_keys_that_are_not_good,
);

const SECRET: &str = "a secret of exactly thirty-two b";
const PUBLIC: &str = include_str!("../../../crates/credentials/fixtures/ec.pem");
const PRIVATE: &[u8] = include_bytes!("../../../crates/credentials/fixtures/ec.private.pem");

/// A shop that shares a secret, and a forum with a key of its own and other names for its claims.
fn issuers() -> String {
    format!(
        "[[issuer]]\nissuer = 'shop'\naudience = 'confab'\nalgorithms = ['HS256']\nsecret = '{SECRET}'\n\
         admin_roles = ['chat-admin']\n\
         [[issuer]]\nissuer = 'forum'\naudience = 'confab'\nalgorithms = ['ES256']\nkeys = '''{PUBLIC}'''\n\
         subject_claim = 'id'\nname_claim = 'nick'\nemail_claim = 'mail'\n"
    )
}

/// A server that is not started yet, with that file of issuers.
async fn prepared(engine: Engine, issuers: &str) -> Server {
    let mut server = Server::prepare(engine, &[("CONFAB_REGISTRATION", "closed")]).await;
    let file = server.data_folder().with_file_name("issuers.toml");
    std::fs::write(&file, issuers).expect("a file");
    server.set("CONFAB_HOST_ISSUERS", file.to_str().expect("a path"));
    server
}

async fn started(engine: Engine) -> Server {
    let mut server = prepared(engine, &issuers()).await;
    server.restart().await;
    server
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn by(secret: &[u8], changes: &Value) -> String {
    let mut claims = json!({"iss": "shop", "aud": "confab", "sub": "17", "exp": now() + 600,
        "preferred_username": "Ada", "email": "ada@example.org"});
    let all = claims.as_object_mut().expect("an object");
    all.extend(changes.as_object().expect("an object").clone());
    all.retain(|_, value| !value.is_null());
    let key = EncodingKey::from_secret(secret);
    encode(&Header::new(Algorithm::HS256), &claims, &key).expect("a token")
}

fn by_shop(changes: &Value) -> String {
    by(SECRET.as_bytes(), changes)
}

fn by_forum(subject: &str, name: &str) -> String {
    let claims = json!({"iss": "forum", "aud": ["confab", "else"], "id": subject, "nick": name,
        "exp": now() + 600, "nbf": now() + 20});
    let key = EncodingKey::from_ec_pem(PRIVATE).expect("a key");
    encode(&Header::new(Algorithm::ES256), &claims, &key).expect("a token")
}

async fn exchange(api: &Api, token: &str) -> Answer {
    api.post("/auth/exchange", &json!({"token": token})).await
}

async fn signed_in(api: &Api, token: &str) -> Person {
    Person::signed_in(api.clone(), &exchange(api, token).await.expect(200))
}

async fn a_person_of_a_host_has_one_account(engine: Engine) {
    let server = started(engine).await;
    let root = Person::admin(&server, "Root").await;
    let api = &root.api;
    let ada = signed_in(api, &by_shop(&json!({}))).await;
    let again = signed_in(api, &by_shop(&json!({}))).await;
    assert_eq!(again.id, ada.id);
    let me = again.get("/users/me").await.expect(200);
    assert_eq!((&me["username"], &me["email"]), (&json!("Ada"), &json!("ada@example.org")));
    let (_socket, ready) = ada.socket_and_ready().await;
    assert_eq!(ready["user_id"], ada.id, "{ready}");
    let chat = ada.direct(&root).await;
    ada.send(chat, "Hello").await;
    let guess = json!({"username": "Ada", "password": PASSWORD});
    api.post("/auth/login", &guess).await.refused(401, "wrong_credentials");
    let mut lines = root.all("/admin/audit?kind=sign_in").await;
    lines.retain(|line| line["target_id"] == ada.id);
    let told: Vec<_> = lines.iter().rev().map(|line| line["action"].clone()).collect();
    assert_eq!(told, ["user.registered", "session.opened", "session.opened", "session.refused"]);
}

async fn of_two_first_sights_one_makes_the_account(engine: Engine) {
    let server = started(engine).await;
    let api = Api::of(&server).await;
    let token = by_shop(&json!({}));
    let answers = futures_util::future::join_all((0..8).map(|_| exchange(&api, &token))).await;
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.expect(200)).collect();
    assert!(answers.iter().all(|answer| answer["user"] == answers[0]["user"]), "{answers:?}");
    let root = Person::admin(&server, "Root").await;
    let listed = root.get("/admin/users?q=ada").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
}

async fn two_issuers_are_two_people(engine: Engine) {
    let server = started(engine).await;
    let api = Api::of(&server).await;
    let of_shop = signed_in(&api, &by_shop(&json!({}))).await;
    let of_forum = signed_in(&api, &by_forum("17", "Ada")).await;
    assert_ne!(of_shop.id, of_forum.id);
    let me = of_forum.get("/users/me").await.expect(200);
    assert_eq!((&me["username"], &me["email"]), (&json!("Ada 2"), &json!("")));
    assert_eq!(signed_in(&api, &by_forum("17", "Ada")).await.id, of_forum.id);
}

async fn names_give_way(engine: Engine) {
    let server = started(engine).await;
    let api = Api::of(&server).await;
    for (nth, (wanted, name)) in [
        (json!("Ada"), "Ada"),
        (json!("ADA"), "ADA 2"),
        // It looks like Ada, and with a 2 like ADA 2.
        (json!("\u{430}da"), "\u{430}da 3"),
        (json!("Admin"), "person"),
        (json!("x".repeat(151)), "person 2"),
        (json!(null), "person 3"),
    ]
    .into_iter()
    .enumerate()
    {
        let claims = json!({"sub": nth.to_string(), "preferred_username": wanted, "email": "none"});
        let answer = exchange(&api, &by_shop(&claims)).await.expect(200);
        assert_eq!(answer["user"]["username"], name);
    }
}

async fn later_tokens_bring_a_person_up_to_date(engine: Engine) {
    let server = started(engine).await;
    let grace = Person::admin(&server, "Grace").await;
    grace.patch("/users/me", &json!({"email": "grace@example.org"})).await.expect(200);
    let ada = signed_in(&grace.api, &by_shop(&json!({}))).await;
    let said = async |name: Value, email: Value| {
        let token = by_shop(&json!({"preferred_username": name, "email": email}));
        signed_in(&grace.api, &token).await;
        let me = ada.get("/users/me").await.expect(200);
        (me["username"].clone(), me["email"].clone())
    };
    let told = |name: &str, email: &str| (json!(name), json!(email));
    let (old, new) = ("ada@example.org", "countess@example.org");
    assert_eq!(said(json!("Countess"), json!(new)).await, told("Countess", new));
    for (name, email) in [(json!(null), json!(null)), (json!("Admin"), json!("no address"))] {
        assert_eq!(said(name.clone(), email).await, told("Countess", new), "{name} is no name");
    }
    assert_eq!(said(json!("Grace"), json!("GRACE@example.org")).await, told("Grace 2", new));
    // What was changed here stays until the host says something new.
    let named = async |name: &str| {
        let folded = name.to_lowercase();
        let name = format!("UPDATE users SET name = '{name}', name_folded = '{folded}'");
        server.execute(&format!("{name} WHERE id = {}", ada.id)).await;
    };
    named("Ada B.").await;
    ada.patch("/users/me", &json!({"email": "b@example.org"})).await.expect(200);
    let same = said(json!("Grace"), json!("GRACE@example.org")).await;
    assert_eq!(same, told("Ada B.", "b@example.org"));
    assert_eq!(said(json!("Ada"), json!(old)).await, told("Ada", old));
    // And what changes at the host changes by itself.
    named("Ada C.").await;
    assert_eq!(said(json!("Ada"), json!(new)).await, told("Ada C.", new));
}

async fn roles_of_a_host_make_admins(engine: Engine) {
    let server = started(engine).await;
    let root = Person::admin(&server, "Root").await;
    let admin = by_shop(&json!({"roles": ["buyer", "chat-admin"]}));
    let none = by_shop(&json!({"roles": ["buyer"]}));
    let ada = signed_in(&root.api, &none).await;
    let chat = root.direct(&ada).await;
    let (mut of_ada, mut of_root) = (ada.socket().await, root.socket().await);
    ada.get("/admin/users").await.refused(403, "admin_only");
    for (token, role) in [(&admin, "admin"), (&none, "user"), (&admin, "admin")] {
        let answer = exchange(&root.api, token).await.expect(200);
        assert_eq!(answer["user"]["role"], role);
        assert_eq!(of_ada.push_of("role").await["data"]["role"], role);
        let member = of_root.push_of("member.updated").await;
        assert_eq!(
            (&member["chat"], &member["data"]["account_role"]),
            (&json!(chat), &json!(role))
        );
    }
    ada.get("/admin/users").await.expect(200);
    // Somebody new is one from the start.
    let grace = json!({"sub": "18", "preferred_username": "Grace", "roles": "chat-admin"});
    let grace = signed_in(&root.api, &by_shop(&grace)).await;
    grace.get("/admin/users").await.expect(200);
    let lines = root.all("/admin/audit?kind=change").await;
    let of = |id: i64| {
        lines.iter().rev().filter(move |l| l["target_id"] == id && l["action"] == "user.role")
    };
    let told =
        |id| of(id).map(|l| (l["actor_id"].clone(), l["detail"].clone())).collect::<Vec<_>>();
    let by_shop_as = |role: &str| (json!(null), json!(format!("{role}, by shop")));
    assert_eq!(told(ada.id), ["admin", "user", "admin"].map(by_shop_as));
    assert_eq!(told(grace.id), ["admin"].map(by_shop_as));
    // An admin whom an admin made one stays one.
    let path = format!("/admin/users/{}", ada.id);
    exchange(&root.api, &none).await.expect(200);
    root.patch(&path, &json!({"role": "admin"})).await.expect(200);
    assert_eq!(exchange(&root.api, &none).await.expect(200)["user"]["role"], "admin");
}

async fn exchanges_are_counted_as_log_ins(engine: Engine) {
    let mut server = prepared(engine, &issuers()).await;
    server.set("CONFAB_METRICS_LISTEN", "127.0.0.1:0");
    server.restart().await;
    let api = Api::of(&server).await;
    let counted = async || {
        let metrics = Metrics::of(&server).await;
        ["ok", "wrong_credentials", "account_disabled"]
            .map(|outcome| metrics.get(&format!("confab_logins_total{{outcome=\"{outcome}\"}}")))
    };
    assert_eq!(counted().await, [0.0, 0.0, 0.0]);
    exchange(&api, &by_shop(&json!({}))).await.expect(200);
    exchange(&api, &by_shop(&json!({}))).await.expect(200);
    exchange(&api, &by_shop(&json!({"aud": "bank"}))).await.refused(401, "host_audience_wrong");
    server.run(&["user", "disable", "Ada"], "").await;
    exchange(&api, &by_shop(&json!({}))).await.refused(403, "account_disabled");
    assert_eq!(counted().await, [2.0, 1.0, 1.0]);
}

async fn who_is_disabled_or_deleted_stays_out(engine: Engine) {
    let server = started(engine).await;
    let root = Person::admin(&server, "Root").await;
    let token = by_shop(&json!({}));
    let ada = signed_in(&root.api, &token).await;
    let path = format!("/admin/users/{}", ada.id);
    root.patch(&path, &json!({"is_active": false})).await.expect(200);
    exchange(&root.api, &token).await.refused(403, "account_disabled");
    ada.get("/users/me").await.refused(401, "token_invalid");
    root.patch(&path, &json!({"is_active": true})).await.expect(200);
    signed_in(&root.api, &token).await;
    root.delete(&path).await.expect(204);
    exchange(&root.api, &token).await.refused(403, "account_disabled");
}

/// People of a host have no password to step up with; another token does it.
async fn an_exchange_proves_whose_a_session_is(engine: Engine) {
    let server = started(engine).await;
    let api = Api::of(&server).await;
    let ada = signed_in(&api, &by_shop(&json!({}))).await;
    server.execute("UPDATE sessions SET proved_at = NULL").await;
    let delete = json!({"messages": "keep"});
    let mail = json!({"email": "a@example.org"});
    ada.patch("/users/me", &mail).await.refused(403, "step_up_required");
    let refused = ada.call(Method::DELETE, "/users/me", &delete).await;
    refused.refused(403, "step_up_required");
    let again = signed_in(&api, &by_shop(&json!({}))).await;
    again.patch("/users/me", &mail).await.expect(200);
    again.call(Method::DELETE, "/users/me", &delete).await.expect(204);
}

async fn what_is_not_good_is_refused(engine: Engine) {
    let server = started(engine).await;
    let api = Api::of(&server).await;
    let good = by_shop(&json!({}));
    let payload = good.split('.').nth(1).expect("a payload");
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
    let other = by(b"another secret of thirty-two byt", &json!({}));
    for (token, code) in [
        (by_shop(&json!({"iss": "bank"})), "host_issuer_unknown"),
        (by_shop(&json!({"aud": "bank"})), "host_audience_wrong"),
        (by_shop(&json!({"exp": now() - 60})), "host_token_expired"),
        (by_shop(&json!({"exp": null})), "host_token_without_expiry"),
        (by_shop(&json!({"nbf": now() + 600})), "host_token_not_yet_valid"),
        (by_shop(&json!({"iat": now() + 600})), "host_token_not_yet_valid"),
        (by_shop(&json!({"sub": "x".repeat(10_000)})), "host_subject_invalid"),
        (by_shop(&json!({"sub": "x".repeat(70_000)})), "host_token_too_long"),
        (by(PUBLIC.as_bytes(), &json!({"iss": "forum", "id": "17"})), "host_algorithm_refused"),
        (unsigned, "host_algorithm_refused"),
        (other, "host_token_invalid"),
        (String::new(), "host_token_invalid"),
    ] {
        exchange(&api, &token).await.refused(401, code);
    }
    api.post("/auth/exchange", &json!({})).await.refused(400, "invalid");
    let root = Person::admin(&server, "Root").await;
    let listed = root.get("/admin/users").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "nobody was made: {listed}");
}

async fn nothing_is_exchanged_unless_it_is_configured(engine: Engine) {
    let server = Server::start(engine).await;
    let api = Api::of(&server).await;
    exchange(&api, &by_shop(&json!({}))).await.refused(404, "host_not_configured");
}

async fn a_server_does_not_start_with_keys_that_are_not_good(engine: Engine) {
    for (issuers, said) in [
        (issuers().replace(SECRET, &SECRET[1..]), "`secret` must have 32 bytes or more"),
        (issuers().replace("PUBLIC KEY", "PUBLIC THING"), "`keys` must be public keys in PEM"),
        (issuers().replace("'HS256'", "'none'"), "not \"none\""),
        (issuers().replace("'ES256'", "'HS256'"), "HS256 takes `secret`"),
        (issuers().replace("'forum'", "'shop'"), "shop is there twice"),
        (issuers().replace("secret =", "secrets ="), "unknown field `secrets`"),
    ] {
        let server = prepared(engine, &issuers).await;
        let output = server.run(&["serve"], "").await;
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{said}: {why}");
        let line = why.lines().find(|line| line.contains("CONFAB_HOST_ISSUERS"));
        assert!(line.is_some_and(|line| line.contains(said)), "{said}: {why}");
        assert!(!why.contains(&SECRET[1..]), "no secret is told: {why}");
    }
}
