//! Taking over the people, chats and messages of another server, with their ids and their times.
//!
//! Each thing is one call, in an order in which what is named is there already: people, chats,
//! members, messages, stars and read markers. What is there already stays as it is, so all of it may
//! be done again. Nobody is told of anything: it happened long ago.

mod port;

#[cfg(feature = "mocks")]
pub use port::MockImportStore;
pub use port::{ImportStore, OldChat, OldMember, OldMessage, OldUser};

use crate::admin::Actor;
use crate::chat::{
    ChatKey, ChatKind, ChatRole, Description, MemberStore, Moved, Pair, RoomName, Title,
};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, ProjectId, UserId};
use crate::limits::{IMPORT_BCRYPT_COST_MAX, IMPORT_ID_MAX, PBKDF2_ROUNDS_MAX};
use crate::message::{MarkError, MarkStore, MessageStore, MessageText, Star};
use crate::text::TextError;
use crate::user::{AccountRoles, PasswordHash, UpdateProfile, UpdateProfileError, UserName};
use std::sync::Arc;

/// What taking over stands on.
pub struct ImportPorts {
    /// Where it goes.
    pub import: Arc<dyn ImportStore>,
    /// Where messages are looked up.
    pub messages: Arc<dyn MessageStore>,
    /// Stars.
    pub marks: Arc<dyn MarkStore>,
    /// Read markers.
    pub members: Arc<dyn MemberStore>,
}

/// The use cases of taking over. Only whoever runs the server, and admins, have an [`Actor`].
pub struct Import {
    ports: ImportPorts,
    roles: AccountRoles,
    /// What accounts are given whose password is not known: that of nobody.
    nobody: PasswordHash,
}

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It was not there and is now.
    Added,
    /// Something of its id was there already.
    There,
}

/// Why something was passed over.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It breaks a rule.
    #[error("{0}")]
    Rule(String),
    /// Something that it names is not there.
    #[error("{0} is not there")]
    Missing(&'static str),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(&'static str),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

/// Somebody, as another server kept them.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserRecord<'a> {
    /// Their name.
    pub username: &'a str,
    /// A hash of their password, by bcrypt or as Django keeps it; without one they are given a new
    /// password by an admin.
    pub password_hash: Option<&'a str>,
    /// What their account may do; a user unless it says otherwise.
    pub role: Option<&'a str>,
    /// What they say of themselves.
    pub profile: UpdateProfile<'a>,
    /// When they were last connected.
    pub last_seen_at: Option<Timestamp>,
}

/// A chat, as another server kept it.
#[derive(Debug, Clone, Default)]
pub struct ChatRecord<'a> {
    /// `direct`, `group`, `room` or `project`.
    pub kind: &'a str,
    /// Its title; of a room, its name.
    pub title: Option<&'a str>,
    /// What it is about.
    pub description: Option<&'a str>,
    /// Whether it is a group that is open; see [`crate::chat::Chat::open`].
    pub open: bool,
    /// Of a project's chat, the project.
    pub project: Option<ProjectId>,
    /// Who is in it; of a direct chat both, or the one alone.
    pub members: Vec<UserId>,
    /// Which of them owns it.
    pub owner: Option<UserId>,
}

/// A message, as another server kept it.
#[derive(Debug, Clone, Copy)]
pub struct MessageRecord<'a> {
    /// In which chat.
    pub chat: ChatId,
    /// Who wrote it.
    pub author: UserId,
    /// What it says.
    pub text: &'a str,
    /// Which message it answers.
    pub reply_to: Option<MessageId>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
}

/// What is made later is given higher ids, and there is an end to them.
fn leaves_room(id: i64) -> Result<(), ImportError> {
    if id <= IMPORT_ID_MAX {
        return Ok(());
    }
    Err(ImportError::Rule(format!("an id that is taken over is {IMPORT_ID_MAX} at most")))
}

impl Import {
    /// Over the given ports. `nobody` is the hash of a password that nobody knows.
    pub fn new(ports: ImportPorts, roles: AccountRoles, nobody: PasswordHash) -> Self {
        Self { ports, roles, nobody }
    }

