//! PostgreSQL is stopped at once and started again, or stands still and goes on, under load: requests
//! wait a little, then are refused in a way that says when to come back; sockets stay; nothing
//! acknowledged is lost.

use domain::limits::{DATABASE_ANSWER, DATABASE_WAIT};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::{
    DialectSocket, Engine, JsonSocket, MessageLog, Method, OwnPostgres, PASSWORD, Person, Server,
    Socket, Value, Writer, json, within,
};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

const WRITERS: usize = 6;
/// How soon after its database a server must serve.
/// A machine that is busy elsewhere has four times as long.
const BACK: Duration = Duration::from_secs(4 * 5);

async fn on_own_database() -> (OwnPostgres, Server) {
    let postgres = OwnPostgres::start().await;
    let settings = [("DATABASE_URL", postgres.url()), ("CONFAB_ACCESS_TOKEN_LIFE", "86400")];
    // The harness makes no database: there is one already.
    let server = Server::start_with(Engine::Sqlite, &settings).await;
    (postgres, server)
}

/// People who write until they are told to stop.
struct Load {
    writing: JoinSet<Writer>,
    stop: watch::Sender<bool>,
}

impl Load {
    async fn start(server: &Server, reader: &Person) -> (Self, i64) {
        let mut authors = Vec::new();
        for n in 0..WRITERS {
            authors.push(Person::register(server, &format!("Writer {n}")).await);
        }
        let chat = reader.group("Chat", &authors.iter().collect::<Vec<_>>()).await;
        let (stop, stopped) = watch::channel(false);
        let writers = authors.into_iter().map(|author| Writer::new(author, chat));
        let writing = Writer::at_once(writers, server.address(), &stopped);
        (Self { writing, stop }, chat)
    }

    /// Everything that they sent is answered, over the socket that each began with.
    async fn end(self) -> Vec<Writer> {
        self.stop.send_replace(true);
        let writers = within("the writers' end", self.writing.join_all()).await;
        assert!(writers.iter().all(Writer::is_answered), "a socket broke");
        writers
    }
}

/// Asks over and over, by REST, and counts the refusals; each must be one that a client can live
/// with.
fn ask_on(
    person: &Person,
    asked: Arc<[AtomicUsize; 2]>,
    over: watch::Receiver<bool>,
) -> JoinHandle<()> {
    let person = person.clone();
    tokio::spawn(async move {
        let credentials = json!({"username": person.name, "password": PASSWORD});
        for n in 0.. {
            if *over.borrow() {
                return;
            }
            let answer = match n % 3 {
                0 => person.get("/chats").await,
                1 => person.call(Method::PATCH, "/users/me", &json!({"bio": "here"})).await,
                _ => person.api.post("/auth/login", &credentials).await,
            };
            if answer.status == 200 {
                asked[0].fetch_add(1, Ordering::Relaxed);
                continue;
            }
            assert!(answer.headers.contains_key("retry-after"), "{}", answer.body);
            answer.refused(503, "unavailable");
            asked[1].fetch_add(1, Ordering::Relaxed);
        }
    })
}

/// Collects everything that is pushed about a chat, which must come in order and without holes.
fn listen(
    mut socket: Socket,
    chat: i64,
    mut last: i64,
    wanted: watch::Receiver<i64>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut wanted = wanted;
        loop {
            let push = tokio::select! {
                push = socket.next_push() => push.expect("the socket stays open"),
                _ = wanted.changed() => continue,
            };
            if push["chat"] == chat
                && let Some(version) = push["version"].as_i64()
            {
                assert_eq!(version, last + 1, "{push}");
                last = version;
            }
            if *wanted.borrow() == last {
                return;
            }
        }
    })
}

/// What is done to PostgreSQL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    /// It is back before anybody has waited long.
    Short,
    /// It stays away until requests are refused.
    Long,
    /// It stands still until they are.
    Still,
}

impl Absence {
    async fn begin(self, postgres: &OwnPostgres) {
        match self {
            Self::Short | Self::Long => postgres.halt().await,
            Self::Still => postgres.pause().await,
        }
    }

    async fn end(self, postgres: &OwnPostgres) {
        match self {
            Self::Short | Self::Long => postgres.start_again().await,
            Self::Still => postgres.resume().await,
        }
    }
}

#[tokio::test]
async fn it_may_restart_under_load() {
    nothing_is_lost_by([Absence::Short, Absence::Long, Absence::Short]).await;
}

#[tokio::test]
async fn it_may_stand_still_under_load() {
    nothing_is_lost_by([Absence::Still, Absence::Still, Absence::Short]).await;
}

async fn nothing_is_lost_by(absences: [Absence; 3]) {
    let (postgres, server) = on_own_database().await;
    let reader = Person::register(&server, "Reader").await;
    let (load, chat) = Load::start(&server, &reader).await;
    let socket = reader.socket_and_ready().await;
    let (tell, wanted) = watch::channel(0);
    let joined = socket.1["chats"][chat.to_string()].as_i64().expect("a version");
    let listener = listen(socket.0, chat, joined, wanted);
    let (over, asking_ends) = watch::channel(false);
    let asked = Arc::new([const { AtomicUsize::new(0) }; 2]);
    let asker = ask_on(&reader, asked.clone(), asking_ends);
    let counted = |which: usize| asked[which].load(Ordering::Relaxed);
    for absence in absences {
        let served = counted(0);
        server.until("some requests", async |_| counted(0) > served + 5).await;
        let refused = counted(1);
        absence.begin(&postgres).await;
        if absence != Absence::Short {
            server.until("a refusal", async |_| counted(1) > refused + 1).await;
        }
        absence.end(&postgres).await;
        let (began, served) = (Instant::now(), counted(0));
        server.until("an answer", async |_| counted(0) > served).await;
        assert!(began.elapsed() < BACK, "serving again after {:?}", began.elapsed());
    }
    let writers = load.end().await;
    over.send_replace(true);
    within("the last request", asker).await.expect("no request failed otherwise");
    let mut log = MessageLog::default();
    log.record(&reader.history(chat).await);
    let mut acknowledged = 0;
    for writer in &writers {
        log.assert_contains(&writer.acknowledged);
        acknowledged += writer.acknowledged.len();
    }
    assert_eq!(log.messages(), acknowledged, "in the end everything is acknowledged, once");
    assert!(acknowledged > 100, "only {acknowledged} messages: that was no load");
    let version = reader.chat(chat).await["version"].as_i64().expect("a version");
    tell.send_replace(version);
    within("all pushes", listener).await.expect("each came once, in order");
}

