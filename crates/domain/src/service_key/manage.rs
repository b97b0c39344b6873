//! Adding, listing and revoking keys.

use super::{
    AddKeyRefusal, KeyRate, KeyToken, NewServiceKey, RevokeKeys, Scopes, ScopesError, ServiceKey,
    ServiceKeys,
};
use crate::admin::Actor;
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::host::Issuer;
use crate::ids::SessionId;
use crate::limits::{EXTERNAL_ID_CHARS, KEY_LIFE, SERVICE_KEY_RATE_MAX};
use crate::session::{Seed, hex};
use crate::text::TextError;
use crate::user::{HashError, HashOrigin, NewUser, Password, PasswordHash, UserName};

/// A key to add, as typed.
#[derive(Debug, Clone, Copy)]
pub struct AddKey<'a> {
    /// The name of its account.
    pub name: &'a str,
    /// Its scopes, separated by commas.
    pub scopes: &'a str,
    /// The issuer of the external ids in its requests.
    pub issuer: &'a str,
    /// Requests a second; `None` for [`crate::limits::SERVICE_KEY_RATE`].
    pub rate: Option<u32>,
}

/// A key that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedKey {
    /// The key.
    pub key: ServiceKey,
    /// The token to call with. Only its hash is stored, so it cannot be shown again.
    pub token: KeyToken,
}

/// Why no key was added.
#[derive(Debug, thiserror::Error)]
pub enum AddKeyError {
    /// The name breaks a rule.
    #[error("The name {0}.")]
    Name(#[from] TextError),
    /// The scopes are invalid.
    #[error(transparent)]
    Scopes(#[from] ScopesError),
    /// The issuer is invalid.
    #[error("An issuer has 1 to {EXTERNAL_ID_CHARS} characters, and no control characters.")]
    Issuer,
    /// The rate is zero or too high.
    #[error("A key makes 1 to {SERVICE_KEY_RATE_MAX} requests a second.")]
    Rate,
    /// The name belongs to an account that is not a service account, or looks like another account's.
    #[error("Somebody has this name, or one that looks like it.")]
    NameTaken,
    /// There are too many, or the account is disabled.
    #[error(transparent)]
    Refused(#[from] AddKeyRefusal),
    /// No password could be generated for a new account.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<AddKeyError> for Failure {
    fn from(error: AddKeyError) -> Self {
        match error {
            AddKeyError::Name(why) => Self::field("name", why.code(), error),
            AddKeyError::Scopes(_) => Self::field("scopes", "unknown_scope", error),
            AddKeyError::Issuer => Self::field("issuer", "out_of_range", error),
            AddKeyError::Rate => Self::field("rate", "out_of_range", error),
            AddKeyError::NameTaken => Self::taken("name", "name_taken", error),
            AddKeyError::Refused(refusal) => refusal.into(),
            AddKeyError::Hash(error) => error.into(),
            AddKeyError::Store(error) => error.into(),
        }
    }
}

/// Why no key was revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeKeyError {
    /// There is no key of that name, or none with that id.
    #[error("There is no service key of that name, or it has not that id.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for RevokeKeyError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<RevokeKeyError> for Failure {
    fn from(error: RevokeKeyError) -> Self {
        match error {
            RevokeKeyError::NotFound => Self::new(Kind::NotFound, "key_not_found", error),
            RevokeKeyError::Store(error) => error.into(),
        }
    }
}

impl ServiceKeys {
    /// Adds a key. The first key of a name creates a service account of that name. Further keys of the name
    /// belong to the same account, so that a key can be replaced while it is in use.
    pub async fn add(&self, actor: Actor, wanted: AddKey<'_>) -> Result<AddedKey, AddKeyError> {
        let name = UserName::new(wanted.name)?;
        let scopes = Scopes::parse(wanted.scopes)?;
        let issuer = Issuer::new(wanted.issuer).ok_or(AddKeyError::Issuer)?;
        let rate = wanted.rate.map_or_else(|| Some(KeyRate::default()), KeyRate::new);
        let (rate, at) = (rate.ok_or(AddKeyError::Rate)?, self.ports.clock.now());
        let token = KeyToken::of(&self.ports.signer.random());
        let password = self.unknown_password(&name).await?;
        let mut seed = [0; 16];
        seed.copy_from_slice(&self.ports.signer.random()[..16]);
        let key = NewServiceKey {
            user: NewUser::named(name, password, at),
            hash: self.hash(&token),
            seed: Seed(seed),
            scopes,
            issuer,
            rate,
            actor: actor.account(),
            at,
            expires_at: at.plus(KEY_LIFE),
        };
        match self.ports.keys.add(key).await {
            Ok(key) => Ok(AddedKey { key, token }),
            Err(WriteError::Refused(refusal)) => Err(refusal.into()),
            Err(WriteError::Store(StoreError::Conflict)) => Err(AddKeyError::NameTaken),
            Err(WriteError::Store(error)) => Err(AddKeyError::Store(error)),
        }
    }

    /// All keys, in the order in which they were added.
    pub async fn list(&self, _: Actor) -> Result<Vec<ServiceKey>, StoreError> {
        self.ports.keys.list(self.ports.clock.now()).await
    }

    /// Revokes all keys of a name, or one of them, and returns the revoked ones. The account stays.
    pub async fn revoke(
        &self,
        actor: Actor,
        name: &str,
        session: Option<SessionId>,
    ) -> Result<Vec<SessionId>, RevokeKeyError> {
        let name = UserName::sought(name).map_err(|_| RevokeKeyError::NotFound)?;
        let (actor, at) = (actor.account(), self.ports.clock.now());
        Ok(self.ports.keys.revoke(RevokeKeys { name, session, actor, at }).await?)
    }

    /// The hash of random bytes that are forgotten: by password nobody signs in as a key.
    async fn unknown_password(&self, name: &UserName) -> Result<PasswordHash, HashError> {
        let typed = hex(&self.ports.signer.random());
        let password = Password::new(&typed, name).map_err(|_| HashError::Failed)?;
        self.ports.hasher.hash(password, HashOrigin::Operator).await
    }
}
