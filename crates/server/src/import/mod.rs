//! `confab import`: people, chats and messages of another server, from lines of JSON. The format is
//! in `docs/how-to/import.md`.

mod wire;

use crate::composition::assemble_import;
use crate::error::BoxError;
use crate::settings::Settings;
use domain::admin::Actor;
use domain::chat::ChatRole;
use domain::ids::{ProjectId, UserId};
use domain::import::{
    ChatRecord, HostRecord, Import, ImportError, Imported, OldMember, UserRecord,
};
use domain::user::UpdateProfile;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use wire::{Line, MessageLine, id};

/// The size of a line in bytes, at most.
const LINE_BYTES: usize = 1024 * 1024;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// How many lines of one type were added, were there already, and were skipped.
#[derive(Default)]
struct Tally {
    added: usize,
    there: usize,
    skipped: usize,
}

/// Messages that are imported together, at most.
const TOGETHER: usize = 500;

/// An import that is under way.
struct Progress {
    import: Import,
    tallies: BTreeMap<&'static str, Tally>,
    /// Messages that came one after the other, with the numbers of their lines.
    waiting: Vec<(usize, MessageLine)>,
    /// How many bytes their lines have.
    bytes: usize,
}

/// Imports every line that can be imported, and prints for each other one why not. If any was skipped it
/// fails at the end, so that no script goes on as if all were imported. An error of the database stops it at
/// once; running it again continues, because lines that were imported count as there.
pub(crate) async fn run(settings: &Settings, file: &Path) -> Result<(), BoxError> {
    let mut lines: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(
            File::open(file).map_err(|error| format!("{}: {error}", file.display()))?,
        ))
    };
    let import = assemble_import(settings).await?;
    let mut progress = Progress { import, tallies: BTreeMap::new(), waiting: Vec::new(), bytes: 0 };
    let mut number = 0_usize;
    let read = loop {
        let mut line = match next(&mut lines) {
            Ok(Some(line)) => line,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        number += 1;
        // Some editors on Windows put one at the beginning of a file.
        if number == 1 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len_utf8());
        }
        if !line.trim().is_empty() {
            progress.take(number, &line).await?;
        }
    };
    // What came before a line that cannot be read is imported.
    progress.finish_messages().await?;
    read?;
    let (mut out, mut all_skipped) = (io::stdout(), 0);
    for (kind, Tally { added, there, skipped }) in progress.tallies {
        writeln!(out, "{kind}: {added} added, {there} there already, {skipped} skipped")?;
        all_skipped += skipped;
    }
    match all_skipped {
        0 => Ok(()),
        1 => Err("1 line was skipped".into()),
        skipped => Err(format!("{skipped} lines were skipped").into()),
    }
}

impl Progress {
    /// Imports a line, or has a message wait for others: a transaction for each would take most of the time.
    async fn take(&mut self, number: usize, text: &str) -> Result<(), BoxError> {
        let line = serde_json::from_str(text);
        if !matches!(line, Ok(Line::Message(_))) || self.bytes + text.len() > LINE_BYTES {
            self.finish_messages().await?;
        }
        let (import, actor) = (&self.import, Actor::OPERATOR);
        let (kind, became) = match line {
            Ok(Line::Message(message)) => {
                self.waiting.push((number, message));
                self.bytes += text.len();
                let are_many = self.waiting.len() >= TOGETHER;
                return if are_many { self.finish_messages().await } else { Ok(()) };
            }
            Ok(line @ Line::User { .. }) => ("user", user(import, line).await),
            Ok(line @ Line::Chat { .. }) => ("chat", chat(import, line).await),
            Ok(line @ Line::Member { .. }) => ("member", member(import, line).await),
            Ok(Line::Star { user, message }) => {
                let star = async { import.star(actor, id(user)?, id(message)?).await };
                ("star", star.await)
            }
            Ok(Line::Read { user, message }) => {
                let read = async { import.read(actor, id(user)?, id(message)?).await };
                ("read", read.await)
            }
            Err(error) => ("unreadable", Err(ImportError::Rule(error.to_string()))),
        };
        self.note(number, kind, became)
    }

    /// Imports the messages that wait.
    async fn finish_messages(&mut self) -> Result<(), BoxError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        let Some((first, _)) = waiting.first() else { return Ok(()) };
        let records = waiting.iter().map(|(_, message)| message.record()).collect();
        let became = self.import.messages(Actor::OPERATOR, records).await;
        let became =
            became.map_err(|error| format!("line {first}: {}", crate::error::one_line(&error)))?;
        for ((number, _), became) in waiting.iter().zip(became) {
            self.note(*number, "message", became)?;
        }
        Ok(())
    }

    /// Counts what became of a line, and prints why it was skipped.
    fn note(
        &mut self,
        number: usize,
        kind: &'static str,
        became: Result<Imported, ImportError>,
    ) -> Result<(), BoxError> {
        let tally = self.tallies.entry(kind).or_default();
        match became {
            Ok(Imported::Added) => tally.added += 1,
            Ok(Imported::There) => tally.there += 1,
            Err(ImportError::Store(error)) => {
                return Err(format!("line {number}: {}", crate::error::one_line(&error)).into());
            }
            Err(why) => {
                tally.skipped += 1;
                writeln!(io::stderr(), "line {number}: {kind} skipped: {why}")?;
            }
        }
        Ok(())
    }
}

