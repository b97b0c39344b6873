//! What people of hosts need from the outside.

use super::{HostIdentity, HostPerson, HostTokenError};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::user::{NewUser, User};
use async_trait::async_trait;

/// Checks tokens that hosts sign.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait HostTokens: Send + Sync {
    /// What a token says at `now`, if a known issuer signed it, for this server, by an algorithm that is
    /// allowed. It must expire; `exp`, `nbf` and `iat` have [`crate::limits::HOST_TOKEN_LEEWAY`].
    fn read(&self, token: &str, now: Timestamp) -> Result<HostIdentity, HostTokenError>;
}

/// Knows which account is whose at a host. Each call is one atomic change, and a change that returned is
/// there to stay. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait HostAccountStore: Send + Sync {
    /// The account of that person, disabled, deleted or neither. `NotFound` if there never was one.
    async fn of_person(&self, person: &HostPerson) -> Result<User, StoreError>;

    /// Adds an account as [`crate::user::UserStore::add`] does, and that it is this person's. `Conflict` as
    /// there, and if the person has one: of two at once, one is added. Then nothing is.
    async fn add_for(&self, person: HostPerson, user: NewUser) -> Result<User, StoreError>;
}
