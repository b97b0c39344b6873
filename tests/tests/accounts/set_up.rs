//! The first admin of a server, by the link in its log.

use tests::{Answer, Api, Engine, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    the_link_in_the_log_makes_the_first_admin_once,
    a_setting_decides_about_registration,
    a_server_with_an_admin_shows_no_link,
);

/// The code, and what stands behind it, of the link that the log shows.
fn link(server: &Server) -> Option<(String, String)> {
    let log = server.log();
    let (_, rest) = log.rsplit_once("/#/set-up/")?;
    let rest = rest.split_whitespace().next().unwrap_or_default();
    let (code, registration) = rest.split_once('/').unwrap_or((rest, ""));
    Some((code.to_owned(), registration.to_owned()))
}

/// How many links the log shows; what was printed before the last start is gone.
fn links(server: &Server) -> usize {
    server.log().matches("/#/set-up/").count()
}

async fn set_up(server: &Server, name: &str, code: &str, registration: Option<&str>) -> Answer {
    let mut body = json!({"code": code, "username": name, "password": PASSWORD});
    if let Some(registration) = registration {
        body["registration"] = json!(registration);
    }
    Api::of(server).await.post("/set-up", &body).await
}

async fn register(server: &Server, name: &str) -> Answer {
    let body = json!({"username": name, "password": PASSWORD});
    Api::of(server).await.post("/auth/register", &body).await
}

async fn the_link_in_the_log_makes_the_first_admin_once(engine: Engine) {
    let mut server = Server::start(engine).await;
    let (code, registration) = link(&server).expect("a link");
    assert_eq!(registration, "");
    register(&server, "Ada").await.expect(201);
    let wrong = "0123456789abcdef0123456789abcdef";
    set_up(&server, "Root", wrong, Some("closed")).await.refused(403, "set_up_link_invalid");
    for unknown in [None, Some("shut")] {
        let answer = set_up(&server, "Root", &code, unknown).await;
        answer.refused_field(400, "registration", "unknown_registration");
    }
    set_up(&server, "ada", &code, Some("closed")).await.refused_field(
        409,
        "username",
        "name_taken",
    );
    let made = set_up(&server, "Root", &code, Some("closed")).await.expect(201);
    assert_eq!(made["user"]["role"], "admin");
    let root = Person::signed_in(Api::of(&server).await, &made);
    root.get("/admin/users").await.expect(200);
    let line = &root.all("/admin/audit?kind=sign_in").await;
    let is_made = |l: &Value| l["action"] == "user.registered" && l["target_id"] == root.id;
    assert!(line.iter().any(is_made), "{line:?}");
    set_up(&server, "Root 2", &code, Some("open")).await.refused(409, "already_set_up");
    register(&server, "Grace").await.refused(403, "registration_closed");

    // A restart keeps what was decided, a setting is stronger, and there is no other link.
    server.set("CONFAB_REGISTRATION", "open");
    server.restart().await;
    register(&server, "Grace").await.expect(201);
    assert_eq!(links(&server), 1, "that of the first start");
}

#[tokio::test]
async fn of_two_nodes_both_take_the_link_and_one_makes_the_admin() {
    let secret = "5".repeat(64);
    let both = Server::prepare(Engine::Postgres, &[("CONFAB_SECRET_KEY", &secret)]).await;
    let (one, other) = (both.start_beside().await, both.start_beside().await);
    let (code, same) = (link(&one).expect("a link"), link(&other).expect("a link"));
    assert_eq!(code, same);
    let code = code.0;
    let (first, second) = tokio::join!(
        set_up(&one, "Root", &code, Some("invite")),
        set_up(&other, "Chief", &code, Some("open")),
    );
    let (made, refused) = if first.status == 201 { (first, second) } else { (second, first) };
    made.expect(201);
    refused.refused(409, "already_set_up");
}

async fn a_setting_decides_about_registration(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_REGISTRATION", "closed")]).await;
    let (code, registration) = link(&server).expect("a link");
    assert_eq!(registration, "closed");
    let twice = set_up(&server, "Root", &code, Some("open")).await;
    twice.refused(409, "registration_is_a_setting");
    set_up(&server, "Root", &code, None).await.expect(201);
    register(&server, "Ada").await.refused(403, "registration_closed");
}

async fn a_server_with_an_admin_shows_no_link(engine: Engine) {
    let mut server = Server::start(engine).await;
    let (code, _) = link(&server).expect("a link");
    Person::admin(&server, "Root").await;
    set_up(&server, "Chief", &code, Some("open")).await.refused(409, "already_set_up");
    server.restart().await;
    assert_eq!(links(&server), 1, "that of the first start");
}
