//! Logging out at a host, who tells of it.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use std::time::{SystemTime, UNIX_EPOCH};
use tests::{Engine, Person, Server, Value, json, on_both};

on_both!(
    who_logs_out_at_the_host_is_signed_out_everywhere,
    a_session_at_the_host_ends_alone,
    logging_out_may_be_told_again,
    what_logs_nobody_out_is_refused,
    nobody_is_logged_out_unless_a_host_is_configured,
);

const SECRET: &str = "a secret of exactly thirty-two b";

async fn started(engine: Engine) -> Server {
    let mut server = Server::prepare(engine, &[]).await;
    let file = server.data_folder().with_file_name("issuers.toml");
    let shop = "[[issuer]]\nissuer = 'shop'\naudience = 'confab'\nalgorithms = ['HS256']\n";
    std::fs::write(&file, format!("{shop}secret = '{SECRET}'\n")).expect("a file");
    server.set("CONFAB_HOST_ISSUERS", file.to_str().expect("a path"));
    server.restart().await;
    server
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// A token for the person 17, with these claims; those that are `null` are left out.
fn token(changes: &Value) -> String {
    let mut claims = json!({"iss": "shop", "aud": "confab", "sub": "17", "exp": now() + 120,
        "iat": now()});
    let all = claims.as_object_mut().expect("an object");
    all.extend(changes.as_object().expect("an object").clone());
    all.retain(|_, value| !value.is_null());
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    encode(&Header::new(Algorithm::HS256), &claims, &key).expect("a token")
}

fn log_out(changes: &Value) -> String {
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let mut claims = json!({"jti": "1", "events": {event: {}}});
    claims.as_object_mut().expect("an object").extend(changes.as_object().expect("one").clone());
    token(&claims)
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The status, the header `Cache-Control` and the body of the answer.
async fn told(server: &Server, kind: &str, body: String) -> (u16, String, Value) {
    let url = server.url("/api/v1/auth/backchannel-logout");
    let request = reqwest::Client::new().post(url).header("content-type", kind).body(body);
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let cached = answer.headers().get("cache-control").map(|value| value.to_str().expect("a text"));
    let cached = cached.unwrap_or_default().to_owned();
    let body = answer.text().await.expect("a text");
    (status, cached, serde_json::from_str(&body).unwrap_or(Value::Null))
}

async fn signed_in(server: &Server, sub: &str) -> Person {
    signed_in_by(server, sub, &Value::Null).await
}

/// The same by a token of that session at the host.
async fn signed_in_by(server: &Server, sub: &str, sid: &Value) -> Person {
    let api = tests::Api::of(server).await;
    let name = format!("Person {sub}");
    let token = token(&json!({"sub": sub, "sid": sid, "preferred_username": name}));
    let answer = api.post("/auth/exchange", &json!({"token": token})).await.expect(200);
    Person::signed_in(api, &answer)
}

async fn who_logs_out_at_the_host_is_signed_out_everywhere(engine: Engine) {
    let server = started(engine).await;
    let root = Person::admin(&server, "Root").await;
    let (phone, laptop) = (signed_in(&server, "17").await, signed_in(&server, "17").await);
    let other = signed_in(&server, "18").await;
    let (mut of_phone, mut of_other) = (phone.socket().await, other.socket().await);
    let form = format!("state=x&logout_token={}", log_out(&json!({})));
    let answer = told(&server, &format!("{FORM}; charset=utf-8"), form).await;
    assert_eq!(answer, (200, "no-store".to_owned(), Value::Null));
    assert_eq!(of_phone.closed().await, 4502);
    for gone in [&phone, &laptop] {
        gone.get("/users/me").await.refused(401, "token_invalid");
        let refresh = json!({"refresh_token": gone.refresh});
        gone.post("/auth/refresh", &refresh).await.refused(401, "refresh_token_invalid");
    }
    of_other.ask(json!({"type": "ping"})).await;
    let line = &root.all("/admin/audit?kind=change").await[0];
    assert_eq!(
        (&line["action"], &line["target_id"], &line["actor_id"], &line["detail"]),
        (&json!("user.sessions"), &json!(phone.id), &Value::Null, &json!("by shop"))
    );
}

async fn a_session_at_the_host_ends_alone(engine: Engine) {
    let server = started(engine).await;
    let root = Person::admin(&server, "Root").await;
    let phone = signed_in_by(&server, "17", &json!("s 1")).await;
    let laptop = signed_in_by(&server, "17", &json!("s 2")).await;
    // A token of which nothing is known, and one whose session is none.
    let unknown = signed_in(&server, "17").await;
    let long = signed_in_by(&server, "17", &json!("s".repeat(256))).await;
    let other = signed_in_by(&server, "18", &json!("s 1")).await;
    let mut of_phone = phone.socket().await;
    let end = async |changes: Value| {
        let form = format!("logout_token={}", log_out(&changes));
        assert_eq!(told(&server, FORM, form).await.0, 200, "{changes}");
    };
    end(json!({"sid": "s 3"})).await;
    for person in [&phone, &laptop, &unknown, &long, &other] {
        person.get("/users/me").await.expect(200);
    }
    end(json!({"sid": "s 1"})).await;
    assert_eq!(of_phone.closed().await, 4502);
    phone.get("/users/me").await.refused(401, "token_invalid");
    let refresh = json!({"refresh_token": phone.refresh});
    phone.post("/auth/refresh", &refresh).await.refused(401, "refresh_token_invalid");
    for person in [&laptop, &unknown, &long, &other] {
        person.get("/users/me").await.expect(200);
    }
    let line = &root.all("/admin/audit?kind=change").await[0];
    assert_eq!(
        (&line["action"], &line["target_id"], &line["detail"]),
        (&json!("user.sessions"), &json!(phone.id), &json!("by shop"))
    );
    // Whose it was need not be said. A session that was refreshed is still one of the host's.
    let refreshed = laptop.post("/auth/refresh", &json!({"refresh_token": laptop.refresh})).await;
    let laptop = Person::signed_in(laptop.api.clone(), &refreshed.expect(200));
    end(json!({"sid": "s 2", "sub": null})).await;
    laptop.get("/users/me").await.refused(401, "token_invalid");
    // Without a session, all of somebody's end.
    end(json!({})).await;
    for person in [&unknown, &long] {
        person.get("/users/me").await.refused(401, "token_invalid");
    }
    other.get("/users/me").await.expect(200);
}

async fn logging_out_may_be_told_again(engine: Engine) {
    let server = started(engine).await;
    let root = Person::admin(&server, "Root").await;
    let form = format!("logout_token={}", log_out(&json!({})));
    // Of somebody who was never here.
    assert_eq!(told(&server, FORM, form.clone()).await.0, 200);
    for _ in 0..2 {
        let again = signed_in(&server, "17").await;
        assert_eq!(told(&server, FORM, form.clone()).await.0, 200);
        again.get("/users/me").await.refused(401, "token_invalid");
    }
    let last = signed_in(&server, "17").await;
    root.delete(&format!("/admin/users/{}", last.id)).await.expect(204);
    assert_eq!(told(&server, FORM, form).await.0, 200);
}

async fn what_logs_nobody_out_is_refused(engine: Engine) {
    let server = started(engine).await;
    let ada = signed_in(&server, "17").await;
    let form = |token: String| format!("logout_token={token}");
    for (kind, body, why) in [
        (FORM, form(token(&json!({}))), "events, jti and iat, and no nonce"),
        (FORM, form(log_out(&json!({"nonce": "n"}))), "events, jti and iat, and no nonce"),
        (FORM, form(log_out(&json!({"jti": null}))), "events, jti and iat, and no nonce"),
        (
            FORM,
            form(log_out(&json!({"sub": null}))),
            "must have a subject (sub) or a session (sid)",
        ),
        (FORM, form(log_out(&json!({"sid": ""}))), "(sid)"),
        (FORM, form(log_out(&json!({"sid": "x".repeat(256)}))), "(sid)"),
        (FORM, form(log_out(&json!({"sid": 7}))), "(sid)"),
        (FORM, form(log_out(&json!({"aud": "bank"}))), "(aud)"),
        (FORM, form(log_out(&json!({"iss": "bank"}))), "(iss)"),
        (FORM, form(log_out(&json!({"exp": now() - 60}))), "(exp)"),
        (FORM, form("a.b.c".to_owned()), "not a JWT"),
        (FORM, "token=a.b.c".to_owned(), "logout_token"),
        (FORM, String::new(), "logout_token"),
        ("application/json", form(log_out(&json!({}))), "logout_token"),
    ] {
        let (status, cached, answer) = told(&server, kind, body).await;
        assert_eq!((status, cached.as_str()), (400, "no-store"), "{why}: {answer}");
        assert_eq!(answer["error"], "invalid_request");
        let said = answer["error_description"].as_str().expect("a text");
        assert!(said.contains(why), "{why}: {said}");
    }
    ada.get("/users/me").await.expect(200);
    let exchange = json!({"token": log_out(&json!({}))});
    ada.api.post("/auth/exchange", &exchange).await.refused(401, "host_token_for_log_out");
}

async fn nobody_is_logged_out_unless_a_host_is_configured(engine: Engine) {
    let server = Server::start(engine).await;
    let form = format!("logout_token={}", log_out(&json!({})));
    let (status, _, answer) = told(&server, FORM, form).await;
    assert_eq!((status, &answer["code"]), (404, &json!("host_not_configured")));
}
