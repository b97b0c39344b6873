//! Who needs a second factor.

/// An installation's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactorPolicy {
    /// Nobody needs one.
    #[default]
    Optional,
    /// Admins need one for everything that only admins may do.
    Admins,
}

/// Whether an account has a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactorState {
    /// It has none, and needs none.
    #[default]
    Off,
    /// It has none, and cannot do what only admins may until it has one.
    Needed,
    /// It has one.
    On,
}

impl SecondFactorState {
    /// The state of an account, given whether it has one.
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
