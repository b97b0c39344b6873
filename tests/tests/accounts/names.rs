//! Names that look like others, and names that would pass for whoever runs the server.

use tests::{Api, Engine, Method, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    a_name_that_looks_like_another_is_refused_everywhere,
    a_name_that_passes_for_staff_is_nobodys_own,
    names_may_look_alike_where_that_is_allowed,
    names_that_looked_alike_before_stay,
);

/// `ada` with a Cyrillic first letter.
const CYRILLIC: &str = "\u{430}da";
/// A password that is good enough for every dialect.
const STRONG: &str = "Correct-horse-77";

async fn register(api: &Api, name: &str) -> tests::Answer {
    api.post("/auth/register", &json!({"username": name, "password": PASSWORD})).await
}

async fn post(server: &Server, path: &str, body: Value) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.post(server.url(path)).json(&body).send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a body"))
}

async fn a_name_that_looks_like_another_is_refused_everywhere(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "ada").await;
    let api = &ada.api;
    for name in [CYRILLIC, "\u{410}DA", "\u{430}d\u{430}", "  ad\u{430} "] {
        register(api, name).await.refused_field(409, "username", "name_lookalike");
    }
    register(api, "ADA").await.refused_field(409, "username", "name_taken");
    for (path, body) in [
        ("/api/users", json!({"username": CYRILLIC, "password": STRONG})),
        ("/auth/users", json!({"username": CYRILLIC, "password": STRONG})),
        (
            "/api/auth/register",
            json!({"username": CYRILLIC, "password": STRONG, "password_confirm": STRONG}),
        ),
    ] {
        let (status, said) = post(&server, path, body).await;
        assert!(
            (400..500).contains(&status) && said.contains("username"),
            "{path}: {status} {said}"
        );
    }
    let added = server.run(&["user", "add", CYRILLIC, "--password-stdin"], PASSWORD).await;
    let said = String::from_utf8_lossy(&added.stderr).into_owned();
    assert!(!added.status.success() && said.contains("looks like one that is taken"), "{said}");
    let line = json!({"type": "user", "id": 900, "username": CYRILLIC, "created_at": "2024-01-01T00:00:00Z"});
    let imported = server.run(&["import", "-"], &format!("{line}\n")).await;
    let said = String::from_utf8_lossy(&imported.stderr).into_owned();
    assert!(!imported.status.success() && said.contains("looks like it"), "{said}");
    // By a dialect one may rename oneself.
    let ben = Person::register(&server, "ben").await;
    let rename = async |name: &str| {
        let path = server.url(&format!("/api/users/{}", ben.id));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let put = client.put(path).bearer_auth(&ben.access).json(&json!({"username": name}));
        put.send().await.expect("an answer").status().as_u16()
    };
    let status = rename(CYRILLIC).await;
    assert!((400..500).contains(&status), "{status}");
    assert_eq!(ben.get("/users/me").await.expect(200)["username"], "ben");
    for name in ["modern", "modem", "анна"] {
        register(api, name).await.expect(201);
    }
}

async fn a_name_that_passes_for_staff_is_nobodys_own(engine: Engine) {
    let server = Server::start(engine).await;
    let api = Api::of(&server).await;
    for name in ["admin", "ROOT", "Deleted User", "\u{430}dmin", "s.u.p.p.o.r.t"] {
        register(&api, name).await.refused_field(400, "username", "name_reserved");
    }
    let added = server.run(&["user", "add", "admin", "--password-stdin"], PASSWORD).await;
    assert!(added.status.success(), "who runs the server may");
    let named = Server::start_with(engine, &[("CONFAB_RESERVED_NAMES", "captain")]).await;
    let api = Api::of(&named).await;
    register(&api, "Captain").await.refused_field(400, "username", "name_reserved");
    register(&api, "admin").await.expect(201);
}

async fn names_may_look_alike_where_that_is_allowed(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_LOOKALIKE_NAMES", "allow")]).await;
    let ada = Person::register(&server, "ada").await;
    register(&ada.api, CYRILLIC).await.expect(201);
}

async fn names_that_looked_alike_before_stay(engine: Engine) {
    let settings = [("CONFAB_LOOKALIKE_NAMES", "allow")];
    let old = Server::start_with(engine, &settings).await;
    let [ada, other] = Person::several(&old, ["ada", CYRILLIC]).await;
    // As a version left them that knew nothing of this.
    old.execute("UPDATE users SET lookalike_lower = NULL, lookalike_upper = NULL").await;
    let mut server = old;
    server.set("CONFAB_LOOKALIKE_NAMES", "refuse");
    server.restart().await;
    let api = Api::of(&server).await;
    let third = "ad\u{430}";
    let is_refused = async |_: &Server| {
        let answer = register(&api, third).await;
        if answer.status == 201 {
            let made = Person::signed_in(api.clone(), &answer.expect(201));
            let body = json!({"password": PASSWORD, "messages": "keep"});
            made.call(Method::DELETE, "/users/me", &body).await.expect(204);
            return false;
        }
        answer.refused_field(409, "username", "name_lookalike");
        true
    };
    server.until("older names are known", is_refused).await;
    for mut person in [ada, other] {
        person.moved_to(&server).await;
        person.patch("/users/me", &json!({"bio": "as before"})).await.expect(200);
        let again = person.sign_in_again().await;
        assert_eq!(again.id, person.id);
    }
}
