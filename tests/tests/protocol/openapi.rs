//! The OpenAPI document and the server describe the same thing. (That its schemas are true is
//! checked at every answer that any test gets.)

use std::collections::BTreeSet;
use std::fs;
use tests::{Api, Engine, Method, Server, Value, on_both};

on_both!(every_documented_operation_is_there, the_page_to_try_it_asks_nobody_else);

/// What needs no token.
const PUBLIC: [&str; 13] = [
    "/limits",
    "/auth/register",
    "/set-up",
    "/auth/login",
    "/auth/exchange",
    "/auth/ways",
    "/auth/oidc/{provider}",
    "/auth/oidc/{provider}/log-out",
    "/auth/backchannel-logout",
    "/auth/refresh",
    "/auth/logout",
    "/push/renewals",
    "/users/{user_id}/avatar",
];

async fn every_documented_operation_is_there(engine: Engine) {
    let server = Server::start(engine).await;
    let api = Api::of(&server).await;
    let operations = api.openapi().operations();
    assert!(operations.len() > 20, "{operations:?}");
    for (method, path) in operations {
        let Some(path) = path.strip_prefix("/api/v1") else { continue };
        let public = PUBLIC.contains(&path) || path == "/openapi.json";
        if public || path == "/ws" {
            continue;
        }
        let filled =
            path.replace("{emoji}", "x").split('/').map(fill).collect::<Vec<_>>().join("/");
        let answer = api.call(method.clone(), &filled, None, &Value::Null).await;
        assert_eq!(answer.body["code"], "token_missing", "{method} {path}: {}", answer.body);
    }
    let printed = server.run(&["openapi"], "").await;
    assert!(printed.status.success());
    let printed: Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    let served = reqwest::get(server.url("/api/v1/openapi.json")).await.expect("an answer");
    assert_eq!(printed, served.json::<Value>().await.expect("JSON"), "printed and served alike");
}

fn fill(segment: &str) -> &str {
    if segment.starts_with('{') { "1" } else { segment }
}

async fn the_page_to_try_it_asks_nobody_else(engine: Engine) {
    let server = Server::start(engine).await;
    let page = reqwest::get(server.url("/api/docs/")).await.expect("an answer");
    assert_eq!(page.status(), 200);
    let page = page.text().await.expect("a text");
    for attribute in ["src=\"", "href=\""] {
        for named in page.split(attribute).skip(1) {
            let address = named.split('"').next().expect("a quoted address");
            assert!(!address.contains("//"), "{address} is on another machine");
        }
    }
}

/// `docs/api/README.md` lists what the document has, and nothing else.
#[tokio::test]
async fn the_pages_list_every_operation() {
    let server = Server::start(Engine::Sqlite).await;
    let api = Api::of(&server).await;
    let written = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api/README.md"));
    let written = written.expect("docs/api/README.md");
    let mut listed = BTreeSet::new();
    for row in written.lines().filter(|line| line.starts_with("| `")) {
        let cell = row.split('|').nth(1).expect("a cell").replace("\\", "");
        let mut method = String::new();
        for quoted in cell.split('`').skip(1).step_by(2) {
            let (verb, path) = quoted.split_once(' ').unwrap_or((&method, quoted));
            let path = path.split('?').next().expect("a path");
            listed.insert(format!("{verb} {}", unnamed(path)));
            method = verb.to_owned();
        }
    }
    let documented: BTreeSet<_> =
        api.openapi().operations().into_iter().filter_map(shown).collect();
    let missing: Vec<_> = documented.symmetric_difference(&listed).collect();
    assert!(missing.is_empty(), "in one and not in the other: {missing:?}");
}

/// What the page says elsewhere than in its tables.
fn shown((method, path): (Method, String)) -> Option<String> {
    let path = path.strip_prefix("/api/v1")?;
    let elsewhere = matches!(path, "/ws" | "/ws-tickets" | "/openapi.json");
    (!elsewhere).then(|| format!("{method} {}", unnamed(path)))
}

/// A path whose parameters have no names, which may differ.
fn unnamed(path: &str) -> String {
    let segments = path.split('/').map(|s| if s.starts_with('{') { "{}" } else { s });
    segments.collect::<Vec<_>>().join("/")
}
