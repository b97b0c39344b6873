//! Who has to have a second factor.

/// What an installation asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactorPolicy {
    /// Whoever wants one has one.
    #[default]
    Optional,
    /// Admins manage nothing without one.
    Admins,
}

/// Whether an account has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactorState {
    /// It has none, and nothing is missing.
    #[default]
    Off,
    /// It has none, and may do nothing that takes an admin until it has.
    Needed,
    /// It has one.
    On,
}

impl SecondFactorState {
    /// Of an account that has one, or not.
    pub const fn of(is_on: bool, policy: SecondFactorPolicy) -> Self {
        match (is_on, policy) {
            (true, _) => Self::On,
            (false, SecondFactorPolicy::Optional) => Self::Off,
            (false, SecondFactorPolicy::Admins) => Self::Needed,
        }
    }
    /// Whether the account has one.
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}
