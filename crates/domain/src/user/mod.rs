//! People with an account.

mod account;
mod find;
mod password;
mod port;

pub(crate) use account::add_user;
pub use account::{AddUser, AddUserError, SetActiveError, SetPasswordError};
pub use find::{FindError, UserPage, UserQuery};
pub use password::{Password, PasswordError, PasswordHash};
pub use port::{Credentials, HashError, NewUser, PasswordHasher, UserStore};
#[cfg(feature = "mocks")]
pub use port::{MockPasswordHasher, MockUserStore};

use crate::clock::{Clock, Timestamp};
use crate::ids::UserId;
use crate::limits;
use crate::session::Caller;
use crate::text::{self, TextError};
use std::fmt;
use std::sync::Arc;

/// The use cases of accounts.
pub struct Users {
    store: Arc<dyn UserStore>,
    hasher: Arc<dyn PasswordHasher>,
    clock: Arc<dyn Clock>,
}

impl Users {
    /// Over the given ports.
    pub fn new(
        store: Arc<dyn UserStore>,
        hasher: Arc<dyn PasswordHasher>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, hasher, clock }
    }
}

/// An account, as anybody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// Its name, as its owner spelt it.
    pub name: UserName,
    /// What it may do on the whole server.
    pub role: AccountRole,
    /// A disabled account cannot sign in.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its owner was last connected; `None` if never.
    pub last_seen_at: Option<Timestamp>,
}

/// What an account may do on the whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountRole {
    /// Chats.
    User,
    /// Manages accounts too.
    Admin,
}

impl AccountRole {
    /// Its word in every protocol and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::User, Self::Admin].into_iter().find(|role| role.as_str() == word)
    }
}

/// A user name: 1 to [`limits::USER_NAME_CHARS`] visible characters. Two names that differ only in
/// case or in how Unicode spells them are the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserName {
    shown: String,
    folded: String,
}

impl UserName {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        let shown = text::visible(typed, limits::USER_NAME_CHARS)?;
        Ok(Self { folded: text::fold(shown), shown: shown.to_owned() })
    }
    /// For adapters: a name that was checked before.
    pub fn stored(shown: String, folded: String) -> Self {
        Self { shown, folded }
    }
    /// As its owner spelt it.
    pub fn as_str(&self) -> &str {
        &self.shown
    }
    /// The form that is unique.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Who somebody is, where no more is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSummary {
    /// The account.
    pub id: UserId,
    /// Its name.
    pub name: String,
}

/// Only admins manage accounts.
pub(crate) fn may_manage_accounts(caller: &Caller) -> bool {
    caller.role == AccountRole::Admin
}
