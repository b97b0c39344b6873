//! Recovery codes: each replaces a code of the app once.

use super::secret::{ALPHABET, base32};
use crate::limits::RECOVERY_CODE_CHARS;
use std::fmt;

/// 80 random bits in base32. The server stores only a keyed hash of it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// A code made from random bytes.
    pub fn new(random: [u8; 10]) -> Self {
        Self(base32(&random))
    }
    /// Parses what was typed, in any case and grouping; `None` if it does not have the form of a code.
    pub fn parse(typed: &str) -> Option<Self> {
        let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let code: String = kept.take(RECOVERY_CODE_CHARS + 1).collect::<String>();
        let code = code.to_ascii_uppercase();
        let is_good =
            code.len() == RECOVERY_CODE_CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        is_good.then_some(Self(code))
    }
    /// The characters that are hashed.
    pub fn reveal(&self) -> &str {
        &self.0
    }
    /// The code in groups of four, as it is shown once.
    pub fn grouped(&self) -> String {
        let groups = self.0.as_bytes().chunks(4).map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_shown() {
        let code = RecoveryCode::new([0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(code.grouped(), "74AA-CAQD-AQCQ-MBYI");
        assert_eq!(RecoveryCode::parse(&code.grouped()), Some(code.clone()));
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
        for bad in ["74AA-CAQD-AQCQ-MBY", "74AA-CAQD-AQCQ-MBYII", "74AA-CAQD-AQCQ-MBY1", "", "é"] {
            assert_eq!(RecoveryCode::parse(bad), None, "{bad}");
        }
    }
}
