//! Who is too fast is told to wait, and nobody else is. How a limit gives back is tested with a
//! clock that is held still, beside the limits themselves.

use futures_util::StreamExt;
use futures_util::stream;
use tests::{Answer, Api, ConnectError, Engine, Method, PASSWORD, Person, Server, Socket};
use tests::{Value, json, on_both};

on_both!(
    a_flood_of_messages_is_refused,
    a_flood_of_searches_is_refused,
    a_flood_of_files_is_refused,
    a_flood_of_renewals_is_refused,
    passwords_are_not_guessed,
    an_account_has_so_many_sockets,
    without_limits_nothing_is_refused,
);

/// So many at once are refused in part.
const FLOOD: usize = 150;
/// Of so many after a flood some are refused, though on a slow machine the first may have been given back.
const SOME: usize = 16;
/// Searches that are asked for at once.
const SEARCHES_AT_ONCE: usize = 8;

async fn limited(engine: Engine, proxies: &str) -> Server {
    limited_by(engine, proxies, "").await
}

/// With these rates. One that gives back next to nothing lets exactly its burst through, however slow the machine is.
async fn limited_by(engine: Engine, proxies: &str, rates: &str) -> Server {
    let settings = [
        ("CONFAB_RATE_LIMITS", "on"),
        ("CONFAB_TRUSTED_PROXIES", proxies),
        ("CONFAB_RATES", rates),
    ];
    Server::start_with(engine, &settings).await
}

/// Makes all these requests, some at once.
async fn flood<F: Future<Output = Answer>>(requests: impl Iterator<Item = F>) -> Vec<Answer> {
    stream::iter(requests).buffer_unordered(16).collect().await
}

/// A refusal by a limit, and for how many seconds.
#[track_caller]
fn too_often(answer: Answer) -> u64 {
    let header = answer.headers.get("retry-after").and_then(|wait| wait.to_str().ok());
    let header: Option<u64> = header.and_then(|wait| wait.parse().ok());
    let body = answer.refused(429, "rate_limited");
    assert_eq!(body["retry_after"].as_u64(), header, "{body}");
    header.filter(|wait| *wait > 0).expect("a time to wait")
}

/// How many were not refused. Those that were are refused properly.
#[track_caller]
fn let_through(answers: Vec<Answer>, status: u16) -> usize {
    let (passed, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == status);
    assert!(!refused.is_empty(), "{} requests and none was refused", passed.len());
    for answer in refused {
        too_often(answer);
    }
    passed.len()
}

/// Nobody signs in for these, and each has a name looked up.
async fn a_flood_of_renewals_is_refused(engine: Engine) {
    let server = limited_by(engine, "0", "search-address=200:0.1").await;
    let api = Api::of(&server).await;
    let renewal = json!({
        "old": {"endpoint": "https://push.example.org/1", "auth": "AAAA"},
        "endpoint": "https://push.example.org/2",
        "keys": {"p256dh": "AAAA", "auth": "AAAA"},
    });
    let all = flood((0..3 * FLOOD).map(|_| api.post("/push/renewals", &renewal))).await;
    let (refused, passed): (Vec<_>, Vec<_>) = all.into_iter().partition(|a| a.status == 429);
    assert!(!refused.is_empty() && passed.len() >= 200, "{} of {}", refused.len(), 3 * FLOOD);
    assert!(passed.iter().all(|answer| (400..500).contains(&answer.status)));
    for answer in refused {
        too_often(answer);
    }
    Person::register(&server, "Ada").await.get("/chats").await.expect(200);
}

async fn a_flood_of_messages_is_refused(engine: Engine) {
    let server = limited_by(engine, "0", "send=20:1").await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let mut socket = ada.socket().await;
    let path = format!("/chats/{chat}/messages");
    let text = json!({"text": "hello"});
    let sent = flood((0..FLOOD).map(|_| ada.post(&path, &text))).await;
    let acknowledged = let_through(sent, 201);
    assert!(acknowledged >= 20, "only {acknowledged} in a row");
    assert_eq!(ada.history(chat).await.len(), acknowledged, "what was refused is not stored");
    // Others, and other things, go on.
    grace.send(chat, "hello").await;
    ada.get("/chats").await.expect(200);
    // The socket falls under the same limit.
    let send = json!({"type": "send", "chat": chat, "text": "hello"});
    let mut ids = Vec::new();
    for _ in 0..FLOOD {
        ids.push(socket.submit(send.clone()).await);
    }
    let mut refused = 0;
    for id in &ids {
        let answer = socket.answer(id).await.expect("the socket stays open");
        if answer["error"].is_object() {
            let problem = &answer["error"];
            assert_eq!(problem["code"], "rate_limited", "{problem}");
            assert_eq!((&problem["retryable"], &problem["status"]), (&json!(true), &json!(429)));
            assert!(problem["retry_after"].as_u64() > Some(0), "{problem}");
            refused += 1;
        }
    }
    assert!(refused > 0, "all of {FLOOD} messages were taken");
    socket.ask(json!({"type": "ping"})).await;
    // It gives back by itself.
    server
        .until("the limit to give back", async |_| ada.post(&path, &text).await.status == 201)
        .await;
}

