//! A request whose body has no end.

use crate::server::within;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::yield_now;

/// Bytes of a body, at most: a server that takes so many takes any number.
const MOST: usize = 64 << 20;

/// A request, as far as it is not the body.
#[derive(Debug, Clone)]
pub struct EndlessBody {
    /// Such as `POST`.
    pub method: String,
    /// Its path.
    pub path: String,
    /// Its `Content-Type`.
    pub kind: &'static str,
    /// Somebody's access token.
    pub token: Option<String>,
}

/// What became of it.
#[derive(Debug)]
pub struct BodyOutcome {
    /// The status that it was answered with before [`EndlessBody::send`] gave up.
    pub status: Option<u16>,
    /// Bytes that the server, or the buffers on the way, had taken by then.
    pub taken: usize,
}

/// The scheme that a path's dialect knows, where it knows one only.
fn scheme(path: &str) -> &'static str {
    let is_of = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
    if is_of(&["/api/users", "/api/log", "/api/chats", "/api/messages"]) {
        "Token"
    } else if is_of(&["/token-auth", "/api/v1/profile", "/api/v1/dialog"]) {
        "JWT"
    } else {
        "Bearer"
    }
}

impl EndlessBody {
    /// Sends `first`, and then `again` of 0, 1, 2 and so on, in chunks, until there is an answer; and
    /// waits for the connection to be ended, though this side leaves the request unfinished.
    pub async fn send(
        &self,
        address: &str,
        first: &[u8],
        again: impl Fn(usize) -> Vec<u8>,
    ) -> BodyOutcome {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        let (mut from, mut to) = stream.into_split();
        let scheme = scheme(&self.path);
        let token = self.token.iter().map(|token| format!("Authorization: {scheme} {token}\r\n"));
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {}\r\n\
             Transfer-Encoding: chunked\r\n{}\r\n",
            self.method,
            self.path,
            self.kind,
            token.collect::<String>(),
        );
        let taken = AtomicUsize::new(0);
        let write = async {
            let start = [head.as_bytes(), &chunk(first)].concat();
            let mut sent = to.write_all(&start).await;
            let mut turn = 0;
            while sent.is_ok() && taken.load(Ordering::Relaxed) < MOST {
                let mut bytes = Vec::new();
                while bytes.len() < 32 << 10 {
                    bytes.extend(again(turn));
                    turn += 1;
                }
                sent = to.write_all(&chunk(&bytes)).await;
                taken.fetch_add(bytes.len(), Ordering::Relaxed);
                // The answer is looked for before more is sent.
                yield_now().await;
            }
            // Who has been refused is told so by what is read.
            if sent.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let answer = async { status(&mut from).await };
        let status = within(&format!("{self:?}"), async {
            tokio::select! { biased; status = answer => status, () = write => None }
        })
        .await;
        if status.is_some() {
            let mut rest = [0; 4096];
            within(&format!("the connection of {self:?} to end"), async {
                while matches!(from.read(&mut rest).await, Ok(read) if read > 0) {}
            })
            .await;
        }
        BodyOutcome { status, taken: taken.into_inner() }
    }
}

/// As a chunk of a body; an empty one would end it.
fn chunk(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// The status of an answer, unless the connection ends without.
async fn status(from: &mut (impl AsyncReadExt + Unpin)) -> Option<u16> {
    let mut head = Vec::new();
    while !head.contains(&b'\n') {
        from.read_buf(&mut head).await.ok().filter(|read| *read > 0)?;
    }
    String::from_utf8_lossy(&head).split(' ').nth(1)?.parse().ok()
}
