//! Rows of tables, and their conversion to types of the domain. diesel's derives are generic over the
//! database, so these are written once for both.
//!
//! Text is not validated again: `…::stored` trusts what was checked when it was written. What cannot be
//! represented, such as an unknown kind, is a [`Failure::damaged`] row.

mod draft_facts;
mod marker;
mod member;
mod message;
mod new_user;

pub(crate) use draft_facts::{Author, DraftFacts, OpenChat, Placed, Presumed};
pub(crate) use marker::{FoundMarkers, MovedMarker};
pub(crate) use member::{MemberRow, horizon, silenced};
pub(crate) use message::{MessageChange, MessageRow, NewMessageRow, extras};
pub(crate) use new_user::NewUserRow;

use crate::error::Failure;
use crate::schema::{attachments, chat_heads, chats, sessions, users};
use crate::types::{Instant, Permitted};
use diesel::prelude::{AsChangeset, Identifiable, Insertable, Queryable, Selectable};
use domain::chat::{Chat, ChatFacts, ChatKind, ChatRole, Description, Title};
use domain::data::Data;
use domain::host::ExternalId;
use domain::ids::{AttachmentId, ChatId, ProjectId, Seq, SessionId, UserId, Version};
use domain::media::{Attachment, FileName, Picture};
use domain::session::{Client, Device, Protocol, Renewal, Seed, Session};
use domain::user::{
    Account, AccountRole, Bio, Email, PersonName, Profile, User, UserName, UserSummary,
};
use std::time::Duration;

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserRow {
    id: i64,
    name: String,
    name_folded: Option<String>,
    role: String,
    active: bool,
    created_at: Instant,
    last_seen_at: Option<Instant>,
    first_name: String,
    last_name: String,
    bio: String,
    deleted_at: Option<Instant>,
    external_id: Option<String>,
}

impl TryFrom<UserRow> for User {
    type Error = Failure;

    fn try_from(row: UserRow) -> Result<Self, Failure> {
        Ok(Self {
            id: UserId::stored(row.id),
            name: UserName::stored(row.name, row.name_folded.unwrap_or_default()),
            role: account_role(&row.role)?,
            profile: Profile {
                first_name: PersonName::stored(row.first_name),
                last_name: PersonName::stored(row.last_name),
                bio: Bio::stored(row.bio),
            },
            active: row.active,
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.map(|at| at.0),
            deleted_at: row.deleted_at.map(|at| at.0),
            external_id: row.external_id.map(ExternalId::stored),
        })
    }
}

/// An account with its e-mail address.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct AccountRow {
    #[diesel(embed)]
    user: UserRow,
    email: String,
}

impl TryFrom<AccountRow> for Account {
    type Error = Failure;

    fn try_from(row: AccountRow) -> Result<Self, Failure> {
        Ok(Self { user: row.user.try_into()?, email: Email::stored(row.email) })
    }
}

/// What every list shows of somebody.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct PersonRow {
    pub(crate) id: i64,
    name: String,
    role: String,
    external_id: Option<String>,
}

impl TryFrom<PersonRow> for UserSummary {
    type Error = Failure;

    fn try_from(row: PersonRow) -> Result<Self, Failure> {
        let role = account_role(&row.role)?;
        let external_id = row.external_id.map(ExternalId::stored);
        Ok(Self { id: UserId::stored(row.id), name: row.name, role, external_id })
    }
}

