//! People of a host: a product with accounts of its own, which signs tokens for them.

mod bring_in;
mod data;
mod external_id;
mod find;
mod issuer;
mod log_out;
mod people;
mod picture;
mod port;
mod provider;
mod said;

pub(crate) use bring_in::Entry;
pub use bring_in::{BringInError, Brought, BroughtIn, HostSays};
pub use external_id::{EXTERNAL, ExternalId, Issuer, NotAReference, Reference};
pub use find::ExternalIds;
pub use issuer::{HostClaims, HostIssuer, HostKeys};
pub use log_out::{HostLogOutError, HostSession, LoggedOut};
pub use people::{HostPeople, HostPeoplePorts};
pub use picture::{PictureAddress, PictureAddressError, PictureChange};
pub use port::{ExternalIdStore, HostAccountStore, HostTokens, Providers, Secrets};
#[cfg(feature = "mocks")]
pub use port::{MockExternalIdStore, MockHostAccountStore, MockHostTokens};
pub use provider::{
    Attempt, ProvedIdentity, Provider, ProviderClient, ProviderError, ProviderName,
};
pub use said::{HostAccount, HostSaid, HostUpdate, NewHostAccount};

use crate::failure::{Failure, Kind};
use crate::limits;
use crate::user::{Email, ReservedNames, UserName};

/// Somebody at one host. The same subject of two issuers is two people.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPerson {
    /// Who signed for them.
    pub issuer: Issuer,
    /// Who they are there.
    pub subject: ExternalId,
}

/// What a host's token proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostIdentity {
    /// Who it is.
    pub person: HostPerson,
    /// What they are called there, unchecked.
    pub name: Option<String>,
    /// Their e-mail address, unchecked.
    pub email: Option<String>,
    /// Whether they are an admin there; `None` if the host does not say who is.
    pub is_admin: Option<bool>,
    /// Their picture, if there is one that may be fetched.
    pub picture: Option<PictureAddress>,
    /// The session at the host that this comes of, if it says so.
    pub session: Option<HostSession>,
}

impl HostIdentity {
    /// The name that a new account is to have, if it is free: that of the host. A name that breaks a rule or is
    /// reserved gives way to `person`, since a number behind it would not make it good.
    pub fn wanted_name(&self, reserved: &ReservedNames) -> UserName {
        let stand_in = || UserName::stored("person".to_owned(), "person".to_owned());
        self.good_name(reserved).unwrap_or_else(stand_in)
    }

    /// The address that a new account is to have: none if the host's breaks a rule.
    pub fn wanted_email(&self) -> Email {
        self.email.as_deref().and_then(|email| Email::new(email).ok()).unwrap_or_default()
    }
}

/// Why a host's token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostTokenError {
    /// It has more bytes than [`limits::HOST_TOKEN_BYTES`].
    #[error("The host's token has more than {} bytes.", limits::HOST_TOKEN_BYTES)]
    TooLong,
    /// It is no JWT, or no key of its issuer signed it.
    #[error("The host's token is not a JWT that its issuer signed.")]
    Invalid,
    /// No setting names its issuer.
    #[error("This server does not know the issuer (iss) of the host's token.")]
    Issuer,
    /// It is signed by an algorithm that is not allowed, or by none.
    #[error("The host's token is signed by an algorithm (alg) that is not allowed for its issuer.")]
    Algorithm,
    /// It is for somebody else.
    #[error("The host's token is not for this server (aud).")]
    Audience,
    /// It never expires.
    #[error("The host's token does not say when it expires (exp).")]
    NoExpiry,
    /// It logs somebody out, and signs nobody in.
    #[error("The host's token is for logging out.")]
    LogOut,
    /// Its time is over.
    #[error("The host's token has expired (exp).")]
    Expired,
    /// Its time has not begun.
    #[error("The host's token is not valid yet (nbf, iat).")]
    NotYet,
    /// Its issuer's keys were never fetched.
    #[error("The keys of the host cannot be fetched now.")]
    Keys,
    /// Whom it is about cannot be told.
    #[error(
        "The subject of the host's token must have 1 to {} characters, none of them a control character.",
        limits::EXTERNAL_ID_CHARS
    )]
    Subject,
}

impl HostTokenError {
    /// The word for programs.
    pub fn code(self) -> &'static str {
        Failure::from(self).code
    }
}

impl From<HostTokenError> for Failure {
    fn from(error: HostTokenError) -> Self {
        use HostTokenError as Why;
        match error {
            Why::TooLong => Self::new(Kind::Unauthenticated, "host_token_too_long", error),
            Why::Invalid => Self::new(Kind::Unauthenticated, "host_token_invalid", error),
            Why::Issuer => Self::new(Kind::Unauthenticated, "host_issuer_unknown", error),
            Why::Algorithm => Self::new(Kind::Unauthenticated, "host_algorithm_refused", error),
            Why::Audience => Self::new(Kind::Unauthenticated, "host_audience_wrong", error),
            Why::LogOut => Self::new(Kind::Unauthenticated, "host_token_for_log_out", error),
            Why::NoExpiry => Self::new(Kind::Unauthenticated, "host_token_without_expiry", error),
            Why::Expired => Self::new(Kind::Unauthenticated, "host_token_expired", error),
            Why::NotYet => Self::new(Kind::Unauthenticated, "host_token_not_yet_valid", error),
            Why::Keys => Self::new(Kind::Unavailable, "host_keys_unavailable", error),
            Why::Subject => Self::new(Kind::Unauthenticated, "host_subject_invalid", error),
        }
    }
}