/// The next line, or `None` at the end. A line that is too long is an error, since reading it would take any
/// amount of memory.
fn next(lines: &mut dyn BufRead) -> Result<Option<String>, BoxError> {
    let mut line = Vec::new();
    let most = u64::try_from(LINE_BYTES).unwrap_or(u64::MAX);
    let read = io::Read::take(&mut *lines, most).read_until(b'\n', &mut line)?;
    if read == LINE_BYTES && line.last() != Some(&b'\n') {
        return Err(format!("a line has {LINE_BYTES} bytes at most").into());
    }
    // Bytes that are not UTF-8 become `U+FFFD`, so that only this line is affected.
    let line = String::from_utf8_lossy(&line).into_owned();
    Ok((read > 0).then_some(line))
}

async fn member(import: &Import, line: Line) -> Result<Imported, ImportError> {
    let Line::Member { chat, user, role, joined_at } = line else {
        return Err(ImportError::Rule("no member".to_owned()));
    };
    let role = role.as_deref().unwrap_or("member");
    let role = ChatRole::parse(role)
        .ok_or_else(|| ImportError::Rule("role is member, admin or owner".to_owned()))?;
    let member = OldMember { chat: id(chat)?, user: id(user)?, role, joined_at };
    import.member(Actor::OPERATOR, member).await
}

async fn user(import: &Import, line: Line) -> Result<Imported, ImportError> {
    let Line::User {
        id: number,
        username,
        password_hash,
        role,
        first_name,
        last_name,
        bio,
        email,
        created_at,
        last_seen_at,
        issuer,
        external_id,
        data,
    } = line
    else {
        return Err(ImportError::Rule("no user".to_owned()));
    };
    let profile = UpdateProfile {
        name: None,
        first_name: first_name.as_deref(),
        last_name: last_name.as_deref(),
        bio: bio.as_deref(),
        email: email.as_deref(),
    };
    let record = UserRecord {
        username: &username,
        password_hash: password_hash.as_deref(),
        role: role.as_deref(),
        profile,
        last_seen_at,
        host: HostRecord {
            issuer: issuer.as_deref(),
            external_id: external_id.as_deref(),
            data: data.as_deref(),
        },
    };
    import.user(Actor::OPERATOR, id(number)?, record, created_at).await
}

async fn chat(import: &Import, line: Line) -> Result<Imported, ImportError> {
    let Line::Chat {
        id: number,
        kind,
        title,
        description,
        open,
        project_id,
        members,
        owner,
        created_at,
        issuer,
        external_id,
        data,
    } = line
    else {
        return Err(ImportError::Rule("no chat".to_owned()));
    };
    let record = ChatRecord {
        kind: &kind,
        title: title.as_deref(),
        description: description.as_deref(),
        open,
        project: project_id.map(id::<ProjectId>).transpose()?,
        members: members.into_iter().map(id::<UserId>).collect::<Result<_, _>>()?,
        owner: owner.map(id::<UserId>).transpose()?,
        host: HostRecord {
            issuer: issuer.as_deref(),
            external_id: external_id.as_deref(),
            data: data.as_deref(),
        },
    };
    import.chat(Actor::OPERATOR, id(number)?, record, created_at).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chat::MockMemberStore;
    use domain::import::{ImportPorts, MockImportStore};
    use domain::message::{MockMarkStore, MockMessageStore};
    use domain::user::{AccountRoles, PasswordHash};
    use std::sync::{Arc, Mutex};

    fn message(id: usize, text: &str) -> String {
        format!(
            r#"{{"type":"message","id":{id},"chat":1,"author":1,"text":"{text}","created_at":"2025-01-01T00:00:00Z"}}"#
        )
    }

    /// How many messages were stored together, for these lines.
    async fn stored(lines: impl Iterator<Item = String>) -> Vec<usize> {
        let (mut store, sizes) = (MockImportStore::new(), Arc::new(Mutex::new(Vec::new())));
        let seen = Arc::clone(&sizes);
        store.expect_add_messages().returning(move |messages| {
            seen.lock().unwrap().push(messages.len());
            Ok(messages.iter().map(|_| Ok(Imported::Added)).collect())
        });
        store.expect_add_member().returning(|_| Ok(true));
        let ports = ImportPorts {
            import: Arc::new(store),
            messages: Arc::new(MockMessageStore::new()),
            marks: Arc::new(MockMarkStore::new()),
            members: Arc::new(MockMemberStore::new()),
        };
        let nobody = PasswordHash::stored(String::new());
        let import = Import::new(ports, AccountRoles::default(), nobody);
        let (tallies, waiting) = (BTreeMap::new(), Vec::new());
        let mut progress = Progress { import, tallies, waiting, bytes: 0 };
        for (number, line) in lines.enumerate() {
            progress.take(number + 1, &line).await.unwrap();
        }
        progress.finish_messages().await.unwrap();
        let sizes = sizes.lock().unwrap().clone();
        assert_eq!(progress.tallies["message"].added, sizes.iter().sum::<usize>());
        sizes
    }

    #[tokio::test]
    async fn messages_are_stored_together() {
        assert_eq!(stored((0..1_200).map(|id| message(id + 1, "x"))).await, [500, 500, 200]);
        let large = "x".repeat(8_000);
        let sizes = stored((0..200).map(|id| message(id + 1, &large))).await;
        assert_eq!(sizes, [129, 71], "about as much as a line may have");
        let member = r#"{"type":"member","chat":1,"user":2,"joined_at":"2025-01-01T00:00:00Z"}"#;
        let lines = [message(1, "x"), member.to_owned(), message(2, "x")];
        assert_eq!(
            stored(lines.into_iter()).await,
            [1, 1],
            "a member's come after those before them"
        );
    }
}