/// Says something by each of them, and waits until it is told.
async fn say(wires: &mut [(JsonSocket, DialectSocket)], chat: i64, what: &str) {
    for (wire, dialect) in wires {
        let text = format!("{what} by {}", dialect.name);
        wire.send(&dialect.send(chat, &text)).await;
        wire.until(&text, |frame| frame.to_string().contains(&text)).await;
    }
}

#[tokio::test]
async fn every_protocol_says_so_and_stays() {
    let (postgres, server) = on_own_database().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let mut native = ada.socket().await;
    let mut wires = Vec::new();
    for dialect in DialectSocket::all(chat) {
        let opened = dialect.open(&server, &ada).await;
        let wire = opened.unwrap_or_else(|refused| panic!("{}: {refused:?}", dialect.name));
        wires.push((wire, dialect));
    }
    // Once each has said something it is there with all that it looks up at first.
    say(&mut wires, chat, "first").await;
    postgres.halt().await;
    let began = Instant::now();
    let request = json!({"type": "send", "chat": chat, "text": "x", "client_id": "one"});
    let id = native.submit(request.clone()).await;
    for (wire, dialect) in &mut wires {
        wire.send(&dialect.send(chat, "lost")).await;
    }
    let answer = native.answer(&id).await.expect("an answer");
    assert_eq!(
        (&answer["error"]["code"], &answer["error"]["status"]),
        (&json!("unavailable"), &json!(503))
    );
    assert!(answer["error"]["retry_after"].as_u64() >= Some(1), "{answer}");
    for (wire, dialect) in wires.iter_mut().filter(|(_, dialect)| dialect.tells_errors()) {
        wire.until(&format!("an error of {}", dialect.name), DialectSocket::is_error).await;
    }
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(2), "it was waited for, not for {waited:?}");
    let alive = reqwest::get(server.url("/healthz")).await.expect("an answer");
    assert_eq!(alive.status(), 200, "what needs no database goes on");
    postgres.start_again().await;
    // The same sockets work on, and what is sent again is stored once.
    native.ask(request.clone()).await;
    native.ask(request).await;
    say(&mut wires, chat, "again").await;
    let history = ada.history(chat).await;
    let ours: Vec<_> = history.iter().filter(|m| m["client_id"] == "one").collect();
    assert_eq!(ours.len(), 1, "{history:?}");
}

#[tokio::test]
async fn who_asks_one_that_stands_still_is_told_to_come_back() {
    let (postgres, server) = on_own_database().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let mut socket = ada.socket().await;
    postgres.pause().await;
    let request = json!({"type": "send", "chat": chat, "text": "x", "client_id": "one"});
    let began = Instant::now();
    let id = socket.submit(request.clone()).await;
    let (read, ready, answer) =
        tokio::join!(ada.get("/chats"), reqwest::get(server.url("/readyz")), socket.answer(&id),);
    let waited = began.elapsed();
    assert!(read.headers.contains_key("retry-after"), "{}", read.body);
    read.refused(503, "unavailable");
    assert_eq!(ready.expect("an answer").status(), 503);
    let answer = answer.expect("an answer");
    assert_eq!(answer["error"]["code"], "unavailable", "{answer}");
    assert!(answer["error"]["retry_after"].as_u64() >= Some(1), "{answer}");
    assert!(waited < 2 * (DATABASE_WAIT + DATABASE_ANSWER), "after {waited:?}");
    postgres.resume().await;
    // The same socket works on, and what is sent again is stored once.
    socket.ask(request.clone()).await;
    socket.ask(request).await;
    assert_eq!(ada.history(chat).await.len(), 1);
}

/// A commit that waits for a copy of the database that there is not is done and does not say so.
#[tokio::test]
async fn what_was_stored_without_an_answer_is_told_nevertheless() {
    let (postgres, server) = on_own_database().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let (mut near, mut far) = (ada.socket().await, grace.socket().await);
    postgres.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'").await;
    postgres.execute("SELECT pg_reload_conf()").await;
    let request = json!({"type": "send", "chat": chat, "text": "x", "client_id": "one"});
    let id = near.submit(request.clone()).await;
    let answer = near.answer(&id).await.expect("an answer");
    assert_eq!(answer["error"]["code"], "unavailable", "{answer}");
    postgres.execute("ALTER SYSTEM RESET synchronous_standby_names").await;
    postgres.execute("SELECT pg_reload_conf()").await;
    let says = |push: &Value| push["type"] == "message.created" && push["data"]["text"] == "x";
    far.push("the message", says).await;
    let again = near.ask(request).await;
    let history = ada.history(chat).await;
    assert_eq!(history.len(), 1);
    assert_eq!(again["message"]["id"], history[0]["id"], "{again}");
    near.ask(json!({"type": "send", "chat": chat, "text": "y"})).await;
    far.push("the next message", |push| push["data"]["text"] == "y").await;
    assert!(!far.take_pushes().iter().any(says), "told once");
}
