//! An OpenID provider that says what a test wants it to say.

use crate::server::Server;
use crate::{Answer, Api, Value};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Method, Url};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PRIVATE: &[u8] = include_bytes!("../../crates/credentials/fixtures/ec.private.pem");

/// A provider on this machine, at which the server is the client `confab` with the secret `hush`.
pub struct IdentityProvider {
    issuer: String,
    codes: Arc<Mutex<HashMap<String, Code>>>,
}

/// A code that it gave.
struct Code {
    challenge: String,
    token: Option<String>,
    person: Value,
}

/// A sign-in that was begun.
pub struct Begun {
    /// Where the browser was sent.
    pub address: Url,
    /// `Set-Cookie` of the answer.
    pub set_cookie: String,
}

impl Begun {
    /// A parameter of the address.
    pub fn asked(&self, name: &str) -> String {
        let found = self.address.query_pairs().find(|(named, _)| named == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// What the browser sends from then on.
    pub fn cookie(&self) -> &str {
        self.set_cookie.split(';').next().unwrap_or_default()
    }
}

impl IdentityProvider {
    /// Starts one, for as long as the test lasts.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let provider = Self { issuer, codes: Arc::default() };
        let (issuer, codes) = (provider.issuer.clone(), provider.codes.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, issuer.clone(), codes.clone()));
            }
        });
        provider
    }

    /// Its name in tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The settings of a server that people sign in to with it, by the word `oidc`.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        vec![
            ("CONFAB_PUBLIC_URL", "https://example.org/chat"),
            ("CONFAB_OIDC_ISSUER", &self.issuer),
            ("CONFAB_OIDC_CLIENT_ID", "confab"),
            ("CONFAB_OIDC_CLIENT_SECRET", "hush"),
            ("CONFAB_OIDC_LABEL", "Acme"),
            ("CONFAB_OIDC_ALGORITHMS", "ES256"),
            ("CONFAB_OIDC_ADMIN_ROLES", "chat-admin"),
        ]
    }

    /// Begins to sign in, as a browser does.
    pub async fn begin(server: &Server, rest: &str) -> Begun {
        let (status, address, set_cookie) = sent(server, &format!("/auth/oidc/oidc{rest}")).await;
        assert_eq!(status, 303, "{address}");
        Begun { address: Url::parse(&address).expect("an address"), set_cookie }
    }

    /// A code for an attempt. Its token is about person 17, with these claims; those that are `null` are left out.
    pub fn code(&self, begun: &Begun, changes: &Value) -> String {
        let token = self.token(begun, changes);
        self.code_with(begun, Some(token), json!({"sub": "17", "preferred_username": "Ada"}))
    }

    /// The same with that token, and that said of a person who is asked for.
    pub fn code_with(&self, begun: &Begun, token: Option<String>, person: Value) -> String {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("code-{}", codes.len());
        let code = Code { challenge: begun.asked("code_challenge"), token, person };
        codes.insert(name.clone(), code);
        name
    }

    /// A token of an attempt.
    pub fn token(&self, begun: &Begun, changes: &Value) -> String {
        let now = now();
        let claims = json!({"iss": self.issuer, "aud": begun.asked("client_id"), "sub": "17",
            "exp": now + 600, "iat": now, "nonce": begun.asked("nonce")});
        signed(claims, changes)
    }

    /// A token by which it says that person 17 logged out.
    pub fn log_out_token(&self, changes: &Value) -> String {
        let event = "http://schemas.openid.net/event/backchannel-logout";
        let claims = json!({"iss": self.issuer, "aud": "confab", "sub": "17", "exp": now() + 60,
            "iat": now(), "jti": "1", "events": {event: {}}});
        signed(claims, changes)
    }

    /// What comes of handing over what the provider gave, by a browser with that cookie.
    pub async fn finish(api: &Api, cookie: Option<&str>, given: &Value) -> Answer {
        let request = api.request(Method::POST, "/auth/oidc/oidc").json(given);
        let request = match cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        };
        api.answer_to(request).await
    }

    /// Signs person 17 in, with these claims.
    pub async fn signed_in(&self, server: &Server, rest: &str, changes: &Value) -> Answer {
        let begun = Self::begin(server, rest).await;
        let given = json!({"state": begun.asked("state"), "code": self.code(&begun, changes)});
        Self::finish(&Api::of(server).await, Some(begun.cookie()), &given).await
    }
}

