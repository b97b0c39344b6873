//! How often a call waits for PostgreSQL, which is its cost when the database is on another machine. The
//! table in docs/ARCHITECTURE.md has these numbers.

use crate::common::{all_chats, at, draft, draft_with_client_id, group, person, postgres_place};
use domain::chat::{ChatPorts, ChatRole, Chats, RoomName};
use domain::clock::SystemClock;
use domain::directory::{Directory, Finding, Policy};
use domain::host::{ExternalId, HostPerson, HostSaid, Issuer, NewHostAccount};
use domain::ids::{ChatId, Seq, SessionId, UserId};
use domain::limits::HOST_PEOPLE_TOGETHER;
use domain::message::{Author, Draft, Emoji, MessageQuery, Page, React};
use domain::session::{Caller, Client, Device, NewSession, Proof, Protocol, Renewal, Seed};
use domain::user::{AccountRole, NewUser, PasswordHash, ReservedNames, UserName, UserPorts, Users};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use storage_diesel::{Options, Storage, open};
use testkit::memory::RecordingBus;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// The server has answered everything it was sent, and sends no more on its own.
const READY: &[u8] = b"Z\0\0\0\x05";

/// Counts over all connections.
#[derive(Clone, Default)]
struct Trips {
    /// How often the client sent something after it got every answer.
    waits: Arc<AtomicUsize>,
    /// How many statements were answered.
    statements: Arc<AtomicUsize>,
}

/// Starts a proxy to the server of this URL, and returns the proxy's URL.
async fn before(url: &str, trips: &Trips) -> String {
    let (user, place) = url.split_once('@').unwrap();
    let (server, database) = place.split_once('/').unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (server, trips) = (server.to_owned(), trips.clone());
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(&server).await.unwrap();
            far.set_nodelay(true).unwrap();
            near.set_nodelay(true).unwrap();
            tokio::spawn(join(near, far, trips.clone()));
        }
    });
    format!("{user}@127.0.0.1:{port}/{database}")
}

