//! Keys: credentials that are good for as long as their session, for clients that know no refresh tokens.
//!
//! A key is random, and shown once when somebody signs in for it; only its hash is stored. It ends with its
//! session: by signing out, by a new password, or by an admin (ADR 26).

use super::hex::hex;
use super::sign_in::vanished;
use super::{AuthError, Caller, LogInError, NewSession, Sessions, SignIn, SignedSession};
use crate::failure::StoreError;
use crate::limits;
use crate::service_key::KeyToken;
use crate::user::User;

/// The result of signing in for a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// Who signed in.
    pub user: User,
    /// The key. It cannot be shown again.
    pub key: String,
    /// The caller that requests with the key will be.
    pub caller: Caller,
}

impl Sessions {
    /// Signs in with a name and its password, and returns a key. A key is hexadecimal, so it has no dots, by
    /// which [`Self::recognise`] tells it from an access token.
    pub async fn log_in_for_key(&self, command: SignIn<'_>) -> Result<Keyed, LogInError> {
        let (user, has_second_factor) = self.prove(&command).await?;
        let key = hex(&self.ports.signer.random());
        let session = NewSession {
            key: Some(self.key_hash(&key)),
            ..self.new_session(&user, (command.client, command.address), limits::KEY_LIFE)
        };
        let session = self.open_session(&user, session).await.map_err(vanished)?;
        // Only dialects have keys, and they know no external ids.
        let (user_of, issuer) = (user.clone(), None);
        let signed = SignedSession { session, user: user_of, has_second_factor, issuer };
        Ok(Keyed { user, key, caller: self.caller(&signed) })
    }

    /// The caller of an access token or of a key. Using a key extends its session to [`limits::KEY_LIFE`]
    /// from now.
    pub async fn recognise(&self, token: &str) -> Result<Caller, AuthError> {
        // Service keys are for the native API only. They take this way to be refused, with the reason why.
        if token.contains('.') || KeyToken::is_meant(token) {
            return match self.authenticate(token).await {
                Err(AuthError::Invalid) => Err(self.why_invalid(token).await?),
                recognised => recognised,
            };
        }
        let now = self.ports.clock.now();
        let signed = self.ports.sessions.by_key(self.key_hash(token), now).await;
        let signed = signed.map_err(|error| match error {
            StoreError::NotFound => AuthError::Invalid,
            error => error.into(),
        })?;
        let session = &signed.session;
        // Not at every use, since that would be a write for each request.
        if now.since(session.refreshed_at) >= limits::KEY_USE_NOTED {
            let end = now.plus(limits::KEY_LIFE);
            match self.ports.sessions.rotate(session.id, session.generation, now, end).await {
                // A conflict means that a request at the same moment has extended it.
                Ok(_) | Err(StoreError::Conflict) => {}
                Err(StoreError::NotFound) => return Err(AuthError::Invalid),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.caller(&signed))
    }

    /// Why an access token was refused: `Disabled` if it was signed here for an account that is disabled, and
    /// `Invalid` otherwise.
    async fn why_invalid(&self, token: &str) -> Result<AuthError, AuthError> {
        let now = self.ports.clock.now();
        let Ok(claims) = self.ports.signer.read_access(token, now) else {
            return Ok(AuthError::Invalid);
        };
        match self.ports.users.get(claims.user).await {
            Ok(user) if !user.active && user.deleted_at.is_none() => Ok(AuthError::Disabled),
            Ok(_) | Err(StoreError::NotFound) => Ok(AuthError::Invalid),
            Err(error) => Err(error.into()),
        }
    }

    /// The stored hash of a key. The prefix keeps it apart from the digests of other kinds of secrets.
    fn key_hash(&self, key: &str) -> [u8; 32] {
        self.ports.signer.digest(&[b"key", key.as_bytes()].concat())
    }
}
