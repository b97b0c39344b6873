//! Hosts: products with accounts of their own.

use crate::database::Engine;
use crate::person::Person;
use crate::server::Server;
use crate::{Api, Value};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

const SECRET: &str = "a secret of exactly thirty-two b";

/// A server that takes tokens of the issuers `shop` and `forum`. Who has the role `chat-admin` there is an
/// admin.
pub async fn behind_hosts(engine: Engine) -> Server {
    behind_hosts_with(engine, &[]).await
}

/// The same, with further settings.
pub async fn behind_hosts_with(engine: Engine, settings: &[(&str, &str)]) -> Server {
    let mut server = Server::prepare(engine, settings).await;
    let issuers = ["shop", "forum"].map(|issuer| {
        format!(
            "[[issuer]]\nissuer = '{issuer}'\naudience = 'confab'\nalgorithms = ['HS256']\n\
             secret = '{SECRET}'\nadmin_roles = ['chat-admin']\n"
        )
    });
    let file = server.data_folder().with_file_name("issuers.toml");
    std::fs::write(&file, issuers.concat()).expect("a file");
    server.set("CONFAB_HOST_ISSUERS", file.to_str().expect("a path"));
    server.restart().await;
    server
}

impl Person {
    /// Somebody of a host, whose id there is also part of their name.
    pub async fn of_host(server: &Server, issuer: &str, id: &str) -> Self {
        Self::exchanged(server, &json!({"iss": issuer, "sub": id})).await
    }

    /// The same, as an admin.
    pub async fn admin_of_host(server: &Server, issuer: &str, id: &str) -> Self {
        Self::exchanged(server, &json!({"iss": issuer, "sub": id, "roles": "chat-admin"})).await
    }

    /// Somebody of a host, about whom its token has these claims; those that are `null` are left out.
    pub async fn exchanged(server: &Server, about: &Value) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let name = format!("Person {}", about["sub"].as_str().expect("a text"));
        let mut claims = json!({"aud": "confab", "exp": now + 600, "preferred_username": name});
        let more = about.as_object().expect("an object").clone();
        let all = claims.as_object_mut().expect("an object");
        all.extend(more);
        all.retain(|_, value| !value.is_null());
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let token = encode(&Header::new(Algorithm::HS256), &claims, &key).expect("a token");
        let api = Api::of(server).await;
        let answer = api.post("/auth/exchange", &json!({"token": token})).await.expect(200);
        Self::signed_in(api, &answer)
    }
}
