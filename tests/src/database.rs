//! A database of one test's own.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use tokio::runtime;
use tokio_postgres::{Client, NoTls};

/// Which database a scenario runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in the server's data folder.
    Sqlite,
    /// A database on the server that `CONFAB_TEST_POSTGRES` names.
    Postgres,
}

impl Engine {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A database that is there as long as this value. For SQLite the data folder is all it takes.
pub(crate) struct Database {
    postgres: Option<OwnDatabase>,
}

struct OwnDatabase {
    server: String,
    name: String,
}

impl Database {
    pub(crate) async fn create(engine: Engine) -> Self {
        if engine == Engine::Sqlite {
            return Self { postgres: None };
        }
        let server = std::env::var("CONFAB_TEST_POSTGRES").expect(
            "CONFAB_TEST_POSTGRES must be the URL of a PostgreSQL server on which databases may be \
             created; tests/run starts one",
        );
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("confab_test_{}_{count}", std::process::id());
        let client = connect(&server).await;
        // `tests/run` has made one with all tables; making them anew would take longer than most tests.
        let template =
            std::env::var("CONFAB_TEST_TEMPLATE").unwrap_or_else(|_| "template1".to_owned());
        // One of a process with the same number that was killed may still be there.
        for statement in [
            format!("DROP DATABASE IF EXISTS {name}"),
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        ] {
            client.batch_execute(&statement).await.expect("the role may create databases");
        }
        Self { postgres: Some(OwnDatabase { server, name }) }
    }

    /// What to set `DATABASE_URL` to, if anything.
    pub(crate) fn url(&self) -> Option<String> {
        self.postgres.as_ref().map(|own| with_database(&own.server, &own.name))
    }

    /// Takes everything out of it, its tables too, for what is to begin with nothing. Nobody is connected to it.
    pub(crate) async fn empty(&self) {
        if let Some(OwnDatabase { server, name }) = &self.postgres {
            let client = connect(server).await;
            for statement in [format!("DROP DATABASE {name}"), format!("CREATE DATABASE {name}")] {
                client.batch_execute(&statement).await.expect("the role may create databases");
            }
        }
    }

    /// Does at once what PostgreSQL does by itself within minutes after much was written.
    pub(crate) async fn vacuum_and_checkpoint(&self) {
        if let Some(url) = self.url() {
            let client = connect(&url).await;
            for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
                client.batch_execute(statement).await.expect("the role owns the tables");
            }
        }
    }
}

/// Runs statements on the file of a server on SQLite, beside that server.
pub(crate) fn execute_sqlite(file: &Path, statements: &str) {
    let file = file.to_str().expect("a path of UTF-8");
    let mut conn = SqliteConnection::establish(file).expect("the file is there");
    let patiently = format!("PRAGMA busy_timeout = 10000; {statements}");
    conn.batch_execute(&patiently).expect("it is good SQL");
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        // A thread, because a runtime cannot be blocked from within. What fails here leaves a
        // database behind on a server that is thrown away, and no test may fail of that.
        let dropping = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let _ = connect(&server).await.batch_execute(&statement).await;
            });
        });
        let _ = dropping.join();
    }
}

pub(crate) async fn connect(url: &str) -> Client {
    let connected = tokio_postgres::connect(url, NoTls).await;
    let (client, connection) = connected
        .unwrap_or_else(|error| panic!("no PostgreSQL at CONFAB_TEST_POSTGRES ({url}): {error}"));
    tokio::spawn(connection);
    client
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = url.split_once('?').map_or((url, ""), |(a, o)| (a, o));
    let authority = address.find("://").expect("a URL with a scheme") + 3;
    let end = address[authority..].find('/').map_or(address.len(), |slash| authority + slash);
    let question = if options.is_empty() { "" } else { "?" };
    format!("{}/{name}{question}{options}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            ("postgres://me@host:1/postgres", "postgres://me@host:1/mine"),
            ("postgres://me@host:1", "postgres://me@host:1/mine"),
            ("postgres://me@h/p?sslmode=disable", "postgres://me@h/mine?sslmode=disable"),
        ] {
            assert_eq!(with_database(url, "mine"), expected);
        }
    }
}
