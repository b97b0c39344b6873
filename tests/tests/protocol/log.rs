//! What the log says, and that nobody can flood it.

use tests::{Engine, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    a_flood_of_refusals_is_a_line_a_second,
    a_long_path_is_cut,
    attempts_to_sign_in_are_told_of,
);

/// The lines of a log in JSON.
fn lines(server: &Server) -> Vec<Value> {
    server.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// How many requests of a kind there were: those with lines, and those that other lines count.
async fn all_accounted(server: &Server, what: &str, status: u16, path: &str, wanted: u64) {
    let mut written = 0;
    server
        .until(&format!("{wanted} {what}"), async |server| {
            let lines = lines(server);
            let own = |line: &&Value| line["status"] == status && line["path"] == path;
            written = lines.iter().filter(own).count() as u64;
            let left_out = lines.iter().filter(|line| line["of"] == what);
            let left_out: u64 = left_out.filter_map(|line| line["more"].as_u64()).sum();
            assert!(written + left_out <= wanted, "{written} and {left_out} of {wanted}");
            written + left_out == wanted
        })
        .await;
    assert!((1..wanted / 2).contains(&written), "{written} lines for {wanted} {what}");
}

async fn a_flood_of_refusals_is_a_line_a_second(engine: Engine) {
    let settings = [("CONFAB_RATE_LIMITS", "on"), ("CONFAB_LOG_FORMAT", "json")];
    let server = Server::start_with(engine, &settings).await;
    let client = client();
    let known = json!({"username": "Ada", "password": "wrong-tree-lamp"});
    let mut refused = 0;
    while refused < 300 {
        let asked = client.post(server.url("/api/v1/auth/login")).json(&known).send().await;
        match asked.expect("an answer").status().as_u16() {
            429 => refused += 1,
            status => assert_eq!(status, 401),
        }
    }
    let what = "requests that were too many";
    all_accounted(&server, what, 429, "/api/v1/auth/login", 300).await;
    for _ in 0..300 {
        client.get(server.url("/healthz")).send().await.expect("an answer");
    }
    all_accounted(&server, "requests for health", 200, "/healthz", 300).await;
}

async fn a_long_path_is_cut(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_LOG_FORMAT", "json")]).await;
    let path = format!("/nowhere/{}", "x".repeat(20_000));
    let answer = client().get(server.url(&path)).send().await.expect("an answer");
    assert_eq!(answer.status(), 404);
    let found = async |server: &Server| {
        lines(server).iter().any(|line| line["path"].as_str() == Some(&path[..200]))
    };
    server.until("its line", found).await;
    let longest = server.log().lines().map(str::len).max();
    assert!(longest < Some(1_000), "{longest:?}");
}

async fn attempts_to_sign_in_are_told_of(engine: Engine) {
    let settings = [("CONFAB_RATE_LIMITS", "on"), ("CONFAB_LOG_FORMAT", "json")];
    let server = Server::start_with(engine, &settings).await;
    Person::register(&server, "Ada").await;
    let client = client();
    let post = async |path: &str, name: &str, password: &str| {
        let body = json!({"username": name, "password": password});
        client.post(server.url(path)).json(&body).send().await.expect("an answer");
    };
    for path in ["/api/v1/auth/login", "/api/auth/login", "/api/login"] {
        post(path, "Ada", PASSWORD).await;
        post(path, "ADA", "wrong-tree-lamp").await;
        post(path, "typed-into-the-wrong-field", "wrong-tree-lamp").await;
    }
    for _ in 0..10 {
        post("/api/v1/auth/login", "Ada", "wrong-tree-lamp").await;
    }
    let of = |outcome: &str| -> Vec<Value> {
        let told = lines(&server).into_iter().filter(|line| line["target"] == "security");
        told.filter(|line| line["outcome"] == outcome).collect()
    };
    let accounts = |told: &[Value]| -> Vec<Value> {
        told.iter().map(|line| line["account"].clone()).collect()
    };
    // Whoever makes an account is signed in by that.
    assert_eq!(accounts(&of("ok")), ["Ada", "Ada", "Ada", "Ada"]);
    let wrong = of("wrong_credentials");
    let nobody = wrong.iter().filter(|line| line["account"].is_null()).count();
    assert_eq!((wrong[0]["account"].as_str(), nobody), (Some("Ada"), 3), "{wrong:?}");
    assert!(!of("rate_limited").is_empty());
    for line in [of("ok"), wrong, of("rate_limited")].concat() {
        assert_eq!(line["address"], "127.0.0.1", "{line}");
    }
    let log = server.log();
    for secret in [PASSWORD, "wrong-tree-lamp", "typed-into-the-wrong-field"] {
        assert!(!log.contains(secret), "{secret}");
    }
}
