//! One-time codes (TOTP), and when they are valid.

use super::recovery::RecoveryCode;
use crate::clock::Timestamp;
use crate::limits::{TOTP_DIGITS, TOTP_SKEW, TOTP_STEP};

/// A time step: the number of spans of [`TOTP_STEP`] since 1970. Each step has its own code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(i64);

impl Step {
    /// The step of that time.
    pub fn at(now: Timestamp) -> Self {
        let seconds = now.as_micros().div_euclid(1_000_000);
        Self(seconds.div_euclid(i64::try_from(TOTP_STEP.as_secs()).unwrap_or(i64::MAX)))
    }
    /// For adapters: a step that was stored.
    pub const fn stored(number: i64) -> Self {
        Self(number)
    }
    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A one-time code: a number of [`TOTP_DIGITS`] digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneTimeCode(u32);

impl OneTimeCode {
    /// The last digits of a longer number.
    pub const fn cut(number: u32) -> Self {
        Self(number % 10_u32.pow(TOTP_DIGITS))
    }
    /// The digits, with leading zeros.
    pub fn digits(self) -> String {
        format!("{:0width$}", self.0, width = TOTP_DIGITS as usize)
    }
}

/// A code as typed: either of two kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedCode {
    /// A one-time code from an authenticator app.
    OneTime(OneTimeCode),
    /// A recovery code instead.
    Recovery(RecoveryCode),
}

impl TypedCode {
    /// Parses what was typed, ignoring spaces, since apps show codes in two groups. `None` if it is neither kind.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut digits = typed.chars().filter(|c| !c.is_whitespace());
        let number = digits.try_fold((0, 0_u32), |(count, number), digit| {
            let number = number.checked_mul(10)?.checked_add(digit.to_digit(10)?)?;
            Some((count + 1, number))
        });
        match number {
            Some((TOTP_DIGITS, number)) => Some(Self::OneTime(OneTimeCode(number))),
            _ => RecoveryCode::parse(typed).map(Self::Recovery),
        }
    }
}

/// Why somebody with the right password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    /// The account has a second factor, and no code was given.
    #[error("This account asks for a code of its second factor too.")]
    Missing,
    /// The code is not valid now, or was used before.
    #[error("The code of the second factor is wrong, or was used before.")]
    Wrong,
}

impl CodeRefusal {
    /// The code, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "second_factor_required",
            Self::Wrong => "wrong_second_factor",
        }
    }
}

/// The step that a code belongs to: the current one, or one of the [`TOTP_SKEW`] before or after it, because
/// clocks differ. It must be later than the last used step. `None` if the code belongs to none of these.
pub fn step_of(
    typed: OneTimeCode,
    now: Timestamp,
    last_used: Option<Step>,
    code_at: impl Fn(Step) -> OneTimeCode,
) -> Option<Step> {
    let Step(present) = Step::at(now);
    let near = (present - TOTP_SKEW..=present + TOTP_SKEW).map(Step);
    // All codes are computed and compared, so that timing does not reveal which one matched.
    near.filter(|step| (code_at(*step) == typed) & (last_used < Some(*step))).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code of a step is its number here.
    fn found(typed: u32, micros: i64, last: Option<i64>) -> Option<i64> {
        let code_at = |step: Step| OneTimeCode::cut(u32::try_from(step.get()).unwrap());
        let (now, last) = (Timestamp::from_micros(micros), last.map(Step::stored));
        step_of(OneTimeCode(typed), now, last, code_at).map(Step::get)
    }

    #[test]
    fn a_code_counts_one_step_before_and_after_its_own() {
        const SECOND: i64 = 1_000_000;
        // The step 10 is from second 300 until just before second 330.
        for (micros, counts) in [
            (270 * SECOND - 1, false),
            (270 * SECOND, true),
            (300 * SECOND, true),
            (330 * SECOND, true),
            (360 * SECOND - 1, true),
            (360 * SECOND, false),
        ] {
            assert_eq!(found(10, micros, None), counts.then_some(10), "{micros}");
        }
    }

    #[test]
    fn a_step_counts_once_and_none_before_it_any_more() {
        let now = 310_000_000;
        assert_eq!(found(10, now, Some(9)), Some(10));
        assert_eq!(found(10, now, Some(10)), None);
        assert_eq!(found(9, now, Some(10)), None);
        assert_eq!(found(11, now, Some(10)), Some(11));
    }

    #[test]
    fn of_two_steps_with_one_code_the_later_is_used_up() {
        let alike = |_| OneTimeCode(7);
        let now = Timestamp::from_micros(310_000_000);
        let step = step_of(OneTimeCode(7), now, None, alike).map(Step::get);
        assert_eq!(step, Some(11));
    }

    #[test]
    fn what_is_typed_is_a_code_or_a_recovery_code_or_nothing() {
        for typed in ["012345", " 012 345 ", "0 1 2 3 4 5"] {
            assert_eq!(TypedCode::parse(typed), Some(TypedCode::OneTime(OneTimeCode(12_345))));
        }
        let recovery = RecoveryCode::parse("AAAA-BBBB-CCCC-2222").unwrap();
        for typed in ["aaaabbbbcccc2222", "AAAA BBBB CCCC 2222", " aaaa-bbbb-CCCC-2222"] {
            assert_eq!(TypedCode::parse(typed), Some(TypedCode::Recovery(recovery.clone())));
        }
        let long = "2".repeat(10_000);
        for typed in
            ["", " ", "12345", "1234567", "-12345", "12345x", "٠١٢٣٤٥", "0000000012345", &long]
        {
            assert_eq!(TypedCode::parse(typed), None, "{typed}");
        }
        assert_eq!(OneTimeCode(12_345).digits(), "012345");
    }
}
