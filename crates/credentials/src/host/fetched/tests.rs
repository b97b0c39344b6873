//! Keys that are fetched from a server of these tests, which counts how often it is asked.

use crate::host::tests::{NOW, SECRET, claims, issuer};
use crate::host::{Hosts, Keys};
use domain::host::{HostIdentity, HostKeys, HostTokenError, HostTokens};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const NAMES: [&str; 3] = ["RS256", "ES256", "EdDSA"];

/// A server of documents.
struct Site {
    address: String,
    documents: Arc<Mutex<HashMap<String, (u16, String)>>>,
    asked: Arc<AtomicUsize>,
}

impl Site {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let documents = Arc::<Mutex<HashMap<String, (u16, String)>>>::default();
        let asked = Arc::<AtomicUsize>::default();
        let (served, counted) = (Arc::clone(&documents), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream, Arc::clone(&served)));
            }
        });
        Self { address, documents, asked }
    }

    fn put(&self, path: &str, status: u16, body: String) {
        self.documents.lock().unwrap().insert(path.to_owned(), (status, body));
    }

    fn publish(&self, keys: &[Value]) {
        self.put("/keys", 200, json!({"keys": keys}).to_string());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// An issuer whose keys are here.
    fn hosts(&self, every: Duration) -> Hosts {
        let keys = HostKeys::Published(format!("{}/keys", self.address));
        hosts_of("shop", keys, every)
    }
}

async fn answer(mut stream: TcpStream, documents: Arc<Mutex<HashMap<String, (u16, String)>>>) {
    let (mut head, mut bytes) = (String::new(), [0; 1024]);
    while !head.contains("\r\n\r\n") {
        let Ok(read @ 1..) = stream.read(&mut bytes).await else { return };
        head += &String::from_utf8_lossy(&bytes[..read]);
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    let found = documents.lock().unwrap().get(path).cloned();
    let (status, body) = found.unwrap_or((503, String::new()));
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} So\r\nlocation: /keys\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// Hosts with one issuer, who may be asked that often.
fn hosts_of(name: &str, keys: HostKeys, every: Duration) -> Hosts {
    let mut hosts = Hosts::new(vec![issuer(name, &NAMES, keys)]).unwrap();
    let host = Arc::get_mut(&mut hosts.0[0]).expect("nobody else has it");
    let Keys::Fetched(keys) = &mut host.keys else { panic!("its keys are fetched") };
    Arc::get_mut(keys).unwrap().set_every(every);
    hosts
}

const OFTEN: Duration = Duration::ZERO;
const SELDOM: Duration = Duration::from_secs(3600);

fn rsa() -> (Algorithm, EncodingKey) {
    let pem = include_bytes!("../../../fixtures/rsa.private.pem");
    (Algorithm::RS256, EncodingKey::from_rsa_pem(pem).unwrap())
}

fn ec() -> (Algorithm, EncodingKey) {
    let pem = include_bytes!("../../../fixtures/ec.private.pem");
    (Algorithm::ES256, EncodingKey::from_ec_pem(pem).unwrap())
}

fn ed() -> (Algorithm, EncodingKey) {
    let pem = include_bytes!("../../../fixtures/ed.private.pem");
    (Algorithm::EdDSA, EncodingKey::from_ed_pem(pem).unwrap())
}

/// The public half, with this id and without an algorithm.
fn public((algorithm, key): &(Algorithm, EncodingKey), id: Option<&str>) -> Value {
    let key = Jwk::from_encoding_key(key, *algorithm).unwrap();
    let mut key = serde_json::to_value(key).unwrap();
    let fields = key.as_object_mut().unwrap();
    fields.remove("alg");
    fields.insert("kid".to_owned(), json!(id));
    fields.retain(|_, value| !value.is_null());
    key
}

fn with(mut key: Value, name: &str, value: Value) -> Value {
    key[name] = value;
    key
}

fn token((algorithm, key): &(Algorithm, EncodingKey), id: Option<&str>) -> String {
    signed(&claims(json!({})), (*algorithm, key), id)
}

fn signed(claims: &Value, (algorithm, key): (Algorithm, &EncodingKey), id: Option<&str>) -> String {
    let header = Header { kid: id.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, key).unwrap()
}

async fn read(hosts: &Hosts, token: &str) -> Result<HostIdentity, HostTokenError> {
    hosts.read(token, NOW).await
}

async fn refusal(hosts: &Hosts, token: &str) -> HostTokenError {
    read(hosts, token).await.unwrap_err()
}

#[tokio::test]
async fn keys_follow_the_issuer() {
    let site = Site::start().await;
    site.publish(&[public(&rsa(), Some("a")), public(&ec(), Some("b"))]);
    let hosts = site.hosts(OFTEN);
    for key in [token(&rsa(), Some("a")), token(&ec(), Some("b")), token(&ec(), None)] {
        read(&hosts, &key).await.unwrap();
    }
    assert_eq!(site.asked(), 1, "what is known is not asked for");
    assert_eq!(refusal(&hosts, &token(&ed(), Some("c"))).await, HostTokenError::Invalid);
    site.publish(&[public(&ec(), Some("b")), public(&ed(), Some("c"))]);
    read(&hosts, &token(&ed(), Some("c"))).await.unwrap();
    assert_eq!(refusal(&hosts, &token(&rsa(), Some("a"))).await, HostTokenError::Invalid);
    assert_eq!(refusal(&hosts, &token(&rsa(), Some("b"))).await, HostTokenError::Invalid);
}

#[tokio::test]
async fn keys_that_are_made_up_are_asked_for_once() {
    let site = Site::start().await;
    site.publish(&[public(&ec(), Some("a"))]);
    let hosts = Arc::new(site.hosts(SELDOM));
    let tasks: Vec<_> = (0..50)
        .map(|nth| {
            let hosts = Arc::clone(&hosts);
            tokio::spawn(
                async move { refusal(&hosts, &token(&ed(), Some(&nth.to_string()))).await },
            )
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), HostTokenError::Invalid);
    }
    read(&hosts, &token(&ec(), Some("a"))).await.unwrap();
    // Of a known key a wrong signature is wrong, and of an algorithm that is not allowed there is no key.
    assert_eq!(refusal(&hosts, &token(&ed(), Some("a"))).await, HostTokenError::Invalid);
    let secret = (Algorithm::HS256, EncodingKey::from_secret(SECRET));
    assert_eq!(refusal(&hosts, &token(&secret, Some("a"))).await, HostTokenError::Algorithm);
    assert_eq!(site.asked(), 1);
}

