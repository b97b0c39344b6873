//! Clients that break rules or do not keep up, while two others talk. Memory stays flat, the two
//! are not disturbed, and each of the others is closed with the documented code.

use std::time::Duration;
use tests::{Engine, Person, RawSocket, Server, Socket, json, measure_deliveries, on_both};
use tokio::sync::watch;
use tokio::task::JoinHandle;

on_both!(
    a_frame_of_four_gibibytes,
    one_that_never_reads,
    garbage_of_every_kind,
    two_hundred_that_never_sign_in,
);

/// How much memory any of this may cost. Buffers of a few hundred sockets fit, what is sent does not.
const FLAT: u64 = 40 * 1024 * 1024;

/// How long a message between the two may take. Without the others it takes milliseconds.
const UNDISTURBED: Duration = Duration::from_secs(2);

struct Scene {
    server: Server,
    people: [Person; 3],
    chat: i64,
    before: u64,
    stop: watch::Sender<bool>,
    talking: JoinHandle<(Duration, usize)>,
}

impl Scene {
    /// Two who talk, and one more in their group.
    async fn set(engine: Engine) -> Self {
        let server = Server::start(engine).await;
        let people = Person::several(&server, ["Ada", "Grace", "Mallory"]).await;
        let chat = people[0].direct(&people[1]).await;
        let (ada, grace) = (people[0].socket().await, people[1].socket().await);
        let (stop, stopped) = watch::channel(false);
        let talking = tokio::spawn(measure_deliveries(ada, grace, chat, stopped));
        // Memory is compared with that of a server that is at work.
        server
            .until("the two to talk", async |_| {
                people[0].chat(chat).await["last_seq"].as_i64() > Some(100)
            })
            .await;
        let before = server.memory();
        Self { server, people, chat, before, stop, talking }
    }

    fn is_flat(&self, why: &str) {
        let now = self.server.memory();
        let grown = now.saturating_sub(self.before);
        assert!(grown < FLAT, "{why}: {} MiB more than {}", grown >> 20, self.before >> 20);
    }

    /// The two were not disturbed and still talk.
    async fn ends(self, why: &str) {
        self.is_flat(why);
        let last = self.people[0].chat(self.chat).await["last_seq"].as_i64();
        self.server
            .until("the two to go on", async |_| {
                self.people[0].chat(self.chat).await["last_seq"].as_i64() > last.map(|seq| seq + 10)
            })
            .await;
        self.stop.send_replace(true);
        let (slowest, count) = self.talking.await.expect("the two talk to the end");
        assert!(slowest < UNDISTURBED, "{why}: the slowest of {count} messages took {slowest:?}");
    }
}

async fn a_frame_of_four_gibibytes(engine: Engine) {
    let scene = Scene::set(engine).await;
    let token = scene.people[2].access.as_str();
    for token in [Some(token), None] {
        let mut socket = RawSocket::open(scene.server.address(), token).await;
        socket.write(&RawSocket::header(4 << 30)).await.expect("the header is taken");
        assert_eq!(socket.closed().await, Some(1009), "signed in: {}", token.is_some());
        socket.flood(1 << 20).await;
        socket.gone().await;
        // One that does not even look at the answer.
        let mut socket = RawSocket::open(scene.server.address(), token).await;
        socket.write(&RawSocket::header(4 << 30)).await.expect("the header is taken");
        socket.flood(64 << 20).await;
        scene.is_flat("while it sends");
        socket.gone().await;
        // The limit itself, and a message in pieces that grows past it.
        let limit = if token.is_some() { 128 << 10 } else { 4 << 10 };
        let mut socket = RawSocket::open(scene.server.address(), token).await;
        socket.write(&RawSocket::header(limit + 1)).await.expect("the header is taken");
        assert_eq!(socket.closed().await, Some(1009));
        let mut socket = RawSocket::open(scene.server.address(), token).await;
        let _ = socket.write(&RawSocket::masked(0x01, &[b'x'; 60_000])).await;
        for _ in 0..3 {
            let _ = socket.write(&RawSocket::masked(0x00, &[b'x'; 60_000])).await;
        }
        assert_eq!(socket.closed().await, Some(1009));
    }
    scene.ends("4 GiB").await;
}

