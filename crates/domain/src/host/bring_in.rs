//! Who is brought in, how, and what came of it.

use super::{ExternalId, HostIdentity, HostPerson, Issuer, PictureAddress, PictureAddressError};
use crate::data::{DataError, DataPatch};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::UserId;
use crate::internet::Reach;
use crate::limits;
use crate::session::Origin;
use crate::user::{AddUserError, HashError, ReservedNames, UpdateProfile, User};

/// How somebody comes in.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// They came themselves, from there.
    Person(Origin),
    /// A key of their host brought them, whose account that is.
    Key(UserId),
}

/// What a host's backend says of somebody. What it is silent about stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSays {
    /// Who it is.
    pub id: ExternalId,
    /// What they are called, as it was typed.
    pub name: Option<String>,
    /// Their e-mail address, as it was typed.
    pub email: Option<String>,
    /// The address of their picture, as it was typed.
    pub picture: Option<String>,
    /// What their data is patched with.
    pub data: Option<DataPatch>,
}

impl HostSays {
    /// What a backend says, if it breaks no rule: unlike a token it can be mended.
    pub(super) fn checked(
        &self,
        issuer: &Issuer,
        (reserved, pictures): (&ReservedNames, Reach),
    ) -> Result<HostIdentity, AddUserError> {
        let (name, email) = (self.name.as_deref(), self.email.as_deref());
        let profile = UpdateProfile { name, email, ..UpdateProfile::default() }.checked();
        let picture = self.picture.as_deref().map(|said| PictureAddress::new(said, pictures));
        let picture = picture.transpose().map_err(PictureAddressError::of_field);
        let (profile, picture) = match (profile, picture) {
            (Ok(profile), Ok(picture)) => (profile, picture),
            (profile, picture) => {
                let wrong = profile.err().into_iter().flatten().chain(picture.err()).collect();
                return Err(AddUserError::Fields { name: None, password: None, profile: wrong });
            }
        };
        if profile.name.is_some_and(|name| reserved.contains(&name)) {
            return Err(AddUserError::NameReserved);
        }
        let person = HostPerson { issuer: issuer.clone(), subject: self.id.clone() };
        let (name, email) = (self.name.clone(), self.email.clone());
        Ok(HostIdentity { person, name, email, is_admin: None, picture, session: None })
    }
}

/// What became of an account that was brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// It was made.
    Added,
    /// It was there, and something of it is new.
    Changed,
    /// It was there as it is.
    Unchanged,
}

/// Somebody who was brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtIn {
    /// Their account, disabled or not.
    pub user: User,
    /// What became of it.
    pub what: Brought,
}

/// Why somebody was not brought in.
#[derive(Debug, thiserror::Error)]
pub enum BringInError {
    /// Only a key brings people in, while it acts as nobody else: whose ids they are is the key's issuer.
    #[error("Only a service key brings people in, and only as itself.")]
    NoKey,
    /// There are too many of them.
    #[error("One request brings in {} people at most.", limits::HOST_PEOPLE_LINES)]
    TooMany,
    /// They had an account, which was deleted; it is not made again.
    #[error("The account of this person was deleted.")]
    Deleted,
    /// Their data would break a rule; what else was said of them holds.
    #[error(transparent)]
    Data(#[from] DataError),
    /// No account was made.
    #[error(transparent)]
    User(#[from] AddUserError),
    /// No password could be made up for a new account.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BringInError> for Failure {
    fn from(error: BringInError) -> Self {
        match error {
            BringInError::NoKey => Self::new(Kind::Forbidden, "key_needed", error),
            BringInError::TooMany => Self::new(Kind::TooLarge, "too_many_people", error),
            BringInError::Deleted => Self::new(Kind::Conflict, "account_deleted", error),
            BringInError::Data(error) => error.into(),
            BringInError::User(error) => error.into(),
            BringInError::Hash(error) => error.into(),
            BringInError::Store(error) => error.into(),
        }
    }
}
