//! What reaches a push service, and what reaches nobody.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::clock::Timestamp;
use domain::ids::{ChatId, Seq, SessionId, UserId};
use domain::internet::Reach;
use domain::push::{
    Content, Delivery, Endpoint, PushSender, ReceiverKeys, Subscription, Told, Unfit,
};
use testkit::memory::ManualClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use web_push::{Keys, Sender};
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::{Auth, decrypt};

fn sender(reach: Reach) -> Sender {
    let keys = Keys::new(&[9; 32], "mailto:ops@example.org".to_owned()).unwrap();
    Sender::new(keys, reach, ManualClock::at(Timestamp::from_micros(1_700_000_000_000_000)))
}

fn receiver() -> SecretKey {
    SecretKey::from_slice(&[5; 32]).unwrap()
}

fn subscription(endpoint: String) -> Subscription {
    let p256dh = receiver().public_key().to_encoded_point(false).as_bytes().try_into().unwrap();
    Subscription {
        session: SessionId::stored(1),
        user: UserId::stored(1),
        endpoint: Endpoint::stored(endpoint),
        keys: ReceiverKeys { p256dh, auth: [3; 16] },
        content: Content::Sender,
        expires_at: None,
    }
}

fn told() -> Told {
    let (chat, seq) = (ChatId::stored(1), Seq::stored(2));
    Told { chat, seq, sender: "Ada".to_owned(), text: None }
}

/// The example of RFC 8291, section 5, shows that the library reads what others write.
#[test]
fn the_example_of_the_standard_is_read() {
    use base64::Engine;
    let bytes = |text: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let private = bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94");
    let auth: [u8; 16] = bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap();
    let body = bytes(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY\
         WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS\
         gSxsj_Qulcy4a-fN",
    );
    let secret = SecretKey::from_slice(&private).unwrap();
    let plain = decrypt(body, &secret, &Auth::from(auth)).unwrap();
    assert_eq!(plain, b"When I grow up, I want to be a watermelon");
}

/// A service that gives one answer, with this head, and returns the request it got.
async fn asked_once(answer: &'static str) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/push", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        loop {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap();
            request.extend_from_slice(&piece[..read]);
            if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if request.len() == end + 4 + length.unwrap().parse::<usize>().unwrap() {
                    break;
                }
            }
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        request
    });
    (endpoint, asked)
}

async fn delivered(answer: &'static str) -> Delivery {
    let (endpoint, asked) = asked_once(answer).await;
    let delivery = sender(Reach::LoopbackToo).send(&subscription(endpoint), &told()).await;
    asked.await.unwrap();
    delivery
}

#[tokio::test]
async fn what_is_sent_only_the_browser_can_read() {
    let (endpoint, asked) = asked_once("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await;
    let delivery = sender(Reach::LoopbackToo).send(&subscription(endpoint), &told()).await;
    assert_eq!(delivery, Delivery::Taken);
    let request = asked.await.unwrap();
    assert!(!request.windows(3).any(|three| three == b"Ada"));
    let end = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let plain = decrypt(request[end + 4..].to_vec(), &receiver(), &Auth::from([3; 16])).unwrap();
    assert_eq!(plain, br#"{"chat":1,"seq":2,"sender":"Ada"}"#);
}

#[tokio::test]
async fn answers_are_judged_by_their_status() {
    use std::time::Duration;
    for (answer, delivery) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", Delivery::Gone),
        ("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n", Delivery::Gone),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n",
            Delivery::Refused,
        ),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", Delivery::Refused),
        ("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", Delivery::Later(None)),
        (
            "HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n",
            Delivery::Later(Some(Duration::from_secs(7))),
        ),
        ("not HTTP at all\r\n\r\n", Delivery::Later(None)),
        // An answer shorter than it claims to be still counts as an answer.
        ("HTTP/1.1 201 Created\r\ncontent-length: 1000000\r\n\r\nx", Delivery::Taken),
    ] {
        assert_eq!(delivered(answer).await, delivery, "{answer}");
    }
}

#[tokio::test]
async fn nothing_inside_is_called_even_if_it_was_stored() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = sender(Reach::Public);
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        for scheme in ["https", "http"] {
            let endpoint = format!("{scheme}://{host}:{port}/push");
            let delivery = sender.send(&subscription(endpoint.clone()), &told()).await;
            assert_eq!(delivery, Delivery::Refused, "{endpoint}");
        }
    }
    let keys = subscription(String::new()).keys;
    let unfit = sender.vet(&Endpoint::stored("https://127.1/x".to_owned()), &keys).await;
    assert_eq!(unfit, Err(Unfit::Address));
    let off_the_curve = ReceiverKeys { p256dh: [4; 65], ..keys };
    let unfit = sender.vet(&Endpoint::stored("https://1.1.1.1/x".to_owned()), &off_the_curve).await;
    assert_eq!(unfit, Err(Unfit::Key));
    // Whoever had called would wait here.
    let called = std::future::poll_fn(|context| {
        let is_ready = listener.poll_accept(context).is_ready();
        std::task::Poll::Ready(is_ready)
    });
    assert!(!called.await);
}
