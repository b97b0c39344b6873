//! Importing people, chats and messages from another server, with their ids and times.
//!
//! Each record is one call, but for messages, of which there are many. References must exist before they are
//! used, so the order is: people, chats, members, messages, stars and read markers. Records that already exist
//! stay as they are, so an import can be repeated. No events are published, since everything happened long ago.

mod error;
mod host_record;
mod old_message;
mod place;
mod port;
mod rules;

pub use error::ImportError;
pub use host_record::{HostRecord, OfHost};
pub use old_message::{MessageRecord, OldMessage};
pub use place::{Imported, MessagePlace, Misplaced};
#[cfg(feature = "mocks")]
pub use port::MockImportStore;
pub use port::{ImportStore, OldChat, OldMember, OldUser};

use crate::admin::Actor;
use crate::chat::{
    ChatKey, ChatKind, ChatRole, Description, MemberStore, Moved, Pair, RoomName, Title,
};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, ProjectId, UserId};
use crate::message::{MarkError, MarkStore, MessageStore, Star};
use crate::text::TextError;
use crate::user::{AccountRoles, PasswordHash, UpdateProfile, UpdateProfileError, UserName};
use rules::{known_hash, leaves_room};
use std::sync::Arc;

/// The ports that importing needs.
pub struct ImportPorts {
    /// Stores people, chats, members and messages.
    pub import: Arc<dyn ImportStore>,
    /// Where messages are looked up.
    pub messages: Arc<dyn MessageStore>,
    /// Stars.
    pub marks: Arc<dyn MarkStore>,
    /// Read markers.
    pub members: Arc<dyn MemberStore>,
}

/// The use cases of importing. Their [`Actor`] proves that the caller is the operator or an admin.
pub struct Import {
    ports: ImportPorts,
    roles: AccountRoles,
    /// The password hash of imported accounts without one: of a password that nobody knows.
    nobody: PasswordHash,
}

/// A person in another server's data.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserRecord<'a> {
    /// Their name.
    pub username: &'a str,
    /// Their password's hash, by bcrypt or Django's PBKDF2. Without one they cannot sign in until an admin
    /// sets a password.
    pub password_hash: Option<&'a str>,
    /// The account's role; `user` if there is none.
    pub role: Option<&'a str>,
    /// Their profile.
    pub profile: UpdateProfile<'a>,
    /// When they were last connected.
    pub last_seen_at: Option<Timestamp>,
    /// Who they are to a host.
    pub host: HostRecord<'a>,
}

/// A chat in another server's data.
#[derive(Debug, Clone, Default)]
pub struct ChatRecord<'a> {
    /// `direct`, `group`, `room` or `project`.
    pub kind: &'a str,
    /// Its title; for a room, its name.
    pub title: Option<&'a str>,
    /// Its description.
    pub description: Option<&'a str>,
    /// Whether it is an open group; see [`crate::chat::Chat::open`].
    pub open: bool,
    /// The project of a project's chat.
    pub project: Option<ProjectId>,
    /// Its members; of a direct chat both people, or one person's chat with themselves.
    pub members: Vec<UserId>,
    /// Its owner.
    pub owner: Option<UserId>,
    /// What it is to a host. Only a group has an external id.
    pub host: HostRecord<'a>,
}

impl Import {
    /// Imports through the given ports. `nobody` is the hash of a password that nobody knows.
    pub fn new(ports: ImportPorts, roles: AccountRoles, nobody: PasswordHash) -> Self {
        Self { ports, roles, nobody }
    }

    /// Imports an account.
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
        let host = record.host.checked()?;
        let old = OldUser { id, name, password, role, profile, created_at, last_seen_at, host };
        let added = self.ports.import.add_user(old).await;
        let taken = "another account has this name, one that looks like it, or this external id";
        imported(added, "an account", taken)
    }

    /// Imports a chat with its members.
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
        let host = record.host.checked()?;
        if host.external.is_some() && kind != ChatKind::Group {
            return Err(ImportError::Rule("only a group has an external_id".to_owned()));
        }
        let old = OldChat { id, kind, key, title, description, open, people, created_at, host };
        let added = self.ports.import.add_chat(old).await;
        imported(added, "one of its people", "it is there under another id, or its external id is")
    }

    /// Imports a membership, unless the person is in the chat or was before.
    pub async fn member(&self, _: Actor, member: OldMember) -> Result<Imported, ImportError> {
        let added = self.ports.import.add_member(member).await;
        imported(
            added,
            "the chat or the account",
            "a direct chat has two people, and a chat one owner",
        )
    }

    /// Imports messages, each as the next one of its chat. The messages of a chat must come in the order of
    /// their ids. Says of each what became of it, in their order; of one that could not be read, why not.
    ///
    /// # Errors
    /// The database failed, and none was imported.
    pub async fn messages(
        &self,
        _: Actor,
        records: Vec<Result<(MessageId, MessageRecord<'_>), ImportError>>,
    ) -> Result<Vec<Result<Imported, ImportError>>, StoreError> {
        let mut sound = Vec::new();
        let check = |read: Result<(MessageId, MessageRecord<'_>), ImportError>| {
            let (id, record) = read?;
            sound.push(record.checked(id)?);
            Ok(())
        };
        let checked: Vec<Result<(), ImportError>> = records.into_iter().map(check).collect();
        let mut stored = self.ports.import.add_messages(sound).await?.into_iter();
        let became = checked.into_iter().map(|checked| {
            checked?;
            let stored = stored.next().expect("an answer for each message");
            stored.map_err(ImportError::from)
        });
        Ok(became.collect())
    }

    /// Imports somebody's star on a message.
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

    /// Imports a read marker: somebody has read the chat up to this message.
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
