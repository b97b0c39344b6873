//! Opening a database: several at once, and those that cannot be opened.

use crate::common::{person, postgres_place, sqlite_place};
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use storage_diesel::{OpenError, Options, migrate, open};
use tokio::task::JoinSet;

async fn open_at_once(url: String) {
    let mut opening = JoinSet::new();
    for _ in 0..6 {
        let url = url.clone();
        opening.spawn(async move {
            migrate(&url).await.unwrap();
            open(&url, &Options::default()).await.unwrap()
        });
    }
    let nodes = opening.join_all().await;
    for (nth, node) in nodes.iter().enumerate() {
        person(node, &format!("Anna {nth}")).await;
        node.ping().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_open_one_new_file() {
    let (url, _place) = sqlite_place();
    open_at_once(url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_nodes_open_one_empty_database() {
    let (url, _place) = postgres_place().await;
    open_at_once(url).await;
}

/// The server's runtime may have only one thread.
#[tokio::test(flavor = "current_thread")]
async fn one_thread_is_enough() {
    for (url, _place) in [sqlite_place(), postgres_place().await] {
        let storage = open(&url, &Options::default()).await.unwrap();
        person(&storage, "Anna").await;
        storage.close().await;
    }
}

#[tokio::test]
async fn what_cannot_be_opened_says_so() {
    for (url, says) in [
        ("mysql://h/db", "sqlite://"),
        ("", "sqlite://"),
        ("confab.db", "sqlite://"),
        ("Postgres://h", "postgres://"),
        ("sqlite://", "file"),
        ("sqlite:", "file"),
        ("sqlite::memory:", "file"),
        ("sqlite:file:confab.db", "file"),
        ("postgres://u:marker@h/db?sslmode=allow", "sslmode"),
        ("postgres://u:marker@h/db?sslmode=require&sslrootcert=/nowhere", "sslrootcert"),
        ("postgres://u:marker@h/db?sslmode=verify-full&sslrootcert=/nowhere", "sslrootcert"),
        ("sqlite:///no/such/folder/confab.db", "/no/such/folder/confab.db: unable to open"),
        ("postgres://postgres@127.0.0.1:1/none", "could not be opened"),
    ] {
        let error: OpenError = open(url, &Options::default()).await.map(drop).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("DATABASE_URL") && error.contains(says), "{url}: {error}");
        assert!(!error.contains("marker"), "a password: {error}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_not_opened() {
    let (url, _place) = sqlite_place();
    std::fs::write(url.trim_start_matches("sqlite://"), "Dear diary, today I wrote a file")
        .unwrap();
    let error = open(&url, &Options::default()).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
}

/// The byte says which format one must know to write the file; SQLite reads one that it does not know.
#[tokio::test]
async fn a_file_that_cannot_be_written_is_not_opened() {
    const WRITE_FORMAT: usize = 18;
    let (url, _place) = sqlite_place();
    open(&url, &Options::default()).await.unwrap().close().await;
    let path = url.trim_start_matches("sqlite://");
    let mut bytes = std::fs::read(path).unwrap();
    bytes[WRITE_FORMAT] = 3;
    std::fs::write(path, bytes).unwrap();
    let error = open(&url, &Options::default()).await.map(drop).unwrap_err().to_string();
    assert!(error.contains(path) && error.contains("readonly"), "{error}");
}

#[tokio::test]
async fn a_database_without_every_character_is_not_opened() {
    for (encoding, named) in [("LATIN1", "LATIN1"), ("SQL_ASCII", "SQL_ASCII")] {
        let options =
            format!(" ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
        let (url, _place) = crate::common::postgres_place_with(&options).await;
        let error = open(&url, &Options::default()).await.map(drop).unwrap_err().to_string();
        assert!(error.contains(named) && error.contains("UTF8"), "{error}");
    }
}

#[derive(QueryableByName)]
struct CompileOption {
    #[diesel(sql_type = Text)]
    compile_options: String,
}

/// With statistics of values SQLite compiles a statement anew for each value that is bound, which took a third of
/// a page of history. `.cargo/config.toml` has the options.
#[test]
fn plans_of_sqlite_do_not_depend_on_values() {
    let mut sqlite = SqliteConnection::establish(":memory:").unwrap();
    let options = diesel::sql_query("PRAGMA compile_options");
    let options = options.load::<CompileOption>(&mut sqlite).unwrap();
    let has = |name: &str| options.iter().any(|option| option.compile_options == name);
    assert!(has("ENABLE_QPSG") && !has("ENABLE_STAT4"));
}
