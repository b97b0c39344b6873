//! Acknowledged messages a second: committed together, and each in a transaction of its own.
//!
//! `cargo bench -p storage-diesel -- [seconds]`; PostgreSQL too where `CONFAB_BENCH_POSTGRES` names
//! an empty database, which is filled.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and may panic")]

use domain::chat::{NewGroup, Title};
use domain::clock::Timestamp;
use domain::ids::{ChatId, UserId};
use domain::message::{ClientId, Draft, MessageText};
use domain::user::{AccountRole, NewUser, PasswordHash, UserName};
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage_diesel::{Options, Sending, Storage, open};
use tokio::task::JoinSet;

const CHATS: usize = 100;

#[tokio::main]
async fn main() {
    let seconds = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(3);
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![format!("sqlite://{}/bench.db", folder.path().display())];
    urls.extend(std::env::var("CONFAB_BENCH_POSTGRES"));
    println!(
        "{:10} {:9} {:>7} {:>9} {:>8} {:>8}",
        "", "", "senders", "a second", "p50 ms", "p99 ms"
    );
    for url in &urls {
        for sending in [Sending::OneByOne, Sending::Grouped] {
            let storage = open(url, &Options { sending, ..Options::default() }).await.unwrap();
            let scene = Arc::new(scene(&storage, &format!("{sending:?}")).await);
            for senders in [1, 64, 512] {
                let span = Duration::from_secs(seconds);
                let mut took = run(&storage, &scene, senders, span).await;
                took.sort_unstable();
                let ms = |part: usize| took[took.len() * part / 100].as_secs_f64() * 1000.0;
                let database = url.split(':').next().unwrap_or_default();
                let rate = took.len() as f64 / span.as_secs_f64();
                let (p50, p99) = (ms(50), ms(99));
                let how = format!("{sending:?}");
                println!("{database:10} {how:9} {senders:7} {rate:9.0} {p50:8.2} {p99:8.2}");
            }
            storage.close().await;
        }
    }
}

async fn scene(storage: &Storage, name: &str) -> (UserId, Vec<ChatId>) {
    let created_at = Timestamp::from_micros(1_700_000_000_000_000);
    let user = NewUser {
        name: UserName::new(name).unwrap(),
        role: AccountRole::User,
        password: PasswordHash::stored("hash".into()),
        created_at,
    };
    let owner = storage.users.add(user).await.unwrap().id;
    let mut chats = Vec::new();
    for _ in 0..CHATS {
        let title = Title::new("A group").unwrap();
        let group = NewGroup { title, owner, members: Vec::new(), created_at };
        chats.push(storage.chats.create_group(group).await.unwrap().id);
    }
    (owner, chats)
}

async fn run(
    storage: &Storage,
    scene: &Arc<(UserId, Vec<ChatId>)>,
    senders: usize,
    span: Duration,
) -> Vec<Duration> {
    let end = Instant::now() + span;
    let mut running = JoinSet::new();
    for sender in 0..senders {
        let (messages, scene) = (storage.messages.clone(), scene.clone());
        running.spawn(async move {
            let mut took = Vec::new();
            while Instant::now() < end {
                let nth = took.len();
                let client_id = format!("{senders}-{sender}-{nth}-{:?}", Instant::now());
                let client_id: String =
                    client_id.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
                let draft = Draft {
                    chat: scene.1[(sender + nth * 7) % CHATS],
                    author: scene.0,
                    client_id: Some(ClientId::new(&client_id).unwrap()),
                    reply_to: None,
                    text: MessageText::new("A message of about the usual length, 60 chars.")
                        .unwrap(),
                    sent_at: Timestamp::from_micros(1_700_000_000_000_000),
                };
                let begun = Instant::now();
                messages.append(draft).await.unwrap();
                took.push(begun.elapsed());
            }
            took
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}
