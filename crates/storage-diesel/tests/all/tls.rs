//! PostgreSQL over TLS: each test has its own server, started like the one of `tests/run`, with a self-signed
//! certificate for 127.0.0.1.

use domain::clock::Timestamp;
use domain::user::{NewUser, PasswordHash, UserName};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use storage_diesel::{Options, open};
use tempfile::NamedTempFile;
use tokio_postgres::{Client, NoTls};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/postgres.sh");

/// A PostgreSQL that runs until this is dropped: its script ends with its input.
struct Server {
    script: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let run = r#". "$0"; trap stop_postgres EXIT; start_postgres off >&2
            echo "$CONFAB_TEST_POSTGRES"; read -r || true"#;
        let mut command = Command::new("bash");
        command.args(["-c", run, SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        assert!(url.starts_with("postgres://"), "PostgreSQL did not start");
        Self { script, url }
    }

    async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// The server's certificate, which only a superuser can read.
async fn certificate(client: &Client) -> NamedTempFile {
    let read = "SELECT pg_read_file(current_setting('ssl_cert_file'))";
    let row = client.query_one(read, &[]).await.expect("a server with a certificate");
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(row.get::<_, String>(0).as_bytes()).unwrap();
    file
}

/// How many of the store's connections to this database are encrypted, and how many are not.
async fn encrypted(client: &Client) -> (i64, i64) {
    let count = "SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl) \
        FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
        WHERE datname = current_database() AND application_name = 'confab'";
    let row = client.query_one(count, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

fn somebody(name: &str) -> NewUser {
    let name = UserName::new(&name.replace('/', " ")).unwrap();
    NewUser::named(name, PasswordHash::stored("hash".into()), Timestamp::from_micros(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_is_encrypted_when_that_is_required() {
    let server = Server::start();
    let (url, observer) = (&server.url, server.client().await);
    let file = certificate(&observer).await;
    let root = file.path().display();
    for options in [
        "sslmode=require".to_owned(),
        // What is not about encryption is left to the driver.
        format!("connect_timeout=9&sslmode=require&sslrootcert={root}"),
        format!("sslmode=verify-full&sslrootcert={root}"),
    ] {
        let storage = open(&format!("{url}?{options}"), &Options::default()).await.unwrap();
        storage.users.add(somebody(&options)).await.unwrap();
        let (secure, plain) = encrypted(&observer).await;
        assert!(secure > 0 && plain == 0, "{options}: {secure} and {plain}");
        storage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_verified_is_refused() {
    let server = Server::start();
    let url = &server.url;
    let file = certificate(&server.client().await).await;
    let root = file.path().display();
    let by_name = url.replace("127.0.0.1", "localhost");
    for wrong in [
        // It is signed by nobody the system trusts.
        format!("{url}?sslmode=verify-full"),
        // It is for another name.
        format!("{by_name}?sslmode=verify-full&sslrootcert={root}"),
        format!("{by_name}?sslmode=require&sslrootcert={root}"),
    ] {
        let Err(error) = open(&wrong, &Options::default()).await else { panic!("{wrong} opened") };
        assert!(error.to_string().contains("certificate"), "{wrong}: {error}");
    }
    open(&format!("{by_name}?sslmode=require"), &Options::default()).await.unwrap();
}
