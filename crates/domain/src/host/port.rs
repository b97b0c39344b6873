//! What people of hosts need from the outside.

use super::{
    Attempt, ExternalId, HostAccount, HostIdentity, HostLogOutError, HostPerson, HostTokenError,
    HostUpdate, Issuer, LoggedOut, NewHostAccount, ProvedIdentity, Provider, ProviderError,
    ProviderName,
};
use crate::admin::Updated;
use crate::clock::Timestamp;
use crate::data::{Data, DataError, DataPatch};
use crate::failure::StoreError;
use crate::ids::{ChatId, UserId};
use crate::user::User;
use async_trait::async_trait;

/// Bytes that nobody can guess.
pub trait Secrets: Send + Sync {
    /// From the system's source of randomness.
    fn random(&self) -> [u8; 32];

    /// A keyed digest under a secret of this installation.
    fn digest(&self, message: &[u8]) -> [u8; 32];
}

/// Checks tokens that hosts sign.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait HostTokens: Send + Sync {
    /// What a token says at `now`, if a known issuer signed it, for this server, by an algorithm that is
    /// allowed. Keys that the issuer publishes may be fetched for it, which takes some seconds at most. The token
    /// must expire; `exp`, `nbf` and `iat` have [`crate::limits::HOST_TOKEN_LEEWAY`].
    async fn read(&self, token: &str, now: Timestamp) -> Result<HostIdentity, HostTokenError>;

    /// What ended at the host, by a token for that: it is checked as any other, has `events` with the log-out,
    /// `jti` and `iat`, no `nonce`, and a subject or a session. [`Self::read`] takes no such token.
    async fn read_log_out(&self, token: &str, now: Timestamp)
    -> Result<LoggedOut, HostLogOutError>;
}

/// Speaks with OpenID providers, by the authorization code flow. Providers may be asked for their addresses and keys
/// first, which takes some seconds at most; while one is away, it is asked seldom.
#[async_trait]
pub trait Providers: Send + Sync {
    /// Those that there are, in the order of the settings.
    fn all(&self) -> &[Provider];

    /// The address of the page as browsers have it, without a slash at the end. Providers send people back to it.
    fn page(&self) -> &str;

    /// Where a browser is sent so that the provider asks who it is.
    async fn authorization(
        &self,
        provider: &ProviderName,
        attempt: &Attempt,
    ) -> Result<String, ProviderError>;

    /// Whom a code of that attempt is about. The provider takes a code once. Its token is checked as
    /// [`HostTokens::read`] does, must be for this server's client, and repeat the nonce; what it does not say of
    /// somebody is asked for.
    async fn identity(
        &self,
        provider: &ProviderName,
        (code, attempt): (&str, &Attempt),
        now: Timestamp,
    ) -> Result<ProvedIdentity, ProviderError>;

    /// Where a browser is sent so that its session at the provider ends, and that sends it back to the page: the page
    /// itself where the provider has no such address.
    async fn log_out(&self, provider: &ProviderName) -> Result<String, ProviderError>;
}

/// Knows which account is whose at a host. Each call is one atomic change, and a change that returned is
/// there to stay. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait HostAccountStore: Send + Sync {
    /// The account of that person, disabled, deleted or neither, and what their host said last. `NotFound` if
    /// there never was one.
    async fn of_person(&self, person: &HostPerson) -> Result<HostAccount, StoreError>;

    /// The same of those of an issuer's people who ever had one, each once, in any order.
    async fn of_people(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, HostAccount)>, StoreError>;

    /// Adds an account as [`crate::user::UserStore::add`] does, that it is this person's, what their host says
    /// and the lines of the log; the picture that the host names is due. `Conflict` as there, and if the person has
    /// one: of two at once, one is added. Then nothing is.
    async fn add_for(&self, new: NewHostAccount) -> Result<User, StoreError>;

    /// Adds those of several people of one issuer that [`Self::add_for`] would add one after the other, and answers
    /// in their order: `None` where that is a conflict, also with one before it.
    async fn add_each(&self, new: Vec<NewHostAccount>) -> Result<Vec<Option<User>>, StoreError>;

    /// Remembers what a person's host says, if it says something, and changes their account as
    /// [`crate::admin::AdminStore::update_user`] does, lines of the log included. `NotFound` if there is no such
    /// person, or the account was deleted; `Conflict` if the name is another account's, or looks like it, as with
    /// [`crate::user::UserStore::set_profile`]. Then nothing changes. A picture that is to be fetched is due
    /// ([`crate::media::HostPictureStore`]) from `now` on: one that is [`super::PictureChange::Named`] only if the
    /// account has no avatar.
    async fn update_for(
        &self,
        person: &HostPerson,
        update: HostUpdate,
        now: Timestamp,
    ) -> Result<Updated, StoreError>;

    /// Patches the data of accounts one after the other, as [`DataPatch::apply`] says over what each has then,
    /// and answers in their order whether it changed. What is refused leaves the others as they are; an account that
    /// is not there, or was deleted, has no data and gets none.
    async fn patch_data(
        &self,
        patches: Vec<(UserId, DataPatch)>,
    ) -> Result<Vec<Result<bool, DataError>>, StoreError>;

    /// The data of an account, if it is of that issuer; of whichever, where none is named. It goes with the account.
    async fn data_of(
        &self,
        user: UserId,
        issuer: Option<Issuer>,
    ) -> Result<Option<Data>, StoreError>;
}

/// Knows what hosts call people and chats. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ExternalIdStore: Send + Sync {
    /// Those of an issuer's people who have an account, disabled ones too, each once, in any order. Nobody else's,
    /// and nobody whose account was deleted, is among them.
    async fn users(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, UserId)>, StoreError>;

    /// The same of an issuer's chats, whoever is in them.
    async fn chats(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, ChatId)>, StoreError>;
}
