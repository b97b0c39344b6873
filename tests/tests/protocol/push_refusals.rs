//! What is refused of subscriptions to Web Push, and the keys of the server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use tests::{Engine, Method, Person, PushService, Server, Value, json, on_both};

on_both!(
    what_is_no_subscription_is_refused_by_field,
    addresses_inside_are_refused,
    a_subscription_is_its_session_s_own,
    only_who_had_a_subscription_renews_it,
    devices_have_a_limit,
    the_keys_are_made_once_or_given,
);

const PATH: &str = "/push/subscription";
/// Points of P-256, as anybody's browser would have them.
const POINT: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

fn with(field: &str, value: &Value) -> Value {
    let mut body = json!({
        "endpoint": "https://push.example.org/x",
        "keys": {"p256dh": POINT, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
    });
    match field.split_once('.') {
        Some((outer, inner)) => body[outer][inner] = value.clone(),
        None => body[field] = value.clone(),
    }
    body
}

async fn what_is_no_subscription_is_refused_by_field(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let key = |bytes: usize| json!("A".repeat(bytes.div_ceil(3) * 4));
    let off_the_curve = json!(format!("{}A", &POINT[..86]));
    for (field, value, code) in [
        ("endpoint", json!(""), "not_an_endpoint"),
        ("endpoint", json!("push.example.org"), "not_an_endpoint"),
        ("endpoint", json!("http://push.example.org/x"), "not_an_endpoint"),
        ("endpoint", json!("https://a:b@push.example.org/x"), "not_an_endpoint"),
        ("endpoint", json!("https://push.example.org/\0"), "not_an_endpoint"),
        ("endpoint", json!(format!("https://push.example.org/{}", "x".repeat(2_048))), "too_long"),
        ("endpoint", json!(7), "wrong_type"),
        ("endpoint", Value::Null, "wrong_type"),
        ("keys.p256dh", json!(""), "not_a_key"),
        ("keys.p256dh", json!("\0"), "not_a_key"),
        ("keys.p256dh", json!(&POINT[..86]), "not_a_key"),
        ("keys.p256dh", off_the_curve, "not_a_key"),
        ("keys.p256dh", key(65), "not_a_key"),
        ("keys.p256dh", key(60_000), "not_a_key"),
        ("keys.p256dh", json!([4]), "wrong_type"),
        ("keys.auth", json!("BTBZMqHH6r4Tts7J_aSI"), "not_a_key"),
        ("keys.auth", json!("BTBZ MqHH6r4Tts7J_aSIgg"), "not_a_key"),
        ("keys.auth", key(17), "not_a_key"),
        ("expires_at", json!("tomorrow"), "not_a_moment"),
        ("expires_at", json!("2001-01-01T00:00:00Z"), "not_in_the_future"),
        ("expires_at", json!(0), "wrong_type"),
        ("content", json!("everything"), "wrong_type"),
        ("content", Value::Null, "wrong_type"),
        ("keys", json!("x"), "wrong_type"),
        ("more", json!(1), "wrong_type"),
        ("keys.more", json!("x"), "wrong_type"),
    ] {
        ada.put(PATH, &with(field, &value)).await.refused_field(400, field, code);
    }
    ada.put(PATH, &Value::Null).await.refused(400, "body_missing");
    ada.put(PATH, &json!({"endpoint": "x".repeat(200_000)})).await.refused(413, "body_too_large");
    assert_eq!(ada.get("/push").await.expect(200)["subscription"], Value::Null);

    let padded = with("keys.auth", &json!("BTBZMqHH6r4Tts7J_aSIgg=="));
    ada.put(PATH, &padded).await.expect(200);
    let ends = json!("2999-01-01T00:00:00+01:00");
    let set = ada.put(PATH, &with("expires_at", &ends)).await.expect(200);
    assert_eq!(set["expires_at"], "2998-12-31T23:00:00.000000Z");
    assert_eq!(set["content"], "sender", "no more than that unless one wants it");
    assert_eq!(ada.get("/push").await.expect(200)["subscription"], set);
}

async fn addresses_inside_are_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for endpoint in [
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://0x7f.0.0.1:8443/x",
        "https://2130706433/x",
        "https://0/x",
        "https://localhost/x",
        "https://LocalHost./x",
        "https://10.0.0.1/x",
        "https://100.64.0.1/x",
        "https://169.254.169.254/latest",
        "https://172.20.0.1/x",
        "https://192.168.0.1/x",
        "https://224.0.0.1/x",
        "https://[::]/x",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://[fe80::1]/x",
        "https://[::ffff:8.8.8.8]/x",
        "https://[::ffff:127.0.0.1]:443/x",
        "https://[64:ff9b::10.0.0.1]/x",
    ] {
        let answer = ada.put(PATH, &with("endpoint", &json!(endpoint))).await;
        answer.refused_field(400, "endpoint", "address_not_public");
    }
    // Even a test's server calls nothing but itself.
    let near = Server::start_with(engine, &[("CONFAB_PUSH_LOOPBACK", "on")]).await;
    let grace = Person::register(&near, "Grace").await;
    for endpoint in ["https://10.0.0.1/x", "http://192.168.0.1/x", "https://[fd00::1]/x"] {
        let answer = grace.put(PATH, &with("endpoint", &json!(endpoint))).await;
        answer.refused_field(400, "endpoint", "address_not_public");
    }
    let plain = grace.put(PATH, &with("endpoint", &json!("http://push.example.org/x"))).await;
    plain.refused_field(400, "endpoint", "not_an_endpoint");
}

