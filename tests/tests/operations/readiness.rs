//! `/readyz` says what is wrong, and `/healthz` does not mind.

use tests::{Engine, OwnPostgres, Person, Server, Value, json};

async fn asked(server: &Server, path: &str) -> (u16, Value) {
    let answer = reqwest::get(server.url(path)).await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

/// The checks that failed; whether it is ready follows from them.
async fn failed(server: &Server) -> Vec<String> {
    let (status, body) = asked(server, "/readyz").await;
    let checks = body["checks"].as_object().expect("checks");
    for name in ["serving", "database", "schema", "disk"] {
        assert!(checks.contains_key(name), "{name} in {body}");
    }
    let failed = checks.iter().filter(|(_, check)| check["status"] != "ok");
    let names: Vec<_> = failed
        .map(|(name, check)| {
            let detail = check["detail"].as_str().expect("it says why");
            assert!(!detail.contains("127.0.0.1") && !detail.contains("postgres"), "{detail}");
            name.clone()
        })
        .collect();
    assert_eq!((status == 200, &body["status"] == "ok"), (names.is_empty(), names.is_empty()));
    assert_eq!(asked(server, "/healthz").await, (200, json!({"status": "ok"})));
    names
}

#[tokio::test]
async fn it_says_that_the_database_is_away_or_not_migrated() {
    let postgres = OwnPostgres::start().await;
    let server = Server::start_with(Engine::Sqlite, &[("DATABASE_URL", postgres.url())]).await;
    assert_eq!(failed(&server).await, [""; 0]);
    postgres.halt().await;
    // What was found is told for a second.
    let now_fails = async |what: &'static str| {
        server.until(what, async |server| failed(server).await == [what]).await
    };
    now_fails("database").await;
    let healthcheck = server.run(&["healthcheck"], "").await;
    let said = String::from_utf8_lossy(&healthcheck.stderr).into_owned();
    assert!(!healthcheck.status.success() && said.contains("does not answer"), "{said}");
    postgres.start_again().await;
    server.until("it to be ready", async |server| failed(server).await.is_empty()).await;
    // Somebody gave it the tables of another version.
    let rename = "UPDATE __diesel_schema_migrations SET version = 'x' || version";
    postgres.execute(rename).await;
    now_fails("schema").await;
    let back = "UPDATE __diesel_schema_migrations SET version = substr(version, 2)";
    postgres.execute(back).await;
    server.until("it to be ready", async |server| failed(server).await.is_empty()).await;
}

#[tokio::test]
async fn it_says_that_the_database_takes_no_writes() {
    let postgres = OwnPostgres::start().await;
    let server = Server::start_with(Engine::Sqlite, &[("DATABASE_URL", postgres.url())]).await;
    let ada = Person::register(&server, "Ada").await;
    assert_eq!(failed(&server).await, [""; 0]);
    // As after a failover to a standby behind the same address: whoever connects now can only read.
    postgres.set_read_only(true).await;
    server.until("it to find out", async |server| failed(server).await == ["database"]).await;
    ada.get("/users/me").await.expect(200);
    let group = json!({"title": "Tea", "members": []});
    ada.post("/chats", &group).await.refused(503, "unavailable");
    postgres.set_read_only(false).await;
    server.until("it to be ready", async |server| failed(server).await.is_empty()).await;
    ada.post("/chats", &group).await.expect(201);
}
