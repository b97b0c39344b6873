//! Keys: what opens a session for as long as it lives, for clients that know no refresh tokens.
//!
//! A key is random and shown once, when somebody signs in for one; only its hash is kept. Whatever
//! ends its session ends it: signing out, another password, an admin.

use super::hex::hex;
use super::sign_in::vanished;
use super::{AuthError, Caller, LogInError, NewSession, Sessions, SignIn, SignedSession};
use crate::failure::StoreError;
use crate::limits;
use crate::service_key::KeyToken;
use crate::user::User;

/// What somebody gets who signed in for a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// Who.
    pub user: User,
    /// The key, which nobody can be told again.
    pub key: String,
    /// As whom it calls.
    pub caller: Caller,
}

impl Sessions {
    /// Signs in with a name and its password for a key, which has no dots, as access tokens have.
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

    /// Who an access token or a key speaks for.
    pub async fn recognise(&self, token: &str) -> Result<Caller, AuthError> {
        // A service key is refused with them, each for its own reason.
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
        if now.since(session.refreshed_at) >= limits::KEY_USE_NOTED {
            let end = now.plus(limits::KEY_LIFE);
            match self.ports.sessions.rotate(session.id, session.generation, now, end).await {
                // Somebody else has just noted it.
                Ok(_) | Err(StoreError::Conflict) => {}
                Err(StoreError::NotFound) => return Err(AuthError::Invalid),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.caller(&signed))
    }

    /// Whether a token that was signed here is not good because its account is disabled.
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

    fn key_hash(&self, key: &str) -> [u8; 32] {
        self.ports.signer.digest(&[b"key", key.as_bytes()].concat())
    }
}
