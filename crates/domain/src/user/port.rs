//! What accounts need from the outside.

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

/// What the owner of a new account will sign in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignsInBy {
    /// The name, which must be free. An e-mail address signs in too, if nobody else's account had it first.
    Name,
    /// The e-mail address, which must be free; the name gets a number where it is taken.
    Email,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its name, not taken yet.
    pub name: UserName,
    /// What it may do.
    pub role: AccountRole,
    /// What to know its password by.
    pub password: PasswordHash,
    /// Now.
    pub created_at: Timestamp,
    /// What is said about its owner.
    pub profile: Profile,
    /// Its e-mail address, perhaps none.
    pub email: Email,
    /// What its owner will sign in by.
    pub signs_in_by: SignsInBy,
    /// Where its owner makes it from; `None` if somebody else makes it.
    pub origin: Option<Origin>,
    /// The hash of the code of an invitation, by which it is made.
    pub invite: Option<[u8; 32]>,
}

impl NewUser {
    /// Nothing but a name, an ordinary role and a password.
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

/// An account with what its password is known by.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// What to know its password by.
    pub password: PasswordHash,
}

/// Another password for an account.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// What the one was known by that it replaces.
    pub was: PasswordHash,
    /// What to know the new one by.
    pub new: PasswordHash,
}

/// Keeps accounts. Each call is one atomic change, and a change that returned is there to stay.
/// Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Adds an account. `Conflict` if one has that folded name, or one that it
    /// [looks like](UserName::looks_like) where such names are refused, or signs in by the e-mail address by which
    /// the new one would have to: of two at once, one is added. See [`Self::credentials_by_email`]. The audit
    /// log has a line about one that its owner makes.
    async fn add(&self, user: NewUser) -> Result<User, StoreError>;

    /// The account, disabled, deleted or neither. `NotFound` if there never was one.
    async fn get(&self, id: UserId) -> Result<User, StoreError>;

    /// Those of the accounts that there are, in the order of their ids, each once.
    async fn get_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError>;

    /// The account of that folded name, with its password's hash. `NotFound` if there is none.
    async fn credentials(&self, folded_name: &str) -> Result<Credentials, StoreError>;

    /// The account that signs in by that [folded](Email::folded) e-mail address: of those that have it, the
    /// one that was given it first, as long as it keeps it. `NotFound` if there is none.
    async fn credentials_by_email(&self, folded: &str) -> Result<Credentials, StoreError>;

    /// Active accounts whose [`super::Profile::searched`] contains the query's text, `%` and `_`
    /// being themselves, in the order of their ids, after the query's cursor. Looks through at most
    /// [`crate::limits::PEOPLE_SEARCHED`] accounts and then returns what it has, with a cursor. Where the query
    /// names somebody to share a chat with, the others are not looked through, so nothing is told of them.
    async fn find(&self, query: UserQuery) -> Result<UserPage, StoreError>;

    /// Sets the password's hash and ends the account's sessions but `keep`, in one change, of which the
    /// audit log has a line: its owner does this. `NotFound` if there is no such account; `Conflict` if its hash is another one by now.
    async fn set_password(
        &self,
        id: UserId,
        change: PasswordChange,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Replaces a hash by another one of the same password; sessions stay. `NotFound` and `Conflict` as
    /// with [`Self::set_password`].
    async fn renew_hash(&self, id: UserId, change: PasswordChange) -> Result<(), StoreError>;

    /// The account with what only its owner and admins see. `NotFound` if there is none, or it was
    /// deleted.
    async fn account(&self, id: UserId) -> Result<Account, StoreError>;

    /// Changes parts of a profile, and what a search finds it by. Of two changes at once, each of a
    /// part of its own, both are made. `NotFound` as with [`Self::account`]; `Conflict` if another account
    /// has the name, or one that another name than before looks like, as with [`Self::add`].
    async fn set_profile(&self, id: UserId, change: ProfileChange) -> Result<Account, StoreError>;

    /// Notes when these people were last connected. It only moves forward; who is not there is
    /// passed over.
    async fn set_last_seen(&self, ids: &[UserId], at: Timestamp) -> Result<(), StoreError>;
}

/// Why no hash was made or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Its queue is full; later is fine.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// The hasher itself failed, or a stored hash is damaged.
    #[error("the password could not be hashed")]
    Failed,
}

/// Where a password comes from that is to be hashed. Those that wait are served in turns, origin by
/// origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashOrigin {
    /// Somebody at this address who is not signed in. Of IPv6 it is the network.
    Address(IpAddr),
    /// Somebody who is signed in.
    Account(UserId),
    /// Whoever runs the server.
    Operator,
}

/// What came of comparing a password with a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whether it is the password of the hash.
    pub right: bool,
    /// A hash of the right password as they are made today, if the given one was made otherwise.
    pub renewed: Option<PasswordHash>,
}

/// Hashes passwords, slowly on purpose: in a queue of its own that has an end, so that logins never
/// slow anything else. A call whose future is dropped before its turn has come is not made.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A new hash of that password; two hashes of one password differ.
    async fn hash(&self, password: Password, from: HashOrigin) -> Result<PasswordHash, HashError>;

    /// Whether that is the password of the hash. Without a hash it takes as long and says no, so
    /// that the time tells nobody which names exist. More than 72 bytes are never right.
    async fn verify(
        &self,
        typed: String,
        hash: Option<PasswordHash>,
        from: HashOrigin,
    ) -> Result<Verified, HashError>;
}
