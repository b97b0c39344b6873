//! The ports of accounts: their store, and hashing passwords.

use super::{
    Account, AccountRole, Email, Password, PasswordHash, Profile, ProfileChange, User, UserName,
    UserPage, UserQuery,
};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{SessionId, UserId};
use crate::session::Origin;
use async_trait::async_trait;
use std::net::IpAddr;

/// What the owner of a new account will sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignsInBy {
    /// The name, which must be free. The e-mail address works, too, if no other account had it first.
    Name,
    /// The e-mail address, which must be free. If the name is taken, a number is added to it.
    Email,
}

/// An account to create.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its name.
    pub name: UserName,
    /// Its role.
    pub role: AccountRole,
    /// The hash of its password.
    pub password: PasswordHash,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// Its owner's profile.
    pub profile: Profile,
    /// Its e-mail address, which may be empty.
    pub email: Email,
    /// What its owner will sign in with.
    pub signs_in_by: SignsInBy,
    /// Where its owner registers from; `None` if somebody else creates the account.
    pub origin: Option<Origin>,
    /// The hash of the invitation's code, if the owner was invited.
    pub invite: Option<[u8; 32]>,
}

impl NewUser {
    /// An account of the role `user` with a name and a password, and an empty profile.
    pub fn named(name: UserName, password: PasswordHash, created_at: Timestamp) -> Self {
        Self {
            name,
            role: AccountRole::User,
            password,
            created_at,
            profile: Profile::default(),
            email: Email::default(),
            signs_in_by: SignsInBy::Name,
            origin: None,
            invite: None,
        }
    }
}

/// An account with its password's hash.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// The hash of its password.
    pub password: PasswordHash,
}

/// A new password for an account.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The hash that it replaces; if the stored one differs by then, the change is refused.
    pub was: PasswordHash,
    /// The new password's hash.
    pub new: PasswordHash,
}

/// Stores accounts. Each call is one atomic change, which is durable once the call returns.
/// Every method may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Adds an account. `Conflict` if another account has that folded name; or, where lookalikes are refused, one
    /// that it [looks like](UserName::looks_like); or if the new account is to sign in by an e-mail address that
    /// another one signs in by (see [`Self::credentials_by_email`]). Of two conflicting calls at once, one
    /// succeeds. If the owner registers it, the audit log records that.
    async fn add(&self, user: NewUser) -> Result<User, StoreError>;

    /// The account, even if it is disabled or deleted. `NotFound` if there never was one.
    async fn get(&self, id: UserId) -> Result<User, StoreError>;

    /// Those of the accounts that exist, ordered by id, each once.
    async fn get_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError>;

    /// The account with that folded name, with its password's hash. `NotFound` if there is none.
    async fn credentials(&self, folded_name: &str) -> Result<Credentials, StoreError>;

    /// The account that signs in by that [folded](Email::folded) e-mail address: of the accounts that have it,
    /// the one that had it first. `NotFound` if there is none.
    async fn credentials_by_email(&self, folded: &str) -> Result<Credentials, StoreError>;

    /// Active accounts whose [`super::Profile::searched`] contains the query's text (`%` and `_` have no
    /// special meaning), ordered by id, after the query's cursor. Looks through at most
    /// [`crate::limits::PEOPLE_SEARCHED`] accounts, and then returns what it has, with a cursor. If the query
    /// is limited to people who share a chat with somebody, other accounts do not count, so the cursor
    /// reveals nothing about them.
    async fn find(&self, query: UserQuery) -> Result<UserPage, StoreError>;

    /// Sets the password's hash at its owner's request, ends the account's sessions except `keep`, and writes
    /// to the audit log, in one change. `NotFound` if there is no such account; `Conflict` if its hash is no
    /// longer `change.was`.
    async fn set_password(
        &self,
        id: UserId,
        change: PasswordChange,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Replaces a hash with another one of the same password; sessions stay. `NotFound` and `Conflict` as
    /// with [`Self::set_password`].
    async fn renew_hash(&self, id: UserId, change: PasswordChange) -> Result<(), StoreError>;

    /// The account with what only its owner and admins see. `NotFound` if there is none, or it was
    /// deleted.
    async fn account(&self, id: UserId) -> Result<Account, StoreError>;

    /// Changes parts of a profile, and the text that a search finds it by. Concurrent changes of different
    /// parts are both kept. `NotFound` as with [`Self::account`]; `Conflict` if the name is taken, or, if it
    /// is new, looks like another account's, as with [`Self::add`].
    async fn set_profile(&self, id: UserId, change: ProfileChange) -> Result<Account, StoreError>;

    /// Records when these people were last connected. The time only moves forward; unknown ids are
    /// skipped.
    async fn set_last_seen(&self, ids: &[UserId], at: Timestamp) -> Result<(), StoreError>;
}

/// Why a password was not hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The queue is full; trying again later may succeed.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// The hasher itself failed, or a stored hash is damaged.
    #[error("the password could not be hashed")]
    Failed,
}

/// Who a password to be hashed comes from. The queue serves origins in turn, so none can delay the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashOrigin {
    /// Somebody at this address who is not signed in. For IPv6 it is the network's address.
    Address(IpAddr),
    /// Somebody who is signed in.
    Account(UserId),
    /// Whoever runs the server.
    Operator,
}

/// The result of comparing a password with a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whether the password matches.
    pub right: bool,
    /// If it matches and the hash was made with outdated parameters: a new hash of the password.
    pub renewed: Option<PasswordHash>,
}

/// Hashes passwords, which is slow on purpose. It has its own bounded queue, so that sign-ins never slow down
/// anything else. A call whose future is dropped while it is queued is skipped.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password, with a random salt.
    async fn hash(&self, password: Password, from: HashOrigin) -> Result<PasswordHash, HashError>;

    /// Whether the password matches the hash. Without a hash it takes equally long and says no, so that timing
    /// does not reveal which names exist. A password of more than 72 bytes never matches.
    async fn verify(
        &self,
        typed: String,
        hash: Option<PasswordHash>,
        from: HashOrigin,
    ) -> Result<Verified, HashError>;
}
