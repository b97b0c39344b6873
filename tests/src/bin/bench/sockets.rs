//! The real binary, over real sockets.

use crate::client::Client;
use crate::table::Measured;
use crate::{CHATS, Span};
use futures_util::StreamExt;
use futures_util::stream;
use std::time::{Duration, Instant};
use tests::{Engine, Person, Server};
use tokio::task::JoinSet;

pub(crate) async fn measure(engine: Engine, senders: usize, span: Span) -> Measured {
    let server = Server::start_with(engine, &[("CONFAB_LOG", "warn")]).await;
    let names: Vec<_> = (0..senders).map(|n| format!("sender {n}")).collect();
    let people: Vec<_> = stream::iter(&names)
        .map(|name| Person::register(&server, name))
        .buffer_unordered(8)
        .collect()
        .await;
    let mut clients = Vec::new();
    for first in 0..CHATS.min(senders) {
        let members: Vec<_> = people.iter().skip(first).step_by(CHATS).collect();
        let chat = members[0].group("bench", &members).await;
        for member in members {
            let client = Client::open(server.address(), &member.access).await;
            clients.push((client, format!("{}", member.id), chat));
        }
    }
    let begin = Instant::now() + span.warm_up;
    let end = begin + span.counted;
    let mut sending = JoinSet::new();
    for (client, name, chat) in clients {
        sending.spawn(send(client, name, chat, (begin, end)));
    }
    tokio::time::sleep_until(begin.into()).await;
    let before = server.cpu_time();
    tokio::time::sleep_until(end.into()).await;
    let cpu = server.cpu_time() - before;
    let latencies = sending.join_all().await.concat();
    Measured::new(latencies, span.counted, cpu)
}

async fn send(
    mut client: Client,
    name: String,
    chat: i64,
    (begin, end): (Instant, Instant),
) -> Vec<Duration> {
    let mut latencies = Vec::new();
    for n in 0.. {
        let began = Instant::now();
        if began >= end {
            break;
        }
        let request = format!(
            "{{\"id\":\"{n}\",\"type\":\"send\",\"chat\":{chat},\"client_id\":\"{name}-{n}\",\
             \"text\":\"A message of usual length, as people write them.\"}}"
        );
        client.ask(&request).await;
        let now = Instant::now();
        if began >= begin && now < end {
            latencies.push(now - began);
        }
    }
    latencies
}
