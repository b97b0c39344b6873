//! The dialects, by conversations that were written down. `tests/src/transcript.rs` says how.

use std::fs;
use tests::{DialectSocket, Engine, Person, Server, Transcript, Value, json, on_both};

on_both!(who_is_in_hears_what_is_said_from_then_on, who_has_no_socket_is_there_while_they_ask,);

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/transcripts");

async fn play(engine: Engine, name: &str) {
    let text = fs::read_to_string(format!("{FOLDER}/{name}.txt")).expect("a transcript");
    let server = Server::start(engine).await;
    Transcript::play(&server, &text).await;
}

macro_rules! transcripts {
    ($($test:ident: $name:literal,)+) => {
        const NAMES: &[&str] = &[$($name,)+];
        $(mod $test {
            use super::{Engine, play};

            #[tokio::test]
            async fn sqlite() {
                play(Engine::Sqlite, $name).await;
            }

            #[tokio::test]
            async fn postgres() {
                play(Engine::Postgres, $name).await;
            }
        })+
    };
}

transcripts! {
    dialogs: "dialogs",
}

#[test]
fn every_transcript_is_played() {
    let mut found: Vec<_> = fs::read_dir(FOLDER)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".txt").map(str::to_owned))
        .collect();
    found.sort();
    let mut names: Vec<_> = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(found, names);
}

/// A client that has read what was there, once its socket was open, need not ask again.
async fn who_is_in_hears_what_is_said_from_then_on(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    for dialect in DialectSocket::all(chat) {
        let mut speaker = dialect.open(&server, &ada).await.expect("a socket");
        for round in 0..20 {
            let mut wire = dialect.open(&server, &grace).await.expect("a socket");
            let said = format!("{} {round}", dialect.name);
            speaker.send(&dialect.send(chat, &said)).await;
            let is_said = |frame: &Value| frame.to_string().contains(&said);
            wire.until(&said, is_said).await;
            wire.close().await;
        }
    }
}

/// A front end of minichat may do without sockets. It is there from its log-in on.
async fn who_has_no_socket_is_there_while_they_ask(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    ada.direct(&grace).await;
    let mut socket = grace.socket().await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let login = json!({"username": ada.name, "password": tests::PASSWORD});
    let login = client.post(server.url("/api/auth/login/")).json(&login).send().await;
    let login: Value = login.expect("an answer").json().await.expect("JSON");
    let tokens = &login["tokens"];
    let access = tokens["access"].as_str().expect("a token");
    let is_about_ada = |push: &Value, online: bool| {
        push["type"] == "presence"
            && push["data"]["user_id"] == ada.id
            && push["data"]["online"] == online
    };
    socket.push("that Ada is there", |push| is_about_ada(push, true)).await;
    let logout = client.post(server.url("/api/auth/logout/")).bearer_auth(access);
    let logout = logout.json(&json!({"refresh": tokens["refresh"]})).send().await;
    assert_eq!(logout.expect("an answer").status(), 200);
    socket.push("that Ada is gone", |push| is_about_ada(push, false)).await;
}
