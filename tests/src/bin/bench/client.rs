//! A client that costs as little as it can: it shares the processors with what it measures. It
//! reads what a push is by its first bytes and parses nothing else.

use tests::RawSocket;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    frame: Vec<u8>,
}

impl Client {
    pub(crate) async fn open(address: &str, token: &str) -> Self {
        let stream = RawSocket::open(address, Some(token)).await.into_stream();
        stream.set_nodelay(true).expect("a TCP socket");
        let mut client =
            Self { stream: BufReader::with_capacity(16 * 1024, stream), frame: Vec::new() };
        client.read().await;
        assert!(client.frame.starts_with(b"{\"type\":\"ready\""), "the first frame is `ready`");
        client
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn ask(&mut self, request: &str) {
        let frame = RawSocket::masked(0x81, request.as_bytes());
        self.stream.get_mut().write_all(&frame).await.expect("the server reads");
        loop {
            self.read().await;
            if self.frame.starts_with(b"{\"re\"") {
                let is_stored = self.frame.windows(6).take(40).any(|part| part == b"\"ok\":{");
                let told = String::from_utf8_lossy(&self.frame);
                assert!(is_stored, "the answer was {told}");
                return;
            }
        }
    }

    /// Reads one frame.
    async fn read(&mut self) {
        self.stream.fill_buf().await.expect("the server writes");
        let opcode = self.stream.read_u8().await.expect("the server writes") & 0x0f;
        let length = match self.stream.read_u8().await.expect("a length") {
            126 => self.stream.read_u16().await.expect("a length").into(),
            127 => {
                usize::try_from(self.stream.read_u64().await.expect("a length")).expect("a size")
            }
            short => short.into(),
        };
        self.frame.resize(length, 0);
        self.stream.read_exact(&mut self.frame).await.expect("a whole frame");
        assert!(opcode != 8, "closed: {}", String::from_utf8_lossy(&self.frame));
    }
}
