//! A request that the server makes to a service of the tests.

use std::collections::BTreeMap;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;

/// A POST over HTTP/1.1 whose length is said.
pub(crate) struct PostRequest {
    pub(crate) path: String,
    /// By their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl PostRequest {
    /// The next one, unless the connection is over.
    pub(crate) async fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut first = lines[0].split(' ');
        assert_eq!(first.next(), Some("POST"), "{lines:?}");
        let path = first.next()?.to_owned();
        let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
        let headers: BTreeMap<_, _> =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let length = headers.get("content-length").map_or(0, |l| l.parse().expect("a length"));
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        Some(Self { path, headers, body })
    }
}
