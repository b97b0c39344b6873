//! A host's backend, which calls by a service key.

use crate::api::{Answer, Api};
use crate::person::Person;
use crate::server::{Server, within};
use reqwest::Method;
use serde_json::Value;

/// The issuer of a key, unless said otherwise.
pub const KEY_ISSUER: &str = "shop";

/// A backend with a key.
#[derive(Clone)]
pub struct ServiceKeyClient {
    /// Where it calls.
    pub api: Api,
    /// Its key.
    pub key: String,
}

impl ServiceKeyClient {
    /// With a key of that name and these scopes.
    pub async fn add(server: &Server, name: &str, scopes: &str) -> Self {
        Self::add_with(server, name, scopes, &[]).await
    }

    /// The same, with further words on the command line.
    pub async fn add_with(server: &Server, name: &str, scopes: &str, more: &[&str]) -> Self {
        let issuer = ["--issuer", KEY_ISSUER];
        Self::added(server, name, scopes, &[&issuer[..], more].concat()).await
    }

    /// The same, of another issuer.
    pub async fn add_of(server: &Server, issuer: &str, name: &str, scopes: &str) -> Self {
        Self::added(server, name, scopes, &["--issuer", issuer]).await
    }

    async fn added(server: &Server, name: &str, scopes: &str, more: &[&str]) -> Self {
        let add = ["key", "add", name, "--scopes", scopes];
        let added = server.run(&[&add[..], more].concat(), "").await;
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let key = String::from_utf8(added.stdout).expect("UTF-8").trim().to_owned();
        Self { api: Api::of(server).await, key }
    }

    /// Asks as itself; a body of `null` is none.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.api.call(method, path, Some(&self.key), body).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await
    }

    /// Asks as somebody else, as the header says; a body of `null` is none.
    pub async fn call_as(&self, who: &[&str], method: Method, path: &str, body: &Value) -> Answer {
        let mut request = self.api.request(method, path).bearer_auth(&self.key);
        for who in who {
            request = request.header("confab-act-as", *who);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        self.api.answer_to(request).await
    }

    /// GET as somebody.
    pub async fn get_as(&self, person: &Person, path: &str) -> Answer {
        self.call_as(&[&person.id.to_string()], Method::GET, path, &Value::Null).await
    }

    /// POST as somebody.
    pub async fn post_as(&self, person: &Person, path: &str, body: &Value) -> Answer {
        self.call_as(&[&person.id.to_string()], Method::POST, path, body).await
    }

    /// The bytes of an answer to somebody it acts as, whatever path that is.
    pub async fn raw_as(&self, person: &Person, path: &str) -> String {
        let request = self.api.request(Method::GET, path).bearer_auth(&self.key);
        let request = request.header("confab-act-as", person.id.to_string());
        let answer = within(path, request.send()).await.expect("an answer");
        within(path, answer.text()).await.expect("a whole body")
    }
}
