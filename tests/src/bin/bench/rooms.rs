//! Rooms with many members: deliveries a second and how long each takes from being sent, on one node, on
//! two that a Redis joins, and on one of two.

use crate::Span;
use crate::client::{Client, Reader};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::{Engine, Person, RawSocket, RedisServer, Server};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout_at};

/// So many rooms, each with so many members.
const SHAPES: [(usize, usize); 2] = [(10, 50), (1, 1_000)];
/// Members of each room who write; the others read.
const WRITERS: usize = 5;

/// Measures every shape on one node, on one with a Redis that nobody else is at, on one beside another
/// where nobody is, and on two.
pub(crate) async fn measure(span: Span) {
    println!(
        "{:<22}{:>18}{:>14}{:>12}{:>10}{:>10}{:>10}",
        "", "rooms x members", "deliveries/s", "messages/s", "p50 ms", "p99 ms", "CPU µs"
    );
    for shape in SHAPES {
        let alone = Server::start_with(Engine::Postgres, &[("CONFAB_LOG", "warn")]).await;
        row("one node", shape, &[&alone], span).await;
        drop(alone);
        let redis = RedisServer::start();
        let url = redis.url();
        let first = beside(None, &url).await;
        row("one node, with Redis", shape, &[&first], span).await;
        let second = beside(Some(&first), &url).await;
        row("one node of two", shape, &[&first], span).await;
        row("two nodes, with Redis", shape, &[&first, &second], span).await;
    }
}

/// A node that Redis joins with others: with the first one, on its database and with its secrets.
async fn beside(first: Option<&Server>, redis: &str) -> Server {
    let mut settings = vec![("REDIS_URL", redis.to_owned()), ("CONFAB_LOG", "warn".to_owned())];
    let Some(first) = first else {
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, &**value)).collect();
        return Server::start_with(Engine::Postgres, &settings).await;
    };
    settings.push(("DATABASE_URL", first.database_url().expect("it is on PostgreSQL")));
    settings.push(("CONFAB_DATA_DIR", first.data_folder().display().to_string()));
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, &**value)).collect();
    // The harness makes no database of its own for this one.
    Server::start_with(Engine::Sqlite, &settings).await
}

async fn row(what: &str, (rooms, members): (usize, usize), nodes: &[&Server], span: Span) {
    let (mut reading, clock) = (JoinSet::new(), Instant::now());
    let mut all = Vec::new();
    for room in 0..rooms {
        all.push(gather(nodes, &format!("room {room}, {what}"), members).await);
    }
    let counted_from = Instant::now() + span.warm_up;
    let window = (counted_from, counted_from + span.counted);
    let mut sending = JoinSet::new();
    // A connection ends with the half that writes, so all of them are kept.
    let mut idle = Vec::new();
    for Room { chat, readers, mut writers } in all {
        idle.extend(writers.split_off(WRITERS));
        let flights: Arc<[Flight]> = writers.iter().map(|_| Flight::new(readers.len())).collect();
        for reader in readers {
            reading.spawn(read(reader, flights.clone(), clock, window));
        }
        for (number, out) in writers.into_iter().enumerate() {
            sending.spawn(write(out, chat, number, flights.clone(), clock));
        }
    }
    sleep_until(window.0.into()).await;
    let cpu = |nodes: &[&Server]| nodes.iter().map(|node| node.cpu_time()).sum::<Duration>();
    let before = cpu(nodes);
    sleep_until(window.1.into()).await;
    let used = cpu(nodes) - before;
    let mut latencies = reading.join_all().await.concat();
    sending.shutdown().await;
    drop(idle);
    assert!(!latencies.is_empty(), "nothing was delivered");
    latencies.sort_unstable();
    let count = as_f64(latencies.len());
    let rate = count / span.counted.as_secs_f64();
    let part = |hundredth: usize| {
        let place = (latencies.len() * hundredth / 100).min(latencies.len() - 1);
        latencies[place].as_secs_f64() * 1e3
    };
    println!(
        "{what:<22}{:>18}{rate:>14.0}{:>12.0}{:>10.2}{:>10.2}{:>10.1}",
        format!("{rooms} x {members}"),
        rate / as_f64(members),
        part(50),
        part(99),
        used.as_secs_f64() * 1e6 / count
    );
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("deliveries of a few seconds"))
}

