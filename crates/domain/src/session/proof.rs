//! How recently the owner of a session proved their identity.

use crate::clock::Timestamp;
use crate::failure::{Failure, Kind};
use crate::limits::STEP_UP_LIFE;
use crate::second_factor::SecondFactorState;

/// A session's further proofs of identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proof {
    /// The second factor of the account.
    pub second_factor: SecondFactorState,
    /// When the owner last proved their identity with their credentials. `None` for a session from a version
    /// that did not record this.
    pub proved_at: Option<Timestamp>,
}

impl Proof {
    /// Checks that this is recent enough for the most harmful actions.
    pub fn check(&self, now: Timestamp) -> Result<(), StepUpRequired> {
        let is_fresh = self.proved_at.is_some_and(|at| now.since(at) <= STEP_UP_LIFE);
        if is_fresh { Ok(()) } else { Err(StepUpRequired) }
    }

    /// As [`Self::check`], for somebody who has just typed the password, which is enough without a second factor.
    pub fn check_with_password(&self, now: Timestamp) -> Result<(), StepUpRequired> {
        if self.second_factor.is_on() { self.check(now) } else { Ok(()) }
    }
}

/// The owner has to prove their identity again; see [`super::Sessions::step_up`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This needs your password once more: step up, and repeat it.")]
pub struct StepUpRequired;

impl From<StepUpRequired> for Failure {
    fn from(error: StepUpRequired) -> Self {
        Self::new(Kind::Forbidden, "step_up_required", error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_proof_is_good_for_five_minutes() {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let later = |micros| at.plus(STEP_UP_LIFE).plus(Duration::from_micros(micros));
        for second_factor in [SecondFactorState::Off, SecondFactorState::On] {
            let proof = Proof { second_factor, proved_at: Some(at) };
            assert_eq!([at, later(0)].map(|now| proof.check(now)), [Ok(()), Ok(())]);
            assert_eq!(proof.check(later(1)), Err(StepUpRequired));
            let never = Proof { proved_at: None, ..proof };
            assert_eq!(never.check(at), Err(StepUpRequired));
            let typed = never.check_with_password(at);
            assert_eq!(typed.is_err(), second_factor.is_on(), "{second_factor:?}");
        }
        assert_eq!(STEP_UP_LIFE, Duration::from_secs(300));
    }
}
