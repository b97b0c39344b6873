//! Accounts of people.

mod account;
mod conflicts;
mod find;
mod lookalike;
mod password;
mod port;
mod profile;
mod reserved;
mod role;
mod update;

pub(crate) use account::new_user;
pub use account::{AddUser, AddUserError};
pub(crate) use conflicts::not_added;
pub use find::{FindError, UserPage, UserQuery};
pub use lookalike::{LookalikeKeys, Lookalikes, TakenNames};
pub use password::{Password, PasswordError, PasswordHash, Passwords, PasswordsOff};
pub use port::{
    Credentials, HashError, HashOrigin, NewUser, PasswordChange, PasswordHasher, SignsInBy,
    UserStore, Verified,
};
#[cfg(feature = "mocks")]
pub use port::{MockPasswordHasher, MockUserStore};
pub use profile::{
    Account, Bio, Email, EmailError, PersonName, Profile, ProfileChange, UpdateProfile,
    UpdateProfileError,
};
pub use reserved::{RESERVED_NAMES, ReservedNames};
pub use role::{AccountRole, AccountRoles, NotARole, RoleName};

use crate::clock::{Clock, Timestamp};
use crate::directory::Directory;
use crate::host::ExternalId;
use crate::ids::UserId;
use crate::limits;
use crate::text::{self, TextError};
use std::fmt;
use std::sync::Arc;

/// The use cases of accounts.
pub struct Users {
    ports: UserPorts,
    reserved: ReservedNames,
}

/// The ports that they need.
pub struct UserPorts {
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Decides who may find whom.
    pub directory: Arc<Directory>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Users {
    /// Uses the given ports, and refuses reserved names.
    pub fn new(ports: UserPorts, reserved: ReservedNames) -> Self {
        Self { ports, reserved }
    }
}

/// An account's public part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its name, as its owner spelt it.
    pub name: UserName,
    /// Its role on the whole server.
    pub role: AccountRole,
    /// Its owner's profile.
    pub profile: Profile,
    /// Whether it may sign in; `false` if it is disabled.
    pub active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its owner was last connected; `None` if never.
    pub last_seen_at: Option<Timestamp>,
    /// When it was deleted. Only its id remains then, for the messages that it wrote.
    pub deleted_at: Option<Timestamp>,
    /// The id that its host gives its owner; `None` without a host, or once it was deleted.
    pub external_id: Option<ExternalId>,
}

/// A user name: 1 to [`limits::USER_NAME_CHARS`] visible characters, which fold to at most
/// [`limits::NAME_FOLDED_CHARS`]. Two names that differ only in case or in how Unicode spells them are the
/// same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserName {
    shown: String,
    folded: String,
}

impl UserName {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        let shown = text::visible(typed, limits::USER_NAME_CHARS)?;
        let folded = text::folded(shown, limits::NAME_FOLDED_CHARS)?;
        Ok(Self { folded, shown: shown.to_owned() })
    }
    /// As [`Self::new`], but without the limit on the folded length, to find accounts from before there was
    /// that limit.
    pub fn sought(typed: &str) -> Result<Self, TextError> {
        let shown = text::visible(typed, limits::USER_NAME_CHARS)?;
        Ok(Self { folded: text::fold(shown), shown: shown.to_owned() })
    }
    /// This name with a number after it, shortened if need be; for number 1, the name itself.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        if number <= 1 {
            return self.clone();
        }
        let behind = format!(" {number}");
        let kept = limits::USER_NAME_CHARS - behind.len();
        let name: String = self.shown.chars().take(kept).collect();
        let name = format!("{}{behind}", name.trim_end());
        // The shortened name cannot exceed the limit on folded names, because the whole did not.
        Self { folded: text::fold(&name), shown: name }
    }
    /// For adapters: a name that was checked before it was stored.
    pub fn stored(shown: String, folded: String) -> Self {
        Self { shown, folded }
    }
    /// The name shown for deleted accounts. It has no folded form, so it does not reserve the name.
    pub fn deleted() -> Self {
        Self { shown: "deleted user".to_owned(), folded: String::new() }
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

/// The number to try for a name that is taken: the first attempts count up, so that a second Anna becomes Anna 2.
/// After that, it is made from random bytes, so that a popular name needs few attempts.
pub(crate) fn number_of_name(attempt: u32, bytes: impl FnOnce() -> [u8; 32]) -> u32 {
    const COUNTED: u32 = 4;
    if attempt <= COUNTED {
        return attempt;
    }
    let [a, b, c, ..] = bytes();
    u32::from_be_bytes([0, a, b, c])
}

/// The few facts about an account that lists need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSummary {
    /// The account.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Its role on the whole server.
    pub role: AccountRole,
    /// The id that its host gives its owner, if it has a host.
    pub external_id: Option<ExternalId>,
}
