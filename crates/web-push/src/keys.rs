//! The keys by which push services recognise this installation (VAPID, RFC 8292).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::clock::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// How long a signature is valid: half of the longest time that is allowed.
const LIFE: Duration = Duration::from_secs(12 * 3600);

/// A key pair, and the operator's contact address for push services.
pub struct Keys {
    signing: EncodingKey,
    public: [u8; 65],
    contact: String,
}

/// The error for bytes that are not a private key of P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no private key of P-256")]
pub struct NotAKey;

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// The key pair of this private key. `contact` is a `mailto:` or `https:` address of the operator.
    pub fn new(private: &[u8; 32], contact: String) -> Result<Self, NotAKey> {
        let secret = SecretKey::from_slice(private).map_err(|_| NotAKey)?;
        let point = secret.public_key().to_encoded_point(false);
        let public = point.as_bytes().try_into().map_err(|_| NotAKey)?;
        let der = secret.to_pkcs8_der().map_err(|_| NotAKey)?;
        Ok(Self { signing: EncodingKey::from_ec_der(der.as_bytes()), public, contact })
    }

    pub(crate) fn public(&self) -> [u8; 65] {
        self.public
    }

    /// The `Authorization` header for a push service at that origin.
    pub(crate) fn authorization(&self, origin: &str, now: Timestamp) -> String {
        let exp = now.plus(LIFE).as_micros() / 1_000_000;
        let claims = Claims { aud: origin, exp, sub: &self.contact };
        let token = encode(&Header::new(Algorithm::ES256), &claims, &self.signing)
            .expect("three plain fields become JSON, and a key that was checked signs");
        format!("vapid t={token}, k={}", BASE64_URL_SAFE_NO_PAD.encode(self.public))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_of_the_curve_is_one() {
        assert_eq!(Keys::new(&[0; 32], String::new()).unwrap_err(), NotAKey);
        assert_eq!(Keys::new(&[0xff; 32], String::new()).unwrap_err(), NotAKey);
        assert_eq!(Keys::new(&[1; 32], String::new()).unwrap().public()[0], 4);
    }
}
