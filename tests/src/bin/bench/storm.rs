//! Everybody comes back at once after a restart, while two people go on talking.

use crate::client::Client;
use futures_util::{StreamExt, stream};
use std::time::{Duration, Instant};
use tests::{Engine, Person, Server, Socket, json, measure_deliveries};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Members of the groups that everybody is in, besides the one room.
const GROUP: usize = 50;
/// How long it is watched after everybody is back.
const AFTER: Duration = Duration::from_secs(10);
/// When who was refused for the moment asks again.
const AGAIN: Duration = Duration::from_secs(1);

/// Measures how so many people reconnect to either database.
pub(crate) async fn measure(people: usize) {
    println!(
        "{:<12}{:>8}{:>16}{:>12}{:>28}",
        "", "people", "all are back s", "told later", "slowest message of two ms"
    );
    for engine in [Engine::Sqlite, Engine::Postgres] {
        row(engine, people).await;
    }
}

async fn row(engine: Engine, count: usize) {
    let settings = [("CONFAB_LOG", "warn"), ("CONFAB_ACCESS_TOKEN_LIFE", "86400")];
    let mut server = Server::start_with(engine, &settings).await;
    let names: Vec<_> = (0..count).map(|n| format!("person {n}")).collect();
    let registering = stream::iter(&names).map(|name| Person::register(&server, name));
    let people: Vec<_> = registering.buffer_unordered(8).collect().await;
    for group in people.chunks(GROUP) {
        group[0].group("bench", &group[1..].iter().collect::<Vec<_>>()).await;
    }
    let mut room = json!(null);
    for person in &people {
        room = person.put("/rooms/everybody", &json!({})).await.body;
    }
    let [one, other] = Person::several(&server, ["one", "other"]).await;
    let chat = one.group("apart", &[&other]).await;
    server.restart().await;

    let (stop, stopped) = watch::channel(false);
    let address = server.address().to_owned();
    let one = Socket::open(&address, &one.access).await.expect("a socket");
    let other = Socket::open(&address, &other.access).await.expect("a socket");
    let talking = tokio::spawn(measure_deliveries(one, other, chat, stopped));
    let began = Instant::now();
    let chats = format!("{{\"{}\":{}}}", room["id"], room["version"]);
    let resume = format!("{{\"id\":\"r\",\"type\":\"resume\",\"chats\":{chats}}}");
    let mut coming = JoinSet::new();
    for person in people {
        let (address, resume) = (address.clone(), resume.clone());
        coming.spawn(async move {
            let mut client = Client::open(&address, &person.access).await;
            let mut refused = 0;
            while !client.try_to(&resume).await {
                refused += 1;
                sleep(AGAIN).await;
            }
            (client, Instant::now(), refused)
        });
    }
    let (mut reading, mut last, mut refusals) = (JoinSet::new(), began, 0);
    while let Some(back) = coming.join_next().await {
        let (client, at, refused) = back.expect("nobody is turned away");
        (last, refusals) = (last.max(at), refusals + refused);
        reading.spawn(async move {
            let (mut reader, _out) = client.split();
            loop {
                reader.next().await;
            }
        });
    }
    sleep(AFTER).await;
    stop.send_replace(true);
    let (slowest, messages) = talking.await.expect("two people talk");
    reading.shutdown().await;
    println!(
        "{:<12}{count:>8}{:>16.1}{refusals:>12}{:>28.0}   ({messages} messages)",
        engine.name(),
        (last - began).as_secs_f64(),
        slowest.as_secs_f64() * 1e3,
    );
}
