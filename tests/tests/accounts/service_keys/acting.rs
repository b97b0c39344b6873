//! Keys that act as people.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use std::time::{SystemTime, UNIX_EPOCH};
use tests::{
    Engine, KEY_ISSUER, Method, PASSWORD, Person, Server, ServiceKeyClient, Value, json, on_both,
};

on_both!(
    a_key_acts_as_people_of_its_issuer,
    what_is_done_as_somebody_is_theirs,
    nobody_is_acted_as_in_a_wrong_way,
    who_is_blocked_stays_blocked,
    an_admin_is_acted_as_like_anybody,
);

const SECRET: &str = "a secret of exactly thirty-two b";

/// A server that takes tokens of the issuer of keys, and of another.
async fn started(engine: Engine) -> Server {
    let mut server = Server::prepare(engine, &[]).await;
    let file = server.data_folder().with_file_name("issuers.toml");
    let issuer = |name: &str| {
        format!(
            "[[issuer]]\nissuer = '{name}'\naudience = 'confab'\nalgorithms = ['HS256']\n\
             secret = '{SECRET}'\n"
        )
    };
    std::fs::write(&file, issuer(KEY_ISSUER) + &issuer("bank")).expect("a file");
    server.set("CONFAB_HOST_ISSUERS", file.to_str().expect("a path"));
    server.restart().await;
    server
}

/// Somebody of a host.
async fn exchanged(backend: &ServiceKeyClient, issuer: &str, subject: &str, name: &str) -> Person {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = json!({"iss": issuer, "aud": "confab", "sub": subject, "exp": now + 60,
        "preferred_username": name});
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = encode(&Header::new(Algorithm::HS256), &claims, &key).expect("a token");
    let signed = backend.api.post("/auth/exchange", &json!({"token": token})).await.expect(200);
    Person::signed_in(backend.api.clone(), &signed)
}

