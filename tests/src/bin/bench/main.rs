//! How many messages a second are acknowledged, and how soon: one transaction for each message (the
//! reference), through the message store, and through real sockets of the real binary.
//!
//! `just bench` builds what is deployed, starts PostgreSQL with its disk, and runs this. Client, server
//! and database share the machine, so what the client costs is taken from the others.
//!
//! `just bench 3 sqlite 64 512` measures three seconds a row, of these rows only. A row is named by
//! its database, its number of senders, and `reference`, `store` or `sockets`.
//!
//! `just bench rooms` measures deliveries in rooms with many members, on one node and on two that a Redis
//! joins; `just bench rooms 3` for three seconds a row.
//!
//! `just bench storm 5000` has so many people come back at once after a restart.
//!
//! `just bench crowds` measures what somebody in 5,000 chats and a chat of 10,000 cost, beside a tenth of each.
//!
//! `just bench search 1000000` measures reading and searching instead, with so many messages;
//! `just bench search 1000000 sqlite` on that database only.
#![expect(clippy::print_stdout, reason = "a table is what this is for")]

mod client;
mod crowds;
mod reading;
mod rooms;
mod sockets;
mod store;
mod storm;
mod table;

use std::env;
use std::time::{Duration, Instant};
use storage_diesel::Sending;
use table::{Measured, Row, Table};
use tests::{Engine, Server};

/// How many chats the senders write to, in turn.
const CHATS: usize = 100;

/// Messages are sent for this long before counting begins, and then counted for the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    warm_up: Duration,
    counted: Duration,
}

#[tokio::main]
async fn main() {
    let mut arguments = env::args().skip(1).peekable();
    if arguments.next_if(|first| first == "search").is_some() {
        let messages = arguments.next();
        let messages = messages.map_or(1_000_000, |n| n.parse().expect("how many messages"));
        let wanted = Wanted(arguments.collect());
        return reading::measure(messages, &wanted.engines()).await;
    }
    if arguments.next_if(|first| first == "crowds").is_some() {
        return crowds::measure(&Wanted(arguments.collect()).engines()).await;
    }
    if arguments.next_if(|first| first == "storm").is_some() {
        let people = arguments.next().map_or(5_000, |n| n.parse().expect("how many people"));
        return storm::measure(people).await;
    }
    let of_rooms = arguments.next_if(|first| first == "rooms").is_some();
    let seconds = arguments.next().map_or(4, |n| n.parse().expect("seconds for each row"));
    let wanted = Wanted(arguments.collect());
    let span = Span { warm_up: Duration::from_millis(700), counted: Duration::from_secs(seconds) };
    if of_rooms {
        return rooms::measure(span).await;
    }
    start().await;
    let mut table = Table::default();
    for engine in wanted.engines() {
        measure(engine, span, &wanted, &mut table).await;
    }
    println!("{}", table.ratios());
}

/// Words that name rows; none of a kind stands for all of that kind.
struct Wanted(Vec<String>);

impl Wanted {
    fn one_of(&self, word: &str, kind: &[&str]) -> bool {
        let is_named = |word| self.0.iter().any(|named| named == word);
        is_named(word) || !kind.iter().copied().any(is_named)
    }

    fn engines(&self) -> Vec<Engine> {
        let mut engines = vec![Engine::Sqlite, Engine::Postgres];
        engines.retain(|one| self.one_of(&one.name().to_lowercase(), &["sqlite", "postgresql"]));
        engines
    }
}

/// How soon the server listens, on data that it has, and what it holds while nothing happens.
async fn start() {
    let mut server = Server::start(Engine::Sqlite).await;
    let began = Instant::now();
    server.restart().await;
    let took = began.elapsed();
    println!(
        "starts in {took:.0?}, idles at {:.1} MB\n",
        f64::from(u32::try_from(server.memory()).expect("under 4 GB")) / 1e6
    );
}

/// How often the ways take turns, so that what else the machine does falls on all of them.
const TURNS: u32 = 3;

/// What each way is called in the arguments and in the table.
const WAYS: [(&str, &str, Option<Sending>); 3] = [
    ("reference", "one transaction each", Some(Sending::OneByOne)),
    ("store", "message store", Some(Sending::Grouped)),
    ("sockets", "real sockets", None),
];

async fn measure(engine: Engine, span: Span, wanted: &Wanted, table: &mut Table) {
    let ways: Vec<_> =
        WAYS.into_iter().filter(|(word, ..)| wanted.one_of(word, &WAYS.map(|way| way.0))).collect();
    let turn = Span { counted: span.counted / TURNS, ..span };
    for senders in [1, 64, 512] {
        if !wanted.one_of(&senders.to_string(), &["1", "64", "512"]) {
            continue;
        }
        let mut measured: [Option<Measured>; WAYS.len()] = Default::default();
        for _ in 0..TURNS {
            for ((.., sending), so_far) in ways.iter().zip(&mut measured) {
                let now = match *sending {
                    Some(sending) => store::measure(engine, sending, senders, turn).await,
                    None => sockets::measure(engine, senders, turn).await,
                };
                *so_far = Some(match so_far.take() {
                    Some(before) => before.and(now),
                    None => now,
                });
            }
        }
        for ((_, way, _), measured) in ways.iter().zip(measured.into_iter().flatten()) {
            table.add(Row { engine, way, senders, measured });
        }
    }
}
