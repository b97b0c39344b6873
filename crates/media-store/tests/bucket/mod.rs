//! As much of S3 as the file store uses, over real sockets.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Default)]
struct State {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// The parts of unfinished uploads, by upload id and part number.
    parts: Mutex<BTreeMap<(String, u32), Vec<u8>>>,
    uploads: AtomicU64,
    refuses: AtomicBool,
}

/// An in-memory bucket behind a socket.
pub(crate) struct FakeBucket {
    port: u16,
    state: Arc<State>,
    serving: JoinHandle<()>,
}

impl Drop for FakeBucket {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

struct Answer {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn of(status: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: String::new(), body: body.into() }
    }
}

impl FakeBucket {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<State>::default();
        let shared = state.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { port, state, serving }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on every request is forbidden.
    pub(crate) fn refuse(&self) {
        self.state.refuses.store(true, Ordering::SeqCst);
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        assert!(request.headers["authorization"].starts_with("AWS4-HMAC-SHA256 "));
        let head = request.method == "HEAD";
        let Answer { status, headers, body } = answer(&state, request);
        let head_of_answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
        let body = if head { Vec::new() } else { body };
        let answer = [head_of_answer.into_bytes(), body].concat();
        if stream.get_mut().write_all(&answer).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut first = lines[0].split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<_, _> =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { method, path: path.to_owned(), query, headers, body })
}

fn answer(state: &State, request: Request) -> Answer {
    if state.refuses.load(Ordering::SeqCst) {
        let told = "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";
        return Answer::of("403 Forbidden", told);
    }
    let Request { method, path, query, headers, body } = request;
    let upload = query.get("uploadId").cloned();
    let mut objects = state.objects.lock().unwrap();
    let mut parts = state.parts.lock().unwrap();
    let etag = || Answer { headers: "etag: \"e\"\r\n".into(), ..Answer::of("200 OK", "") };
    match (method.as_str(), upload) {
        ("POST", None) if query.contains_key("uploads") => {
            let id = state.uploads.fetch_add(1, Ordering::SeqCst);
            let told = format!(
                "<InitiateMultipartUploadResult><Bucket>confab</Bucket><Key>k</Key>\
                 <UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
            );
            Answer::of("200 OK", told)
        }
        ("PUT", Some(upload)) => {
            parts.insert((upload, query["partNumber"].parse().unwrap()), body);
            etag()
        }
        ("POST", Some(upload)) => {
            let mine = parts.extract_if(.., |(id, _), _| *id == upload).map(|(_, part)| part);
            objects.insert(path, mine.collect::<Vec<_>>().concat());
            let told = "<CompleteMultipartUploadResult><Location>l</Location><Bucket>confab\
                </Bucket><Key>k</Key><ETag>\"e\"</ETag></CompleteMultipartUploadResult>";
            Answer::of("200 OK", told)
        }
        ("DELETE", Some(upload)) => {
            parts.retain(|(id, _), _| *id != upload);
            Answer::of("204 No Content", "")
        }
        ("PUT", None) => {
            objects.insert(path, body);
            etag()
        }
        ("DELETE", None) => {
            objects.remove(&path);
            Answer::of("204 No Content", "")
        }
        ("GET" | "HEAD", None) => match objects.get(&path) {
            Some(object) => found(object, headers.get("range")),
            None => Answer::of("404 Not Found", "<Error><Code>NoSuchKey</Code></Error>"),
        },
        _ => Answer::of("400 Bad Request", ""),
    }
}

fn found(object: &[u8], range: Option<&String>) -> Answer {
    let modified = "last-modified: Tue, 14 Nov 2023 22:13:20 GMT\r\netag: \"e\"\r\n";
    let Some(range) = range else {
        return Answer { headers: modified.into(), ..Answer::of("200 OK", object) };
    };
    let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let last = last.min(object.len() - 1);
    let headers = format!("{modified}content-range: bytes {first}-{last}/{}\r\n", object.len());
    Answer { headers, ..Answer::of("206 Partial Content", &object[first..=last]) }
}
