//! A push service of our own, with browsers that can read what it is handed.

use crate::post_request::PostRequest;
use crate::server::within;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::{Auth, decrypt};

/// It takes whatever comes, unless it is told to answer otherwise.
pub struct PushService {
    address: String,
    state: Arc<Mutex<State>>,
    taken: mpsc::Receiver<Pushed>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    browsers: HashMap<String, Browser>,
    /// What to answer to the next pushes at a path: a status line, and headers.
    answers: HashMap<String, VecDeque<String>>,
}

/// A browser that has subscribed.
#[derive(Clone)]
pub struct Browser {
    /// Its address at the service.
    pub endpoint: String,
    secret: SecretKey,
    auth: [u8; 16],
}

/// Something that was pushed to a browser.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// To which.
    pub endpoint: String,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What it reads.
    pub told: Value,
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl PushService {
    /// Listens on this machine.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let state = Arc::<Mutex<State>>::default();
        let (found, taken) = mpsc::channel(1_000);
        let shared = (state.clone(), format!("http://{address}"));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone(), found.clone()));
            }
        });
        Self { address, state, taken, serving }
    }

    /// What tokens for it name.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A browser that subscribes here.
    pub fn browser(&self) -> Browser {
        let mut state = self.state.lock().expect("nobody panicked");
        let number = u8::try_from(state.browsers.len() + 1).expect("few browsers");
        let endpoint = format!("{}/push/{number}", self.origin());
        let secret = SecretKey::from_slice(&[number; 32]).expect("a private key");
        let browser = Browser { endpoint: endpoint.clone(), secret, auth: [number; 16] };
        state.browsers.insert(endpoint, browser.clone());
        browser
    }

    /// How it answers the next pushes to a browser: `410 Gone`, or more lines of a head.
    pub fn will_answer(&self, browser: &Browser, answers: &[&str]) {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        let mut state = self.state.lock().expect("nobody panicked");
        state.answers.insert(browser.endpoint.clone(), answers);
    }

    /// The next push, to whomever.
    pub async fn next(&mut self) -> Pushed {
        within("a push", self.taken.recv()).await.expect("it serves")
    }
}

impl Browser {
    /// What it gives to the server.
    pub fn subscription(&self, content: &str) -> Value {
        let point = self.secret.public_key().to_encoded_point(false);
        let keys = json!({
            "p256dh": BASE64URL.encode(point.as_bytes()),
            "auth": BASE64URL.encode(self.auth),
        });
        json!({"endpoint": self.endpoint, "keys": keys, "content": content})
    }

    /// What it gives when it has dropped another subscription for this one.
    pub fn renewal(&self, old: &Self) -> Value {
        let mut renewal = self.subscription("sender");
        renewal["old"] = json!({"endpoint": old.endpoint, "auth": BASE64URL.encode(old.auth)});
        renewal.as_object_mut().expect("an object").remove("content");
        renewal
    }
}

impl Pushed {
    /// The claims of the token, which must be signed with the key that it names; and that key.
    pub fn signed(&self) -> (Value, String) {
        let header = self.headers["authorization"].strip_prefix("vapid t=").expect("RFC 8292");
        let (token, key) = header.split_once(", k=").expect("a token and a key");
        let point = BASE64URL.decode(key).expect("base64url");
        assert_eq!((point.len(), point[0]), (65, 4), "an uncompressed point");
        let [x, y] = [&point[1..33], &point[33..]].map(|half| BASE64URL.encode(half));
        let key_of_it = DecodingKey::from_ec_components(&x, &y).expect("a point");
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_aud = false;
        let claims = decode::<Value>(token, &key_of_it, &validation).expect("it is signed");
        (claims.claims, key.to_owned())
    }
}

async fn serve(
    stream: TcpStream,
    (state, origin): (Arc<Mutex<State>>, String),
    found: mpsc::Sender<Pushed>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(PostRequest { path, headers, body }) = PostRequest::read(&mut stream).await {
        let endpoint = format!("{origin}{path}");
        let (told, answer) = {
            let mut state = state.lock().expect("nobody panicked");
            let told = state.browsers.get(&endpoint).map_or(Value::Null, |browser| {
                let plain = decrypt(body, &browser.secret, &Auth::from(browser.auth));
                serde_json::from_slice(&plain.expect("it is for this browser")).expect("JSON")
            });
            let answers = state.answers.get_mut(&endpoint);
            (told, answers.and_then(VecDeque::pop_front))
        };
        let answer = answer.unwrap_or_else(|| "201 Created".to_owned());
        let _ = found.send(Pushed { endpoint, headers, told }).await;
        let head = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
        if stream.get_mut().write_all(head.as_bytes()).await.is_err() {
            return;
        }
    }
}
