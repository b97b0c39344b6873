//! Empty databases that clean up after themselves.
#![allow(dead_code, reason = "each file of tests uses a part of this")]

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use domain::chat::{
    ChangeSettings, Chat, ChatQuery, NewGroup, Permissions, PermissionsUpdate, Title,
};
use domain::clock::Timestamp;
use domain::ids::{ChatId, UserId};
use domain::message::{ClientId, Draft, MessageText};
use domain::user::{NewUser, PasswordHash, UserName};
use std::borrow::Borrow;
use storage_diesel::{Options, Storage, open};
use testkit::contract::Stores;
use tokio::runtime::Builder;

/// An empty database, opened.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) storage: Storage,
    stores: Stores,
    _place: Place,
}

impl Database {
    async fn new(url: String, place: Place, options: Options) -> Self {
        let storage = open(&url, &options).await.unwrap();
        Self { url, stores: stores(&storage), storage, _place: place }
    }

    /// Runs a statement on the database itself, on a separate connection.
    pub(crate) async fn execute(&self, sql: &str) {
        if let Some(path) = self.url.strip_prefix("sqlite://") {
            SqliteConnection::establish(path).unwrap().batch_execute(sql).unwrap();
        } else {
            let mut conn = AsyncPgConnection::establish(&self.url).await.unwrap();
            conn.batch_execute(sql).await.unwrap();
        }
    }
}

impl Borrow<Stores> for Database {
    fn borrow(&self) -> &Stores {
        &self.stores
    }
}

pub(crate) fn stores(storage: &Storage) -> Stores {
    Stores {
        users: storage.users.clone(),
        sessions: storage.sessions.clone(),
        chats: storage.chats.clone(),
        addresses: storage.addresses.clone(),
        bans: storage.bans.clone(),
        members: storage.members.clone(),
        messages: storage.messages.clone(),
        marks: storage.marks.clone(),
        blocks: storage.blocks.clone(),
        own: storage.own.clone(),
        admin: storage.admin.clone(),
        media: storage.media.clone(),
        subscriptions: storage.subscriptions.clone(),
        import: storage.import.clone(),
        invites: storage.invites.clone(),
        idempotency: storage.idempotency.clone(),
        host_accounts: storage.host_accounts.clone(),
        host_pictures: storage.host_pictures.clone(),
        external_ids: storage.external_ids.clone(),
        ties: storage.ties.clone(),
        set_up: storage.set_up.clone(),
        second_factors: storage.second_factors.clone(),
        service_keys: storage.service_keys.clone(),
    }
}

/// Where a database is, until this is dropped.
pub(crate) enum Place {
    Folder(#[expect(dead_code, reason = "it is kept for its end")] tempfile::TempDir),
    Server { name: String },
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Server { name } = self {
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            // A drop cannot wait for the test's own runtime.
            let dropping = std::thread::spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(on_server(&sql));
            });
            let _ = dropping.join();
        }
    }
}

/// The URL of a file that does not exist yet.
pub(crate) fn sqlite_place() -> (String, Place) {
    let folder = tempfile::tempdir().unwrap();
    (format!("sqlite://{}/confab.db", folder.path().display()), Place::Folder(folder))
}

pub(crate) async fn sqlite() -> Database {
    sqlite_with(Options::default()).await
}

pub(crate) async fn sqlite_with(options: Options) -> Database {
    let (url, place) = sqlite_place();
    Database::new(url, place, options).await
}

/// The URL of a new, empty database on the server.
pub(crate) async fn postgres_place() -> (String, Place) {
    postgres_place_with("").await
}

/// The URL of a new database that may have its tables already: a copy of the one that `tests/run` made.
async fn postgres_copy() -> (String, Place) {
    match std::env::var("CONFAB_TEST_TEMPLATE") {
        Ok(template) => postgres_place_with(&format!(" TEMPLATE {template}")).await,
        Err(_) => postgres_place().await,
    }
}

pub(crate) async fn postgres_place_with(options: &str) -> (String, Place) {
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    let name = format!("confab_test_{:016x}", u64::from_ne_bytes(random));
    on_server(&format!("CREATE DATABASE {name}{options}")).await;
    let (server, _) = server().rsplit_once('/').map(|(s, d)| (s.to_owned(), d.to_owned())).unwrap();
    (format!("{server}/{name}"), Place::Server { name })
}

pub(crate) async fn postgres() -> Database {
    postgres_with(Options::default()).await
}

pub(crate) async fn postgres_with(options: Options) -> Database {
    let (url, place) = postgres_copy().await;
    Database::new(url, place, options).await
}

fn server() -> String {
    std::env::var("CONFAB_TEST_POSTGRES").expect(
        "Set CONFAB_TEST_POSTGRES to the URL of a PostgreSQL server on which the tests may create \
         databases, such as postgres://postgres@127.0.0.1:5432/postgres",
    )
}

async fn on_server(sql: &str) {
    let mut conn = AsyncPgConnection::establish(&server()).await.unwrap();
    conn.batch_execute(sql).await.unwrap();
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000)
}

pub(crate) async fn person(storage: &Storage, name: &str) -> UserId {
    let name = UserName::new(name).unwrap();
    let user = NewUser::named(name, PasswordHash::stored("hash".into()), at(0));
    storage.users.add(user).await.unwrap().id
}

pub(crate) async fn group(storage: &Storage, owner: UserId, members: &[UserId]) -> Chat {
    let (title, members) = (Title::new("A group").unwrap(), members.to_vec());
    let (open, permissions, external_id, data) = (false, Permissions::default(), None, None);
    let created_at = at(1);
    let group =
        NewGroup { title, owner, members, open, permissions, external_id, data, created_at };
    storage.chats.create_group(group).await.unwrap()
}

pub(crate) fn draft(chat: ChatId, author: UserId, text: &str) -> Draft {
    Draft::new(chat, author, MessageText::new(text).unwrap(), at(100))
}

pub(crate) fn draft_with_client_id(chat: ChatId, author: UserId, client_id: &str) -> Draft {
    Draft { client_id: Some(ClientId::new(client_id).unwrap()), ..draft(chat, author, client_id) }
}

/// A change of the title.
pub(crate) fn titled(chat: ChatId, actor: UserId, title: &str) -> ChangeSettings {
    let title = Some(Ok(Title::new(title).unwrap()));
    let (is_key, description, slow_mode, data) = (false, None, None, None);
    let permissions = PermissionsUpdate::default();
    let (actor, at) = (actor.into(), at(110));
    ChangeSettings { chat, actor, is_key, title, description, slow_mode, permissions, data, at }
}

/// The first chats of a list.
pub(crate) fn all_chats() -> ChatQuery {
    ChatQuery { archived: None, whispers: true, after: None, limit: 10 }
}