    /// Takes an account over.
    pub async fn user(
        &self,
        _: Actor,
        id: UserId,
        record: UserRecord<'_>,
        created_at: Timestamp,
    ) -> Result<Imported, ImportError> {
        leaves_room(id.get())?;
        let name = UserName::new(record.username);
        let name = name.map_err(|why| ImportError::Rule(format!("the user name {why}")))?;
        let role = self.roles.find(record.role.unwrap_or("user"));
        let role = role.ok_or_else(|| ImportError::Rule("there is no such role".to_owned()))?;
        let password = match record.password_hash {
            None => self.nobody.clone(),
            Some(hash) => known_hash(hash)?,
        };
        let profile = record.profile.check().map_err(|error| match error {
            UpdateProfileError::Fields(fields) => {
                let details: Vec<_> = fields.into_iter().map(|field| field.detail).collect();
                ImportError::Rule(details.join(" "))
            }
            error => ImportError::Rule(error.to_string()),
        })?;
        let last_seen_at = record.last_seen_at;
        let old = OldUser { id, name, password, role, profile, created_at, last_seen_at };
        let added = self.ports.import.add_user(old).await;
        imported(added, "an account", "another account has this name, or one that looks like it")
    }

    /// Takes a chat over, with who is in it.
    pub async fn chat(
        &self,
        _: Actor,
        id: ChatId,
        record: ChatRecord<'_>,
        created_at: Timestamp,
    ) -> Result<Imported, ImportError> {
        leaves_room(id.get())?;
        let (kind, key) = kind_and_key(&record)?;
        let rule = |what: &str, why: TextError| ImportError::Rule(format!("the {what} {why}"));
        let title = match (kind, record.title) {
            (ChatKind::Direct, _) => None,
            (ChatKind::Room, Some(name)) => {
                Some(RoomName::new(name).map_err(|why| ImportError::Rule(why.to_string()))?.title())
            }
            (_, Some(title)) => Some(Title::new(title).map_err(|why| rule("title", why))?),
            (_, None) => return Err(ImportError::Rule("a title is missing".to_owned())),
        };
        let description = Description::new(record.description.unwrap_or_default());
        let description = description.map_err(|why| rule("description", why))?;
        let mut members = record.members;
        members.sort_unstable();
        members.dedup();
        let owner = record.owner.filter(|_| kind != ChatKind::Direct);
        members.retain(|member| Some(*member) != owner);
        let role = |user| if Some(user) == owner { ChatRole::Owner } else { ChatRole::Member };
        let people = members.into_iter().chain(owner).map(|user| (user, role(user))).collect();
        let open = record.open && kind == ChatKind::Group;
        let old = OldChat { id, kind, key, title, description, open, people, created_at };
        let added = self.ports.import.add_chat(old).await;
        imported(added, "one of its people", "it is there under another id")
    }

    /// Takes over that somebody is in a chat, if they are not in it yet.
    pub async fn member(&self, _: Actor, member: OldMember) -> Result<Imported, ImportError> {
        let added = self.ports.import.add_member(member).await;
        imported(
            added,
            "the chat or the account",
            "a direct chat has two people, and a chat one owner",
        )
    }

    /// Takes a message over, as the next one of its chat. Those of one chat come in the order of their
    /// ids.
    pub async fn message(
        &self,
        _: Actor,
        id: MessageId,
        record: MessageRecord<'_>,
    ) -> Result<Imported, ImportError> {
        let MessageRecord { chat, author, reply_to, created_at, edited_at, .. } = record;
        leaves_room(id.get())?;
        let text = MessageText::new(record.text);
        let text = text.map_err(|why| ImportError::Rule(format!("the text {why}")))?;
        let old = OldMessage { id, chat, author, text, reply_to, created_at, edited_at };
        let added = self.ports.import.add_message(old).await;
        let order = "its chat has a later message already, or the message is another chat's";
        imported(added, "the chat, or its author in it,", order)
    }

    /// Takes over that somebody starred a message.
    pub async fn star(
        &self,
        _: Actor,
        user: UserId,
        message: MessageId,
    ) -> Result<Imported, ImportError> {
        const WHO: &str = "the message, or the person in its chat,";
        let chat = self.message_chat(message, WHO).await?.0;
        self.ports.members.standing(chat, user).await.map_err(|e| missing(e, WHO))?;
        match self.ports.marks.star(Star { message, user, on: true }).await {
            Ok(true) => Ok(Imported::Added),
            Ok(false) => Ok(Imported::There),
            Err(MarkError::Refused(why)) => Err(ImportError::Rule(why.to_string())),
            Err(MarkError::Store(error)) => Err(missing(error, WHO)),
        }
    }

    /// Takes over that somebody has read up to a message.
    pub async fn read(
        &self,
        _: Actor,
        user: UserId,
        message: MessageId,
    ) -> Result<Imported, ImportError> {
        const WHO: &str = "the message, or the person in its chat,";
        let (chat, seq) = self.message_chat(message, WHO).await?;
        let marker = self.ports.members.mark_read(chat, user, seq).await;
        let marker = marker.map_err(|error| missing(error, WHO))?;
        Ok(if marker.moved == Moved::Not { Imported::There } else { Imported::Added })
    }

