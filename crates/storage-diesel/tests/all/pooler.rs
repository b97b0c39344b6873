//! Behind the PgBouncer of the distribution's package.

use crate::common::{draft, group, person, postgres_place};
use domain::message::Page;
use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use storage_diesel::{OpenError, Options, migrate, open};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// How long it may take to listen.
const START: Duration = Duration::from_secs(30);

/// A PgBouncer in front of the tests' server. It ends when this is dropped.
struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Pooler {
    /// Starts one with these further settings.
    fn start(server: &str, settings: &str) -> Self {
        let place = server.split_once('@').unwrap().1.split_once('/').unwrap().0;
        let (host, server_port) = place.split_once(':').unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={host} port={server_port} user=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             {settings}\n"
        );
        fs::write(&file, text).unwrap();
        // It refuses to run as root, and reads its file as the user it changes to.
        let mut command = Command::new("bash");
        let who = if fs::metadata(folder.path()).unwrap().uid() == 0 {
            fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
            "-u nobody"
        } else {
            ""
        };
        let run = format!("PATH=$PATH:/usr/sbin; exec pgbouncer -q {who} \"$0\"");
        command.args(["-c", &run]).arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("pgbouncer is installed; tests/run does it");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < START, "PgBouncer does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { child, port, _folder: folder }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A new database behind a pooler with these settings.
async fn behind(settings: &str) -> (String, Pooler, crate::common::Place) {
    let (url, place) = postgres_place().await;
    let pooler = Pooler::start(&url, settings);
    (pooler.url(url.rsplit_once('/').unwrap().1), pooler, place)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_of_transactions_is_refused() {
    for settings in [
        "pool_mode = transaction",
        "pool_mode = statement",
        "pool_mode = transaction\nserver_round_robin = 1\nmin_pool_size = 4",
        "pool_mode = transaction\ndefault_pool_size = 1",
    ] {
        let (url, _pooler, _place) = behind(settings).await;
        // The first call leaves connections to the server behind, which the next one may be given.
        for _ in 0..3 {
            let opened = open(&url, &Options::default()).await.map(drop).unwrap_err();
            assert!(matches!(opened, OpenError::Pooler), "{settings}: {opened}");
            let migrated = migrate(&url).await.unwrap_err();
            assert!(matches!(migrated, OpenError::Pooler), "{settings}: {migrated}");
        }
        let said = OpenError::Pooler.to_string();
        assert!(said.contains("DATABASE_URL") && said.contains("pool_mode = session"), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_of_sessions_does() {
    let (url, _pooler, _place) = behind("pool_mode = session").await;
    for round in 0..2 {
        let storage = open(&url, &Options::default()).await.unwrap();
        let anna = person(&storage, &format!("Anna {round}")).await;
        let chat = group(&storage, anna, &[]).await.id;
        let mut sending = JoinSet::new();
        for nth in 0..50 {
            let messages = storage.messages.clone();
            sending.spawn(async move {
                let sent = messages.append(draft(chat, anna, &format!("{nth}"))).await.unwrap();
                messages.get(sent.message.id).await.unwrap()
            });
        }
        assert_eq!(sending.join_all().await.len(), 50);
        let page = storage.messages.page(chat, Page::Latest, 100).await.unwrap();
        assert_eq!(page.messages.len(), 50);
        storage.close().await;
    }
}

/// Whoever comes by no pooler at all is not taken for somebody who does, however many are at it.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_no_pooler() {
    let (url, _place) = postgres_place().await;
    let mut opening = JoinSet::new();
    for _ in 0..8 {
        let url = url.clone();
        opening.spawn(async move { migrate(&url).await.unwrap() });
    }
    assert_eq!(opening.join_all().await.len(), 8);
}
