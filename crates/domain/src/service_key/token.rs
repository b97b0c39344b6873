//! The format of a key: `confab_key_`, 64 hexadecimal digits of 32 random bytes, and 8 digits of their checksum.
//!
//! Secret scanners recognise the prefix. The checksum, a CRC-32, detects mistyped keys without a database
//! query, and lets scanners verify what they found. It is no protection.

use crate::session::hex;
use std::fmt;

/// A key, which is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyToken(String);

/// The error for something that begins like a key but is not one: a part is missing or mistyped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the checksum of the service key is wrong")]
pub struct Mistyped;

/// What every key begins with.
const PREFIX: &str = "confab_key_";
/// Digits of the checksum.
const CHECKSUM: usize = 8;

impl KeyToken {
    /// The key made from these random bytes.
    pub fn of(random: &[u8; 32]) -> Self {
        let body = hex(random);
        Self(format!("{PREFIX}{body}{:08x}", crc32(body.as_bytes())))
    }

    /// Whether a token is meant to be a key.
    pub fn is_meant(given: &str) -> bool {
        given.starts_with(PREFIX)
    }

    /// Parses a key, and verifies its checksum.
    pub fn parse(given: &str) -> Result<Self, Mistyped> {
        let digits = given.strip_prefix(PREFIX).ok_or(Mistyped)?;
        let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 64 + CHECKSUM || !digits.bytes().all(is_digit) {
            return Err(Mistyped);
        }
        let (body, checksum) = digits.split_at(64);
        let is_right = format!("{:08x}", crc32(body.as_bytes())) == checksum;
        if is_right { Ok(Self(given.to_owned())) } else { Err(Mistyped) }
    }

    /// The secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyToken(…)")
    }
}

/// The CRC-32 of ISO 3309, as in zip files.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = crc & 1 == 1;
            crc = (crc >> 1) ^ if odd { 0xedb8_8320 } else { 0 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_made() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926, "the check value of the standard");
        let key = KeyToken::of(&[0xab; 32]);
        let text = key.reveal();
        assert!(text.starts_with("confab_key_abab") && text.len() == 11 + 72, "{text}");
        assert_eq!(KeyToken::parse(text), Ok(key.clone()));
        assert_eq!(format!("{key:?}"), "KeyToken(…)");
    }

    #[test]
    fn what_was_mistyped_is_no_key() {
        let key = KeyToken::of(&[7; 32]).reveal().to_owned();
        let swapped = key.replacen("0707", "7007", 1);
        let longer = format!("{key}0");
        for bad in
            [&key[..key.len() - 1], &longer, &swapped, &key.to_uppercase(), "confab_key_", "", "🦀"]
        {
            assert_eq!(KeyToken::parse(bad), Err(Mistyped), "{bad}");
        }
        for nth in "confab_key_".len()..key.len() {
            let mut typed = key.clone().into_bytes();
            typed[nth] = if typed[nth] == b'0' { b'1' } else { b'0' };
            let typed = String::from_utf8(typed).unwrap();
            assert_eq!(KeyToken::parse(&typed), Err(Mistyped), "{typed}");
        }
    }
}