    async fn message_chat(
        &self,
        message: MessageId,
        who: &'static str,
    ) -> Result<(ChatId, crate::ids::Seq), ImportError> {
        let message = self.ports.messages.get(message).await.map_err(|e| missing(e, who))?;
        Ok((message.chat, message.seq))
    }
}

fn kind_and_key(record: &ChatRecord<'_>) -> Result<(ChatKind, Option<ChatKey>), ImportError> {
    let rule = |why: &str| ImportError::Rule(why.to_owned());
    match (record.kind, record.project) {
        ("direct", None) => match record.members.as_slice() {
            [one] => Ok((ChatKind::Direct, Some(ChatKey::Direct(Pair::new(*one, *one))))),
            [a, b] => Ok((ChatKind::Direct, Some(ChatKey::Direct(Pair::new(*a, *b))))),
            _ => Err(rule("a direct chat has one or two members")),
        },
        ("group", None) => match record.owner {
            Some(_) => Ok((ChatKind::Group, None)),
            None => Err(rule("a group has an owner")),
        },
        ("room", None) => {
            let name = RoomName::new(record.title.unwrap_or_default());
            let name = name.map_err(|why| ImportError::Rule(why.to_string()))?;
            Ok((ChatKind::Room, Some(ChatKey::from(&name))))
        }
        ("project", Some(project)) => {
            Ok((ChatKind::Project(project), Some(ChatKey::Project(project))))
        }
        ("project", None) => Err(rule("a project's chat has a project")),
        _ => Err(rule("kind is direct, group, room or project, and only the last has a project")),
    }
}

/// A hash that can be taken over. One that takes too long to compare would hold up everybody's log-ins.
fn known_hash(hash: &str) -> Result<PasswordHash, ImportError> {
    let (work, most, unit) = match (bcrypt_cost(hash), pbkdf2_rounds(hash)) {
        (Some(cost), _) => (cost, IMPORT_BCRYPT_COST_MAX, "cost"),
        (_, Some(rounds)) => (rounds, PBKDF2_ROUNDS_MAX, "rounds"),
        (None, None) => {
            let why = "password_hash is neither bcrypt nor pbkdf2_sha256";
            return Err(ImportError::Rule(why.to_owned()));
        }
    };
    if work > most {
        let why = format!("password_hash takes too long to compare: {unit} {work}, at most {most}");
        return Err(ImportError::Rule(why));
    }
    Ok(PasswordHash::stored(hash.to_owned()))
}

/// The cost of a hash by bcrypt: `$2b$cost$` and 53 more characters.
fn bcrypt_cost(hash: &str) -> Option<u32> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| hash.strip_prefix(prefix))?;
    let (cost, sum) = rest.split_once('$')?;
    let is_whole = hash.is_ascii() && cost.len() == 2 && sum.len() == 53;
    of_digits(cost).filter(|_| is_whole)
}

/// A number that is nothing but digits: parsing alone would take a sign as well.
fn of_digits(number: &str) -> Option<u32> {
    let is_plain = number.bytes().all(|digit| digit.is_ascii_digit());
    number.parse().ok().filter(|_| is_plain)
}

/// The rounds of `pbkdf2_sha256$rounds$salt$hash`, as Django keeps passwords.
fn pbkdf2_rounds(hash: &str) -> Option<u32> {
    let parts: Vec<_> = hash.strip_prefix("pbkdf2_sha256$")?.split('$').collect();
    let [rounds, salt, sum] = parts.as_slice() else { return None };
    let of_base64 = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/');
    // 32 bytes in base64.
    let sum =
        sum.len() == 44 && sum.strip_suffix('=').is_some_and(|sum| sum.bytes().all(of_base64));
    let salt = (1..=128).contains(&salt.len()) && salt.bytes().all(|c| c.is_ascii_graphic());
    of_digits(rounds).filter(|rounds| *rounds > 0 && sum && salt)
}

fn imported(
    added: Result<bool, StoreError>,
    missing: &'static str,
    conflict: &'static str,
) -> Result<Imported, ImportError> {
    match added {
        Ok(true) => Ok(Imported::Added),
        Ok(false) => Ok(Imported::There),
        Err(StoreError::NotFound) => Err(ImportError::Missing(missing)),
        Err(StoreError::Conflict) => Err(ImportError::Conflict(conflict)),
        Err(error) => Err(ImportError::Store(error)),
    }
}

fn missing(error: StoreError, what: &'static str) -> ImportError {
    match error {
        StoreError::NotFound => ImportError::Missing(what),
        error => ImportError::Store(error),
    }
}
