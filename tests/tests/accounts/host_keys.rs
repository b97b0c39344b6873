//! Keys of a host that are fetched from where it publishes them.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use std::time::{SystemTime, UNIX_EPOCH};
use tests::{Answer, Api, Engine, Server, Value, json, on_both};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

on_both!(a_server_starts_without_its_host_and_fetches_keys_later, an_issuer_has_one_kind_of_key,);

const PRIVATE: &[u8] = include_bytes!("../../../crates/credentials/fixtures/ec.private.pem");

fn key() -> EncodingKey {
    EncodingKey::from_ec_pem(PRIVATE).expect("a key")
}

async fn started(engine: Engine, issuer: &str) -> Server {
    let mut server = Server::prepare(engine, &[]).await;
    let file = server.data_folder().with_file_name("issuers.toml");
    std::fs::write(&file, issuer).expect("a file");
    server.set("CONFAB_HOST_ISSUERS", file.to_str().expect("a path"));
    server
}

async fn exchange(api: &Api, issuer: &str, id: &str) -> Answer {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = json!({"iss": issuer, "aud": "confab", "sub": "17", "exp": now + 60});
    let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::ES256) };
    let token = encode(&header, &claims, &key()).expect("a token");
    api.post("/auth/exchange", &json!({"token": token})).await
}

/// Publishes the key under that id, and an OpenID configuration, for as long as the test lasts.
fn publish(listener: TcpListener, issuer: &str, id: &str) {
    let mut public =
        serde_json::to_value(Jwk::from_encoding_key(&key(), Algorithm::ES256).expect("a key"))
            .expect("JSON");
    public["kid"] = json!(id);
    let keys = json!({"keys": [public]});
    let configuration = json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")});
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, keys.clone(), configuration.clone()));
        }
    });
}

async fn answer(mut stream: TcpStream, keys: Value, configuration: Value) {
    let (mut head, mut bytes) = (String::new(), [0; 1024]);
    while !head.contains("\r\n\r\n") {
        let Ok(read @ 1..) = stream.read(&mut bytes).await else { return };
        head += &String::from_utf8_lossy(&bytes[..read]);
    }
    let body = if head.starts_with("GET /keys ") { keys } else { configuration }.to_string();
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let _ = stream.write_all((head + &body).as_bytes()).await;
}

async fn a_server_starts_without_its_host_and_fetches_keys_later(engine: Engine) {
    // Nobody answers here: what is asked is refused once the test lets go of the port.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let issuer = format!("http://{address}");
    let keys = format!(
        "[[issuer]]\nissuer = '{issuer}'\naudience = 'confab'\nalgorithms = ['ES256']\ndiscovery = true\n"
    );
    let mut server = started(engine, &keys).await;
    server.restart().await;
    let told = "the keys of a host were not fetched";
    server.until("a line in the log", async |server| server.log().contains(told)).await;
    let api = Api::of(&server).await;
    exchange(&api, &issuer, "a").await.refused(503, "host_keys_unavailable");
    publish(TcpListener::bind(address).await.expect("the port"), &issuer, "a");
    // It was asked just now, and is asked again some seconds later.
    server.until("the keys", async |_| exchange(&api, &issuer, "a").await.status == 200).await;
    exchange(&api, &issuer, "b").await.refused(401, "host_token_invalid");
}

async fn an_issuer_has_one_kind_of_key(engine: Engine) {
    let issuer = |name: &str, keys: &str| {
        format!(
            "[[issuer]]\nissuer = '{name}'\naudience = 'confab'\nalgorithms = ['ES256']\n{keys}\n"
        )
    };
    for (issuer, said) in [
        (issuer("shop", ""), "has one of `secret`, `keys`, `jwks` and `discovery = true`"),
        (issuer("shop", "discovery = false"), "has one of"),
        (issuer("https://shop.example", "jwks = 'https://x'\ndiscovery = true"), "has one of"),
        (issuer("shop", "jwks = 'http://shop.example/keys'"), "must be an https address"),
        (issuer("shop", "discovery = true"), "must be an https address"),
    ] {
        let server = started(engine, &issuer).await;
        let output = server.run(&["serve"], "").await;
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{said}: {why}");
        let line = why.lines().find(|line| line.contains("CONFAB_HOST_ISSUERS"));
        assert!(line.is_some_and(|line| line.contains(said)), "{said}: {why}");
    }
}
