//! Passwords.

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use domain::limits::PASSWORD_MAX_BYTES;
use domain::user::{HashError, Password, PasswordHash, PasswordHasher};
use metrics::{Gauge, gauge};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

/// Passwords that may wait to be hashed. At a third of a second each this is over a minute's work:
/// whoever comes later would have given up anyway.
const QUEUE: usize = 256;

// The library's `non_truncating_*` calls refuse 72 bytes, which bcrypt reads whole; the rules let
// nobody have more, nor a NUL, so its plain calls cut nothing here.

type Job = Box<dyn FnOnce() + Send>;

/// Hashes with bcrypt, on threads of its own that give way to everything else, from a queue that
/// has an end.
pub struct BcryptHasher {
    queue: SyncSender<Job>,
    /// Passwords that wait to be hashed, for whoever watches the server.
    waiting: Gauge,
    cost: u32,
    /// What a password is compared with when there is no account.
    nobody: PasswordHash,
}

/// A cost that bcrypt does not know.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the cost of a password's hash is a number from 4 to 31")]
pub struct CostError;

impl BcryptHasher {
    /// Starts `threads` threads that hash at that cost, which is a power of two: 12 takes about a
    /// third of a second of a core.
    ///
    /// # Errors
    /// A cost outside 4 to 31, or a thread that cannot be started.
    pub fn start(cost: u32, threads: usize) -> io::Result<Self> {
        let nobody = bcrypt::hash("nobody's password", cost)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, CostError))?;
        let (queue, jobs) = sync_channel::<Job>(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads.max(1) {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new().name(format!("bcrypt-{number}")).spawn(move || work(&jobs))?;
        }
        let waiting = gauge!("confab_password_queue");
        waiting.set(0);
        Ok(Self { queue, waiting, cost, nobody: PasswordHash::stored(nobody) })
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let (reply, answer) = oneshot::channel();
        let waiting = self.waiting.clone();
        let job = move || {
            waiting.decrement(1);
            // Whoever asked may have left while this waited in the queue.
            if !reply.is_closed() {
                let _ = reply.send(job());
            }
        };
        self.waiting.increment(1);
        self.queue.try_send(Box::new(job)).map_err(|_| {
            self.waiting.decrement(1);
            HashError::Busy
        })?;
        answer.await.map_err(|_| HashError::Failed)?
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    // On Linux this concerns the calling thread only. Where it is refused, hashing is not slower.
    let _ = rustix::process::nice(10);
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        let cost = self.cost;
        self.run(move || {
            let hash = bcrypt::hash(password.reveal(), cost);
            hash.map(PasswordHash::stored).map_err(|_| HashError::Failed)
        })
        .await
    }

    async fn verify(&self, typed: String, hash: Option<PasswordHash>) -> Result<bool, HashError> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        self.run(move || {
            if typed.len() > PASSWORD_MAX_BYTES {
                return Ok(false);
            }
            let right = match hash.as_str().strip_prefix("pbkdf2_sha256$") {
                Some(rest) => by_pbkdf2(&typed, rest),
                None => bcrypt::verify(&typed, hash.as_str()).ok(),
            };
            right.map(|right| right && exists).ok_or(HashError::Failed)
        })
        .await
    }
}

/// Compares with a hash of Django's, `rounds$salt$hash`; `None` if it is none. Nobody is given a new one.
fn by_pbkdf2(typed: &str, hash: &str) -> Option<bool> {
    let (rounds, rest) = hash.split_once('$')?;
    let (salt, sum) = rest.split_once('$')?;
    let sum = STANDARD.decode(sum).ok()?;
    let mut typed_sum = [0; 32];
    pbkdf2_hmac::<Sha256>(typed.as_bytes(), salt.as_bytes(), rounds.parse().ok()?, &mut typed_sum);
    Some(typed_sum.as_slice().ct_eq(&sum).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::user::UserName;

    fn password(typed: &str) -> Password {
        Password::new(typed, &UserName::new("ada").unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let hasher = BcryptHasher::start(4, 2).unwrap();
        let hash = hasher.hash(password("correct horse")).await.unwrap();
        assert!(!hash.as_str().contains("correct"));
        assert_eq!(hasher.verify("correct horse".into(), Some(hash.clone())).await, Ok(true));
        assert_eq!(hasher.verify("correct horsf".into(), Some(hash)).await, Ok(false));
        assert_ne!(
            hasher.hash(password("correct horse")).await.unwrap(),
            hasher.hash(password("correct horse")).await.unwrap()
        );
    }

    #[tokio::test]
    async fn a_password_is_known_by_a_hash_of_django() {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        // By `hashlib.pbkdf2_hmac("sha256", b"correct horse", b"seasalt", 1000)`.
        let hash = "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=";
        let hash = Some(PasswordHash::stored(hash.into()));
        assert_eq!(hasher.verify("correct horse".into(), hash.clone()).await, Ok(true));
        assert_eq!(hasher.verify("correct horsf".into(), hash).await, Ok(false));
        for damaged in ["", "x$salt$", "1000$salt", "1000$salt$?"] {
            let damaged = PasswordHash::stored(format!("pbkdf2_sha256${damaged}"));
            let verdict = hasher.verify("x".into(), Some(damaged)).await;
            assert_eq!(verdict, Err(HashError::Failed));
        }
    }

    #[tokio::test]
    async fn all_72_bytes_count_and_more_are_never_right() {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        let long = "aB3$xY9!".repeat(9);
        let hash = hasher.hash(password(&long)).await.unwrap();
        let other = format!("{}?", &long[..71]);
        assert_eq!(hasher.verify(long.clone(), Some(hash.clone())).await, Ok(true));
        assert_eq!(hasher.verify(other, Some(hash.clone())).await, Ok(false));
        assert_eq!(hasher.verify(format!("{long}x"), Some(hash)).await, Ok(false));
    }

    #[tokio::test]
    async fn nobody_has_no_password_and_a_damaged_hash_is_an_error() {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        assert_eq!(hasher.verify("nobody's password".into(), None).await, Ok(false));
        let damaged = Some(PasswordHash::stored("$2b$04$short".into()));
        assert_eq!(hasher.verify("x".into(), damaged).await, Err(HashError::Failed));
    }

    #[tokio::test]
    async fn a_full_queue_says_so_at_once_and_empties() {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let (started, has_started) = std::sync::mpsc::channel::<()>();
        hasher
            .queue
            .try_send(Box::new(move || {
                started.send(()).unwrap();
                gate.recv().unwrap();
            }))
            .unwrap();
        has_started.recv().unwrap();
        for _ in 0..QUEUE {
            hasher.queue.try_send(Box::new(|| ())).unwrap();
        }
        assert_eq!(hasher.verify("x".into(), None).await, Err(HashError::Busy));
        release.send(()).unwrap();
        let (emptied, is_empty) = std::sync::mpsc::channel::<()>();
        hasher.queue.send(Box::new(move || emptied.send(()).unwrap())).unwrap();
        is_empty.recv().unwrap();
        assert_eq!(hasher.verify("x".into(), None).await, Ok(false));
    }

    #[test]
    fn a_wrong_cost_is_refused() {
        assert!(BcryptHasher::start(3, 1).is_err());
        assert!(BcryptHasher::start(32, 1).is_err());
    }
}
