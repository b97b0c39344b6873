//! Authenticating callers by access tokens.

use super::{AccessClaims, Caller, Proof, ProvenCaller, Sessions, SignedSession, TokenError};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError};
use crate::second_factor::SecondFactorState;
use crate::service_key::{KeyRefusal, KeyToken};
use std::time::Duration;

/// Why a caller could not be authenticated.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There is no token.
    #[error("This needs an access token.")]
    Missing,
    /// The token is not one of ours, or its session has ended.
    #[error("The access token is not valid.")]
    Invalid,
    /// The token has expired; the client can refresh it.
    #[error("The access token has expired.")]
    Expired,
    /// The token's account was disabled.
    #[error("This account is disabled.")]
    Disabled,
    /// It is a service key, which is accepted only on the native API's routes.
    #[error("This is not for service keys.")]
    ServiceKey,
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
            AuthError::ServiceKey => KeyRefusal::Closed.into(),
            AuthError::Store(error) => error.into(),
        }
    }
}

/// Why an open socket refused a new token.
#[derive(Debug, thiserror::Error)]
pub enum ProveAgainError {
    /// The token belongs to another account.
    #[error("The access token is another account's.")]
    Another,
    /// The token is not valid.
    #[error(transparent)]
    Auth(#[from] AuthError),
}

impl From<ProveAgainError> for Failure {
    fn from(error: ProveAgainError) -> Self {
        match error {
            ProveAgainError::Another => Self::new(Kind::Forbidden, "token_of_another", error),
            ProveAgainError::Auth(error) => error.into(),
        }
    }
}

impl Sessions {
    /// Authenticates a caller by an access token. The session is looked up each time, so that a token stops
    /// working as soon as its session ends, not minutes later.
    pub async fn authenticate(&self, access_token: &str) -> Result<Caller, AuthError> {
        Ok(self.prove_by_token(access_token).await?.caller)
    }

    /// As [`Self::authenticate`], for a request that only reads. It may succeed, and with the role and the proofs of
    /// before, for [`crate::limits::SESSION_RECENT`] after another node changed that (ADR 79).
    pub async fn authenticate_to_read(&self, access_token: &str) -> Result<Caller, AuthError> {
        let (claims, now) = self.claims(access_token)?;
        let signed = self.ports.sessions.get_recent(claims.session, now).await;
        Ok(self.caller(&of_token(&claims, signed)?))
    }

    /// As [`Self::authenticate`], with the token's expiry, until which a socket is served.
    pub async fn prove_by_token(&self, access_token: &str) -> Result<ProvenCaller, AuthError> {
        let (claims, now) = self.claims(access_token)?;
        let signed = of_token(&claims, self.ports.sessions.get(claims.session, now).await)?;
        Ok(ProvenCaller { caller: self.caller(&signed), ends_at: claims.expires_at })
    }

    /// What a token says, and the time at which it was read.
    fn claims(&self, access_token: &str) -> Result<(AccessClaims, Timestamp), AuthError> {
        if KeyToken::is_meant(access_token) {
            return Err(AuthError::ServiceKey);
        }
        let now = self.ports.clock.now();
        let claims = self.ports.signer.read_access(access_token, now).map_err(|e| match e {
            TokenError::Expired => AuthError::Expired,
            TokenError::Invalid => AuthError::Invalid,
        })?;
        Ok((claims, now))
    }

    /// As [`Self::prove_by_token`], for an open socket: the token must belong to its owner, but may be of any of
    /// their sessions.
    pub async fn prove_again(
        &self,
        owner: &Caller,
        access_token: &str,
    ) -> Result<ProvenCaller, ProveAgainError> {
        let proof = self.prove_by_token(access_token).await?;
        if proof.caller.user == owner.user { Ok(proof) } else { Err(ProveAgainError::Another) }
    }

    /// How long an authentication that expires at `until` is still valid.
    pub fn time_left(&self, until: Timestamp) -> Duration {
        until.since(self.ports.clock.now())
    }

    /// Whether the session of a caller who was authenticated before still exists.
    pub async fn is_open(&self, caller: &Caller) -> Result<bool, StoreError> {
        match self.ports.sessions.get(caller.session, self.ports.clock.now()).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn caller(&self, signed: &SignedSession) -> Caller {
        let SignedSession { session, user, has_second_factor, issuer } = signed;
        let second_factor = SecondFactorState::of(*has_second_factor, self.policy.second_factor);
        Caller {
            user: user.id,
            session: session.id,
            protocol: session.client.protocol.clone(),
            role: user.role,
            proof: Proof { second_factor, proved_at: session.proved_at },
            issuer: issuer.clone(),
            key: None,
        }
    }
}

/// The session that a token names, if it was found and is of the token's account.
fn of_token(
    claims: &AccessClaims,
    found: Result<SignedSession, StoreError>,
) -> Result<SignedSession, AuthError> {
    match found {
        Ok(signed) if signed.user.id == claims.user => Ok(signed),
        Ok(_) | Err(StoreError::NotFound) => Err(AuthError::Invalid),
        Err(error) => Err(error.into()),
    }
}