async fn a_subscription_is_its_session_s_own(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, mallory] = Person::several(&server, ["Ada", "Mallory"]).await;
    let elsewhere = ada.sign_in_again().await;
    let wanted = with("content", &json!("sender_and_text"));
    ada.put(PATH, &wanted).await.expect(200);
    for stranger in [&elsewhere, &mallory] {
        assert_eq!(stranger.get("/push").await.expect(200)["subscription"], Value::Null);
        stranger.delete(PATH).await.expect(204);
    }
    assert_eq!(ada.get("/push").await.expect(200)["subscription"]["content"], "sender_and_text");
    for (method, path) in [(Method::GET, "/push"), (Method::PUT, PATH), (Method::DELETE, PATH)] {
        let answer = ada.api.call(method, path, None, &Value::Null).await;
        answer.refused(401, "token_missing");
    }
    // The next one to use the browser is told there, and the one before no more.
    mallory.put(PATH, &wanted).await.expect(200);
    assert_eq!(ada.get("/push").await.expect(200)["subscription"], Value::Null);
    mallory.post("/auth/logout", &Value::Null).await.expect(204);
    mallory.put(PATH, &wanted).await.refused(401, "token_invalid");
}

async fn only_who_had_a_subscription_renews_it(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let mut old = with("content", &json!("sender_and_text"));
    ada.put(PATH, &old).await.expect(200);
    old["auth"] = old["keys"]["auth"].take();
    let (endpoint, auth) = (&old["endpoint"], &old["auth"]);
    let renewal = |endpoint: &Value, auth: &Value, (field, value): (&str, Value)| {
        let mut body = with(field, &value);
        body["old"] = json!({"endpoint": endpoint, "auth": auth});
        body
    };
    let elsewhere = || ("endpoint", json!("https://push.example.org/new"));
    let renew = async |body: &Value| ada.api.post("/push/renewals", body).await;
    let unknown = async |body: &Value| {
        let mut told = renew(body).await.refused(404, "subscription_not_found");
        told["request_id"].take();
        told
    };
    let nowhere = json!("https://push.example.org/no");
    let missing = unknown(&renewal(&nowhere, auth, elsewhere())).await;
    // Another's secret, and texts that are none, are answered like what is not there.
    for wrong in ["AAAAAAAAAAAAAAAAAAAAAA", "BTBZMqHH6r4Tts7J_aSI", "", "\0", "not base64!"] {
        let body = renewal(endpoint, &json!(wrong), elsewhere());
        assert_eq!(unknown(&body).await, missing, "{wrong:?}");
    }
    for wrong in ["", "\0", "https://push.example.org/\0", "https://10.0.0.1/x"] {
        let body = renewal(&json!(wrong), auth, elsewhere());
        assert_eq!(unknown(&body).await, missing, "{wrong:?}");
    }
    // Who has not shown the old one learns nothing of the new one either.
    let inside = ("endpoint", json!("https://10.0.0.1/x"));
    assert_eq!(unknown(&renewal(endpoint, &json!("AAAA"), inside)).await, missing);
    for (field, value, code) in [
        ("endpoint", json!("https://10.0.0.1/x"), "address_not_public"),
        ("endpoint", json!("http://push.example.org/x"), "not_an_endpoint"),
        ("keys.p256dh", json!(""), "not_a_key"),
        ("keys.auth", json!("AAAA"), "not_a_key"),
        ("expires_at", json!("2001-01-01T00:00:00Z"), "not_in_the_future"),
        ("expires_at", json!("tomorrow"), "not_a_moment"),
        ("old", json!("x"), "wrong_type"),
        ("content", json!("sender"), "wrong_type"),
    ] {
        let mut body = renewal(endpoint, auth, (field, value.clone()));
        if field == "old" {
            body["old"] = value;
        }
        renew(&body).await.refused_field(400, field, code);
    }
    let kept = ada.get("/push").await.expect(200)["subscription"].clone();
    assert_eq!((&kept["endpoint"], &kept["content"]), (endpoint, &json!("sender_and_text")));
    let body = renewal(endpoint, auth, elsewhere());
    renew(&body).await.expect(200);
    assert_eq!(unknown(&body).await, missing, "it works once");
}

