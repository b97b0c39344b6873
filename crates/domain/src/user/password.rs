//! Passwords, and which are accepted.

use super::UserName;
use crate::failure::{Failure, Kind};
use crate::limits::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS};
use std::fmt;
use zxcvbn::matching::patterns::MatchPattern;

/// A password that passed the rules. `Debug` does not show it.
pub struct Password(String);

/// The stored hash of a password: by bcrypt in its usual text form, or one that was imported from another server
/// ([`crate::import`]).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Whether people of this installation sign in by passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Passwords {
    /// They may.
    #[default]
    On,
    /// They sign in with a provider or a host's token, and in no other way.
    Off,
}

impl Passwords {
    /// # Errors
    /// They are off.
    pub fn check(self) -> Result<(), PasswordsOff> {
        match self {
            Self::On => Ok(()),
            Self::Off => Err(PasswordsOff),
        }
    }
}

/// No password does anything here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This server takes no passwords. Sign in with an identity provider.")]
pub struct PasswordsOff;

impl From<PasswordsOff> for Failure {
    fn from(error: PasswordsOff) -> Self {
        Self::new(Kind::Forbidden, "passwords_off", error)
    }
}

/// Why a password was refused. The rules are those of the five systems that this one replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`PASSWORD_MIN_CHARS`] characters.
    #[error("must have {PASSWORD_MIN_CHARS} characters or more")]
    TooShort,
    /// More than [`PASSWORD_MAX_BYTES`] bytes of UTF-8.
    #[error("must have {PASSWORD_MAX_BYTES} bytes or fewer")]
    TooLong,
    /// It contains U+0000, at which bcrypt would stop reading.
    #[error("must not contain a NUL character")]
    Nul,
    /// Nothing but digits.
    #[error("must not be all digits")]
    AllDigits,
    /// One of the most common passwords.
    #[error("is one of the most common passwords")]
    Common,
    /// The user name, however spelt.
    #[error("must not be the user name")]
    SameAsName,
}

impl PasswordError {
    /// The code for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Nul => "nul_character",
            Self::AllDigits => "password_all_digits",
            Self::Common => "password_common",
            Self::SameAsName => "password_is_name",
        }
    }
}

impl Password {
    /// Checks a password for an account of that name. Returns the first fault.
    pub fn new(typed: &str, name: &UserName) -> Result<Self, PasswordError> {
        match Self::faults(typed, name).first() {
            Some(fault) => Err(*fault),
            None => Ok(Self(typed.to_owned())),
        }
    }
    /// Everything that is wrong with a password, for protocols that list it all.
    pub fn faults(typed: &str, name: &UserName) -> Vec<PasswordError> {
        let length = typed.chars().count();
        let is_too_long = typed.len() > PASSWORD_MAX_BYTES;
        let is_digits = length > 0 && typed.chars().all(char::is_numeric);
        let faults = [
            (length < PASSWORD_MIN_CHARS, PasswordError::TooShort),
            (is_too_long, PasswordError::TooLong),
            (typed.contains('\0'), PasswordError::Nul),
            (is_digits, PasswordError::AllDigits),
            (crate::text::fold(typed) == name.folded(), PasswordError::SameAsName),
            // The search takes longer for longer texts, and these are refused anyway.
            (!is_too_long && is_common(typed), PasswordError::Common),
        ];
        faults.into_iter().filter_map(|(is, fault)| is.then_some(fault)).collect()
    }
    /// The password itself, for the hasher.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Whether all of it is one entry, in any case, in the lists of common passwords and words of `zxcvbn`, or
/// one short run of neighbouring keys or repeated characters, of which such lists are full.
fn is_common(typed: &str) -> bool {
    // In characters.
    const SHORT: usize = 12;
    let entropy = zxcvbn::zxcvbn(typed, &[]);
    let [only] = entropy.sequence() else { return false };
    match &only.pattern {
        MatchPattern::Dictionary(found) => !found.l33t && !found.reversed,
        MatchPattern::Repeat(_) | MatchPattern::Sequence(_) | MatchPattern::Spatial(_) => {
            typed.chars().count() <= SHORT
        }
        _ => false,
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl PasswordHash {
    /// A hash from a hasher or a store.
    pub fn stored(hash: String) -> Self {
        Self(hash)
    }
    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordError> {
        let name = UserName::new("Margarete42").expect("a good name");
        Password::new(password, &name).map(drop)
    }

    #[test]
    fn good_passwords_pass() {
        for good in
            ["securepass123", "Andrew123Password", "correct horse", "пароль-мой-7", "aB3$xY9!"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check(&"aB3$".repeat(18)), Ok(()), "72 bytes");
    }

    #[test]
    fn bad_passwords_are_named() {
        for (bad, why) in [
            ("aB3$xY9", PasswordError::TooShort),
            ("ééééééé", PasswordError::TooShort),
            ("8675309867", PasswordError::AllDigits),
            ("١٢٣٤٥٦٧٨٩", PasswordError::AllDigits),
            ("password", PasswordError::Common),
            ("PASSWORD", PasswordError::Common),
            ("qwertyuiop", PasswordError::Common),
            ("iloveyou", PasswordError::Common),
            ("aaaaaaaa", PasswordError::Common),
            ("margarete42", PasswordError::SameAsName),
            ("ＭＡＲＧＡＲＥＴＥ42", PasswordError::SameAsName),
            ("good\0enough", PasswordError::Nul),
        ] {
            assert_eq!(check(bad), Err(why), "{bad:?}");
        }
        assert_eq!(check(&format!("{}x", "aB3$".repeat(18))), Err(PasswordError::TooLong));
        let name = UserName::new("Margarete42").expect("a good name");
        let faults = [PasswordError::TooShort, PasswordError::AllDigits, PasswordError::Common];
        assert_eq!(Password::faults("12345", &name), faults);
    }
}
