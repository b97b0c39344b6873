//! Tokens that anybody who has read this file could forge.

use domain::clock::Timestamp;
use domain::second_factor::{OneTimeCode, Step, TotpSecret};
use domain::session::{AccessClaims, Protocol, TokenError, TokenSigner};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Signs with a fast hash, keyed by a number. Two signers with the same key produce the same in the same
/// order; with different keys, neither accepts what the other has signed.
pub struct TestSigner {
    key: u64,
    drawn: AtomicU64,
}

impl TestSigner {
    /// A signer with that key.
    pub fn new(key: u64) -> Arc<Self> {
        Arc::new(Self { key, drawn: AtomicU64::new(0) })
    }

    fn seal(&self, claims: &str) -> u64 {
        self.lane(u64::MAX, claims.as_bytes())
    }

    fn lane(&self, lane: u64, message: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.key);
        hasher.write_u64(lane);
        hasher.write(message);
        hasher.finish()
    }
}

impl TokenSigner for TestSigner {
    fn random(&self) -> [u8; 32] {
        let nth = self.drawn.fetch_add(1, Ordering::SeqCst);
        self.digest(&[b"random".as_slice(), &nth.to_be_bytes()].concat())
    }

    fn sign_access(&self, claims: &AccessClaims) -> String {
        let AccessClaims { user, session, protocol, issued_at, expires_at } = claims;
        let (from, until) = (issued_at.as_micros(), expires_at.as_micros());
        let said = format!("{user}.{session}.{protocol}.{from}.{until}");
        let seal = self.seal(&said);
        format!("{said}.{seal:016x}")
    }

    fn read_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let claims = self.parse(token).ok_or(TokenError::Invalid)?;
        if claims.expires_at > now { Ok(claims) } else { Err(TokenError::Expired) }
    }

    fn digest(&self, message: &[u8]) -> [u8; 32] {
        let mut digest = [0; 32];
        for (lane, bytes) in (0..).zip(digest.chunks_exact_mut(8)) {
            bytes.copy_from_slice(&self.lane(lane, message).to_be_bytes());
        }
        digest
    }

    fn one_time_code(&self, secret: &TotpSecret, step: Step) -> OneTimeCode {
        Self::code_of(&secret.base32(), step)
    }
}

impl TestSigner {
    /// The code that an authenticator app with that secret shows at that step. Adjacent steps of one secret
    /// have different codes.
    pub fn code_of(secret: &str, step: Step) -> OneTimeCode {
        let mut hasher = DefaultHasher::new();
        hasher.write(secret.as_bytes());
        let spread = hasher.finish() % 900_000;
        let number = spread + step.get().unsigned_abs() % 100_000;
        OneTimeCode::cut(u32::try_from(number).unwrap_or_default())
    }

    fn parse(&self, token: &str) -> Option<AccessClaims> {
        let (said, seal) = token.rsplit_once('.')?;
        if seal != format!("{:016x}", self.seal(said)) {
            return None;
        }
        let mut parts = said.split('.');
        let mut next = || parts.next();
        Some(AccessClaims {
            user: next()?.parse().ok()?,
            session: next()?.parse().ok()?,
            protocol: Protocol::new(next()?),
            issued_at: Timestamp::from_micros(next()?.parse().ok()?),
            expires_at: Timestamp::from_micros(next()?.parse().ok()?),
        })
    }
}