async fn join(near: TcpStream, far: TcpStream, trips: Trips) {
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    let answered = Arc::new(AtomicUsize::new(0));
    let asks = |_: &[u8]| {
        trips.waits.fetch_add(answered.swap(0, Ordering::SeqCst), Ordering::SeqCst);
    };
    let answers = |said: &[u8]| {
        let ready = said.windows(READY.len()).filter(|window| *window == READY).count();
        trips.statements.fetch_add(ready, Ordering::SeqCst);
        let end = said.len().saturating_sub(READY.len() + 1);
        answered.store(usize::from(said[end..].starts_with(READY)), Ordering::SeqCst);
    };
    tokio::join!(pass(from_near, to_far, asks), pass(from_far, to_near, answers));
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, note: impl Fn(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        note(&buffer[..length]);
        if to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

/// A group in which two people talk, behind the counting proxy.
struct Scene {
    storage: Storage,
    trips: Trips,
    anna: UserId,
    ben: UserId,
    chat: ChatId,
    session: SessionId,
    _place: crate::common::Place,
}

impl Scene {
    async fn new() -> Self {
        let (url, place) = postgres_place().await;
        let trips = Trips::default();
        let storage = open(&before(&url, &trips).await, &Options::default()).await.unwrap();
        let (anna, ben) = (person(&storage, "Anna").await, person(&storage, "Ben").await);
        let chat = group(&storage, anna, &[ben]).await.id;
        let client = Client {
            device: Device::new("A device"),
            protocol: Protocol::new("a word"),
            renewal: Renewal::Repeatedly,
        };
        let session = NewSession {
            user: anna,
            seed: Seed([7; 16]),
            client,
            address: Ipv4Addr::LOCALHOST.into(),
            created_at: at(10),
            expires_at: at(1_000),
            proved_at: Some(at(10)),
            key: None,
            host_session: None,
        };
        let session = storage.sessions.open(session).await.unwrap().id;
        Self { storage, trips, anna, ben, chat, session, _place: place }
    }

    /// What a call costs at least, once its connections are made and its statements prepared. What is sent
    /// together counts twice where the server answered its first part before the rest had left.
    async fn cost<T>(&self, call: impl AsyncFn(usize) -> T) -> usize {
        self.least(&self.trips.waits, call).await
    }

    /// By how much a call raises the count at least.
    async fn least<T>(&self, count: &AtomicUsize, call: impl AsyncFn(usize) -> T) -> usize {
        const WARM: usize = 4;
        let mut least = usize::MAX;
        for nth in 0..3 * WARM {
            let before = count.load(Ordering::SeqCst);
            call(nth).await;
            if nth >= WARM {
                least = least.min(count.load(Ordering::SeqCst) - before);
            }
        }
        least
    }

    /// The last message has a mention, a reply to a message on another page, and a reaction.
    async fn dress(&self) {
        let Self { storage, anna, ben, chat, .. } = self;
        let page = storage.messages.page(*chat, Page::After(Seq::ZERO), 1).await.unwrap();
        let answer =
            Draft { reply_to: Some(page.messages[0].id), ..draft(*chat, *anna, "Welcome, @Ben") };
        let said = storage.messages.append(answer).await.unwrap().message;
        let (chat, user, emoji) = (Some(*chat), *ben, Emoji::new("👍"));
        let react = React { chat, message: said.id, user, emoji, on: true, at: at(2) };
        storage.marks.react(react).await.unwrap();
    }

    async fn send(&self, nth: usize) {
        let sent = draft_with_client_id(self.chat, self.anna, &format!("n{nth}"));
        self.storage.messages.append(sent).await.unwrap();
    }
}

// On one thread, what is asked at once goes out at once.
#[tokio::test]
async fn calls_wait_for_the_server_as_often_as_is_written_down() {
    let scene = Scene::new().await;
    let Scene { storage, anna, ben, chat, session, .. } = &scene;
    let plain = scene
        .cost(async |_| storage.messages.append(draft(*chat, *anna, "Hello")).await.unwrap())
        .await;
    let with_id = scene.cost(async |nth| scene.send(nth).await).await;
    let page =
        scene.cost(async |_| storage.messages.page(*chat, Page::Latest, 5).await.unwrap()).await;
    let history = async |_| {
        storage.messages.history(*ben, *chat, Page::Latest, 5).await.unwrap();
    };
    let seen = scene.cost(history).await;
    scene.dress().await;
    let seen_dressed = scene.cost(history).await;
    let dressed =
        scene.cost(async |_| storage.messages.page(*chat, Page::Latest, 5).await.unwrap()).await;
    let list = scene.cost(async |_| storage.chats.list(*ben, all_chats()).await.unwrap()).await;
    let versions = scene.cost(async |_| storage.chats.followed(*ben).await.unwrap()).await;
    let marker = scene
        .cost(async |nth| {
            let seq = Seq::stored(i64::try_from(nth).unwrap() + 1);
            storage.members.mark_read(*chat, *ben, seq).await.unwrap()
        })
        .await;
    let looked_up =
        scene.cost(async |_| storage.sessions.get(*session, at(20)).await.unwrap()).await;
    let recent =
        scene.cost(async |_| storage.sessions.get_recent(*session, at(20)).await.unwrap()).await;
    let (issuer, ids) = (Issuer::new("shop").unwrap(), ["1", "2", "3"].map(ExternalId::new));
    let ids: Vec<_> = ids.into_iter().flatten().collect();
    let resolved =
        scene.cost(async |_| storage.external_ids.users(&issuer, &ids).await.unwrap()).await;
    let found = [
        plain,
        with_id,
        page,
        dressed,
        seen,
        seen_dressed,
        list,
        versions,
        marker,
        looked_up,
        recent,
        resolved,
    ];
    let calls = [
        "a send",
        "one with a client id",
        "a page",
        "one with all that can hang on it",
        "a page as a member sees it",
        "one with all that can hang on it",
        "a list",
        "the versions of all chats",
        "a marker",
        "a session",
        "a recent session",
        "external ids",
    ];
    for ((call, found), written) in calls.iter().zip(found).zip(NUMBERS) {
        assert!(found <= written, "{call}: {found} instead of {written}");
    }
    scene.storage.close().await;
}

/// For each statement the server wakes the thread that waits for its answer, so a send has few.
#[tokio::test]
async fn a_lone_send_is_one_statement_once_its_chat_and_author_are_remembered() {
    let scene = Scene::new().await;
    let known = scene.least(&scene.trips.statements, async |nth| scene.send(nth).await).await;
    assert_eq!(known, 1);
    let page = scene.storage.messages.page(scene.chat, Page::Latest, 1).await.unwrap();
    let reply_to = Some(page.messages[0].id);
    let reply = Draft { reply_to, ..draft(scene.chat, scene.anna, "Hello") };
    let sent = async |_| scene.storage.messages.append(reply.clone()).await.unwrap();
    let usual = scene.least(&scene.trips.statements, sent).await;
    assert_eq!(
        usual, 6,
        "BEGIN, the lock, what is read under it, the first message, what is stored, COMMIT"
    );
    scene.storage.close().await;
}

/// People of a host come by the thousand, and each would wait several times.
#[tokio::test]
async fn many_people_of_a_host_cost_as_much_as_one() {
    let scene = Scene::new().await;
    let issuer = Issuer::new("shop").unwrap();
    let added = async |nth: usize, people: usize| {
        let new = (0..people).map(|person| {
            let name = UserName::new(&format!("Person {nth} of {people} {person}")).unwrap();
            let (subject, password) =
                (name.as_str().to_owned(), PasswordHash::stored("hash".into()));
            NewHostAccount {
                person: HostPerson {
                    issuer: issuer.clone(),
                    subject: ExternalId::new(&subject).unwrap(),
                },
                said: HostSaid {
                    name: subject,
                    email: String::new(),
                    is_admin: false,
                    picture: None,
                },
                records: Vec::new(),
                user: NewUser::named(name, password, at(0)),
            }
        });
        let added = scene.storage.host_accounts.add_each(new.collect()).await.unwrap();
        assert!(added.iter().all(Option::is_some));
    };
    let one = scene.cost(async |nth| added(nth, 1).await).await;
    let many = scene.cost(async |nth| added(nth, HOST_PEOPLE_TOGETHER).await).await;
    // What is inserted is prepared anew for each number of rows that is not kept.
    assert!(many <= one + 3, "{many} instead of {one}");
    scene.storage.close().await;
}

/// Looking up somebody the caller may not find takes as many round trips as looking up nobody.
#[tokio::test]
async fn what_is_hidden_costs_what_is_not_there_costs() {
    let scene = Scene::new().await;
    let Scene { storage, anna, chat, .. } = &scene;
    let policy = Policy::new(Finding::Nobody, Vec::new());
    let directory = Arc::new(Directory::new(policy, storage.ties.clone()));
    let bus = RecordingBus::new();
    let clock = Arc::new(SystemClock);
    let users = Users::new(
        UserPorts {
            users: storage.users.clone(),
            directory: directory.clone(),
            clock: clock.clone(),
        },
        ReservedNames::default(),
    );
    let chats = Chats::new(ChatPorts {
        chats: storage.chats.clone(),
        addresses: storage.addresses.clone(),
        members: storage.members.clone(),
        bans: storage.bans.clone(),
        blocks: storage.blocks.clone(),
        directory,
        bus,
        clock,
    });
    let hidden = person(storage, "Dora").await;
    let name = RoomName::new("salon").unwrap();
    let by = (hidden, ChatRole::Owner);
    let salon = storage.addresses.open_room(&name, by, at(5)).await.unwrap().0.id;
    let (nobody, nowhere) = (UserId::stored(999_999), ChatId::stored(999_999));
    let anna = caller(*anna);
    let profile =
        async |user| scene.cost(async |_| users.profile(&anna, user).await.is_err()).await;
    assert_eq!(profile(hidden).await, profile(nobody).await);
    let direct =
        async |user| scene.cost(async |_| chats.open_direct(&anna, user).await.is_err()).await;
    assert_eq!(direct(hidden).await, direct(nobody).await);
    let group = async |user| {
        scene.cost(async |_| chats.create_group(&anna, "Group", &[user]).await.is_err()).await
    };
    assert_eq!(group(hidden).await, group(nobody).await);
    let member = async |user| {
        let set = async |_| chats.set_member(&anna, *chat, user, ChatRole::Member).await.is_err();
        scene.cost(set).await
    };
    assert_eq!(member(hidden).await, member(nobody).await);
    let room =
        async |name| scene.cost(async |_| chats.enter_room(&anna, name).await.is_err()).await;
    assert_eq!(room("salon").await, room("nowhere").await);
    let join = async |chat| scene.cost(async |_| chats.join(&anna, chat).await.is_err()).await;
    assert_eq!(join(salon).await, join(nowhere).await);
    let outline =
        async |chat| scene.cost(async |_| chats.outline_for(&anna, chat).await.is_err()).await;
    assert_eq!(outline(salon).await, outline(nowhere).await);
    let named = async |name: &str| {
        let author = Some(Author::Named(name.to_owned()));
        let query = MessageQuery { author, ..MessageQuery::default() };
        scene
            .cost(async |_| storage.messages.find(anna.user, query.clone(), None, 5).await.is_ok())
            .await
    };
    assert_eq!(named("dora").await, named("nobody").await);
    scene.storage.close().await;
}

fn caller(user: UserId) -> Caller {
    let (session, protocol) = (SessionId::stored(1), Protocol::NATIVE);
    let (role, proof) = (AccountRole::User, Proof::default());
    Caller { user, session, protocol, role, proof, issuer: None, key: None }
}

/// What the table says.
const NUMBERS: [usize; 12] = [1, 1, 1, 2, 1, 2, 5, 1, 3, 1, 0, 1];
