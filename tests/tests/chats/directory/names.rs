//! Names and e-mail addresses that somebody has, where it is not to be told whose they are.

use super::{by_bearer, scene, without};
use tests::{Engine, PASSWORD, Person, Value, behind_hosts, json, on_both, within};

on_both!(
    who_may_not_register_is_not_told_which_names_are_taken,
    an_address_of_somebody_hidden_is_like_a_free_one,
);

async fn who_may_not_register_is_not_told_which_names_are_taken(engine: Engine) {
    let mut server = behind_hosts(engine).await;
    Person::register(&server, "Ada").await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for (setting, word) in [
        ("CONFAB_REGISTRATION", "closed"),
        ("CONFAB_REGISTRATION", "invite"),
        ("CONFAB_PASSWORDS", "off"),
    ] {
        server.set("CONFAB_REGISTRATION", "open");
        server.set(setting, word);
        server.restart().await;
        for path in [
            "/api/v1/auth/register",
            "/auth/users/",
            "/api/users/",
            "/api/auth/register/",
            "/api/user/registration/",
        ] {
            let ask = async |name: &str| {
                let mut body = json!({"username": name, "password": PASSWORD});
                if path != "/api/v1/auth/register" {
                    body["password_confirm"] = json!(PASSWORD);
                    body["email"] = json!(format!("{name}@example.org"));
                }
                let request = client.post(server.url(path)).json(&body).send();
                let answer = within(path, request).await.expect("an answer");
                let (status, told) = (answer.status().as_u16(), answer.text().await);
                let mut told: Value = serde_json::from_str(&told.expect("a text")).expect("JSON");
                told["request_id"].take();
                (status, without(&told.to_string(), name))
            };
            let (taken, free) = (ask("Ada").await, ask("Eve").await);
            assert_eq!(taken, free, "{word}: {path}");
            assert!((400..500).contains(&taken.0), "{word}: {path}: {taken:?}");
        }
    }
}

async fn an_address_of_somebody_hidden_is_like_a_free_one(engine: Engine) {
    let scene = scene(engine, "nobody").await;
    let (taken, free) = ("dora@example.org", "free@example.org");
    scene.dora.patch("/users/me", &json!({"email": taken})).await.expect(200);
    let change = async |person: &Person, email: &str| {
        let body = json!({"email": email}).to_string();
        let (status, told) = by_bearer(person, "PATCH", "/api/auth/profile/", &body).await;
        (status, without(&told.to_string(), email))
    };
    let (of_hidden, of_nobody) = (change(&scene.eve, taken).await, change(&scene.eve, free).await);
    assert_eq!(of_hidden, of_nobody);
    assert_eq!(of_hidden.0, 200, "{of_hidden:?}");
    // Cleo has a chat with Dora.
    assert_eq!(change(&scene.cleo, taken).await.0, 400);
    // The address is still Dora's.
    let own = scene.dora.get("/users/me").await.expect(200);
    assert_eq!(own["email"], Value::from(taken));
}