async fn devices_have_a_limit(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_PUSH_LOOPBACK", "on")]).await;
    let service = PushService::start().await;
    let ada = Person::register(&server, "Ada").await;
    let mut last = ada.clone();
    for _ in 0..20 {
        last = ada.sign_in_again().await;
        last.put(PATH, &service.browser().subscription("sender")).await.expect(200);
    }
    let one_more = service.browser().subscription("sender");
    ada.put(PATH, &one_more).await.refused(409, "too_many_devices");
    last.put(PATH, &one_more).await.expect(200);
    last.delete(PATH).await.expect(204);
    last.delete(PATH).await.expect(204);
    ada.put(PATH, &one_more).await.expect(200);
}

async fn the_keys_are_made_once_or_given(engine: Engine) {
    let mut server = Server::start(engine).await;
    let file = server.data_folder().join("vapid.key");
    let kept = fs::read_to_string(&file).expect("it was made at the first start");
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let mut ada = Person::register(&server, "Ada").await;
    let key = ada.get("/push").await.expect(200)["public_key"].clone();
    server.restart().await;
    ada.moved_to(&server).await;
    assert_eq!(ada.get("/push").await.expect(200)["public_key"], key);
    assert!(!server.log().contains(&kept), "it is in no log");

    let given = Server::start_with(engine, &[("CONFAB_VAPID_KEY", &kept)]).await;
    let grace = Person::register(&given, "Grace").await;
    assert_eq!(grace.get("/push").await.expect(200)["public_key"], key, "as on another node");
    assert!(!given.data_folder().join("vapid.key").exists());
    let zeros = "0".repeat(64);
    for (setting, wrong) in [
        ("CONFAB_VAPID_KEY", &*zeros),
        ("CONFAB_VAPID_KEY", "1234"),
        ("CONFAB_PUSH_CONTACT", "ops"),
        ("CONFAB_PUSH_LOOPBACK", "maybe"),
    ] {
        let server = Server::prepare(engine, &[(setting, wrong)]).await;
        let ended = server.run(&["serve"], "").await;
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(!ended.status.success() && told.contains(setting), "{told}");
        assert_eq!(told.trim().lines().count(), 1, "{told}");
    }
}