/// The sockets of a room: everybody reads, and some write.
struct Room {
    chat: i64,
    readers: Vec<Reader>,
    writers: Vec<OwnedWriteHalf>,
}

/// Makes a room and its members, who sit at the nodes in turn.
async fn gather(nodes: &[&Server], room: &str, members: usize) -> Room {
    let mut people = Vec::with_capacity(members);
    for nth in 0..members {
        people.push(Person::register(nodes[0], &format!("{nth} of {room}")).await);
    }
    let (owner, others) = people.split_first().expect("members");
    let chat = owner.group("bench", &others.iter().collect::<Vec<_>>()).await;
    let (mut readers, mut writers) = (Vec::new(), Vec::new());
    for (nth, person) in people.iter().enumerate() {
        let node = nodes[nth % nodes.len()];
        let (reader, writer) = Client::open(node.address(), &person.access).await.split();
        readers.push(reader);
        writers.push(writer);
    }
    Room { chat, readers, writers }
}

/// A writer's message on its way: the next one is sent when everybody has this one, so that nobody falls
/// behind, however fast it goes.
struct Flight {
    members: usize,
    missing: AtomicUsize,
    landed: Notify,
}

impl Flight {
    fn new(members: usize) -> Self {
        Self { members, missing: AtomicUsize::new(0), landed: Notify::new() }
    }

    fn begin(&self) {
        self.missing.store(self.members, Ordering::SeqCst);
    }

    fn arrive(&self) {
        if self.missing.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.landed.notify_one();
        }
    }
}

/// Writes until it is stopped.
async fn write(
    mut out: OwnedWriteHalf,
    chat: i64,
    number: usize,
    flights: Arc<[Flight]>,
    clock: Instant,
) {
    let flight = &flights[number];
    for n in 0.. {
        flight.begin();
        let request = format!(
            "{{\"id\":\"{n}\",\"type\":\"send\",\"chat\":{chat},\
             \"text\":\"{number} {} A message of usual length, as people write them.\"}}",
            clock.elapsed().as_micros()
        );
        let frame = RawSocket::masked(0x81, request.as_bytes());
        out.write_all(&frame).await.expect("the server reads");
        flight.landed.notified().await;
    }
}

/// Reads until the end, and answers how old the messages were that came in time.
async fn read(
    mut reader: Reader,
    flights: Arc<[Flight]>,
    clock: Instant,
    (begin, end): (Instant, Instant),
) -> Vec<Duration> {
    let mut latencies = Vec::new();
    while let Ok(frame) = timeout_at(end.into(), reader.next()).await {
        let Some((writer, sent)) = stamp(frame) else { continue };
        let now = Instant::now();
        flights[writer].arrive();
        if (begin..end).contains(&now) {
            latencies.push((now - clock).saturating_sub(sent));
        }
    }
    latencies
}

/// Who wrote a message and when, if a frame tells of one.
fn stamp(frame: &[u8]) -> Option<(usize, Duration)> {
    if !frame.starts_with(b"{\"type\":\"message.created\"") {
        let told = String::from_utf8_lossy(frame);
        assert!(!told.contains("\"error\""), "refused: {told}");
        return None;
    }
    const FIELD: &[u8] = b"\"text\":\"";
    let at = frame.windows(FIELD.len()).position(|part| part == FIELD)? + FIELD.len();
    let text = std::str::from_utf8(&frame[at..]).ok()?;
    let mut words = text.split(' ');
    let writer = words.next()?.parse().ok()?;
    Some((writer, Duration::from_micros(words.next()?.parse().ok()?)))
}