async fn one_that_never_reads(engine: Engine) {
    let scene = Scene::set(engine).await;
    let [ada, _, mallory] = &scene.people;
    let group = ada.group("Loud", &[mallory]).await;
    let mut deaf = RawSocket::open(scene.server.address(), Some(&mallory.access)).await;
    let mut socket = ada.socket().await;
    let text = "x".repeat(8_000);
    let count = 4_000;
    for _ in 0..count / 20 {
        let mut asked = Vec::new();
        for _ in 0..20 {
            asked.push(socket.submit(json!({"type": "send", "chat": group, "text": text})).await);
        }
        for id in asked {
            socket.answer(&id).await.expect("who keeps up is served");
        }
        socket.take_pushes();
        scene.is_flat("while one does not read");
    }
    let (code, frames) = deaf.closed_after().await;
    // The close frame comes if it found room; the connection ends either way.
    assert!(matches!(code, Some(4001) | None), "{code:?}");
    assert!(frames < count, "all {frames} pushes waited for it somewhere");
    // And it can come back.
    let (mut back, _) = mallory.socket_and_ready().await;
    let resumed = back.ask(json!({"type": "resume", "chats": {group.to_string(): 1}})).await;
    assert_eq!(resumed["chats"][group.to_string()]["more"], true);
    scene.ends("one that never reads").await;
}

async fn garbage_of_every_kind(engine: Engine) {
    let scene = Scene::set(engine).await;
    let token = scene.people[2].access.as_str();
    let hello = br#"{"id": "1", "type": "ping"}"#;
    let mut unmasked = vec![0x81, u8::try_from(hello.len()).expect("short")];
    unmasked.extend(hello);
    let cases: [(&str, Vec<u8>, u16); 10] = [
        ("reserved bit 1", RawSocket::masked(0xc1, hello), 1002),
        ("reserved bit 2", RawSocket::masked(0xa1, hello), 1002),
        ("reserved bit 3", RawSocket::masked(0x91, hello), 1002),
        ("no mask", unmasked, 1002),
        ("an unknown opcode", RawSocket::masked(0x83, hello), 1002),
        ("an unknown control opcode", RawSocket::masked(0x8b, hello), 1002),
        ("a continuation of nothing", RawSocket::masked(0x80, hello), 1002),
        ("a ping that is too long", RawSocket::masked(0x89, &[b'x'; 126]), 1002),
        ("text that is not UTF-8", RawSocket::masked(0x81, b"{\"id\": \"\xff\xfe\"}"), 1007),
        ("a binary frame", RawSocket::masked(0x82, hello), 1003),
    ];
    for (what, bytes, code) in cases {
        for token in [Some(token), None] {
            let mut socket = RawSocket::open(scene.server.address(), token).await;
            socket.write(&bytes).await.expect("the bytes are taken");
            let closed = socket.closed().await;
            assert_eq!(closed, Some(code), "{what}, signed in: {}", token.is_some());
            socket.gone().await;
        }
    }
    // Bytes without any sense: closed in whatever way, and nothing else happens.
    let mut state = 88_172_645_463_325_252_u64;
    for _ in 0..50 {
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .take(2_000)
        .collect();
        let mut socket = RawSocket::open(scene.server.address(), Some(token)).await;
        let _ = socket.write(&noise).await;
    }
    let mut socket: Socket = scene.people[2].socket().await;
    for _ in 0..200 {
        socket.text("{]").await;
        assert!(socket.answer_to_nothing().await["error"]["code"].is_string());
    }
    scene.ends("garbage").await;
}

async fn two_hundred_that_never_sign_in(engine: Engine) {
    let scene = Scene::set(engine).await;
    let opened = (0..200).map(|_| RawSocket::open(scene.server.address(), None));
    let mut sockets = futures_util::future::join_all(opened).await;
    scene.is_flat("200 sockets");
    // Some of them wait with half a frame in hand.
    for socket in sockets.iter_mut().take(50) {
        socket.write(&RawSocket::header(4_000)[..5]).await.expect("the bytes are taken");
    }
    let closed = sockets.iter_mut().map(RawSocket::closed);
    let codes = futures_util::future::join_all(closed).await;
    let others: Vec<_> = codes.iter().filter(|code| **code != Some(4500)).collect();
    assert!(others.is_empty(), "closed otherwise: {others:?}");
    scene.ends("200 that never sign in").await;
}
