//! Turning a second factor on and off.

use super::{Caller, Retyped, Sessions, StepUpError};
use crate::admin::{AuditAction, Record};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::UserId;
use crate::limits::RECOVERY_CODES;
use crate::second_factor::{
    CodeRefusal, Confirmation, FactorSeed, RecoveryCode, SecondFactor, TypedCode,
};

/// The secret for an authenticator app. It is shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BegunSecondFactor {
    /// The secret in base32.
    pub secret: String,
    /// The same as an `otpauth:` URL.
    pub address: String,
}

/// Why a second factor was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// The password or the code is wrong.
    #[error(transparent)]
    Proof(#[from] StepUpError),
    /// One is on already.
    #[error("The second factor is on already; turn it off first.")]
    On,
    /// None is on.
    #[error("This account has no second factor.")]
    Off,
    /// There is nothing that a code could confirm: no second factor was begun, or it was begun again since.
    #[error("No second factor was begun, or it was begun anew.")]
    NotBegun,
}

impl From<StoreError> for SecondFactorError {
    fn from(error: StoreError) -> Self {
        Self::Proof(error.into())
    }
}

impl From<SecondFactorError> for Failure {
    fn from(error: SecondFactorError) -> Self {
        match error {
            SecondFactorError::Proof(error) => error.into(),
            SecondFactorError::On => Self::new(Kind::Conflict, "second_factor_on", error),
            SecondFactorError::Off => Self::new(Kind::Conflict, "second_factor_off", error),
            SecondFactorError::NotBegun => {
                Self::new(Kind::Conflict, "second_factor_not_begun", error)
            }
        }
    }
}

impl Sessions {
    /// Makes a secret for the caller's app, and shows it once. Signing in does not ask for a code before
    /// [`Self::confirm_second_factor`] has seen one, so a secret that never reached the app locks nobody out.
    pub async fn begin_second_factor(
        &self,
        caller: &Caller,
        password: &str,
    ) -> Result<BegunSecondFactor, SecondFactorError> {
        let user = self.check_password(caller, password).await?;
        let mut seed = FactorSeed([0; 16]);
        seed.0.copy_from_slice(&self.ports.signer.random()[..16]);
        match self.ports.second_factors.begin(user.id, seed).await {
            Err(StoreError::Conflict) => return Err(SecondFactorError::On),
            begun => begun?,
        }
        let secret = self.factor_secret(user.id, seed);
        let address = secret.address(user.name.as_str());
        Ok(BegunSecondFactor { secret: secret.base32(), address })
    }

    /// Turns the second factor on, if `code` is one of the secret that was begun. Returns the recovery codes,
    /// which cannot be shown again.
    pub async fn confirm_second_factor(
        &self,
        caller: &Caller,
        code: &str,
    ) -> Result<Vec<RecoveryCode>, SecondFactorError> {
        self.policy.passwords.check().map_err(StepUpError::from)?;
        let factor = match self.ports.second_factors.get(caller.user).await {
            Ok(SecondFactor { is_on: true, .. }) => return Err(SecondFactorError::On),
            Err(StoreError::NotFound) => return Err(SecondFactorError::NotBegun),
            begun => begun?,
        };
        let typed = TypedCode::parse(code);
        let step = match typed {
            Some(TypedCode::OneTime(code)) => self.step_of_code(caller.user, &factor, code),
            Some(TypedCode::Recovery(_)) | None => None,
        };
        let step = step.ok_or(StepUpError::Code(CodeRefusal::Wrong))?;
        let (shown, codes) = self.recovery_codes(caller.user);
        let confirmation = Confirmation { seed: factor.seed, step, codes };
        let record = self.own_record(caller.user, AuditAction::SecondFactorOn);
        match self.ports.second_factors.confirm(caller.user, confirmation, record).await {
            // Meanwhile another request has confirmed it, or begun it again.
            Err(StoreError::Conflict | StoreError::NotFound) => Err(SecondFactorError::NotBegun),
            Err(error) => Err(error.into()),
            Ok(()) => {
                self.note_own(caller.user, AuditAction::SecondFactorOn);
                Ok(shown)
            }
        }
    }

    /// Turns the second factor off. The password and a code are typed again for it.
    pub async fn turn_off_second_factor(
        &self,
        caller: &Caller,
        typed: Retyped<'_>,
    ) -> Result<(), SecondFactorError> {
        self.check_retyped(caller, typed).await?;
        let (user, action) = (caller.user, AuditAction::SecondFactorOff);
        self.ports.second_factors.remove(user, self.own_record(user, action)).await.map_err(off)?;
        self.note_own(user, action);
        Ok(())
    }

    /// Replaces the recovery codes by new ones, which are shown once. The old ones stop working.
    pub async fn new_recovery_codes(
        &self,
        caller: &Caller,
        typed: Retyped<'_>,
    ) -> Result<Vec<RecoveryCode>, SecondFactorError> {
        self.check_retyped(caller, typed).await?;
        let (user, action) = (caller.user, AuditAction::RecoveryCodesMade);
        let (shown, codes) = self.recovery_codes(user);
        let record = self.own_record(user, action);
        let set = self.ports.second_factors.set_recovery_codes(user, codes, record).await;
        set.map_err(off)?;
        self.note_own(user, action);
        Ok(shown)
    }

    /// New recovery codes, and their hashes.
    fn recovery_codes(&self, user: UserId) -> (Vec<RecoveryCode>, Vec<[u8; 32]>) {
        let code = |_| {
            let mut random = [0; 10];
            random.copy_from_slice(&self.ports.signer.random()[..10]);
            RecoveryCode::new(random)
        };
        let shown: Vec<_> = (0..RECOVERY_CODES).map(code).collect();
        let hashes = shown.iter().map(|code| self.recovery_hash(user, code)).collect();
        (shown, hashes)
    }

    fn own_record(&self, user: UserId, action: AuditAction) -> Record {
        Record::of_oneself(user, action, self.ports.clock.now())
    }
}

fn off(error: StoreError) -> SecondFactorError {
    match error {
        StoreError::NotFound => SecondFactorError::Off,
        error => error.into(),
    }
}
