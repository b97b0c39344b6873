//! Passwords without the wait.

use async_trait::async_trait;
use domain::limits::PASSWORD_MAX_BYTES;
use domain::user::{HashError, Password, PasswordHash, PasswordHasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Keeps a password as it is behind a number that makes two hashes of it differ. It counts what it
/// compared, since a login that compares nothing would be quick and tell.
#[derive(Default)]
pub struct PlainHasher {
    hashed: AtomicU64,
    verified: AtomicU64,
}

impl PlainHasher {
    /// That has hashed nothing yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// How often a password was compared, with a hash or without.
    pub fn verified(&self) -> u64 {
        self.verified.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        let salt = self.hashed.fetch_add(1, Ordering::SeqCst);
        Ok(PasswordHash::stored(format!("plain${salt}${}", password.reveal())))
    }

    async fn verify(&self, typed: String, hash: Option<PasswordHash>) -> Result<bool, HashError> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        let Some(hash) = hash else { return Ok(false) };
        let known = hash.as_str().splitn(3, '$').nth(2).ok_or(HashError::Failed)?;
        Ok(typed.len() <= PASSWORD_MAX_BYTES && typed == known)
    }
}
