//! How many messages a second are acknowledged, and how soon: one transaction for each message (the
//! reference), through the message store, and through real sockets of the real binary.
//!
//! `just bench` builds a release, starts PostgreSQL with its disk, and runs this. Client, server
//! and database share the machine, so what the client costs is taken from the others.
#![expect(clippy::print_stdout, reason = "a table is what this is for")]

mod client;
mod sockets;
mod store;
mod table;

use std::env;
use std::time::{Duration, Instant};
use storage_diesel::Sending;
use table::{Row, Table};
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
    let seconds = env::args().nth(1).map_or(4, |n| n.parse().expect("seconds for each row"));
    let span = Span { warm_up: Duration::from_millis(700), counted: Duration::from_secs(seconds) };
    start().await;
    let mut table = Table::default();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        measure(engine, span, &mut table).await;
    }
    println!("{}", table.ratios());
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

async fn measure(engine: Engine, span: Span, table: &mut Table) {
    let ways = [("one transaction each", Sending::OneByOne), ("message store", Sending::Grouped)];
    for senders in [1, 64, 512] {
        for (way, sending) in ways {
            let measured = store::measure(engine, sending, senders, span).await;
            table.add(Row { engine, way, senders, measured });
        }
        let measured = sockets::measure(engine, senders, span).await;
        table.add(Row { engine, way: "real sockets", senders, measured });
    }
}
