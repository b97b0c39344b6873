//! Who is calling.

use super::{Caller, Proof, Sessions, SignedSession, TokenError};
use crate::failure::{Failure, Kind, StoreError};
use crate::second_factor::SecondFactorState;

/// Why a caller is not known.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There is no token.
    #[error("This needs an access token.")]
    Missing,
    /// The token is not one of ours, or its session has ended.
    #[error("The access token is not valid.")]
    Invalid,
    /// The token's time is over; refresh it.
    #[error("The access token has expired.")]
    Expired,
    /// The token was good until its account was disabled.
    #[error("This account is disabled.")]
    Disabled,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing => Self::new(Kind::Unauthenticated, "token_missing", error),
            AuthError::Invalid => Self::new(Kind::Unauthenticated, "token_invalid", error),
            AuthError::Expired => Self::new(Kind::Unauthenticated, "token_expired", error),
            AuthError::Disabled => Self::new(Kind::Forbidden, "account_disabled", error),
            AuthError::Store(error) => error.into(),
        }
    }
}

impl Sessions {
    /// Who an access token speaks for. Its session is looked up each time, so that a token ends
    /// with it and not minutes later.
    pub async fn authenticate(&self, access_token: &str) -> Result<Caller, AuthError> {
        let now = self.ports.clock.now();
        let claims = self.ports.signer.read_access(access_token, now).map_err(|e| match e {
            TokenError::Expired => AuthError::Expired,
            TokenError::Invalid => AuthError::Invalid,
        })?;
        match self.ports.sessions.get(claims.session, now).await {
            Ok(signed) if signed.user.id == claims.user => Ok(self.caller(&signed)),
            Ok(_) | Err(StoreError::NotFound) => Err(AuthError::Invalid),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the session of somebody who was known a moment ago is still there.
    pub async fn is_open(&self, caller: &Caller) -> Result<bool, StoreError> {
        match self.ports.sessions.get(caller.session, self.ports.clock.now()).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn caller(&self, signed: &SignedSession) -> Caller {
        let SignedSession { session, user, has_second_factor } = signed;
        let second_factor = SecondFactorState::of(*has_second_factor, self.policy.second_factor);
        Caller {
            user: user.id,
            session: session.id,
            protocol: session.client.protocol.clone(),
            role: user.role,
            proof: Proof { second_factor, proved_at: session.proved_at },
        }
    }
}