async fn a_key_acts_as_people_of_its_issuer(engine: Engine) {
    let server = started(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", super::EVERYTHING).await;
    let ada = exchanged(&shop, KEY_ISSUER, "buyer/Ада 17", "Ada").await;
    exchanged(&shop, "bank", "18", "Bob").await;
    let me = async |who: &str| shop.call_as(&[who], Method::GET, "/users/me", &Value::Null).await;
    assert_eq!(me("ext:buyer/Ада 17").await.expect(200)["id"], ada.id);
    assert_eq!(me(&ada.id.to_string()).await.expect(200)["id"], ada.id);
    for nobody in ["ext:18", "ext:Ada", "ext:Bob", "999999"] {
        me(nobody).await.refused(404, "act_as_unknown");
    }
}

async fn what_is_done_as_somebody_is_theirs(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", super::EVERYTHING).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let mut of_grace = grace.socket().await;
    let path = format!("/chats/direct/{}", grace.id);
    let who = ada.id.to_string();
    let chat = shop.call_as(&[&who], Method::PUT, &path, &Value::Null).await;
    let path = format!("/chats/{}/messages", chat.expect(201)["id"]);
    let sent = shop.post_as(&ada, &path, &json!({"text": "Where is my order?"})).await.expect(201);
    assert_eq!(sent["author_id"], ada.id);
    let heard = of_grace.push_of("message.created").await;
    assert_eq!(heard["data"], sent);
    assert_eq!(shop.get_as(&grace, &path).await.expect(200)["items"][0]["id"], sent["id"]);
    shop.get(&path).await.refused(403, "scope_missing");
    let file = grace.upload("bill.txt").await["id"].clone();
    let with = json!({"text": "", "attachments": [file]});
    grace.post(&path, &with).await.expect(201);
    let file = format!("/media/{file}");
    assert_eq!(shop.get_as(&ada, &file).await.status, 200);
    shop.get(&file).await.refused(404, "media_not_found");
    // Their e-mail address, by which some protocols sign in, is their own to change.
    let other = json!({"email": "shop@example.org"});
    let changed = shop.call_as(&[&who], Method::PATCH, "/users/me", &other).await;
    changed.refused(403, "step_up_required");
}

async fn nobody_is_acted_as_in_a_wrong_way(engine: Engine) {
    let server = started(engine).await;
    let root = Person::admin(&server, "Root").await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:read,act_as").await;
    let [ada, bob] = Person::several(&server, ["Ada", "Bob"]).await;
    let me = async |backend: &ServiceKeyClient, who: &[&str]| {
        backend.call_as(who, Method::GET, "/users/me", &Value::Null).await
    };
    let [of_ada, of_bob] = [ada.id.to_string(), bob.id.to_string()];
    me(&shop, &[&of_ada]).await.expect(200);
    me(&shop, &[&of_ada, &of_ada]).await.refused(400, "act_as_twice");
    let long = format!("ext:{}", "x".repeat(256));
    for bad in ["", "ext:", "Ada", "0", "1.5", "ext:a\tb", &long] {
        me(&shop, &[bad]).await.refused(400, "act_as_malformed");
    }
    let lacking = ServiceKeyClient::add(&server, "Lacking", "people:read").await;
    let refused = me(&lacking, &[&of_ada]).await.refused(403, "scope_missing");
    assert!(refused["detail"].as_str().expect("a text").contains("act_as"), "{refused}");
    // A person acts as nobody, not even as themselves.
    for person in [&root, &ada] {
        let request = person.api.request(Method::GET, "/users/me").bearer_auth(&person.access);
        let request = request.header("confab-act-as", &of_ada);
        person.api.answer_to(request).await.refused(403, "act_as_not_allowed");
    }
    // Of nobody it is not asked.
    let body = json!({"username": "Ada", "password": PASSWORD});
    ada.api.post("/auth/login", &body).await.expect(200);

    let disable = json!({"is_active": false});
    root.patch(&format!("/admin/users/{of_ada}"), &disable).await.expect(200);
    me(&shop, &[&of_ada]).await.refused(403, "act_as_disabled");
    root.delete(&format!("/admin/users/{of_bob}")).await.expect(204);
    me(&shop, &[&of_bob]).await.refused(403, "act_as_deleted");
    let cleo = exchanged(&shop, KEY_ISSUER, "19", "Cleo").await;
    root.delete(&format!("/admin/users/{}", cleo.id)).await.expect(204);
    me(&shop, &["ext:19"]).await.refused(403, "act_as_deleted");
}

async fn who_is_blocked_stays_blocked(engine: Engine) {
    let server = Server::start(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", super::EVERYTHING).await;
    let [ada, bob] = Person::several(&server, ["Ada", "Bob"]).await;
    let chat = ada.direct(&bob).await;
    let path = format!("/chats/{chat}/messages");
    let body = json!({"text": "Hello"});
    shop.post_as(&bob, &path, &body).await.expect(201);
    let block = format!("/users/{}/block", bob.id);
    shop.call_as(&[&ada.id.to_string()], Method::PUT, &block, &Value::Null).await.expect(204);
    shop.post_as(&bob, &path, &body).await.refused(403, "peer_unavailable");
    shop.post_as(&ada, &path, &body).await.refused(403, "peer_unavailable");
    let blocks = shop.get_as(&ada, "/users/me/blocks").await.expect(200);
    assert_eq!(blocks["items"][0]["user"]["id"], bob.id);
}

async fn an_admin_is_acted_as_like_anybody(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    let ada = Person::register(&server, "Ada").await;
    let project = json!({"title": "An order", "members": [ada.id]});
    let put = async |backend: &ServiceKeyClient, person: &Person| {
        let who = person.id.to_string();
        backend.call_as(&[&who], Method::PUT, "/projects/7/chat", &project).await
    };
    let scopes = "admin:read,projects:write,act_as";
    let plain = ServiceKeyClient::add(&server, "Plain", scopes).await;
    plain.get_as(&root, "/admin/users").await.refused(403, "admin_only");
    put(&plain, &root).await.refused(403, "admin_only");
    let mighty = ServiceKeyClient::add(&server, "Mighty", &format!("{scopes},admin:write")).await;
    mighty.get_as(&root, "/admin/users").await.expect(200);
    mighty.get_as(&ada, "/admin/users").await.refused(403, "admin_only");
    put(&mighty, &ada).await.refused(403, "admin_only");
    put(&mighty, &root).await.expect(201);
    let line = root.get("/admin/audit?kind=change&limit=1").await.expect(200)["items"][0].clone();
    let actor = root.get(&format!("/admin/users/{}", line["actor_id"])).await.expect(200);
    assert_eq!((&line["action"], &actor["username"]), (&json!("chat.project"), &json!("Mighty")));
}
