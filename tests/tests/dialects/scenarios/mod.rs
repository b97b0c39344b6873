//! Conversations that were recorded with the servers whose protocols the dialects are, in
//! `tests/scenarios`. `player.rs` says how they are written.

mod cookies;
mod kind;
mod line;
mod pattern;
mod person;
mod player;
mod saved;

use player::Player;
use std::fs;
use std::path::PathBuf;
use tests::{Engine, Nodes, PASSWORD, Person, Server, Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

macro_rules! dialects {
    ($($dialect:ident),+ $(,)?) => {
        const DIALECTS: &[&str] = &[$(stringify!($dialect)),+];

        $(mod $dialect {
            use tests::Engine;

            #[tokio::test]
            async fn sqlite() {
                super::on_one_node(Engine::Sqlite, stringify!($dialect)).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::on_one_node(Engine::Postgres, stringify!($dialect)).await;
            }

            #[tokio::test]
            async fn two_nodes() {
                super::on_two_nodes(stringify!($dialect)).await;
            }
        })+
    };
}

dialects!(dialogs, events, flowchat, minichat, rooms);

#[test]
fn every_scenario_is_of_a_dialect_that_is_played() {
    let mut found: Vec<_> = names(FOLDER.into());
    found.sort();
    assert_eq!(found, DIALECTS);
    for dialect in DIALECTS {
        assert!(scenarios(dialect).iter().all(|(_, played)| played["dialect"] == *dialect));
    }
}

async fn on_one_node(engine: Engine, dialect: &str) {
    let server = Server::start(engine).await;
    play(&[&server], dialect).await;
}

async fn on_two_nodes(dialect: &str) {
    let nodes = Nodes::start(2).await;
    play(&[&nodes[0], &nodes[1]], dialect).await;
}

/// How often a scenario is played again, by other people, that did not hold over two nodes.
const REPEATS: u32 = 2;

/// Plays all scenarios of a dialect, one after the other, and fails with all differences.
async fn play(servers: &[&Server], dialect: &str) {
    add_admin(servers[0]).await;
    let nodes: Vec<_> = servers.iter().map(|server| server.address()).collect();
    let scenarios = scenarios(dialect);
    let (mut report, mut hold) = (String::new(), 0);
    for (salt, (name, scenario)) in (0x5a170..).zip(&scenarios) {
        let mut differences = Player::play(&nodes, scenario, salt).await;
        // Who comes and goes is known on another node within a second, and the recordings expect it at once.
        for again in 1..=if nodes.len() > 1 { REPEATS } else { 0 } {
            if !differences.is_empty() {
                differences = Player::play(&nodes, scenario, salt + again * 0x1000).await;
            }
        }
        if differences.is_empty() {
            hold += 1;
            report += &format!("ok   {dialect}/{name}\n");
        } else {
            report += &format!("FAIL {dialect}/{name}\n{}\n", differences.join("\n"));
        }
    }
    assert_eq!(hold, scenarios.len(), "so many scenarios of {dialect} hold:\n{report}");
}

/// The admin whom scenarios expect, with a name, an address and a password that they know.
async fn add_admin(server: &Server) {
    let chief = Person::admin(server, "Chief").await;
    chief.patch("/users/me", &json!({"email": "chief@example.com"})).await.expect(200);
    let change = json!({"old_password": PASSWORD, "new_password": "Correct-horse-77"});
    chief.put("/auth/password", &change).await.expect(204);
}

/// The scenarios of a dialect by name, in their order.
fn scenarios(dialect: &str) -> Vec<(String, Value)> {
    let folder = PathBuf::from(FOLDER).join(dialect);
    let mut names = names(folder.clone());
    names.sort();
    assert!(!names.is_empty(), "{dialect} has scenarios");
    let read = |name: String| {
        let text = fs::read_to_string(folder.join(&name)).expect("a file");
        let scenario =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, scenario)
    };
    names.into_iter().map(read).collect()
}

/// What is in a folder.
fn names(folder: PathBuf) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect()
}
