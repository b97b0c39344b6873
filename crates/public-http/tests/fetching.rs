//! Which pictures are fetched, and what is not called.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::host::PictureAddress;
use domain::internet::Reach;
use domain::limits::HOST_PICTURE_BYTES;
use domain::media::{FetchPictureError, PictureSource};
use public_http::PublicPictures;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A host that gives one answer, and returns the head of the request.
async fn asked_once(answer: Vec<u8>) -> (PictureAddress, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/17.png?size=2", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut request, mut piece) = (Vec::new(), [0; 4096]);
        while !request.ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut piece).await.unwrap();
            request.extend_from_slice(&piece[..read]);
        }
        // A client that has heard enough hangs up.
        let _ = stream.write_all(&answer).await;
        String::from_utf8(request).unwrap()
    });
    (PictureAddress::stored(address), asked)
}

async fn fetched(head: &str, body: &[u8]) -> Result<Vec<u8>, FetchPictureError> {
    let (address, asked) = asked_once([head.as_bytes(), b"\r\n\r\n", body].concat()).await;
    let fetched = PublicPictures::new(Reach::LoopbackToo).fetch(&address).await;
    asked.await.unwrap();
    fetched
}

#[tokio::test]
async fn a_picture_is_fetched_as_it_is() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nbytes".to_vec();
    let (address, asked) = asked_once(answer).await;
    let fetched = PublicPictures::new(Reach::LoopbackToo).fetch(&address).await;
    assert_eq!(fetched, Ok(b"bytes".to_vec()));
    let request = asked.await.unwrap();
    assert!(request.starts_with("GET /17.png?size=2 HTTP/1.1\r\n"), "{request}");
    let head = request.to_ascii_lowercase();
    assert!(!head.contains("cookie") && !head.contains("authorization"), "{request}");
}

#[tokio::test]
async fn what_is_no_picture_is_refused() {
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0";
    for (head, error) in [
        (moved, FetchPictureError::Status(302)),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0", FetchPictureError::Status(404)),
        ("HTTP/1.1 503 Busy\r\ncontent-length: 0", FetchPictureError::Status(503)),
        ("HTTP/1.1 204 Nothing", FetchPictureError::Status(204)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9", FetchPictureError::Body),
        ("not HTTP at all", FetchPictureError::Unreached),
    ] {
        assert_eq!(fetched(head, b"").await, Err(error), "{head}");
    }
}

#[tokio::test]
async fn only_so_much_is_read() {
    let whole = vec![7; HOST_PICTURE_BYTES];
    let said = format!("HTTP/1.1 200 OK\r\ncontent-length: {HOST_PICTURE_BYTES}");
    assert_eq!(fetched(&said, &whole).await.map(|bytes| bytes.len()), Ok(HOST_PICTURE_BYTES));
    // Whether or not it is said beforehand.
    let more = vec![7; HOST_PICTURE_BYTES + 1];
    let said = format!("HTTP/1.1 200 OK\r\ncontent-length: {}", more.len());
    for head in [&*said, "HTTP/1.1 200 OK\r\nconnection: close"] {
        assert_eq!(fetched(head, &more).await, Err(FetchPictureError::Body), "{head}");
    }
}

#[tokio::test]
async fn nothing_inside_is_called_even_if_it_was_stored() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let pictures = PublicPictures::new(Reach::Public);
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433"] {
        for scheme in ["https", "http"] {
            let address = format!("{scheme}://{host}:{port}/17.png");
            let fetched = pictures.fetch(&PictureAddress::stored(address.clone())).await;
            assert_eq!(fetched, Err(FetchPictureError::NotPublic), "{address}");
        }
    }
    // Whoever had called would wait here.
    let called = std::future::poll_fn(|context| {
        std::task::Poll::Ready(listener.poll_accept(context).is_ready())
    });
    assert!(!called.await);
}

#[tokio::test]
async fn somebody_who_is_away_is_not_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let address = PictureAddress::stored(address);
    let fetched = PublicPictures::new(Reach::LoopbackToo).fetch(&address).await;
    assert_eq!(fetched, Err(FetchPictureError::Unreached));
}
