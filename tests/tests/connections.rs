//! How many connections there may be at once. A binary of its own: it lowers the limit of files of its
//! process, which others would inherit.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use tests::{Engine, Server, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Descriptors that a process may have which is started from here: those that the server keeps for other
/// things, and for some twenty connections.
const DESCRIPTORS: u64 = 300;

/// The first line of the answer on a connection that stays open.
async fn ask(server: &Server) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.address()).await.expect("the server listens");
    // One that is refused is over before it asks.
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut first = Vec::new();
    within("an answer", async {
        while let Ok(byte) = stream.read_u8().await {
            if byte == b'\r' {
                break;
            }
            first.push(byte);
        }
    })
    .await;
    (stream, String::from_utf8_lossy(&first).into_owned())
}

#[tokio::test]
async fn the_limit_of_files_is_used_and_kept_to() {
    let before = getrlimit(Resource::Nofile);
    let few = Rlimit { current: Some(DESCRIPTORS - 30), maximum: Some(DESCRIPTORS) };
    setrlimit(Resource::Nofile, few).expect("less may be asked for");
    let settings = [("CONFAB_RATE_LIMITS", "on")];
    let server = Server::start_with(Engine::Sqlite, &settings).await;
    // Only a privileged process may have more again.
    let _ = setrlimit(Resource::Nofile, before);

    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).expect("it runs");
    let files = limits.lines().find(|line| line.starts_with("Max open files")).expect("a line");
    let files: Vec<_> = files.split_whitespace().collect();
    assert_eq!(files[3..5], ["300", "300"], "the soft limit is the hard one");

    let mut held = Vec::new();
    let refused = loop {
        let (stream, first) = ask(&server).await;
        if !first.ends_with("200 OK") {
            break first;
        }
        held.push(stream);
        assert!(held.len() <= 200, "there is no end");
    };
    assert_eq!(refused, "HTTP/1.1 429 Too Many Requests");
    // 270 would be enough for seven.
    assert!(held.len() > 10, "{} connections", held.len());
    drop(held);
    server
        .until("a place to be given back", async |server| ask(server).await.1.ends_with("200 OK"))
        .await;
}
