//! The secret that an authenticator app shares with the server (ADR 57).

use crate::limits::{TOTP_DIGITS, TOTP_STEP};
use std::fmt::{self, Write};

/// Random bytes, stored with an account, that its secret is derived from together with the secret of the
/// installation. They are useless without that, so a stolen database gives nobody codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FactorSeed(pub [u8; 16]);

impl fmt::Debug for FactorSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FactorSeed(…)")
    }
}

/// The secret of an authenticator app: 160 bits, as RFC 4226 recommends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TotpSecret([u8; 20]);

impl TotpSecret {
    /// The secret from the digest of its seed.
    pub fn of(digest: [u8; 32]) -> Self {
        let mut secret = [0; 20];
        secret.copy_from_slice(&digest[..20]);
        Self(secret)
    }
    /// For signers and their tests.
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }
    /// The bytes, for a signer.
    pub const fn reveal(&self) -> &[u8; 20] {
        &self.0
    }
    /// The secret as people type it into an app.
    pub fn base32(&self) -> String {
        base32(&self.0)
    }
    /// The `otpauth:` URL that an app reads the secret from. The app lists it under [`ISSUER`] and `name`.
    pub fn address(&self, name: &str) -> String {
        let (name, secret) = (percent_encoded(name), self.base32());
        let period = TOTP_STEP.as_secs();
        format!(
            "otpauth://totp/{ISSUER}:{name}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits={TOTP_DIGITS}&period={period}"
        )
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// What an app lists an account under.
const ISSUER: &str = "Confab";

/// The characters of base32 (RFC 4648).
pub(super) const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bytes in base32, for lengths that need no padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let groups = bytes.chunks(5).flat_map(|chunk| {
        let mut group = [0; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let group = u64::from_be_bytes(group);
        (0..8).rev().map(move |nth| ALPHABET[usize::from((group >> (5 * nth)) as u8 & 31)])
    });
    groups.map(char::from).collect()
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_told_in_base32_and_as_an_address() {
        let secret = TotpSecret::from_bytes(*b"12345678901234567890");
        assert_eq!(secret.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            secret.address("Zoë & 1"),
            "otpauth://totp/Confab:Zo%C3%AB%20%26%201?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Confab&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{secret:?} {:?}", FactorSeed([1; 16])), "TotpSecret(…) FactorSeed(…)");
    }
}
