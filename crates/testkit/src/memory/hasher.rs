//! A password hasher that takes no time.

use async_trait::async_trait;
use domain::limits::PASSWORD_MAX_BYTES;
use domain::user::{HashError, HashOrigin, Password, PasswordHash, PasswordHasher, Verified};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Keeps a password in plain, after a number that makes each hash different. It counts the comparisons,
/// because a login that made none would be faster and so reveal that there is no such account.
#[derive(Default)]
pub struct PlainHasher {
    hashed: AtomicU64,
    verified: AtomicU64,
}

impl PlainHasher {
    /// A hasher that has hashed nothing yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// How often a password was compared, with a real hash or with none.
    pub fn verified(&self) -> u64 {
        self.verified.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: Password, _: HashOrigin) -> Result<PasswordHash, HashError> {
        let salt = self.hashed.fetch_add(1, Ordering::SeqCst);
        Ok(PasswordHash::stored(format!("plain${salt}${}", password.reveal())))
    }

    async fn verify(
        &self,
        typed: String,
        hash: Option<PasswordHash>,
        _: HashOrigin,
    ) -> Result<Verified, HashError> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        let Some(hash) = hash else { return Ok(Verified { right: false, renewed: None }) };
        let known = hash.as_str().splitn(3, '$').nth(2).ok_or(HashError::Failed)?;
        let right = typed.len() <= PASSWORD_MAX_BYTES && typed == known;
        // Such a hash counts as another server's, and is renewed.
        let is_old = right && hash.as_str().starts_with("old$");
        Ok(Verified {
            right,
            renewed: is_old.then(|| PasswordHash::stored(format!("plain$0${known}"))),
        })
    }
}
