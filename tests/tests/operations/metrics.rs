//! The metrics: each moves when what it counts happens, none of them names anybody, and they are
//! nowhere unless they are asked for.

use std::collections::BTreeSet;
use tests::{Engine, JsonSocket, Metrics, PASSWORD, Person, Server, json, on_both};

on_both!(
    messages_are_counted,
    requests_and_logins_are_counted,
    sockets_and_resumes_are_counted,
    the_database_is_watched,
);

const ON: [(&str, &str); 1] = [("CONFAB_METRICS_LISTEN", "127.0.0.1:0")];

/// By how much each of these grew while something was done.
async fn grew<const N: usize>(
    server: &Server,
    names: [&str; N],
    act: impl Future<Output = ()>,
) -> [f64; N] {
    let before = Metrics::of(server).await;
    act.await;
    let after = Metrics::of(server).await;
    names.map(|name| after.get(name) - before.get(name))
}

async fn messages_are_counted(engine: Engine) {
    let server = Server::start_with(engine, &ON).await;
    let [ada, grace, eve] = Person::several(&server, ["Ada", "Grace", "Eve"]).await;
    let chat = ada.direct(&grace).await;
    let (mut here, mut there) = (ada.socket().await, grace.socket().await);
    let path = format!("/chats/{chat}/messages");
    let names = [
        "confab_sends_total{outcome=\"stored\"}",
        "confab_sends_total{outcome=\"replayed\"}",
        "confab_sends_total{outcome=\"refused\"}",
        "confab_send_seconds_count",
        "confab_commit_messages_sum",
    ];
    let grown = grew(&server, names, async {
        let body = json!({"text": "one", "client_id": "one"});
        ada.post(&path, &body).await.expect(201);
        ada.post(&path, &body).await.expect(200);
        eve.post(&path, &body).await.refused(404, "chat_not_found");
        here.send(chat, "two").await;
    });
    assert_eq!(grown.await, [2.0, 1.0, 1.0, 3.0, 4.0]);
    // Each of the two is told of each message, which is counted once it is written.
    for socket in [&mut here, &mut there] {
        socket.push("two", |push| push["data"]["text"] == "two").await;
    }
    let told = "confab_deliveries_total{protocol=\"native\"}";
    server.until("the deliveries", async |s| Metrics::of(s).await.get(told) >= 4.0).await;
    let metrics = Metrics::of(&server).await;
    let timed = "confab_delivery_seconds_count{protocol=\"native\"}";
    assert_eq!(metrics.get(timed), 4.0, "messages are timed, and nothing else");
    let slow = "confab_delivery_seconds_bucket{protocol=\"native\",le=\"10\"}";
    assert_eq!(metrics.get(slow), 4.0, "none took long");
}

