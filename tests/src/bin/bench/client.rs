//! A client that costs as little as it can: it shares the processors with what it measures. It
//! reads what a push is by its first bytes and parses nothing else.

use tests::RawSocket;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

pub(crate) struct Client {
    reader: Reader,
    out: OwnedWriteHalf,
}

/// The half of a client that reads.
pub(crate) struct Reader {
    stream: BufReader<OwnedReadHalf>,
    frame: Vec<u8>,
}

impl Client {
    pub(crate) async fn open(address: &str, token: &str) -> Self {
        let stream = RawSocket::open(address, Some(token)).await.into_stream();
        stream.set_nodelay(true).expect("a TCP socket");
        let (read, out) = stream.into_split();
        let stream = BufReader::with_capacity(16 * 1024, read);
        let mut reader = Reader { stream, frame: Vec::new() };
        let first = reader.next().await;
        assert!(first.starts_with(b"{\"type\":\"ready\""), "the first frame is `ready`");
        Self { reader, out }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn ask(&mut self, request: &str) {
        let answered = self.answer_to(request).await;
        assert!(is_done(answered), "the answer was {}", String::from_utf8_lossy(answered));
    }

    /// The same; whether it was done, or is to be asked again later.
    pub(crate) async fn try_to(&mut self, request: &str) -> bool {
        let answer = self.answer_to(request).await;
        let told = String::from_utf8_lossy(answer);
        assert!(is_done(answer) || told.contains("\"retryable\":true"), "the answer was {told}");
        is_done(answer)
    }

    async fn answer_to(&mut self, request: &str) -> &[u8] {
        let frame = RawSocket::masked(0x81, request.as_bytes());
        self.out.write_all(&frame).await.expect("the server reads");
        while !self.reader.next().await.starts_with(b"{\"re\"") {}
        &self.reader.frame
    }

    /// Both halves; the connection ends with that which writes.
    pub(crate) fn split(self) -> (Reader, OwnedWriteHalf) {
        (self.reader, self.out)
    }
}

fn is_done(answer: &[u8]) -> bool {
    answer.windows(6).take(40).any(|part| part == b"\"ok\":{")
}

impl Reader {
    /// Reads one frame.
    pub(crate) async fn next(&mut self) -> &[u8] {
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
        &self.frame
    }
}
