//! `kill -9` at random moments under load: nothing acknowledged is missing, nothing is there twice,
//! `seq` has no holes, and the server is there again within two seconds.
//!
//! `CONFAB_CRASH_ROUNDS` says how often it is killed (30 times unless given).
#![expect(clippy::print_stderr, reason = "a failed test shows how its rounds went")]

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};
use tests::{Engine, MessageLog, Person, Server, Writer, on_both, within};
use tokio::sync::watch;

on_both!(nothing_acknowledged_is_lost);

/// How long after its start a server that was killed must serve again.
/// A machine that is busy elsewhere has four times as long.
const BACK: Duration = Duration::from_secs(4 * 2);
const WRITERS: usize = 6;
const CHATS: usize = 2;

async fn nothing_acknowledged_is_lost(engine: Engine) {
    let rounds = env::var("CONFAB_CRASH_ROUNDS").map_or(30, |n| n.parse().expect("a number"));
    // Everybody stays signed in however many rounds there are.
    let mut server = Server::start_with(engine, &[("CONFAB_ACCESS_TOKEN_LIFE", "86400")]).await;
    let tally = watch::Sender::new(0);
    let (mut reader, chats, mut writers) = people(&server, &tally).await;
    let mut logs: Vec<_> = chats.iter().map(|_| MessageLog::default()).collect();
    for round in 0..rounds {
        writers = write_and_kill(&mut server, writers, &tally).await;
        let began = Instant::now();
        server.restart().await;
        reader.moved_to(&server).await;
        reader.chat(chats[0]).await;
        let took = began.elapsed();
        assert!(took < BACK, "round {round}: serving again after {took:?}");
        verify(&reader, &chats, &mut logs, &writers).await;
    }
    // What was not answered before the last kill is sent again, and then all is there.
    let (stop, stopped) = watch::channel(false);
    stop.send_replace(true);
    for writer in &mut writers {
        writer.write(server.address(), stopped.clone()).await;
    }
    verify(&reader, &chats, &mut logs, &writers).await;
    let stored: usize = logs.iter().map(MessageLog::messages).sum();
    let acknowledged: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
    assert_eq!(stored, acknowledged, "in the end everything is acknowledged");
    assert!(acknowledged > rounds * 10, "only {acknowledged} messages: that was no load");
}

/// Somebody who reads, and some who write, half of them to each chat.
async fn people(server: &Server, tally: &watch::Sender<usize>) -> (Person, Vec<i64>, Vec<Writer>) {
    let reader = Person::register(server, "Reader").await;
    let mut authors = Vec::new();
    for n in 0..WRITERS {
        authors.push(Person::register(server, &format!("Writer {n}")).await);
    }
    let members: Vec<_> = authors.iter().collect();
    let mut chats = Vec::new();
    for n in 0..CHATS {
        chats.push(reader.group(&format!("Chat {n}"), &members).await);
    }
    let places = chats.iter().cycle();
    let writers =
        authors.iter().zip(places).map(|(author, chat)| Writer::new(author.clone(), *chat));
    let writers = writers.map(|writer| writer.counted_by(tally)).collect();
    (reader, chats, writers)
}

/// Lets them write, and kills the server in the middle of it: as soon as so many more messages are
/// acknowledged, while others are under way.
async fn write_and_kill(
    server: &mut Server,
    writers: Vec<Writer>,
    tally: &watch::Sender<usize>,
) -> Vec<Writer> {
    let (_stop, stopped) = watch::channel(false);
    let before = *tally.borrow();
    let writing = Writer::at_once(writers, server.address(), &stopped);
    // The moment is what is random here; the standard hasher's keys are.
    let more = RandomState::new().hash_one(before) as usize % 80;
    let mut acknowledged = tally.subscribe();
    let enough = acknowledged.wait_for(|count| *count >= before + more);
    drop(within("the acknowledgements", enough).await.expect("they are counted"));
    server.kill().await;
    let writers = writing.join_all().await;
    eprintln!("killed after {more}, {} acknowledged", *tally.borrow() - before);
    writers
}

async fn verify(reader: &Person, chats: &[i64], logs: &mut [MessageLog], writers: &[Writer]) {
    for (chat, log) in chats.iter().zip(logs.iter_mut()) {
        log.record(&reader.history_after(*chat, log.last_seq()).await);
        let of_chat = writers.iter().filter(|writer| writer.chat() == *chat);
        of_chat.for_each(|writer| log.assert_contains(&writer.acknowledged));
    }
}
