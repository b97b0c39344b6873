//! Sockets and the sessions behind them, when a node did not hear that these ended.

use tests::{Engine, Person, Server, Socket, json, on_both, within};

on_both!(
    a_node_that_stood_still_serves_nobody_who_is_disabled,
    a_socket_ends_with_the_life_of_its_session,
);

async fn command(server: &Server, arguments: &[&str]) {
    let done = server.run(arguments, "").await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// What a node asked just before it stood still must fail as well: answered after the tables are back, it would
/// tell of a time before anybody was disabled.
const UNTIL_NOTHING_RUNS: &str = "DO $$ BEGIN \
    WHILE EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
        AND state = 'active' AND pid <> pg_backend_pid()) LOOP \
        PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); \
    END LOOP; END $$";

/// Asks until the server waits to learn what became of sessions.
async fn poke_until_unsure(server: &Server, socket: &mut Socket) {
    within("the server to be unsure", async {
        while !server.log().contains("nobody can say whether their sessions") {
            let id = socket.submit(json!({"type": "ping"})).await;
            let answered = tokio::time::timeout(std::time::Duration::from_millis(500), async {
                socket.answer(&id).await.expect("the socket stays open");
            });
            // One that waits is answered once the server is sure again.
            let _ = answered.await;
        }
    })
    .await;
}

async fn a_node_that_stood_still_serves_nobody_who_is_disabled(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, bob] = Person::several(&server, ["Ada", "Bob"]).await;
    let group = ada.group("Theirs", &[&bob]).await;
    let (mut of_ada, mut of_bob) = (ada.socket().await, bob.socket().await);
    ada.send(group, "still there").await;
    of_bob.push_of("message.created").await;

    // Looks fail, and so do the checks that follow them. The node stands still, and what happens meanwhile is forgotten.
    server
        .execute(
            "ALTER TABLE ended_sessions RENAME TO hidden; ALTER TABLE sessions RENAME TO hidden2",
        )
        .await;
    poke_until_unsure(&server, &mut of_ada).await;
    server.pause();
    if engine == Engine::Postgres {
        server.execute(UNTIL_NOTHING_RUNS).await;
    }
    server
        .execute(
            "ALTER TABLE hidden RENAME TO ended_sessions; ALTER TABLE hidden2 RENAME TO sessions",
        )
        .await;
    command(&server, &["user", "disable", "Bob"]).await;
    server.execute("DELETE FROM ended_sessions").await;
    of_bob.submit(json!({"type": "send", "chat": group, "text": "I am disabled"})).await;
    server.resume();

    assert_eq!(of_bob.closed().await, 4502);
    let said: Vec<_> = ada.history(group).await.iter().map(|m| m["text"].clone()).collect();
    assert_eq!(said, [json!("still there")]);
    // Everybody else goes on.
    of_ada.send(group, "without Bob").await;
}

async fn a_socket_ends_with_the_life_of_its_session(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, bob] = Person::several(&server, ["Ada", "Bob"]).await;
    let (mut of_ada, mut of_bob) = (ada.socket().await, bob.socket().await);
    let session = bob.session;
    let past = match engine {
        Engine::Sqlite => "1",
        Engine::Postgres => "'2001-01-01'",
    };
    let expire = format!("UPDATE sessions SET expires_at = {past} WHERE id = {session}");
    server.execute(&expire).await;
    // A look that failed is followed by the check that comes every minute anyway.
    server.execute("ALTER TABLE ended_sessions RENAME TO hidden").await;
    server.until("a failure", async |server| server.log().contains("ended_sessions")).await;
    server.execute("ALTER TABLE hidden RENAME TO ended_sessions").await;
    assert_eq!(of_bob.closed().await, 4502);
    of_ada.ask(json!({"type": "ping"})).await;
}