async fn a_flood_of_searches_is_refused(engine: Engine) {
    let server = limited_by(engine, "0", "search=30:0.1,other=500:5").await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    // No more at once than may wait for each other.
    let searches = (0..FLOOD).map(|_| ada.get("/users?q=a"));
    let found = stream::iter(searches).buffer_unordered(SEARCHES_AT_ONCE).collect().await;
    assert!(let_through(found, 200) >= 30);
    ada.get(&format!("/users/{}", grace.id)).await.expect(200);
    grace.get("/users?q=a").await.expect(200);
    let mut socket = ada.socket().await;
    let pings = 2_000;
    for _ in 0..pings {
        socket.submit(json!({"type": "ping"})).await;
    }
    let mut answered = 0;
    for id in 1..=pings {
        let answer = socket.answer(&id.to_string()).await.expect("the socket stays open");
        answered += usize::from(answer["ok"].is_object());
    }
    assert!((400..pings).contains(&answered), "{answered} of {pings} pings were answered");
}

async fn a_flood_of_files_is_refused(engine: Engine) {
    let server = limited_by(engine, "0", "upload=30:0.1").await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let form = "--edge\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--edge--\r\n";
    let upload = async |who: &Person| {
        let request = who.api.request(Method::POST, "/attachments").bearer_auth(&who.access);
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        who.api.answer_to(request.body(form)).await
    };
    let avatar = async |who: &Person| {
        let request = who.api.request(Method::PUT, "/users/me/avatar").bearer_auth(&who.access);
        who.api.answer_to(request.body("no picture")).await
    };
    // Deleted again, so that it is the rate that refuses and not how many may wait.
    let through = flood((0..FLOOD).map(|_| async {
        let answer = upload(&ada).await;
        if answer.status == 201 {
            let path = format!("/attachments/{}", answer.body["id"]);
            ada.delete(&path).await.expect(204);
        }
        answer
    }));
    assert!(let_through(through.await, 201) >= 30);
    // Both are counted together, and for each account by itself.
    let_through(flood((0..SOME).map(|_| avatar(&ada))).await, 400);
    avatar(&grace).await.refused(400, "not_an_image");
    let through = flood((0..FLOOD).map(|_| avatar(&grace))).await;
    assert!(let_through(through, 400) >= 20);
    let_through(flood((0..SOME).map(|_| upload(&grace))).await, 201);
}

/// A request with an `X-Forwarded-For`.
async fn from(api: &Api, address: &str, path: &str, body: &Value) -> Answer {
    let request = api.request(Method::POST, path).header("x-forwarded-for", address);
    api.answer_to(request.json(body)).await
}

async fn log_in(api: &Api, address: &str, name: &str, password: &str) -> Answer {
    from(api, address, "/auth/login", &json!({"username": name, "password": password})).await
}

