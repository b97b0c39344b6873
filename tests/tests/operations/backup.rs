//! A backup that is made under load, and a restore that works.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use tests::{Engine, MessageLog, Person, Server, Writer, on_both};
use tokio::process::Command;
use tokio::sync::watch;

on_both!(what_was_there_is_there_again);

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

async fn what_was_there_is_there_again(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_ACCESS_TOKEN_LIFE", "86400")]).await;
    let mut reader = Person::register(&server, "Reader").await;
    let authors = Person::several(&server, ["One", "Two", "Three", "Four"]).await;
    let chat = reader.group("Chat", &authors.iter().collect::<Vec<_>>()).await;
    let file = send_file(&reader, chat).await;
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("backup");
    let (before, after, writers) =
        back_up_under_load(&server, &reader, authors, chat, &folder).await;

    let mut other = Server::prepare(engine, &[]).await;
    other.empty_database().await;
    restore(&folder, &other).await;
    other.restart().await;
    reader.moved_to(&other).await;
    // Nobody has to sign in again, and the file is there.
    let history = reader.history(chat).await;
    let last = history.len() as i64;
    assert!((before..=after).contains(&last), "{last} messages of {before} to {after}");
    let mut log = MessageLog::default();
    log.record(&history);
    for writer in &writers {
        let of_backup = writer.acknowledged.iter().filter(|message| message.seq <= last);
        log.assert_contains(&of_backup.cloned().collect::<Vec<_>>());
    }
    let path = file.strip_prefix("/api/v1").expect("an address of the API");
    assert_eq!(reader.get(path).await.body, "in notes.txt");
    // It is a server like any other.
    let sent = reader.send(chat, "after the restore").await;
    assert_eq!(sent["seq"].as_i64(), Some(last + 1));
}

/// Sends a message with a file, and answers where the file is.
async fn send_file(reader: &Person, chat: i64) -> String {
    let upload = reader.upload("notes.txt").await["id"].clone();
    let body = tests::json!({"text": "a-file", "client_id": "a-file", "attachments": [upload]});
    let sent = reader.post(&format!("/chats/{chat}/messages"), &body).await.expect(201);
    sent["attachments"][0]["url"].as_str().expect("an address").to_owned()
}

/// Makes a backup while people write; answers how many messages there were before and after it, and
/// the people.
async fn back_up_under_load(
    server: &Server,
    reader: &Person,
    authors: [Person; 4],
    chat: i64,
    folder: &Path,
) -> (i64, i64, Vec<Writer>) {
    let (stop, stopped) = watch::channel(false);
    let writers = authors.into_iter().map(|author| Writer::new(author, chat));
    let writing = Writer::at_once(writers, server.address(), &stopped);
    let last = async || reader.chat(chat).await["last_seq"].as_i64().expect("a number");
    server.until("a load", async |_| last().await > 100).await;
    let before = last().await;
    let path = folder.to_str().expect("a path");
    let made = server.run(&["backup", path], "").await;
    assert!(made.status.success(), "{}", said(&made));
    let after = last().await;
    server.until("more after it", async |_| last().await > after + 50).await;
    let again = server.run(&["backup", path], "").await;
    assert!(!again.status.success() && said(&again).contains("already"), "{}", said(&again));
    stop.send_replace(true);
    let writers = writing.join_all().await;
    let mode = fs::metadata(folder).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "it holds secrets");
    (before, after, writers)
}

/// As docs/OPERATIONS.md says.
async fn restore(backup: &Path, server: &Server) {
    let copied = Command::new("cp").arg("-a").arg(backup).arg(server.data_folder()).output().await;
    assert!(copied.expect("cp runs").status.success());
    let Some(url) = server.database_url() else { return };
    let mut command = Command::new("pg_restore");
    command.args(["--no-owner", "--exit-on-error", "--dbname", &url]);
    let restored = command.arg(backup.join("confab.dump")).output().await.expect("it runs");
    assert!(restored.status.success(), "{}", said(&restored));
}

/// What `pg_dump` is told stands in its environment, since everybody sees its arguments.
#[tokio::test]
async fn the_program_is_told_what_the_url_says() {
    let place = tempfile::tempdir().expect("a folder");
    let program = place.path().join("pg_dump");
    fs::write(&program, "#!/bin/sh\nenv | grep ^PG >&2\nexit 1\n").expect("a file");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = format!("{}:/usr/bin:/bin", place.path().display());
    let server = Server::start_with(Engine::Postgres, &[("PATH", &path)]).await;
    let url: tokio_postgres::Config =
        server.database_url().expect("a server").parse().expect("a URL");
    let folder = place.path().join("backup");
    let failed = server.run(&["backup", folder.to_str().expect("a path")], "").await;
    assert!(!failed.status.success(), "{}", said(&failed));
    let (said, port) = (said(&failed), url.get_ports()[0]);
    let (user, name) = (url.get_user().expect("a user"), url.get_dbname().expect("a database"));
    for told in [
        "PGHOST=127.0.0.1".to_owned(),
        format!("PGPORT={port}"),
        format!("PGUSER={user}"),
        format!("PGDATABASE={name}"),
        "PGSSLMODE=disable".to_owned(),
    ] {
        assert!(said.contains(&told), "{told} is not in {said}");
    }
    assert!(!folder.exists(), "nothing is left of it");
}

/// A copy that cannot be made leaves nothing. (SQLite checks each before it counts.)
#[tokio::test]
async fn a_copy_is_whole_or_not_there() {
    let server = Server::start(Engine::Sqlite).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    ada.send(chat, "one").await;
    let place = tempfile::tempdir().expect("a folder");
    let nowhere = place.path().join("missing").join("backup");
    let failed = server.run(&["backup", nowhere.to_str().expect("a path")], "").await;
    assert!(!failed.status.success(), "{}", said(&failed));
    let empty = Server::prepare(Engine::Sqlite, &[]).await;
    let folder = place.path().join("backup");
    let failed = empty.run(&["backup", folder.to_str().expect("a path")], "").await;
    assert!(!failed.status.success(), "there is nothing yet: {}", said(&failed));
    let left: Vec<_> = fs::read_dir(place.path()).expect("a folder").flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    let made = server.run(&["backup", folder.to_str().expect("a path")], "").await;
    assert!(made.status.success(), "{}", said(&made));
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with(".key"))
        .collect();
    names.sort();
    assert_eq!(names, ["confab.db", "media"], "no log that belongs to it");
    // The folder is a data folder as it is.
    let mut command = server.command(&["user", "list"]);
    let listed = command.env("CONFAB_DATA_DIR", &folder).output().await.expect("it runs");
    assert!(said(&listed).contains("Ada"), "{}", said(&listed));
}
