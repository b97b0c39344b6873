//! A connection that breaks the rules of WebSocket, which no client library would do.

use crate::server::within;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A TCP connection after the opening handshake.
pub struct RawSocket {
    stream: TcpStream,
}

impl RawSocket {
    /// Opens a socket; without a token nobody is signed in yet.
    pub async fn open(address: &str, token: Option<&str>) -> Self {
        Self::open_at(address, "/api/v1/ws", token).await
    }

    /// The same at another path.
    pub async fn open_at(address: &str, path: &str, token: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let authorization =
            token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{authorization}\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut head = Vec::new();
        within("the handshake", async {
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("an answer to the handshake"));
            }
        })
        .await;
        let head = String::from_utf8_lossy(&head);
        assert!(head.starts_with("HTTP/1.1 101"), "the handshake was answered with {head}");
        Self { stream }
    }

    /// The connection itself, for who reads frames in another way.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Writes bytes as they are.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Writes without end, or up to that many bytes, and never reads. Answers how many the server
    /// (or the kernels between) took before it refused or stopped reading.
    pub async fn flood(&mut self, most: usize) -> usize {
        let chunk = [b'x'; 64 * 1024];
        let mut written = 0;
        while written < most {
            // A server that does not read fills the window; then this is over as well.
            let patience = std::time::Duration::from_secs(2);
            match tokio::time::timeout(patience, self.stream.write(&chunk)).await {
                Ok(Ok(taken)) if taken > 0 => written += taken,
                _ => break,
            }
        }
        written
    }

    /// Reads frames until the server closes: the code of its close frame, if it sent one.
    pub async fn closed(&mut self) -> Option<u16> {
        self.closed_after().await.0
    }

    /// The same, and how many other frames came before.
    pub async fn closed_after(&mut self) -> (Option<u16>, usize) {
        within("a raw socket to be closed", async {
            let mut frames = 0;
            loop {
                match self.frame().await {
                    Ok((8, payload)) if payload.len() >= 2 => {
                        return (Some(u16::from_be_bytes([payload[0], payload[1]])), frames);
                    }
                    Ok(_) => frames += 1,
                    Err(_) => return (None, frames),
                }
            }
        })
        .await
    }

    /// Waits until the connection itself is gone.
    pub async fn gone(&mut self) {
        let mut buffer = [0; 4096];
        within("a raw connection to end", async {
            while matches!(self.stream.read(&mut buffer).await, Ok(read) if read > 0) {}
        })
        .await;
    }

    /// The next frame: its opcode, and what is in it.
    pub async fn frame(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let opcode = self.stream.read_u8().await? & 0x0f;
        let length = match self.stream.read_u8().await? & 0x7f {
            126 => u64::from(self.stream.read_u16().await?),
            127 => self.stream.read_u64().await?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).expect("a length")];
        self.stream.read_exact(&mut payload).await?;
        Ok((opcode, payload))
    }

    /// A frame with any first byte, masked as a client must, with a key of zeros.
    pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).expect("a short frame");
        // Control frames have no longer way to say how long they are.
        let mut frame = match u8::try_from(length) {
            Ok(length) if length < 126 => vec![first, 0x80 | length],
            _ => [&[first, 0x80 | 126][..], &length.to_be_bytes()].concat(),
        };
        frame.extend([0; 4]);
        frame.extend(payload);
        frame
    }

    /// The header of a masked text frame of that length.
    pub fn header(length: u64) -> Vec<u8> {
        let mut frame = vec![0x81, 0x80 | 127];
        frame.extend(length.to_be_bytes());
        frame.extend([0; 4]);
        frame
    }
}
