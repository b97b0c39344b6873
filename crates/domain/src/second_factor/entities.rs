//! What a second factor is, and when a code counts.

use super::code::Step;
use super::secret::FactorSeed;

/// An account's second factor, which is turned on, or was begun and not confirmed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactor {
    /// What its secret is derived from.
    pub seed: FactorSeed,
    /// Whether a code has confirmed it. Until then, signing in does not ask for it.
    pub is_on: bool,
    /// The last time step whose code was used.
    pub last_step: Option<Step>,
}

impl SecondFactor {
    /// It, turned on by the code of that step; `None` if it is on already, or was begun again with another
    /// seed.
    pub fn confirmed(self, seed: FactorSeed, step: Step) -> Option<Self> {
        let is_that = !self.is_on && self.seed == seed;
        is_that.then_some(Self { is_on: true, last_step: Some(step), ..self })
    }

    /// It, after the code of that step was used; `None` if it is not on with this seed, or if the code of that
    /// step or a later one was used before, so that no code works twice.
    pub fn used(self, seed: FactorSeed, step: Step) -> Option<Self> {
        let counts = self.is_on && self.seed == seed && self.last_step < Some(step);
        counts.then_some(Self { last_step: Some(step), ..self })
    }
}

/// The confirmation that turns a second factor on.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// The seed that it was begun with.
    pub seed: FactorSeed,
    /// The time step of the confirming code, which counts as used.
    pub step: Step,
    /// The hashes of its recovery codes.
    pub codes: Vec<[u8; 32]>,
}
