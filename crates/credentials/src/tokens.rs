//! Access tokens and digests.

use domain::clock::Timestamp;
use domain::ids::{SessionId, UserId};
use domain::second_factor::{OneTimeCode, Step, TotpSecret};
use domain::session::{AccessClaims, Protocol, TokenError, TokenSigner};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::Sha256;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// 32 random bytes that this installation keeps to itself. Whoever knows them can sign in as
/// anybody.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The secret that was loaded from the data folder.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// A name for this installation that reveals nothing of the secret. It keeps installations on one Redis
    /// apart.
    pub fn name(&self) -> String {
        self.key_for(b"name")[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
    /// A key for one purpose, so that what is made with it is never valid for another.
    fn key_for(&self, purpose: &[u8]) -> [u8; 32] {
        digest(&self.0, purpose)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Signs with the secret of this installation.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    digest_key: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    /// The same as a number, which clients of some dialects read from a token.
    #[serde(default)]
    user_id: i64,
    sid: i64,
    /// The protocol of the session's client; empty for the native API.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    protocol: String,
    /// Always `access`. Clients of some dialects tell tokens apart by it.
    #[serde(default)]
    token_type: Cow<'static, str>,
    iat: i64,
    exp: i64,
}

impl Tokens {
    /// Signs with keys that are derived from this secret.
    pub fn new(secret: &Secret) -> Self {
        let access = secret.key_for(b"access tokens");
        let mut validation = Validation::new(Algorithm::HS256);
        // [`TokenSigner::read_access`] compares with the domain's clock instead, and without the library's
        // leeway of a minute: a token ends when its owner was told that it does.
        validation.validate_exp = false;
        validation.required_spec_claims = HashSet::new();
        Self {
            encoding: EncodingKey::from_secret(&access),
            decoding: DecodingKey::from_secret(&access),
            validation,
            digest_key: secret.key_for(b"digests"),
        }
    }
}

impl TokenSigner for Tokens {
    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("Linux has randomness from its start on");
        bytes
    }

    fn sign_access(&self, claims: &AccessClaims) -> String {
        let claims = Claims {
            sub: claims.user.to_string(),
            user_id: claims.user.get(),
            sid: claims.session.get(),
            protocol: claims.protocol.as_str().to_owned(),
            token_type: Cow::Borrowed("access"),
            iat: seconds(claims.issued_at),
            exp: seconds(claims.expires_at),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .expect("plain fields become JSON, and a key of 32 bytes signs")
    }

    fn read_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let decoded = decode::<Claims>(token, &self.decoding, &self.validation);
        let claims = decoded.map_err(|_| TokenError::Invalid)?.claims;
        let expires_at = Timestamp::from_micros(claims.exp.saturating_mul(1_000_000));
        if expires_at <= now {
            return Err(TokenError::Expired);
        }
        Ok(AccessClaims {
            user: claims.sub.parse::<UserId>().map_err(|_| TokenError::Invalid)?,
            session: SessionId::try_from(claims.sid).map_err(|_| TokenError::Invalid)?,
            protocol: Protocol::new(&claims.protocol),
            issued_at: Timestamp::from_micros(claims.iat.saturating_mul(1_000_000)),
            expires_at,
        })
    }

    fn digest(&self, message: &[u8]) -> [u8; 32] {
        digest(&self.digest_key, message)
    }

    fn one_time_code(&self, secret: &TotpSecret, step: Step) -> OneTimeCode {
        let mac = Hmac::<Sha1>::new_from_slice(secret.reveal());
        let mac = mac.expect("HMAC takes a key of any length");
        let hash = mac.chain_update(step.get().to_be_bytes()).finalize().into_bytes();
        // RFC 4226, 5.3: the last four bits say where the four bytes of the number begin.
        let from = usize::from(hash[19] & 0xf);
        let number =
            u32::from_be_bytes([hash[from], hash[from + 1], hash[from + 2], hash[from + 3]]);
        OneTimeCode::cut(number & 0x7fff_ffff)
    }
}

fn digest(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.chain_update(message).finalize().into_bytes().into()
}

/// Seconds since 1970, as JWT has them, rounded down.
fn seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn claims() -> AccessClaims {
        AccessClaims {
            user: UserId::stored(7),
            session: SessionId::stored(9),
            protocol: Protocol::new("a word"),
            issued_at: NOW,
            expires_at: NOW.plus(Duration::from_secs(600)),
        }
    }

    #[test]
    fn a_token_says_what_was_signed_until_it_expires() {
        let tokens = Tokens::new(&Secret::from_bytes([1; 32]));
        let token = tokens.sign_access(&claims());
        assert_eq!(tokens.read_access(&token, NOW), Ok(claims()));
        let last = claims().expires_at.minus(Duration::from_micros(1));
        assert_eq!(tokens.read_access(&token, last), Ok(claims()));
        assert_eq!(tokens.read_access(&token, claims().expires_at), Err(TokenError::Expired));
    }

    #[test]
    fn tokens_of_others_and_without_a_signature_are_invalid() {
        let tokens = Tokens::new(&Secret::from_bytes([1; 32]));
        let others = Tokens::new(&Secret::from_bytes([2; 32])).sign_access(&claims());
        let good = tokens.sign_access(&claims());
        let payload = good.split('.').nth(1).unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
        let cut = &good[..good.len() - 1];
        for bad in [others.as_str(), &unsigned, cut, "", "a.b.c", "🦀"] {
            assert_eq!(tokens.read_access(bad, NOW), Err(TokenError::Invalid), "{bad}");
        }
    }

    /// The vectors of RFC 6238, of which six of the eight digits are asked for here.
    #[test]
    fn a_code_is_that_of_the_rfc() {
        let tokens = Tokens::new(&Secret::from_bytes([1; 32]));
        let secret = TotpSecret::from_bytes(*b"12345678901234567890");
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = Step::at(Timestamp::from_micros(second * 1_000_000));
            assert_eq!(tokens.one_time_code(&secret, step).digits(), code, "{second}");
        }
    }

    #[test]
    fn secrets_do_not_show_and_randomness_does_not_repeat() {
        assert_eq!(format!("{:?}", Secret::from_bytes([7; 32])), "Secret(…)");
        let tokens = Tokens::new(&Secret::from_bytes([1; 32]));
        assert_ne!(tokens.random(), tokens.random());
    }
}
