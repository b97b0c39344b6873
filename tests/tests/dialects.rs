//! The dialects, by conversations that were written down. `tests/src/transcript.rs` says how.

use std::fs;
use tests::{Engine, Server, Transcript};

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
    dialogs_groups: "dialogs-groups",
    events: "events",
    flowchat: "flowchat",
    minichat: "minichat",
    rooms: "rooms",
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