/// Where a browser is sent from there: the status, the address, and the cookie that is set.
pub(crate) async fn sent(server: &Server, path: &str) -> (u16, String, String) {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().expect("a client");
    let answer = client.get(server.url(&format!("/api/v1{path}"))).send().await.expect("an answer");
    let header = |name| {
        let value = answer.headers().get(name).map(|value| value.to_str().expect("a text"));
        value.unwrap_or_default().to_owned()
    };
    (answer.status().as_u16(), header(LOCATION), header(SET_COOKIE))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn key() -> EncodingKey {
    EncodingKey::from_ec_pem(PRIVATE).expect("a key")
}

fn signed(mut claims: Value, changes: &Value) -> String {
    let all = claims.as_object_mut().expect("an object");
    all.extend(changes.as_object().expect("an object").clone());
    all.retain(|_, value| !value.is_null());
    let header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::ES256) };
    encode(&header, &claims, &key()).expect("a token")
}

async fn answer(mut stream: TcpStream, issuer: String, codes: Arc<Mutex<HashMap<String, Code>>>) {
    let (mut asked, mut bytes) = (String::new(), [0; 4096]);
    while !is_whole(&asked) {
        let Ok(read @ 1..) = stream.read(&mut bytes).await else { return };
        asked += &String::from_utf8_lossy(&bytes[..read]);
    }
    let (status, body) = match asked.split(' ').nth(1).unwrap_or_default() {
        "/keys" => (200, json!({"keys": [public()]})),
        "/token" => redeemed(&asked, &codes),
        "/me" => person(&asked, &codes),
        _ => (200, configuration(&issuer)),
    };
    let (body, length) = (body.to_string(), body.to_string().len());
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let _ = stream.write_all((head + &body).as_bytes()).await;
}

fn is_whole(asked: &str) -> bool {
    let Some((head, body)) = asked.split_once("\r\n\r\n") else { return false };
    let length = header(head, "content-length").and_then(|length| length.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(named, _)| named.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

fn public() -> Value {
    let key = Jwk::from_encoding_key(&key(), Algorithm::ES256).expect("a key");
    let mut public = serde_json::to_value(key).expect("JSON");
    public["kid"] = json!("a");
    public
}

fn configuration(issuer: &str) -> Value {
    json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys"),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "end_session_endpoint": format!("{issuer}/end?tenant=1")})
}

/// A code is given for once, to the client, and to whoever has the verifier.
fn redeemed(asked: &str, codes: &Mutex<HashMap<String, Code>>) -> (u16, Value) {
    let refused = |why: &str| (400, json!({"error": why}));
    let (head, body) = asked.split_once("\r\n\r\n").expect("a head");
    let client = format!("Basic {}", STANDARD.encode("confab:hush"));
    if header(head, "authorization") != Some(&client) {
        return refused("invalid_client");
    }
    let form = Url::parse(&format!("http://form/?{body}")).expect("a form");
    let field = |name: &str| form.query_pairs().find(|(named, _)| named == name).map(|pair| pair.1);
    let mut codes = codes.lock().unwrap_or_else(PoisonError::into_inner);
    let name = field("code").unwrap_or_default().into_owned();
    let Some(code) = codes.get_mut(&name) else { return refused("invalid_grant") };
    let shown = Sha256::digest(field("code_verifier").unwrap_or_default().as_bytes());
    let is_back = field("redirect_uri").as_deref() == Some("https://example.org/chat/");
    if URL_SAFE_NO_PAD.encode(shown) != code.challenge || !is_back {
        return refused("invalid_grant");
    }
    let Some(token) = code.token.take() else { return refused("invalid_grant") };
    (200, json!({"access_token": name, "token_type": "Bearer", "id_token": token}))
}

fn person(asked: &str, codes: &Mutex<HashMap<String, Code>>) -> (u16, Value) {
    let token = header(asked, "authorization").and_then(|value| value.strip_prefix("Bearer "));
    let codes = codes.lock().unwrap_or_else(PoisonError::into_inner);
    let code = token.and_then(|token| codes.get(token));
    code.map_or((401, json!({})), |code| (200, code.person.clone()))
}