async fn requests_and_logins_are_counted(engine: Engine) {
    let server = Server::start_with(engine, &ON).await;
    let ada = Person::register(&server, "Ada").await;
    let mut socket = ada.socket().await;
    let request = |via, class, status| {
        format!("confab_requests_total{{via=\"{via}\",class=\"{class}\",status=\"{status}\"}}")
    };
    let wanted = [
        request("http", "other", 200),
        request("http", "other", 404),
        request("http", "log_in", 200),
        request("http", "log_in", 401),
        request("http", "search", 200),
        request("http", "health", 200),
        request("socket", "send", 404),
        request("socket", "other", 200),
        "confab_logins_total{outcome=\"ok\"}".to_owned(),
        "confab_logins_total{outcome=\"wrong_credentials\"}".to_owned(),
        "confab_request_seconds_count{via=\"http\",class=\"log_in\"}".to_owned(),
    ];
    let grown = grew(&server, wanted.each_ref().map(String::as_str), async {
        ada.get("/users/me").await.expect(200);
        ada.get("/chats/999").await.refused(404, "chat_not_found");
        ada.sign_in_again().await;
        let wrong = json!({"username": "Ada", "password": "not-this-one"});
        ada.api.post("/auth/login", &wrong).await.refused(401, "wrong_credentials");
        ada.get("/users?q=ada").await.expect(200);
        reqwest::get(server.url("/readyz")).await.expect("an answer");
        let stranger = json!({"type": "send", "chat": 999, "text": "x"});
        socket.refused(stranger, "chat_not_found").await;
        socket.ask(json!({"type": "ping"})).await;
    });
    assert_eq!(grown.await, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
    server.run(&["user", "disable", "Ada"], "").await;
    let outcomes = ["confab_logins_total{outcome=\"account_disabled\"}"];
    let grown = grew(&server, outcomes, async {
        let right = json!({"username": "Ada", "password": PASSWORD});
        ada.api.post("/auth/login", &right).await.refused(403, "account_disabled");
    });
    assert_eq!(grown.await, [1.0]);
}

async fn sockets_and_resumes_are_counted(engine: Engine) {
    let server = Server::start_with(engine, &ON).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let (chat, other) = (ada.direct(&grace).await, ada.group("Group", &[]).await);
    for _ in 0..210 {
        ada.send(chat, "message").await;
    }
    let native = "confab_connections{protocol=\"native\"}";
    let open = |n: f64| {
        let server = &server;
        async move {
            let open = async |s: &Server| Metrics::of(s).await.get(native) == n;
            server.until("the sockets to be counted", open).await;
        }
    };
    open(0.0).await;
    let mut socket = ada.socket().await;
    let second = grace.socket().await;
    open(2.0).await;
    let resumes = ["caught_up", "more", "reset", "gone"]
        .map(|outcome| format!("confab_resumes_total{{outcome=\"{outcome}\"}}"));
    let grown = grew(&server, resumes.each_ref().map(String::as_str), async {
        let chats = json!({chat.to_string(): 0, other.to_string(): 99, "999": 1});
        socket.ask(json!({"type": "resume", "chats": chats})).await;
        let version = ada.chat(chat).await["version"].clone();
        socket.ask(json!({"type": "resume", "chats": {chat.to_string(): version}})).await;
    });
    assert_eq!(grown.await, [1.0, 1.0, 1.0, 1.0]);
    drop(second);
    open(1.0).await;
    // A dialect counts for itself.
    let path = format!("/ws/chats/?token={}", ada.access);
    let speaks = JsonSocket::open(server.address(), &path, None).await.expect("a socket");
    let dialect = "confab_connections{protocol=\"events\"}";
    server.until("its socket", async |s| Metrics::of(s).await.get(dialect) == 1.0).await;
    drop(speaks);
    server.until("its end", async |s| Metrics::of(s).await.get(dialect) == 0.0).await;
    let closed = Metrics::of(&server).await.sum("confab_sockets_closed_total");
    assert_eq!(closed, 2.0, "two of three are closed");
}

async fn the_database_is_watched(engine: Engine) {
    let server = Server::start_with(engine, &ON).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    ada.send(chat, "one").await;
    let metrics = Metrics::of(&server).await;
    let pools: &[&str] = match engine {
        Engine::Sqlite => &["read", "write"],
        Engine::Postgres => &["read", "write", "write_apart", "send"],
    };
    for pool in pools {
        let open = metrics.get(&format!("confab_database_connections{{pool=\"{pool}\"}}"));
        assert!(open >= 1.0, "{pool}: {metrics:?}");
    }
    assert_eq!(metrics.sum("confab_database_waiting"), 0.0);
    assert_eq!(metrics.get("confab_commit_failures_total"), 0.0);
    assert!(metrics.get("confab_commit_seconds_count") >= 1.0);
    // What is there says so from the start, and says nothing of anybody.
    let names: BTreeSet<_> = metrics.names().collect();
    for name in [
        "confab_commit_lanes",
        "confab_commit_queue_messages",
        "confab_database_connections_in_use",
        "confab_database_writes",
        "confab_mailbox_events",
        "confab_mailbox_fullest_events",
        "confab_password_queue",
    ] {
        assert!(names.contains(name), "{name} in {names:?}");
    }
    let known = ["class", "code", "job", "le", "outcome", "pool", "protocol", "status", "via"];
    for label in metrics.labels() {
        let (name, value) = label.split_once('=').expect("a name and a value");
        assert!(known.contains(&name), "{label}");
        assert!(!value.to_lowercase().contains("ada"), "{label}");
    }
}

/// Nobody has to be kept from what is not there.
#[tokio::test]
async fn they_are_nowhere_unless_asked_for() {
    let server = Server::start(Engine::Sqlite).await;
    let asked = reqwest::get(server.url("/metrics")).await.expect("an answer");
    assert_eq!(asked.status(), 404);
    assert!(!server.log().contains("metrics at"), "no listener");
    // With them, the API's own address still has none, and theirs has nothing else.
    let server = Server::start_with(Engine::Sqlite, &ON).await;
    let asked = reqwest::get(server.url("/metrics")).await.expect("an answer");
    assert_eq!(asked.status(), 404);
    let elsewhere = server.metrics_url().replace("/metrics", "/api/v1/users/me");
    assert_eq!(reqwest::get(elsewhere).await.expect("an answer").status(), 404);
    let taken = server.address().to_owned();
    let second = Server::prepare(Engine::Sqlite, &[("CONFAB_METRICS_LISTEN", &taken)]).await;
    let ended = second.run(&["serve", "--listen", "127.0.0.1:0"], "").await;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success() && said.contains("CONFAB_METRICS_LISTEN"), "{said}");
}