async fn passwords_are_not_guessed(engine: Engine) {
    let server = limited_by(engine, "1", "log_in-address=100:0.001").await;
    let [ada, _grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let api = &ada.api;
    let here = "1.1.1.1";
    let mut told = Vec::new();
    // Whether there is such an account shows in nothing.
    for name in ["Ada", "Nobody"] {
        let mut answers = Vec::new();
        for spelling in [name.to_owned(), name.to_uppercase()].iter().cycle().take(10) {
            let refused = log_in(api, here, spelling, "wrong-password").await;
            answers.push(refused.refused(401, "wrong_credentials")["detail"].clone());
        }
        let wait = log_in(api, here, name, PASSWORD).await;
        answers.push(wait.body["detail"].clone());
        assert!((1..=30).contains(&too_often(wait)), "{name}");
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
    log_in(api, here, "Grace", PASSWORD).await.expect(200);
    log_in(api, "2.2.2.2", "Ada", PASSWORD).await.expect(200);
    // One address cannot go through all the names either.
    let names: Vec<_> = (0..FLOOD).map(|n| format!("Name {n}")).collect();
    let tried =
        flood(names.iter().map(|name| log_in(api, "3.3.3.3", name, "wrong-password"))).await;
    assert_eq!(let_through(tried, 401), 100);
    too_often(log_in(api, "3.3.3.3", "Grace", PASSWORD).await);
    log_in(api, "2.2.2.2", "Grace", PASSWORD).await.expect(200);
    // Nor can who found a device of Ada's guess there.
    let guess = json!({"old_password": "wrong-password", "new_password": "cloud-bridge-violin-7"});
    for _ in 0..10 {
        ada.put("/auth/password", &guess).await.refused(400, "invalid");
    }
    too_often(ada.put("/auth/password", &guess).await);
}

/// Registers badly, which counts and is cheap, until that is too often: whether it ever was.
async fn registers_until_refused(api: &Api, address: impl Fn(usize) -> String) -> bool {
    let bad = json!({"username": "x", "password": "short"});
    for n in 0..FLOOD {
        let answer = from(api, &address(n), "/auth/register", &bad).await;
        if answer.status == 429 {
            assert!(n >= 50, "refused after {n}");
            assert!((1..=30).contains(&too_often(answer)));
            return true;
        }
        answer.refused(400, "invalid");
    }
    false
}

/// Which entry of `X-Forwarded-For` is believed: none unless told, and then those of the proxies.
#[tokio::test]
async fn a_client_is_known_by_what_the_proxies_say() {
    let server = limited(Engine::Sqlite, "0").await;
    let api = Api::of(&server).await;
    assert!(registers_until_refused(&api, |n| format!("9.9.9.{n}")).await, "a header is believed");

    let server = limited(Engine::Sqlite, "1").await;
    let api = Api::of(&server).await;
    assert!(registers_until_refused(&api, |n| format!("9.9.9.{n}, 1.1.1.1")).await);
    assert!(!registers_until_refused(&api, |n| format!("1.1.1.1, 9.9.9.{n}")).await);
    assert!(registers_until_refused(&api, |n| format!("2001:db8::{n}")).await, "one network");
    assert!(!registers_until_refused(&api, |n| format!("2001:db8:0:{}::1", n + 1)).await);
    assert!(registers_until_refused(&api, |n| format!("not an address {n}")).await);

    let server = limited(Engine::Sqlite, "2").await;
    let api = Api::of(&server).await;
    assert!(registers_until_refused(&api, |n| format!("9.9.9.{n}, 1.1.1.1, 8.8.8.{n}")).await);
    assert!(!registers_until_refused(&api, |n| format!("9.9.9.{n}, 1.1.1.1")).await);
}

#[track_caller]
fn no_socket(opened: Result<Socket, ConnectError>) -> Value {
    match opened {
        Err(ConnectError::Refused(429, body)) => body,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("there was a place"),
    }
}

async fn an_account_has_so_many_sockets(engine: Engine) {
    let server = limited(engine, "0").await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let mut sockets = Vec::new();
    for _ in 0..50 {
        sockets.push(ada.socket().await);
    }
    let refused = no_socket(Socket::open(server.address(), &ada.access).await);
    assert_eq!(refused["code"], "too_many_sockets", "{refused}");
    assert_eq!((&refused["retryable"], &refused["retry_after"]), (&json!(true), &json!(30)));
    let mut unknown = Socket::open_with(server.address(), "", &[]).await.expect("a socket");
    unknown.text(&json!({"type": "auth", "token": ada.access}).to_string()).await;
    assert_eq!(unknown.closed().await, 4503);
    grace.socket().await.ask(json!({"type": "ping"})).await;
    sockets[0].ask(json!({"type": "ping"})).await;
    sockets.pop().expect("a socket").close().await;
    server
        .until("a place to be given back", async |server| {
            Socket::open(server.address(), &ada.access).await.is_ok()
        })
        .await;
}

/// 500 for an address, whoever opens them.
#[tokio::test]
async fn an_address_has_so_many_sockets() {
    let server = limited(Engine::Sqlite, "1").await;
    let api = Api::of(&server).await;
    let mut people = Vec::new();
    for n in 0..11 {
        let body = json!({"username": format!("Person {n}"), "password": PASSWORD});
        let signed = api.post("/auth/register", &body).await.expect(201);
        people.push(Person::signed_in(api.clone(), &signed));
    }
    let open = async |person: &Person, address: &str| {
        let bearer = format!("Bearer {}", person.access);
        let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", address)];
        Socket::open_with(server.address(), "", &headers).await
    };
    let everybody = people.iter().take(10).flat_map(|person| std::iter::repeat_n(person, 50));
    let opened = stream::iter(everybody.map(|person| open(person, "1.1.1.1")));
    let sockets: Vec<_> = opened.buffer_unordered(16).collect().await;
    assert!(sockets.iter().all(Result::is_ok));
    let refused = no_socket(open(&people[10], "1.1.1.1").await);
    assert_eq!(refused["code"], "too_many_sockets", "{refused}");
    open(&people[10], "2.2.2.2").await.expect("another address has places of its own");
}

async fn without_limits_nothing_is_refused(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_RATE_LIMITS", "off")]).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let mut socket = ada.socket().await;
    for _ in 0..FLOOD {
        socket.send(chat, "hello").await;
    }
    for found in flood((0..FLOOD).map(|_| ada.get("/users?q=a"))).await {
        found.expect(200);
    }
    for _ in 0..15 {
        log_in(&ada.api, "1.1.1.1", "Ada", PASSWORD).await.expect(200);
    }
    let mut sockets = Vec::new();
    for _ in 0..55 {
        sockets.push(ada.socket().await);
    }
}
