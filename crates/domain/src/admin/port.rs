//! The port of administration.

use super::{AdminChatPage, AuditPage, AuditQuery, ListedKind, Record};
use crate::chat::{DeletedChat, Member};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, UserId};
use crate::message::Message;
use crate::user::{Account, AccountRole, NewUser, PasswordHash, ProfileChange, User};
use async_trait::async_trait;

/// A change of an account; `None` leaves a part as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Its role.
    pub role: Option<AccountRole>,
    /// Whether it may sign in. `false` ends its sessions.
    pub active: Option<bool>,
    /// Its owner's profile.
    pub profile: ProfileChange,
    /// Its password's new hash, which ends its sessions.
    pub password: Option<PasswordHash>,
    /// Whether to end its sessions in any case.
    pub end_sessions: bool,
}

impl AccountChange {
    /// Whether this ends the account's sessions.
    pub fn ends_sessions(&self) -> bool {
        self.end_sessions || self.active == Some(false) || self.password.is_some()
    }
}

/// An account that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The account as it is now.
    pub account: Account,
    /// If its role changed: its memberships in all of its chats, which show the role, each with a new version.
    pub members: Vec<Member>,
}

/// A search among all accounts. A `None` does not restrict it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountQuery {
    /// What the folded name must contain; an empty text finds everybody.
    pub folded: String,
    /// Only those with this role.
    pub role: Option<AccountRole>,
    /// Only those that may, or may not, sign in.
    pub active: Option<bool>,
    /// Only those after this one.
    pub after: Option<UserId>,
    /// At most this many.
    pub limit: usize,
}

/// A page of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPage {
    /// In the order of their ids.
    pub accounts: Vec<Account>,
    /// Where the same query continues, if there may be more; see [`crate::user::UserPage::next`].
    pub next: Option<UserId>,
}

/// Changes other people's data, and keeps the audit log. Each call is one atomic change together with its
/// entries in the audit log: there is never one without the other. Every method may return
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AdminStore: Send + Sync {
    /// Adds an account. `Conflict` as with [`crate::user::UserStore::add`].
    async fn add_user(&self, user: NewUser, record: Record) -> Result<User, StoreError>;

    /// Changes an account. If its role changes, each of its chats gets a new version, which the membership there
    /// carries. `NotFound` if there is no such account, or it was deleted.
    async fn update_user(
        &self,
        id: UserId,
        change: AccountChange,
        records: Vec<Record>,
        at: Timestamp,
    ) -> Result<Updated, StoreError>;

    /// Accounts, including disabled ones but not deleted ones, ordered by id. It has the same limit as
    /// [`crate::user::UserStore::find`] on how many are looked through.
    async fn find_users(&self, query: AccountQuery) -> Result<AccountPage, StoreError>;

    /// Chats except whispers, of that kind or of any, ordered by id, after the cursor.
    async fn chats(
        &self,
        kind: Option<ListedKind>,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<AdminChatPage, StoreError>;

    /// Deletes a chat with its messages and members, and returns what it was; the record's detail becomes its
    /// kind and title. `NotFound` if there is none, or it is a whisper chat.
    async fn delete_chat(&self, chat: ChatId, record: Record) -> Result<DeletedChat, StoreError>;

    /// As [`crate::message::MessageStore::delete`]; `NotFound` if the message was whispered.
    async fn delete_message(&self, id: MessageId, record: Record) -> Result<Message, StoreError>;

    /// Entries of the audit log, the newest first.
    async fn audit(&self, query: AuditQuery) -> Result<AuditPage, StoreError>;
}
