//! What administration needs from the outside.

use super::{AdminChatPage, AuditPage, AuditQuery, ListedKind, Record};
use crate::chat::{DeletedChat, Member};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, UserId};
use crate::message::Message;
use crate::user::{Account, AccountRole, NewUser, PasswordHash, ProfileChange, User};
use async_trait::async_trait;

/// What becomes of an account; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Its role.
    pub role: Option<AccountRole>,
    /// Whether it may sign in. `false` ends its sessions.
    pub active: Option<bool>,
    /// What it says about its owner.
    pub profile: ProfileChange,
    /// What its password is known by. A new one ends its sessions.
    pub password: Option<PasswordHash>,
    /// Ends its sessions in any case.
    pub end_sessions: bool,
}

impl AccountChange {
    /// Whether the account's sessions end with this.
    pub fn ends_sessions(&self) -> bool {
        self.end_sessions || self.active == Some(false) || self.password.is_some()
    }
}

/// An account that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The account as it is now.
    pub account: Account,
    /// It in each of its chats, where others see its role: a version further, if that changed.
    pub members: Vec<Member>,
}

/// A search among all accounts. `None` finds any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountQuery {
    /// What the folded names must contain; empty finds everybody.
    pub folded: String,
    /// Only those of this role.
    pub role: Option<AccountRole>,
    /// Only those that may, or may not, sign in.
    pub active: Option<bool>,
    /// Only those after this one.
    pub after: Option<UserId>,
    /// At most this many.
    pub limit: usize,
}

/// Accounts, and where to look for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPage {
    /// In the order of their ids.
    pub accounts: Vec<Account>,
    /// After which the same query goes on, if there may be more; see [`crate::user::UserPage::next`].
    pub next: Option<UserId>,
}

/// Changes what belongs to others, and keeps the audit log. Each call is one atomic change, the
/// lines of the log that it is given included: nothing is changed without them, and none is
/// written unless something is changed. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AdminStore: Send + Sync {
    /// Adds an account. `Conflict` as with [`crate::user::UserStore::add`].
    async fn add_user(&self, user: NewUser, record: Record) -> Result<User, StoreError>;

    /// Changes an account. A role that is another than before moves each chat that the person is
    /// in forward by one version, which their membership there then carries; a role that is the
    /// same changes nothing there. `NotFound` if there is no such account, or it was deleted.
    async fn update_user(
        &self,
        id: UserId,
        change: AccountChange,
        records: Vec<Record>,
        at: Timestamp,
    ) -> Result<Updated, StoreError>;

    /// Accounts, disabled ones too, in the order of their ids. Deleted ones are not found. Looks no
    /// further than [`crate::user::UserStore::find`].
    async fn find_users(&self, query: AccountQuery) -> Result<AccountPage, StoreError>;

    /// Chats but for whispers, of that kind or of any, in the order of their ids, after the cursor.
    async fn chats(
        &self,
        kind: Option<ListedKind>,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<AdminChatPage, StoreError>;

    /// Deletes a chat with its messages and members, and returns what it was; its kind and its
    /// title become the detail of the record. `NotFound` if there is none, or it is whispers.
    async fn delete_chat(&self, chat: ChatId, record: Record) -> Result<DeletedChat, StoreError>;

    /// As [`crate::message::MessageStore::delete`]; `NotFound` if the message was whispered.
    async fn delete_message(&self, id: MessageId, record: Record) -> Result<Message, StoreError>;

    /// Lines of the log, the newest first.
    async fn audit(&self, query: AuditQuery) -> Result<AuditPage, StoreError>;
}
