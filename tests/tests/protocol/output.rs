//! Who asks and does not read is owed no more than so many bytes, and gets everything once they read.

use domain::limits::{
    ACCOUNT_OUTPUT_BYTES, ANSWER_BYTES, PAGE_BYTES, SOCKET_OUTPUT_BYTES, WINDOW_BYTES,
};
use futures_util::future::join_all;
use tests::{DialectSocket, Engine, Metrics, Person, Server, Value, json, on_both, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both!(
    a_socket_that_is_not_read_is_read_no_further,
    answers_that_are_not_read_are_refused_at_last,
    a_history_ends_by_bytes,
    what_has_no_pages_ends_by_bytes,
);

/// The largest message that there is.
fn long(nth: i64) -> String {
    format!("{nth:04}{}", "🦊".repeat(8_188))
}

/// How many messages of that length come to so many bytes, with what is written beside each text.
fn fitting(bytes: usize) -> usize {
    bytes / (long(0).len() + 512)
}

async fn say(people: &[&Person], chat: i64, count: i64) {
    let mut sockets = Vec::new();
    for person in people {
        sockets.push(person.socket().await);
    }
    for nth in 1..=count {
        let speaker = usize::try_from(nth).expect("a number") % sockets.len();
        sockets[speaker].send(chat, &long(nth)).await;
        sockets.iter_mut().for_each(|socket| drop(socket.take_pushes()));
    }
}

fn seqs(messages: &Value) -> Vec<i64> {
    let messages = messages.as_array().expect("messages");
    messages.iter().map(|message| message["seq"].as_i64().expect("a seq")).collect()
}

#[expect(clippy::cast_precision_loss, reason = "it is a few megabytes")]
fn figure(bytes: usize) -> f64 {
    bytes as f64
}

const WAITING: &str = "confab_output_bytes";
const UNREAD: &str = "confab_account_output_bytes";
const READ: &str = "confab_socket_frames_total{protocol=\"native\"}";

async fn a_socket_that_is_not_read_is_read_no_further(engine: Engine) {
    const REQUESTS: usize = 60;
    let server = Server::start_with(engine, &[("CONFAB_METRICS_LISTEN", "127.0.0.1:0")]).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.group("Long", &[&grace]).await;
    say(&[&ada], chat, 70).await;
    let before = Metrics::of(&server).await.get(READ);
    let mut socket = grace.socket().await;
    let resume = |since: i64| json!({"type": "resume", "chats": {chat.to_string(): since}});
    let mut asked = Vec::new();
    for _ in 0..REQUESTS {
        asked.push(socket.submit(resume(1)).await);
    }
    // One answer is more than may wait, so that nothing after it is read.
    let most = figure(SOCKET_OUTPUT_BYTES + ANSWER_BYTES);
    server
        .until("the answer to wait", async |server| {
            let metrics = Metrics::of(server).await;
            assert!(metrics.get(WAITING) < most, "{} bytes wait", metrics.get(WAITING));
            metrics.get(WAITING) >= figure(SOCKET_OUTPUT_BYTES)
        })
        .await;
    let metrics = Metrics::of(&server).await;
    assert_eq!(metrics.get(READ) - before, 1.0, "requests that were read");
    // Now everything is read, and is right.
    for id in asked {
        let answer = socket.answer(&id).await.expect("an answer");
        let changes = &answer["ok"]["chats"][chat.to_string()];
        let fits = i64::try_from(fitting(PAGE_BYTES)).expect("a few");
        assert_eq!(
            (&changes["more"], seqs(&changes["messages"])),
            (&json!(true), (1..=fits).collect())
        );
    }
    let (mut since, mut all) = (1, Vec::new());
    loop {
        let answer = socket.ask(resume(since)).await;
        let changes = &answer["chats"][chat.to_string()];
        all.extend(seqs(&changes["messages"]));
        since = changes["version"].as_i64().expect("a version");
        if changes["more"] == false {
            break;
        }
    }
    assert_eq!(all, (1..=70).collect::<Vec<_>>());
    ada.send(chat, "and on").await;
    socket.push("what follows", |push| push["data"]["text"] == "and on").await;
    assert_eq!(Metrics::of(&server).await.get(WAITING), 0.0);
}

/// Asks for a history over a connection of its own, and reads no more than the status.
async fn ask(server: &Server, person: &Person, chat: i64) -> (TcpStream, u16) {
    let mut stream = TcpStream::connect(server.address()).await.expect("the server listens");
    let request = format!(
        "GET /api/v1/chats/{chat}/messages?limit=200 HTTP/1.1\r\nHost: {}\r\n\
         Authorization: Bearer {}\r\n\r\n",
        server.address(),
        person.access
    );
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut head = [0; 12];
    within("a status", stream.read_exact(&mut head)).await.expect("an answer");
    let status = String::from_utf8_lossy(&head[9..]).parse().expect("a status");
    (stream, status)
}

async fn answers_that_are_not_read_are_refused_at_last(engine: Engine) {
    let settings = [("CONFAB_METRICS_LISTEN", "127.0.0.1:0"), ("CONFAB_RATE_LIMITS", "on")];
    let server = Server::start_with(engine, &settings).await;
    let [ada, grace, alan] = Person::several(&server, ["Ada", "Grace", "Alan"]).await;
    let chat = ada.group("Long", &[&grace, &alan]).await;
    // Each may send twenty at once.
    say(&[&ada, &grace], chat, 32).await;
    let mut unread = Vec::new();
    loop {
        let asked = join_all((0..8).map(|_| ask(&server, &alan, chat))).await;
        let waiting = Metrics::of(&server).await.get(UNREAD);
        assert!(waiting <= figure(ACCOUNT_OUTPUT_BYTES), "{waiting} bytes wait");
        let refused: Vec<_> =
            asked.iter().map(|(_, status)| *status).filter(|s| *s != 200).collect();
        unread.extend(asked.into_iter().filter(|(_, status)| *status == 200));
        assert!(refused.iter().all(|status| *status == 429), "{refused:?}");
        if !refused.is_empty() {
            break;
        }
    }
    // Those at the same time may have been refused for what the others were taken to become.
    let refused = loop {
        let (stream, status) = ask(&server, &alan, chat).await;
        if status == 200 {
            unread.push((stream, status));
            continue;
        }
        assert_eq!(status, 429);
        let other = alan.get("/users/me").await;
        if other.status != 200 {
            break other;
        }
    };
    assert!(unread.len() > 20, "{} answers", unread.len());
    assert!(refused.headers.contains_key("retry-after"));
    refused.refused(429, "too_much_unread");
    grace.get("/users/me").await.expect(200);
    // What was not read is right, and once some of it was read there is room again.
    let (mut first, _) = unread.swap_remove(0);
    let mut rest = vec![0; 600 * 1024];
    within("the rest", first.read_exact(&mut rest)).await.expect("the answer goes on");
    drop(unread);
    server.until("room", async |_| alan.get("/users/me").await.status == 200).await;
}

async fn a_history_ends_by_bytes(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.group("Long", &[&grace]).await;
    say(&[&ada, &grace], chat, 70).await;
    let mut before = 71;
    let mut back = Vec::new();
    loop {
        let path = format!("/chats/{chat}/messages?limit=200&before={before}");
        let page = ada.get(&path).await.expect(200);
        assert!(page.to_string().len() <= PAGE_BYTES);
        let found = seqs(&page["items"]);
        before = found[0];
        back.splice(0..0, found);
        if page["older"] == false {
            break;
        }
        assert_eq!(back.len() % fitting(PAGE_BYTES), 0, "as many as fit");
    }
    let all: Vec<_> = (1..=70).collect();
    assert_eq!(back, all);
    let after = ada.history(chat).await;
    assert_eq!(seqs(&after.into()), all);
    let around = ada.get(&format!("/chats/{chat}/messages?limit=200&around=35")).await.expect(200);
    assert_eq!((&around["older"], &around["newer"]), (&json!(true), &json!(true)));
    assert!(seqs(&around["items"]).contains(&35));
    let (mut cursor, mut found) = (String::new(), Vec::new());
    loop {
        let path = format!("/messages/search?q=00*&limit=200{cursor}");
        let page = ada.get(&path).await.expect(200);
        assert!(page.to_string().len() <= PAGE_BYTES);
        found.extend(seqs(&page["items"]));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    found.reverse();
    assert_eq!(found, all);
}

async fn what_has_no_pages_ends_by_bytes(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let [ben, cleo] = Person::several(&server, ["Ben", "Cleo"]).await;
    let (short, chat) = (ada.direct(&ben).await, ada.direct(&cleo).await);
    ada.send(short, "hello").await;
    let fit = i64::try_from(fitting(WINDOW_BYTES)).expect("a few");
    let last = fit + 10;
    say(&[&ada], chat, last).await;
    let mut wire = DialectSocket::all(chat).remove(0).open(&server, &ada).await.expect("a socket");
    for filter in ["", "unread", "stared"] {
        let get = json!({"event": "dialog.get", "data": {"filter": filter}});
        wire.send(&get.to_string()).await;
        let answer = wire.next().await.expect("an answer");
        let chats = answer["data"].as_array().expect("chats");
        assert_eq!(chats.len(), 2, "every chat is there");
        let of = |nth: usize| {
            let messages = chats[nth]["messages"].as_array().expect("messages");
            let texts = messages.iter().map(|message| message["text"].as_str().expect("a text"));
            texts.map(|text| text.chars().take(4).collect()).collect::<Vec<String>>()
        };
        assert!(answer.to_string().len() < WINDOW_BYTES + PAGE_BYTES);
        if filter.is_empty() {
            let page = i64::try_from(fitting(PAGE_BYTES)).expect("a few");
            let newest: Vec<_> = (last - page + 1..=last).map(|n| format!("{n:04}")).collect();
            assert_eq!((of(0), of(1)), (vec!["hell".to_owned()], newest));
        } else {
            assert_eq!((of(0).len(), of(1).len()), (0, 0));
        }
    }
}
