//! The message store by itself, in this process.

use crate::table::Measured;
use crate::{CHATS, Span};
use domain::chat::{NewGroup, Permissions, Title};
use domain::clock::{Clock, SystemClock};
use domain::ids::{ChatId, UserId};
use domain::message::{ClientId, Draft, MessageStore, MessageText};
use domain::user::{AccountRole, NewUser, PasswordHash, UserName};
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage_diesel::{Options, Sending, Storage};
use tests::{Engine, Server};
use tokio::task::JoinSet;

pub(crate) async fn measure(
    engine: Engine,
    sending: Sending,
    senders: usize,
    span: Span,
) -> Measured {
    // Only for its data: a database of its own that goes with it.
    let place = Server::prepare(engine, &[]).await;
    let storage = open(&place, sending).await;
    let places = people(&storage, senders).await;

    let begin = Instant::now() + span.warm_up;
    let end = begin + span.counted;
    let mut sending = JoinSet::new();
    for (author, chat) in places {
        sending.spawn(send(storage.messages.clone(), author, chat, (begin, end)));
    }
    tokio::time::sleep_until(begin.into()).await;
    let before = cpu_time();
    tokio::time::sleep_until(end.into()).await;
    let cpu = cpu_time() - before;
    let latencies = sending.join_all().await.concat();
    storage.close().await;
    Measured::new(latencies, span.counted, cpu)
}

/// The stores over a place's database.
pub(crate) async fn open(place: &Server, sending: Sending) -> Storage {
    fs::create_dir_all(place.data_folder()).expect("a folder");
    let url = place
        .database_url()
        .unwrap_or_else(|| format!("sqlite://{}", place.data_folder().join("bench.db").display()));
    let options = Options { sending, ..Options::default() };
    storage_diesel::open(&url, &options).await.expect("the database opens")
}

/// Somebody.
pub(crate) async fn person(storage: &Storage, name: &str) -> UserId {
    let (name, password) = (UserName::new(name), PasswordHash::stored("none".to_owned()));
    let user = NewUser::named(name.expect("a name"), password, SystemClock.now());
    storage.users.add(user).await.expect("it is stored").id
}

/// A group of these people; the first owns it.
pub(crate) async fn group(storage: &Storage, members: &[UserId]) -> ChatId {
    let title = Title::new("bench").expect("a title");
    let (owner, members) = (members[0], members[1..].to_vec());
    let group = NewGroup {
        title,
        owner,
        members,
        open: false,
        permissions: Permissions::default(),
        external_id: None,
        data: None,
        created_at: SystemClock.now(),
    };
    storage.chats.create_group(group).await.expect("it is stored").id
}

/// The senders, and the chat that each writes to.
async fn people(storage: &Storage, senders: usize) -> Vec<(UserId, ChatId)> {
    let mut chats: Vec<Vec<UserId>> = vec![Vec::new(); CHATS];
    for n in 0..senders {
        chats[n % CHATS].push(person(storage, &format!("sender {n}")).await);
    }
    let mut places = Vec::new();
    for members in chats.into_iter().filter(|members| !members.is_empty()) {
        let chat = group(storage, &members).await;
        places.extend(members.into_iter().map(|member| (member, chat)));
    }
    places
}

async fn send(
    messages: Arc<dyn MessageStore>,
    author: UserId,
    chat: ChatId,
    (begin, end): (Instant, Instant),
) -> Vec<Duration> {
    let mut latencies = Vec::new();
    for n in 0.. {
        let began = Instant::now();
        if began >= end {
            break;
        }
        let text = MessageText::new("A message of usual length, as people write them.");
        let draft = Draft {
            author_role: Some(AccountRole::User),
            client_id: Some(ClientId::new(&format!("{author}-{n}")).expect("a client id")),
            ..Draft::new(chat, author, text.expect("a text"), SystemClock.now())
        };
        messages.append(draft).await.expect("it is stored");
        let now = Instant::now();
        if began >= begin && now < end {
            latencies.push(now - began);
        }
    }
    latencies
}

/// Processor time that this process has used.
fn cpu_time() -> Duration {
    tests::cpu_time_of(std::process::id())
}