#[tokio::test]
async fn known_keys_go_on_while_the_issuer_is_away() {
    let site = Site::start().await;
    let hosts = site.hosts(OFTEN);
    assert_eq!(refusal(&hosts, &token(&ec(), Some("a"))).await, HostTokenError::Keys);
    site.publish(&[public(&ec(), Some("a"))]);
    read(&hosts, &token(&ec(), Some("a"))).await.unwrap();
    let huge = json!({"keys": [public(&ed(), Some("b"))], "more": "x".repeat(1024 * 1024)});
    let set = json!({"keys": [public(&ed(), Some("b"))]}).to_string();
    for (status, body) in [
        (500, String::new()),
        (200, huge.to_string()),
        (200, "no JSON".to_owned()),
        (200, json!({"keys": {}}).to_string()),
        (200, json!([]).to_string()),
        // It leads to itself, and to nowhere that is looked at.
        (302, set.clone()),
        (201, set),
    ] {
        site.put("/keys", status, body);
        let before = site.asked();
        assert_eq!(refusal(&hosts, &token(&ed(), Some("b"))).await, HostTokenError::Invalid);
        assert_eq!(site.asked(), before + 1, "{status}");
        read(&hosts, &token(&ec(), Some("a"))).await.unwrap();
    }
    let keys = HostKeys::Published("http://127.0.0.1:9/keys".to_owned());
    let nobody = hosts_of("shop", keys, OFTEN);
    assert_eq!(refusal(&nobody, &token(&ec(), None)).await, HostTokenError::Keys);
}

