//! People with an account.

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

/// The use cases of people with an account.
pub struct Users {
    ports: UserPorts,
    reserved: ReservedNames,
}

/// What they stand on.
pub struct UserPorts {
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Who finds whom.
    pub directory: Arc<Directory>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Users {
    /// Over the given ports. Nobody gives themselves a name that is reserved.
    pub fn new(ports: UserPorts, reserved: ReservedNames) -> Self {
        Self { ports, reserved }
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
    /// What its owner says about themselves.
    pub profile: Profile,
    /// A disabled account cannot sign in.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its owner was last connected; `None` if never.
    pub last_seen_at: Option<Timestamp>,
    /// When it was deleted, after which it has nothing but its number: whoever it wrote to still
    /// has what it wrote.
    pub deleted_at: Option<Timestamp>,
    /// What its host calls its owner; `None` if it is from none, or was deleted.
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
    /// As [`Self::new`], to look for somebody who may have had the name since before its folded length
    /// was limited.
    pub fn sought(typed: &str) -> Result<Self, TextError> {
        let shown = text::visible(typed, limits::USER_NAME_CHARS)?;
        Ok(Self { folded: text::fold(shown), shown: shown.to_owned() })
    }
    /// This name and a number, cut so that it may be a name; the first is the name itself.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        if number <= 1 {
            return self.clone();
        }
        let behind = format!(" {number}");
        let kept = limits::USER_NAME_CHARS - behind.len();
        let name: String = self.shown.chars().take(kept).collect();
        let name = format!("{}{behind}", name.trim_end());
        // A cut name folds to less than the whole.
        Self { folded: text::fold(&name), shown: name }
    }
    /// For adapters: a name that was checked before.
    pub fn stored(shown: String, folded: String) -> Self {
        Self { shown, folded }
    }
    /// What stands in place of the name of an account that was deleted. It is nobody's, so anybody
    /// may take it.
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

/// The first names are counted up, so that a second Anna is Anna 2; where there are many, the number is taken
/// from these bytes.
pub(crate) fn number_of_name(attempt: u32, bytes: impl FnOnce() -> [u8; 32]) -> u32 {
    const COUNTED: u32 = 4;
    if attempt <= COUNTED {
        return attempt;
    }
    let [a, b, c, ..] = bytes();
    u32::from_be_bytes([0, a, b, c])
}

/// Who somebody is, where no more is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSummary {
    /// The account.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// What it may do on the whole server.
    pub role: AccountRole,
    /// What its host calls its owner, if it is from one.
    pub external_id: Option<ExternalId>,
}
