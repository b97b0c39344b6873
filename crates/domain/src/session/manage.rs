//! Listing and ending one's own sessions, and changing the password.

use super::{
    Caller, EndReason, Ending, Protocol, SecurityEvent, Session, Sessions, StepUpRequired,
};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{SessionId, UserId};
use crate::user::{HashError, HashOrigin, Password, PasswordChange, PasswordError, PasswordsOff};

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// The caller has no such session.
    #[error("There is no such session.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<EndError> for Failure {
    fn from(error: EndError) -> Self {
        match error {
            EndError::NotFound => Self::new(Kind::NotFound, "session_not_found", error),
            EndError::Store(error) => error.into(),
        }
    }
}

/// A change of the password.
#[derive(Debug)]
pub struct ChangePassword<'a> {
    /// The current password, as typed.
    pub old: &'a str,
    /// The new password, as typed.
    pub new: &'a str,
}

/// Why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// There are none.
    #[error(transparent)]
    PasswordsOff(#[from] PasswordsOff),
    /// The old one is wrong.
    #[error("The old password is wrong.")]
    Old,
    /// The new one breaks a rule.
    #[error("The new password {0}.")]
    New(#[from] PasswordError),
    /// The account has a second factor, and the owner has not proved their identity recently.
    #[error(transparent)]
    StepUp(#[from] StepUpRequired),
    /// It could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangePasswordError> for Failure {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::PasswordsOff(why) => why.into(),
            ChangePasswordError::Old => Self::field("old_password", "wrong_password", error),
            ChangePasswordError::New(why) => Self::field("new_password", why.code(), error),
            ChangePasswordError::StepUp(error) => error.into(),
            ChangePasswordError::Hash(error) => error.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}

impl Sessions {
    /// The caller's sessions, the most recently used first.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Session>, StoreError> {
        self.ports.sessions.list(caller.user, self.ports.clock.now()).await
    }

    /// Whether somebody is signed in with a client of that protocol.
    pub async fn speaks(&self, user: UserId, protocol: &Protocol) -> Result<bool, StoreError> {
        let sessions = self.ports.sessions.list(user, self.ports.clock.now()).await?;
        Ok(sessions.iter().any(|session| session.client.protocol == *protocol))
    }

    /// Ends one of the caller's sessions, which may be the calling one. Its tokens stop working, and its sockets
    /// are closed.
    pub async fn end(&self, caller: &Caller, id: SessionId) -> Result<(), EndError> {
        let ended = self.end_session((caller.user, id), EndReason::SignedOut).await;
        ended.map_err(|error| match error {
            StoreError::NotFound => EndError::NotFound,
            error => EndError::Store(error),
        })
    }

    /// Ends somebody's session.
    pub(super) async fn end_session(
        &self,
        (user, session): (UserId, SessionId),
        why: EndReason,
    ) -> Result<(), StoreError> {
        let ending = Ending { at: self.ports.clock.now(), why };
        self.ports.sessions.end(user, session, ending).await?;
        self.ports.log.note(&SecurityEvent::Ended { user, session, why });
        Ok(())
    }

    /// Changes the password, and ends all other sessions of the caller. With a second factor, it also needs a
    /// recent proof of identity.
    pub async fn change_password(
        &self,
        caller: &Caller,
        command: ChangePassword<'_>,
    ) -> Result<(), ChangePasswordError> {
        self.policy.passwords.check()?;
        caller.proof.check_with_password(self.ports.clock.now())?;
        let user = self.ports.users.get(caller.user).await?;
        let known = self.ports.users.credentials(user.name.folded()).await?;
        let password = Password::new(command.new, &user.name)?;
        let hasher = &self.ports.hasher;
        let was = known.password;
        let from = HashOrigin::Account(caller.user);
        if !hasher.verify(command.old.to_owned(), Some(was.clone()), from).await?.right {
            self.note_refusal(None, Some(user), "wrong_old_password").await?;
            return Err(ChangePasswordError::Old);
        }
        let hash = hasher.hash(password, from).await?;
        let now = self.ports.clock.now();
        let change = PasswordChange { was, new: hash };
        let set = self.ports.users.set_password(user.id, change, Some(caller.session), now);
        set.await.map_err(|error| match error {
            // Another request has changed it meanwhile.
            StoreError::Conflict => ChangePasswordError::Old,
            error => error.into(),
        })?;
        self.ports.log.note(&SecurityEvent::PasswordChanged(user.id));
        Ok(())
    }
}
