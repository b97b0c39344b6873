//! Refresh tokens that work once.
//!
//! Using a token of the session's present generation moves the session to the next generation. A token of the
//! generation before, used again within [`limits::REFRESH_GRACE`], gets the same successor again: the
//! response was lost, or a second tab was quicker. (The successor has not been used, because its generation
//! is still the present one.) Any other token that was once valid must have been stolen or leaked, so its
//! whole session ends.
//!
//! Tokens are derived from the session's row and not stored (ADR 3).
//!
//! A session whose client renews [`Repeatedly`](Renewal::Repeatedly) accepts each of its tokens until it
//! ends, and using one again does not end it. The originals of some dialects work like that.

use super::hex::{hex, same};
use super::{EndReason, Renewal, Session, Sessions, SignedIn, SignedSession};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{SessionId, UserId};
use crate::limits;

/// Why a refresh token is refused.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// It is not the token of an open session.
    #[error("The refresh token is not valid.")]
    Invalid,
    /// It was used before, so its session has been ended.
    #[error("The refresh token was used before, so its session has been ended.")]
    Reused,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RefreshError> for Failure {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => {
                Self::new(Kind::Unauthenticated, "refresh_token_invalid", error)
            }
            RefreshError::Reused => Self::new(Kind::Unauthenticated, "refresh_token_reused", error),
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl Sessions {
    /// New tokens for a refresh token; the rules are at the top of this file.
    pub async fn refresh(&self, token: &str) -> Result<SignedIn, RefreshError> {
        self.renew(token, true).await
    }

    /// The same for a protocol in which a token stops working as soon as it was used: within
    /// [`limits::REFRESH_GRACE`] it is refused, without ending its session.
    pub async fn refresh_once(&self, token: &str) -> Result<SignedIn, RefreshError> {
        self.renew(token, false).await
    }

    async fn renew(&self, token: &str, has_grace: bool) -> Result<SignedIn, RefreshError> {
        let now = self.ports.clock.now();
        let (mut signed, generation) = self.session_of(token).await?;
        if signed.session.client.renewal == Renewal::Repeatedly {
            return self.prolong(signed).await;
        }
        if generation == signed.session.generation {
            let expires_at = now.plus(self.policy.session_life);
            let rotated =
                self.ports.sessions.rotate(signed.session.id, generation, now, expires_at).await;
            match rotated {
                Ok(session) => return Ok(self.signed_in(signed.user, &session)),
                Err(StoreError::NotFound) => return Err(RefreshError::Invalid),
                // Another request was quicker with the same token. Read again to see whether the grace applies.
                Err(StoreError::Conflict) => signed = self.session_of(token).await?.0,
                Err(error) => return Err(error.into()),
            }
        }
        let repeated = generation + 1 == signed.session.generation
            && now.since(signed.session.refreshed_at) <= limits::REFRESH_GRACE;
        if repeated && !has_grace {
            return Err(RefreshError::Invalid);
        }
        if repeated {
            return Ok(self.signed_in(signed.user, &signed.session));
        }
        let stolen = (signed.user.id, signed.session.id);
        match self.end_session(stolen, EndReason::TokenReused).await {
            Ok(()) | Err(StoreError::NotFound) => Err(RefreshError::Reused),
            Err(error) => Err(error.into()),
        }
    }

    /// New tokens for a session whose tokens can be used repeatedly. The session is extended at most once in
    /// [`limits::KEY_USE_NOTED`], to spare writes.
    async fn prolong(&self, signed: SignedSession) -> Result<SignedIn, RefreshError> {
        let SignedSession { session, user, .. } = signed;
        let now = self.ports.clock.now();
        if now.since(session.refreshed_at) < limits::KEY_USE_NOTED {
            return Ok(self.signed_in(user, &session));
        }
        let end = now.plus(self.policy.session_life);
        match self.ports.sessions.rotate(session.id, session.generation, now, end).await {
            Ok(session) => Ok(self.signed_in(user, &session)),
            // Another request has just extended it.
            Err(StoreError::Conflict) => Ok(self.signed_in(user, &session)),
            Err(StoreError::NotFound) => Err(RefreshError::Invalid),
            Err(error) => Err(error.into()),
        }
    }

    /// The owner of a refresh token that could be used now. It is not used up by this.
    pub async fn check_refresh_token(&self, token: &str) -> Result<UserId, RefreshError> {
        let (signed, generation) = self.session_of(token).await?;
        let SignedSession { session, user, .. } = signed;
        let is_repeated = session.client.renewal == Renewal::Repeatedly;
        if is_repeated || generation == session.generation {
            Ok(user.id)
        } else {
            Err(RefreshError::Invalid)
        }
    }

    /// Whether a text has the form of a refresh token of this server. It need not be valid.
    pub fn is_like_refresh_token(&self, text: &str) -> bool {
        const PROOF_CHARS: usize = 64;
        let hex = |proof: &str| proof.bytes().all(|b| b.is_ascii_hexdigit());
        parse(text).is_some_and(|(_, _, proof)| proof.len() == PROOF_CHARS && hex(proof))
    }

    /// Ends the session of a refresh token, for a client whose access token has expired, and returns its
    /// owner. A token of an earlier generation ends its session, too. If the session ended meanwhile, that is
    /// a success.
    pub async fn log_out_with(&self, token: &str) -> Result<UserId, RefreshError> {
        let (signed, _) = self.session_of(token).await?;
        let session = (signed.user.id, signed.session.id);
        match self.end_session(session, EndReason::SignedOut).await {
            Ok(()) | Err(StoreError::NotFound) => Ok(signed.user.id),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn refresh_token(&self, session: &Session) -> String {
        let Session { id, generation, .. } = session;
        format!("{id}.{generation}.{}", self.proof(session, *generation))
    }

    /// The session that a token belongs to, and the token's generation in it.
    async fn session_of(&self, token: &str) -> Result<(SignedSession, i64), RefreshError> {
        let (id, generation, proof) = parse(token).ok_or(RefreshError::Invalid)?;
        let signed = self.ports.sessions.get(id, self.ports.clock.now()).await;
        let signed = signed.map_err(|error| match error {
            StoreError::NotFound => RefreshError::Invalid,
            error => error.into(),
        })?;
        let genuine = generation <= signed.session.generation
            && same(proof, &self.proof(&signed.session, generation));
        if genuine { Ok((signed, generation)) } else { Err(RefreshError::Invalid) }
    }

    /// The part of a token that cannot be guessed: a keyed digest of the session, its seed and the generation.
    fn proof(&self, session: &Session, generation: i64) -> String {
        let mut message = b"refresh".to_vec();
        message.extend_from_slice(&session.id.get().to_be_bytes());
        message.extend_from_slice(&generation.to_be_bytes());
        message.extend_from_slice(&session.seed.0);
        hex(&self.ports.signer.digest(&message))
    }
}

/// Splits `session.generation.proof`.
fn parse(token: &str) -> Option<(SessionId, i64, &str)> {
    let (id, rest) = token.split_once('.')?;
    let (generation, proof) = rest.split_once('.')?;
    Some((id.parse().ok()?, generation.parse().ok().filter(|g| *g >= 0)?, proof))
}
