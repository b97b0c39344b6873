//! Issuers that people sign in with on the page: OpenID providers.

use super::{HostIdentity, HostTokenError, Issuer};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind};
use crate::limits;
use std::fmt;

/// A provider's word in addresses: 1 to [`limits::PROVIDER_NAME_CHARS`] characters of a-z, 0-9 and -.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderName(String);

impl ProviderName {
    /// Checks what was said. `None` if it may not be one.
    pub fn new(said: &str) -> Option<Self> {
        let is_short = (1..=limits::PROVIDER_NAME_CHARS).contains(&said.len());
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (is_short && said.bytes().all(is_plain)).then(|| Self(said.to_owned()))
    }
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A provider, as people are offered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its word in addresses.
    pub name: ProviderName,
    /// What people call it.
    pub label: String,
    /// Who signs for its people.
    pub issuer: Issuer,
}

/// What an operator says of signing in with an issuer.
#[derive(Clone)]
pub struct ProviderClient {
    /// Its word in addresses.
    pub name: ProviderName,
    /// What people call it.
    pub label: String,
    /// What this server is called there; the audience of the tokens.
    pub client_id: String,
    /// What this server proves that by. A public client has none.
    pub client_secret: Option<String>,
    /// What is asked for, `openid` among it.
    pub scopes: Vec<String>,
}

/// The secrets of one attempt to sign in with a provider, each of which only this server can make.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What the provider hands back with its answer.
    pub state: String,
    /// What its token must repeat.
    pub nonce: String,
    /// What whoever has the code must show, whose hash was shown when it was asked for (PKCE).
    pub verifier: String,
    /// Whether the provider is to ask once more who it is, although it knows.
    pub again: bool,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(…)")
    }
}

/// Whom a provider signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedIdentity {
    /// Who it is.
    pub identity: HostIdentity,
    /// When they last proved it there; `None` if the provider does not say.
    pub proved_at: Option<Timestamp>,
}

/// Why a provider signed nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No setting names it.
    #[error("This server has no such identity provider.")]
    Unknown,
    /// It does not answer, or not as one does.
    #[error("The identity provider cannot be asked now.")]
    Unavailable,
    /// What comes back belongs to no attempt of this browser: another state, nothing that the browser kept, or too
    /// long ago.
    #[error("This sign-in was not begun in this browser, or too long ago. Begin it again.")]
    NotBegun,
    /// Whoever it is did not want to, or may not.
    #[error("The identity provider says that access was denied.")]
    Denied,
    /// It refused for another reason.
    #[error("The identity provider could not sign you in.")]
    Failed,
    /// It does not take the code: it was used, is too old, or was made for somebody else.
    #[error("The identity provider does not accept its own code. Begin the sign-in again.")]
    Code,
    /// Its token is of another attempt.
    #[error("The identity provider's token is of another sign-in (nonce).")]
    Nonce,
    /// Its token is not good.
    #[error(transparent)]
    Token(#[from] HostTokenError),
}

impl ProviderError {
    /// The word for programs.
    pub fn code(self) -> &'static str {
        Failure::from(self).code
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        use ProviderError as Why;
        match error {
            Why::Unknown => Self::new(Kind::NotFound, "provider_unknown", error),
            Why::Unavailable => Self::new(Kind::Unavailable, "provider_unavailable", error),
            Why::NotBegun => Self::new(Kind::Forbidden, "sign_in_not_begun", error),
            Why::Denied => Self::new(Kind::Forbidden, "provider_denied", error),
            Why::Failed => Self::new(Kind::Forbidden, "provider_failed", error),
            Why::Code => Self::new(Kind::Unauthenticated, "provider_code_refused", error),
            Why::Nonce => Self::new(Kind::Unauthenticated, "provider_nonce_wrong", error),
            Why::Token(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_short_plain_word() {
        let long = "a".repeat(limits::PROVIDER_NAME_CHARS);
        for good in ["a", "acme-2", &long] {
            assert!(ProviderName::new(good).is_some(), "{good:?}");
        }
        for bad in ["", "Acme", "a.b", "a/b", "a b", "ä", &format!("{long}a")] {
            assert_eq!(ProviderName::new(bad), None, "{bad:?}");
        }
    }
}
