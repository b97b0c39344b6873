//! Stepping up: proving one's identity again within a session.

use super::{Caller, SecurityEvent, Sessions};
use crate::admin::{AuditAction, Record};
use crate::failure::{Failure, StoreError, WriteError};
use crate::ids::UserId;
use crate::second_factor::{
    CodeRefusal, FactorSeed, OneTimeCode, RecoveryCode, SecondFactor, Step, TotpSecret, TypedCode,
    step_of,
};
use crate::user::{HashError, HashOrigin, PasswordsOff, User};

/// The credentials, typed again.
#[derive(Debug, Clone, Copy)]
pub struct Retyped<'a> {
    /// The password.
    pub password: &'a str,
    /// A code, if there is a second factor.
    pub code: Option<&'a str>,
}

/// Why the proof failed.
#[derive(Debug, thiserror::Error)]
pub enum StepUpError {
    /// No password proves anything.
    #[error(transparent)]
    PasswordsOff(#[from] PasswordsOff),
    /// The password is wrong.
    #[error("The password is wrong.")]
    Password,
    /// The code is missing or wrong.
    #[error(transparent)]
    Code(CodeRefusal),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<WriteError<CodeRefusal>> for StepUpError {
    fn from(error: WriteError<CodeRefusal>) -> Self {
        match error {
            WriteError::Refused(why) => Self::Code(why),
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

impl From<StepUpError> for Failure {
    fn from(error: StepUpError) -> Self {
        match error {
            StepUpError::PasswordsOff(why) => why.into(),
            StepUpError::Password => Self::field("password", "wrong_password", error),
            StepUpError::Code(why) => Self::field("code", why.code(), why),
            StepUpError::Hash(error) => error.into(),
            StepUpError::Store(error) => error.into(),
        }
    }
}

impl Sessions {
    /// Checks the credentials again, and records the proof in the session; see [`super::Proof`].
    pub async fn step_up(&self, caller: &Caller, typed: Retyped<'_>) -> Result<(), StepUpError> {
        self.check_retyped(caller, typed).await?;
        let at = self.ports.clock.now();
        self.ports.sessions.prove(caller.user, caller.session, at).await?;
        self.note_own(caller.user, AuditAction::SessionProved);
        Ok(())
    }

    /// Checks the caller's password, and the code if there is a second factor.
    pub(super) async fn check_retyped(
        &self,
        caller: &Caller,
        typed: Retyped<'_>,
    ) -> Result<User, StepUpError> {
        let user = self.check_password(caller, typed.password).await?;
        match self.check_code(user.id, typed.code).await {
            Ok(_) => Ok(user),
            Err(error) => {
                if let WriteError::Refused(why) = &error {
                    self.note_refusal(None, Some(user), why.code()).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Checks the password alone.
    pub(super) async fn check_password(
        &self,
        caller: &Caller,
        typed: &str,
    ) -> Result<User, StepUpError> {
        self.policy.passwords.check()?;
        let user = self.ports.users.get(caller.user).await?;
        let known = self.ports.users.credentials(user.name.folded()).await?.password;
        let from = HashOrigin::Account(caller.user);
        if self.ports.hasher.verify(typed.to_owned(), Some(known), from).await?.right {
            return Ok(user);
        }
        self.note_refusal(None, Some(user), "wrong_password").await?;
        Err(StepUpError::Password)
    }

    /// Checks a code and marks it as used, if the account has a second factor. Returns whether it has one.
    pub(super) async fn check_code(
        &self,
        user: UserId,
        typed: Option<&str>,
    ) -> Result<bool, WriteError<CodeRefusal>> {
        let factor = match self.ports.second_factors.get(user).await {
            Ok(factor) if factor.is_on => factor,
            Ok(_) | Err(StoreError::NotFound) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let typed = typed.filter(|typed| !typed.trim().is_empty());
        let typed = typed.ok_or(WriteError::Refused(CodeRefusal::Missing))?;
        let used = match TypedCode::parse(typed) {
            Some(TypedCode::OneTime(code)) => self.use_code(user, &factor, code).await,
            Some(TypedCode::Recovery(code)) => self.use_recovery_code(user, &code).await,
            None => Err(StoreError::NotFound),
        };
        match used {
            Ok(()) => Ok(true),
            Err(StoreError::NotFound | StoreError::Conflict) => {
                Err(WriteError::Refused(CodeRefusal::Wrong))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn use_code(
        &self,
        user: UserId,
        factor: &SecondFactor,
        code: OneTimeCode,
    ) -> Result<(), StoreError> {
        let step = self.step_of_code(user, factor, code).ok_or(StoreError::NotFound)?;
        self.ports.second_factors.use_step(user, factor.seed, step).await
    }

    /// The time step that the code belongs to, if it is valid now.
    pub(super) fn step_of_code(
        &self,
        user: UserId,
        factor: &SecondFactor,
        code: OneTimeCode,
    ) -> Option<Step> {
        let (secret, signer) = (self.factor_secret(user, factor.seed), &self.ports.signer);
        let code_at = |step| signer.one_time_code(&secret, step);
        step_of(code, self.ports.clock.now(), factor.last_step, code_at)
    }

    async fn use_recovery_code(&self, user: UserId, code: &RecoveryCode) -> Result<(), StoreError> {
        let hash = self.recovery_hash(user, code);
        let action = AuditAction::RecoveryCodeUsed;
        let record = Record::of_oneself(user, action, self.ports.clock.now());
        self.ports.second_factors.use_recovery_code(user, hash, record).await?;
        self.note_own(user, action);
        Ok(())
    }

    /// The secret of an account's authenticator app. It is not stored, but derived each time.
    pub(super) fn factor_secret(&self, user: UserId, seed: FactorSeed) -> TotpSecret {
        let user = user.get().to_be_bytes();
        TotpSecret::of(self.ports.signer.digest(&[b"second factor\0", &user[..], &seed.0].concat()))
    }

    pub(super) fn recovery_hash(&self, user: UserId, code: &RecoveryCode) -> [u8; 32] {
        let user = user.get().to_be_bytes();
        let told = [b"recovery code\0", &user[..], code.reveal().as_bytes()].concat();
        self.ports.signer.digest(&told)
    }

    /// Writes to the process's log what somebody did with their own account.
    pub(super) fn note_own(&self, user: UserId, action: AuditAction) {
        self.ports.log.note(&SecurityEvent::OwnAccount { user, what: action.as_str() });
    }
}
