//! `confab import`: people, chats and messages of another server, from lines of JSON. The format is
//! in `docs/how-to/import.md`.

mod wire;

use crate::composition::assemble_import;
use crate::error::BoxError;
use crate::settings::Settings;
use domain::admin::Actor;
use domain::chat::ChatRole;
use domain::ids::{ChatId, MessageId, NotAnId, ProjectId, UserId};
use domain::import::{
    ChatRecord, HostRecord, Import, ImportError, Imported, MessageRecord, OldMember, UserRecord,
};
use domain::user::UpdateProfile;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use wire::Line;

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
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    let mut number = 0_usize;
    while let Some(mut line) = next(&mut lines)? {
        number += 1;
        // Some editors on Windows put one at the beginning of a file.
        if number == 1 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len_utf8());
        }
        if line.trim().is_empty() {
            continue;
        }
        let (kind, done) = match serde_json::from_str(&line) {
            Ok(line) => (kind_of(&line), take(&import, line).await),
            Err(error) => ("unreadable", Err(ImportError::Rule(error.to_string()))),
        };
        let tally = tallies.entry(kind).or_default();
        match done {
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
    }
    let (mut out, mut all_skipped) = (io::stdout(), 0);
    for (kind, Tally { added, there, skipped }) in tallies {
        writeln!(out, "{kind}: {added} added, {there} there already, {skipped} skipped")?;
        all_skipped += skipped;
    }
    match all_skipped {
        0 => Ok(()),
        1 => Err("1 line was skipped".into()),
        skipped => Err(format!("{skipped} lines were skipped").into()),
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

fn kind_of(line: &Line) -> &'static str {
    match line {
        Line::User { .. } => "user",
        Line::Chat { .. } => "chat",
        Line::Member { .. } => "member",
        Line::Message { .. } => "message",
        Line::Star { .. } => "star",
        Line::Read { .. } => "read",
    }
}

/// A number as an id, if it is in the range of ids.
fn id<T: TryFrom<i64, Error = NotAnId>>(number: i64) -> Result<T, ImportError> {
    T::try_from(number).map_err(|error| ImportError::Rule(error.to_string()))
}

async fn take(import: &Import, line: Line) -> Result<Imported, ImportError> {
    let actor = Actor::OPERATOR;
    match line {
        line @ Line::User { .. } => user(import, line).await,
        line @ Line::Chat { .. } => chat(import, line).await,
        Line::Member { chat, user, role, joined_at } => {
            let role = role.as_deref().unwrap_or("member");
            let role = ChatRole::parse(role)
                .ok_or_else(|| ImportError::Rule("role is member, admin or owner".to_owned()))?;
            let member = OldMember { chat: id(chat)?, user: id(user)?, role, joined_at };
            import.member(actor, member).await
        }
        Line::Message {
            id: number,
            chat,
            author,
            kind,
            text,
            data,
            reply_to,
            created_at,
            edited_at,
        } => {
            let data = data.map(|data| data.to_string());
            let record = MessageRecord {
                chat: id::<ChatId>(chat)?,
                author: id::<UserId>(author)?,
                kind: kind.as_deref(),
                text: &text,
                data: data.as_deref(),
                reply_to: reply_to.map(id::<MessageId>).transpose()?,
                created_at,
                edited_at,
            };
            import.message(actor, id(number)?, record).await
        }
        Line::Star { user, message } => import.star(actor, id(user)?, id(message)?).await,
        Line::Read { user, message } => import.read(actor, id(user)?, id(message)?).await,
    }
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
    let data = data.map(|data| data.to_string());
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
    let data = data.map(|data| data.to_string());
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