pub(crate) fn account_role(word: &str) -> Result<AccountRole, Failure> {
    AccountRole::parse(word).ok_or(Failure::damaged("users.role"))
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(crate) struct SessionRow {
    id: i64,
    user_id: i64,
    seed: Vec<u8>,
    generation: i64,
    device: String,
    created_at: Instant,
    refreshed_at: Instant,
    expires_at: Instant,
    protocol: String,
    renews_repeatedly: bool,
    proved_at: Option<Instant>,
}

impl TryFrom<SessionRow> for Session {
    type Error = Failure;

    fn try_from(row: SessionRow) -> Result<Self, Failure> {
        let seed = row.seed.try_into().map_err(|_| Failure::damaged("sessions.seed"))?;
        Ok(Self {
            id: SessionId::stored(row.id),
            user: UserId::stored(row.user_id),
            seed: Seed(seed),
            generation: row.generation,
            client: Client {
                device: Device::new(&row.device),
                protocol: Protocol::new(&row.protocol),
                renewal: if row.renews_repeatedly { Renewal::Repeatedly } else { Renewal::Once },
            },
            created_at: row.created_at.0,
            refreshed_at: row.refreshed_at.0,
            expires_at: row.expires_at.0,
            proved_at: row.proved_at.map(|at| at.0),
        })
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = chats)]
pub(crate) struct ChatRow {
    pub(crate) id: i64,
    kind: String,
    title: Option<String>,
    description: String,
    project_id: Option<i64>,
    parent_id: Option<i64>,
    created_at: Instant,
    version: i64,
    external_id: Option<String>,
    data: Option<String>,
}

impl ChatRow {
    /// The chat, together with the settings that are stored in its head.
    pub(crate) fn headed(self, head: &Head) -> Result<Chat, Failure> {
        Ok(Chat {
            id: ChatId::stored(self.id),
            kind: chat_kind(&self.kind, self.project_id, self.parent_id)?,
            title: self.title.map(Title::stored),
            description: Description::stored(self.description),
            slow_mode: head.slow_mode(),
            open: head.open,
            permissions: head.permissions.0,
            created_at: self.created_at.0,
            external_id: self.external_id.map(ExternalId::stored),
            data: self.data.map(Data::stored),
            version: Version::stored(self.version),
        })
    }
}

/// The columns that the kind of a chat is read from.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = chats)]
pub(crate) struct KindRow {
    kind: String,
    project_id: Option<i64>,
    parent_id: Option<i64>,
}

impl KindRow {
    pub(crate) fn kind(&self) -> Result<ChatKind, Failure> {
        chat_kind(&self.kind, self.project_id, self.parent_id)
    }
}

fn chat_kind(word: &str, project: Option<i64>, parent: Option<i64>) -> Result<ChatKind, Failure> {
    match (word, project, parent) {
        ("direct", None, None) => Ok(ChatKind::Direct),
        ("group", None, None) => Ok(ChatKind::Group),
        ("project", Some(project), None) => Ok(ChatKind::Project(ProjectId::stored(project))),
        ("room", None, None) => Ok(ChatKind::Room),
        ("whisper", None, Some(parent)) => Ok(ChatKind::Whisper(ChatId::stored(parent))),
        _ => Err(Failure::damaged("chats.kind")),
    }
}

pub(crate) fn chat_role(word: &str) -> Result<ChatRole, Failure> {
    ChatRole::parse(word).ok_or(Failure::damaged("members.role"))
}

/// The head of a chat: the row that every change of the chat locks first, and that hands out seqs and
/// versions. It also has what decisions need at every message, so that one read suffices.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, AsChangeset)]
#[diesel(table_name = chat_heads, primary_key(chat_id), treat_none_as_default_value = false)]
pub(crate) struct Head {
    pub(crate) chat_id: i64,
    pub(crate) last_seq: i64,
    pub(crate) version: i64,
    pub(crate) active_at: Instant,
    pub(crate) member_count: i64,
    /// In seconds.
    pub(crate) slow_mode: i64,
    /// Whether a direct chat is closed (ADR 16).
    pub(crate) closed: bool,
    pub(crate) open: bool,
    pub(crate) permissions: Permitted,
    /// Of whispers: whether nobody whispers in the chat around them.
    pub(crate) hushed: bool,
}

impl Head {
    pub(crate) fn slow_mode(&self) -> Duration {
        Duration::from_secs(self.slow_mode.unsigned_abs())
    }
    pub(crate) fn version(&self) -> Version {
        Version::stored(self.version)
    }
    /// What the chat is, which is of that kind.
    pub(crate) fn facts(&self, kind: ChatKind) -> ChatFacts {
        ChatFacts {
            chat: ChatId::stored(self.chat_id),
            kind,
            closed: self.closed,
            hushed: self.hushed,
            open: self.open,
            permissions: self.permissions.0,
            member_count: self.member_count,
            last_seq: Seq::stored(self.last_seq),
            version: self.version(),
        }
    }
    pub(crate) fn members(&self) -> usize {
        usize::try_from(self.member_count).unwrap_or(usize::MAX)
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = attachments)]
pub(crate) struct AttachmentRow {
    id: i64,
    name: String,
    mime: String,
    size: i64,
    width: Option<i64>,
    height: Option<i64>,
    preview: Option<String>,
}

impl TryFrom<AttachmentRow> for Attachment {
    type Error = Failure;

    fn try_from(row: AttachmentRow) -> Result<Self, Failure> {
        let pixels = |side: i64| u32::try_from(side).map_err(|_| Failure::damaged("attachments"));
        let picture = match (row.width, row.height, row.preview) {
            (Some(width), Some(height), Some(preview)) => {
                Some(Picture { width: pixels(width)?, height: pixels(height)?, preview })
            }
            _ => None,
        };
        Ok(Self {
            id: AttachmentId::stored(row.id),
            name: FileName::stored(row.name),
            mime: row.mime,
            size: u64::try_from(row.size).map_err(|_| Failure::damaged("attachments.size"))?,
            picture,
        })
    }
}

/// Converts all rows.
pub(crate) fn all<R, T>(rows: Vec<R>) -> Result<Vec<T>, Failure>
where
    T: TryFrom<R, Error = Failure>,
{
    rows.into_iter().map(T::try_from).collect()
}

/// Removes the row that was read past the limit, and returns whether there was one: then there are more.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: usize) -> bool {
    let more = rows.len() > limit;
    rows.truncate(limit);
    more
}

/// The `LIMIT` of a query whose rows [`cut`] is called with.
pub(crate) fn one_more(limit: usize) -> i64 {
    number(limit).saturating_add(1)
}

/// A count as the databases have it.
pub(crate) fn number(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

/// Numbers as a list in a statement. Numbers need no escaping.
pub(crate) fn listed(numbers: &[i64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(i64::to_string).collect();
    numbers.join(", ")
}
