//! A disk without room: what cannot be stored is refused, what is there can be read, and when there is
//! room again the same requests succeed, once. On SQLite, whose files are the server's, and under a
//! PostgreSQL, which may even give up.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use rustix::process::geteuid;
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use tests::{Engine, OwnPostgres, Person, Server, Value, json, within};
use tokio_postgres::{NoTls, connect};

/// A disk of a few megabytes, mounted where the data are to be.
struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// `None` where this process may not mount anything.
    fn mount(folder: PathBuf, options: &str) -> Option<Self> {
        fs::create_dir_all(&folder).expect("a folder");
        let mount = ["-t", "tmpfs", "-o", options, "tmpfs"];
        let mounted = as_root("mount").args(mount).arg(&folder).output().ok()?;
        mounted.status.success().then_some(Self { folder })
    }

    /// One for PostgreSQL, in a place that it may enter as whatever user it runs.
    fn mount_for_postgres(place: &TempDir) -> Option<Self> {
        Self::mount(place.path().join("disk"), "size=96m,mode=1777")
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Leaves no room.
    fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a file");
        for size in [64 * 1024, 512, 1] {
            while ballast.write(&vec![0; size]).is_ok_and(|written| written > 0) {}
        }
    }

    fn empty(&self) {
        fs::remove_file(self.ballast()).expect("the ballast is there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The server may still use it; it is gone with the last who does.
        let _ = as_root("umount").arg("-l").arg(&self.folder).output();
    }
}

fn as_root(program: &str) -> Command {
    if geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

/// A folder that everybody may enter.
fn open_folder() -> TempDir {
    let everybody = Permissions::from_mode(0o755);
    tempfile::Builder::new().permissions(everybody).tempdir().expect("a temporary folder")
}

/// A PostgreSQL that says of every table what it says of a full disk.
const FULL: &str = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$; \
     DO $$ DECLARE t text; BEGIN \
       FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP \
         EXECUTE format('CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON %I EXECUTE FUNCTION full_disk()', t); \
       END LOOP; END $$";
const ROOM: &str = "DROP FUNCTION full_disk CASCADE";

/// Why there is no room.
enum Lack<'a> {
    Disk(SmallDisk),
    /// Of PostgreSQL, on a disk if one could be mounted. Uploads are elsewhere.
    Postgres(&'a OwnPostgres, &'a Option<SmallDisk>),
    /// No file may grow any more, which a write finds out in the same way.
    Limit,
}

impl Lack<'_> {
    async fn begin(&self, server: &Server) {
        match self {
            Self::Disk(disk) | Self::Postgres(_, Some(disk)) => disk.fill(),
            Self::Postgres(postgres, None) => postgres.execute(FULL).await,
            Self::Limit => {
                let log = Path::new("confab.db-wal");
                let log = fs::metadata(server.data_folder().join(log)).expect("SQLite's log");
                server.limit_files(Some(log.len()));
            }
        }
    }

    async fn end(&self, server: &Server) {
        match self {
            Self::Disk(disk) | Self::Postgres(_, Some(disk)) => disk.empty(),
            Self::Postgres(postgres, None) => postgres.execute(ROOM).await,
            Self::Limit => server.limit_files(None),
        }
    }

    /// What is answered. SQLite knows a full disk from one that does not work.
    fn code(&self) -> &'static str {
        match self {
            Self::Disk(_) | Self::Postgres(..) => "storage_full",
            Self::Limit => "unavailable",
        }
    }
}