#[tokio::test]
async fn only_keys_that_may_sign_are_used() {
    let site = Site::start().await;
    // A key of somebody else, from RFC 7515.
    let other = json!({"kty": "EC", "crv": "P-256", "kid": "a",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let id = Some("a");
    for (keys, key, is_good) in [
        (vec![other.clone(), public(&ec(), id)], ec(), true),
        (vec![public(&rsa(), id), public(&ec(), id), public(&ed(), id)], ed(), true),
        (vec![public(&ec(), None)], ec(), true),
        (vec![with(public(&ec(), id), "alg", json!("ES256"))], ec(), true),
        (vec![with(public(&ec(), id), "use", json!("sig"))], ec(), true),
        (vec![with(public(&ec(), id), "key_ops", json!(["verify"]))], ec(), true),
        (vec![json!("nonsense"), json!({"kty": "new"}), public(&ec(), id)], ec(), true),
        (vec![other.clone()], ec(), false),
        (vec![public(&rsa(), id)], ec(), false),
        (vec![with(public(&ec(), id), "use", json!("enc"))], ec(), false),
        (vec![with(public(&ec(), id), "key_ops", json!(["encrypt"]))], ec(), false),
        (vec![with(public(&ec(), id), "alg", json!("ES384"))], ec(), false),
        (vec![with(public(&ec(), id), "alg", json!("RS256"))], ec(), false),
        (vec![with(public(&ec(), id), "crv", json!("P-384"))], ec(), false),
        (vec![with(public(&ed(), id), "kty", json!("oct"))], ed(), false),
        (vec![json!({"kty": "RSA", "kid": "a", "e": "AQAB", "n": "7".repeat(170)})], rsa(), false),
        (vec![], ec(), false),
        (std::iter::repeat_n(other, 32).chain([public(&ec(), id)]).collect(), ec(), false),
    ] {
        site.publish(&keys);
        let hosts = site.hosts(OFTEN);
        let read = read(&hosts, &token(&key, id)).await;
        assert_eq!(read.as_ref().err(), (!is_good).then_some(&HostTokenError::Invalid), "{keys:?}");
    }
    let secret =
        json!({"kty": "oct", "kid": "a", "k": "YSBzZWNyZXQgb2YgZXhhY3RseSB0aGlydHktdHdvIGI"});
    site.publish(&[secret]);
    let forged = token(&(Algorithm::HS256, EncodingKey::from_secret(SECRET)), id);
    assert_eq!(refusal(&site.hosts(OFTEN), &forged).await, HostTokenError::Algorithm);
}

#[tokio::test]
async fn an_issuer_says_where_its_keys_are() {
    let site = Site::start().await;
    site.publish(&[public(&ec(), Some("a"))]);
    let at = site.address.clone();
    let (algorithm, key) = ec();
    for (name, said, is_good) in [
        (at.clone(), json!({"issuer": at, "jwks_uri": format!("{at}/keys")}), true),
        (
            format!("{at}/"),
            json!({"issuer": format!("{at}/"), "jwks_uri": format!("{at}/keys")}),
            true,
        ),
        (at.clone(), json!({"issuer": format!("{at}/"), "jwks_uri": format!("{at}/keys")}), false),
        (at.clone(), json!({"jwks_uri": format!("{at}/keys")}), false),
        (at.clone(), json!({"issuer": at}), false),
        (at.clone(), json!({"issuer": at, "jwks_uri": "http://192.0.2.1/keys"}), false),
        (at.clone(), json!({"issuer": at, "jwks_uri": "file:///etc/keys"}), false),
    ] {
        site.put("/.well-known/openid-configuration", 200, said.to_string());
        let hosts = hosts_of(&name, HostKeys::Discovered, OFTEN);
        let token = signed(&claims(json!({"iss": name})), (algorithm, &key), Some("a"));
        let read = read(&hosts, &token).await;
        assert_eq!(read.as_ref().err(), (!is_good).then_some(&HostTokenError::Keys), "{said}");
    }
}