#[tokio::test]
async fn a_limit_on_files_is_an_error_and_heals() {
    let mut server = Server::start_with(Engine::Sqlite, &[("CONFAB_LOG", "off")]).await;
    is_an_error_and_heals(&mut server, &Lack::Limit).await;
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_heals() {
    // Its log must not write where there is no room.
    let mut server = Server::prepare(Engine::Sqlite, &[("CONFAB_LOG", "off")]).await;
    let disk = SmallDisk::mount(server.data_folder(), "size=16m,mode=0700");
    server.restart().await;
    let lack = disk.map_or(Lack::Limit, Lack::Disk);
    is_an_error_and_heals(&mut server, &lack).await;
}

/// A server whose PostgreSQL keeps its data on a small disk, if there is one.
async fn on_a_small_disk(disk: Option<&SmallDisk>) -> (OwnPostgres, Server) {
    let postgres = match disk {
        Some(disk) => OwnPostgres::start_in(&disk.folder).await,
        None => OwnPostgres::start().await,
    };
    let settings = [("DATABASE_URL", postgres.url()), ("CONFAB_LOG", "off")];
    // The harness makes no database: there is one already.
    let server = Server::start_with(Engine::Sqlite, &settings).await;
    (postgres, server)
}

#[tokio::test]
async fn a_full_disk_of_postgresql_is_an_error_and_heals() {
    let place = open_folder();
    let disk = SmallDisk::mount_for_postgres(&place);
    let (postgres, mut server) = on_a_small_disk(disk.as_ref()).await;
    is_an_error_and_heals(&mut server, &Lack::Postgres(&postgres, &disk)).await;
}

/// When PostgreSQL cannot write its log it ends, and does not come back before there is room.
#[tokio::test]
async fn a_postgresql_that_a_full_disk_ends_has_everything_that_was_acknowledged() {
    let place = open_folder();
    let disk = SmallDisk::mount_for_postgres(&place);
    let (postgres, server) = on_a_small_disk(disk.as_ref()).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let path = format!("/chats/{chat}/messages");
    let mut socket = ada.socket().await;
    socket.send(chat, "before").await;
    match &disk {
        Some(disk) => end_by_filling(disk, &postgres).await,
        None => postgres.halt().await,
    }
    let (acknowledged, refused) = write_until_refused(&ada, &path, (2, "unavailable")).await;
    disk.iter().for_each(SmallDisk::empty);
    postgres.start_again().await;
    for body in &refused {
        // One whose commit was cut off may have been stored.
        let answer = ada.post(&path, body).await;
        assert!([200, 201].contains(&answer.status), "{}", answer.body);
        ada.post(&path, body).await.expect(200);
    }
    socket.send(chat, "after, over the same socket").await;
    let history = ada.history(chat).await;
    assert_eq!(history.len(), acknowledged + refused.len() + 2);
    let seqs = history.iter().filter_map(|message| message["seq"].as_i64());
    assert!(seqs.eq(1..=history.len() as i64), "without holes");
}

async fn end_by_filling(disk: &SmallDisk, postgres: &OwnPostgres) {
    disk.fill();
    // Its log needs a new file at once. It ends by that, so nothing is answered.
    let (client, connection) = connect(postgres.url(), NoTls).await.expect("a connection");
    let connection = tokio::spawn(connection);
    for statement in ["SELECT pg_switch_wal()", "SELECT pg_create_restore_point('full')"] {
        let _ = client.simple_query(statement).await;
    }
    let ended = within("its end", connection).await.expect("no panic");
    assert!(ended.is_err(), "it could write its log");
}

/// A small file.
const FORM: &str = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\
     text\r\n--edge--\r\n";

/// What was found is told for a second.
async fn is_ready(server: &Server) -> bool {
    let ready = reqwest::get(server.url("/readyz")).await.expect("an answer");
    let alive = reqwest::get(server.url("/healthz")).await.expect("an answer");
    assert_eq!(alive.status(), 200);
    ready.status() == 200
}

async fn is_an_error_and_heals(server: &mut Server, lack: &Lack<'_>) {
    let mut ada = Person::register(server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let path = format!("/chats/{chat}/messages");
    let mut socket = ada.socket().await;
    for n in 0..5 {
        socket.send(chat, &format!("before {n}")).await;
    }
    assert!(is_ready(server).await);
    lack.begin(server).await;
    let (acknowledged, refused) = write_until_refused(&ada, &path, (10, lack.code())).await;
    let acknowledged = acknowledged + 5;
    let request =
        json!({"type": "send", "chat": chat, "text": "x".repeat(8_000), "client_id": "by-socket"});
    socket.refused(request.clone(), lack.code()).await;
    assert_eq!(ada.history(chat).await.len(), acknowledged, "what is there can be read");
    ada.get("/users/me").await.expect(200);
    if !matches!(lack, Lack::Limit) {
        server.until("it to say that the disk is full", async |s| !is_ready(s).await).await;
    }
    if let Lack::Disk(_) = lack {
        let upload = ada.api.request(tests::Method::POST, "/attachments").bearer_auth(&ada.access);
        let upload = upload.header("content-type", "multipart/form-data; boundary=edge").body(FORM);
        ada.api.answer_to(upload).await.refused(503, "storage_full");
    }
    // There is room again: the same requests are done now, once.
    lack.end(server).await;
    for body in &refused {
        ada.post(&path, body).await.expect(201);
        ada.post(&path, body).await.expect(200);
    }
    socket.ask(request).await;
    server.until("it to say that a write found room", is_ready).await;
    let after = ada.history(chat).await;
    assert_eq!(after.len(), acknowledged + 11);
    // And what was acknowledged is on the disk.
    server.kill().await;
    server.restart().await;
    ada.moved_to(server).await;
    assert_eq!(ada.history(chat).await, after);
    let seqs = after.iter().filter_map(|message| message["seq"].as_i64());
    assert!(seqs.eq(1..=after.len() as i64), "without holes");
}

/// Writes until so many messages were refused in that way; answers how many were not, and those that
/// were.
async fn write_until_refused(
    ada: &Person,
    path: &str,
    (refusals, code): (usize, &str),
) -> (usize, Vec<Value>) {
    // Whatever is answered, an acknowledged message is there, and one that was refused is not. The log
    // has some room of its own left at first.
    let mut acknowledged = 0;
    let mut refused = Vec::new();
    for n in 0.. {
        let body = json!({"text": "x".repeat(8_000), "client_id": format!("full-{n}")});
        let answer = ada.post(path, &body).await;
        if answer.status == 201 {
            acknowledged += 1;
            continue;
        }
        assert!(answer.headers.contains_key("retry-after"));
        answer.refused(503, code);
        refused.push(body);
        if refused.len() == refusals {
            return (acknowledged, refused);
        }
    }
    unreachable!("a disk is full at some time")
}
