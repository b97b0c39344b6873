//! Hashes passwords and compares them with stored hashes.

use crate::queue::Queue;
use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use domain::limits::PASSWORD_MAX_BYTES;
use domain::user::{HashError, HashOrigin, Password, PasswordHash, PasswordHasher, Verified};
use metrics::{Gauge, gauge};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

// bcrypt ignores everything after 72 bytes or a NUL. The domain allows neither, so the library's plain calls cut
// nothing off here. Its `non_truncating_*` calls would refuse exactly 72 bytes, too (ADR 8).

/// Hashes with bcrypt, on its own threads of low priority, from a bounded queue that is shared fairly (ADR 42).
pub struct BcryptHasher {
    queue: Arc<Queue>,
    /// Passwords that wait to be hashed.
    waiting: Gauge,
    cost: u32,
    /// A hash to compare with when there is no account, so that the time does not tell which names exist.
    nobody: PasswordHash,
}

/// The cost is outside of what bcrypt allows.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the cost of a password's hash is a number from 4 to 31")]
pub struct CostError;

impl BcryptHasher {
    /// Starts `threads` threads that hash at that cost. The work is two to the power of the cost: 12 takes
    /// one core about a third of a second.
    ///
    /// # Errors
    /// A cost outside 4 to 31, or a thread that cannot be started.
    pub fn start(cost: u32, threads: usize) -> io::Result<Self> {
        let nobody = bcrypt::hash("nobody's password", cost)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, CostError))?;
        let queue = Arc::<Queue>::default();
        for number in 0..threads.max(1) {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("bcrypt-{number}")).spawn(move || work(&queue))?;
        }
        let waiting = gauge!("confab_password_queue");
        waiting.set(0);
        Ok(Self { queue, waiting, cost, nobody: PasswordHash::stored(nobody) })
    }

    /// Runs a job in its turn. `Busy` if the queue is full, `Failed` if the job panicked.
    async fn run<T: Send + 'static>(
        &self,
        from: HashOrigin,
        job: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let (reply, answer) = oneshot::channel();
        let waiting = self.waiting.clone();
        let job = move |its_turn_has_come| {
            waiting.decrement(1);
            // The request may have been cancelled meanwhile; then hashing would be wasted.
            if !reply.is_closed() {
                let _ = reply.send(if its_turn_has_come { job() } else { Err(HashError::Busy) });
            }
        };
        self.waiting.increment(1);
        self.queue.push(from, Box::new(job));
        answer.await.map_err(|_| HashError::Failed)?
    }
}

impl Drop for BcryptHasher {
    fn drop(&mut self) {
        self.queue.close();
    }
}

fn work(queue: &Queue) {
    // So that a burst of sign-ins does not delay messages. On Linux it applies to the calling thread only. If
    // it is refused, the server still works.
    let _ = rustix::process::nice(10);
    while let Some(job) = queue.next() {
        // A panic drops the job's sender, which its caller sees as `Failed`; the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(|| job(true)));
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: Password, from: HashOrigin) -> Result<PasswordHash, HashError> {
        let cost = self.cost;
        self.run(from, move || hash(password.reveal(), cost)).await
    }

    async fn verify(
        &self,
        typed: String,
        hash: Option<PasswordHash>,
        from: HashOrigin,
    ) -> Result<Verified, HashError> {
        let (cost, nobody) = (self.cost, self.nobody.clone());
        let verified = self.run(from, move || match hash {
            Some(known) => compare(&typed, &known, &nobody, cost),
            None => {
                compare(&typed, &nobody, &nobody, cost)?;
                Ok(Verified { right: false, renewed: None })
            }
        });
        let verified = verified.await?;
        if verified.right {
            self.queue.remember(from);
        }
        Ok(verified)
    }
}

/// Compares a password with a hash, and makes a new hash if that one is of another cost or kind and the
/// password is right. If it is wrong, a comparison at today's cost is added: otherwise the time would tell
/// which accounts have a cheaper hash.
fn compare(
    typed: &str,
    known: &PasswordHash,
    nobody: &PasswordHash,
    cost: u32,
) -> Result<Verified, HashError> {
    // Depends on what was typed alone, so that the time tells nothing about the account.
    if typed.len() > PASSWORD_MAX_BYTES {
        return Ok(Verified { right: false, renewed: None });
    }
    let known = known.as_str();
    let right = match known.strip_prefix("pbkdf2_sha256$") {
        Some(rest) => by_pbkdf2(typed, rest),
        None => bcrypt::verify(typed, known).ok(),
    };
    let right = right.ok_or(HashError::Failed)?;
    let is_as_today = bcrypt_cost(known) == Some(cost);
    let renewed = match (is_as_today, right) {
        (true, _) => None,
        // bcrypt stops at a NUL, so the new hash would accept a prefix. Passwords from other servers may have
        // one.
        (false, true) if !typed.contains('\0') => Some(hash(typed, cost)?),
        (false, _) => {
            bcrypt::verify(typed, nobody.as_str()).map_err(|_| HashError::Failed)?;
            None
        }
    };
    Ok(Verified { right, renewed })
}

fn hash(password: &str, cost: u32) -> Result<PasswordHash, HashError> {
    let hash = bcrypt::hash(password, cost);
    hash.map(PasswordHash::stored).map_err(|_| HashError::Failed)
}

/// The cost of a hash by bcrypt, `$2b$cost$…`.
fn bcrypt_cost(hash: &str) -> Option<u32> {
    hash.strip_prefix("$2")?.split('$').nth(1)?.parse().ok()
}

/// Compares with a hash of Django's, `rounds$salt$hash`; `None` if it is malformed. The import has limited
/// the rounds.
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
    use domain::limits::HASHES_PER_ORIGIN;
    use domain::user::UserName;
    use std::sync::mpsc::channel;

    const HERE: HashOrigin = HashOrigin::Operator;
    /// By `hashlib.pbkdf2_hmac("sha256", b"correct horse", b"seasalt", 1000)`.
    const OF_DJANGO: &str =
        "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=";

    fn password(typed: &str) -> Password {
        Password::new(typed, &UserName::new("ada").unwrap()).unwrap()
    }

    async fn is_right(hasher: &BcryptHasher, typed: &str, hash: &PasswordHash) -> bool {
        hasher.verify(typed.to_owned(), Some(hash.clone()), HERE).await.unwrap().right
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let hasher = BcryptHasher::start(4, 2).unwrap();
        let hash = hasher.hash(password("correct horse"), HERE).await.unwrap();
        assert!(!hash.as_str().contains("correct"));
        let verified = hasher.verify("correct horse".into(), Some(hash.clone()), HERE).await;
        assert_eq!(verified, Ok(Verified { right: true, renewed: None }));
        assert!(!is_right(&hasher, "correct horsf", &hash).await);
        let again = hasher.hash(password("correct horse"), HERE).await.unwrap();
        assert_ne!(hash, again);
    }

    #[tokio::test]
    async fn a_password_is_known_by_a_hash_of_django() {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        let hash = PasswordHash::stored(OF_DJANGO.into());
        assert!(is_right(&hasher, "correct horse", &hash).await);
        assert!(!is_right(&hasher, "correct horsf", &hash).await);
        for damaged in ["", "x$salt$", "1000$salt", "1000$salt$?"] {
            let damaged = PasswordHash::stored(format!("pbkdf2_sha256${damaged}"));
            let verdict = hasher.verify("x".into(), Some(damaged), HERE).await;
            assert_eq!(verdict, Err(HashError::Failed));
        }
    }

    #[tokio::test]
    async fn a_hash_of_another_sort_is_renewed_by_the_right_password() {
        let hasher = BcryptHasher::start(5, 1).unwrap();
        let cheaper = BcryptHasher::start(4, 1).unwrap();
        let cheap = cheaper.hash(password("correct horse"), HERE).await.unwrap();
        for old in [PasswordHash::stored(OF_DJANGO.into()), cheap] {
            let wrong = hasher.verify("correct horsf".into(), Some(old.clone()), HERE).await;
            assert_eq!(wrong, Ok(Verified { right: false, renewed: None }));
            let right = hasher.verify("correct horse".into(), Some(old.clone()), HERE).await;
            let renewed = right.unwrap().renewed.expect("another hash");
            assert_eq!(bcrypt_cost(renewed.as_str()), Some(5));
            assert!(is_right(&hasher, "correct horse", &renewed).await);
            assert!(!is_right(&hasher, "correct horsf", &renewed).await);
        }
    }

    #[tokio::test]
    async fn all_72_bytes_count_and_more_are_never_right() {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        let long = "aB3$xY9!".repeat(9);
        let hash = hasher.hash(password(&long), HERE).await.unwrap();
        let other = format!("{}?", &long[..71]);
        assert!(is_right(&hasher, &long, &hash).await);
        assert!(!is_right(&hasher, &other, &hash).await);
        assert!(!is_right(&hasher, &format!("{long}x"), &hash).await);
    }

    #[tokio::test]
    async fn nobody_has_no_password_and_a_damaged_hash_is_an_error() {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        let nobody = hasher.verify("nobody's password".into(), None, HERE).await;
        assert_eq!(nobody, Ok(Verified { right: false, renewed: None }));
        let damaged = Some(PasswordHash::stored("$2b$04$short".into()));
        assert_eq!(hasher.verify("x".into(), damaged, HERE).await, Err(HashError::Failed));
    }

    /// A hasher whose only thread waits until the sender is used or dropped.
    fn held() -> (BcryptHasher, std::sync::mpsc::Sender<()>) {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        let (release, gate) = channel::<()>();
        let (started, has_started) = channel::<()>();
        hasher.queue.push(
            HERE,
            Box::new(move |_| {
                started.send(()).unwrap();
                let _ = gate.recv();
            }),
        );
        has_started.recv().unwrap();
        (hasher, release)
    }

    #[tokio::test]
    async fn a_full_lane_says_so_at_once_and_empties() {
        let (hasher, release) = held();
        for _ in 0..HASHES_PER_ORIGIN {
            hasher.queue.push(HERE, Box::new(|_| ()));
        }
        assert_eq!(hasher.verify("x".into(), None, HERE).await, Err(HashError::Busy));
        let elsewhere = HashOrigin::Account(domain::ids::UserId::stored(1));
        release.send(()).unwrap();
        assert!(hasher.verify("x".into(), None, elsewhere).await.is_ok());
        let (emptied, is_empty) = channel::<()>();
        hasher.queue.push(elsewhere, Box::new(move |_| emptied.send(()).unwrap()));
        is_empty.recv().unwrap();
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_hashed() {
        let (hasher, release) = held();
        let (done, was_done) = channel::<()>();
        let run = hasher.run(HERE, move || {
            done.send(()).unwrap();
            Ok(())
        });
        // It is in the queue once it was asked for the first time.
        let mut run = Box::pin(run);
        assert!(
            std::future::poll_fn(|cx| {
                std::task::Poll::Ready(run.as_mut().poll(cx).is_pending())
            })
            .await
        );
        drop(run);
        release.send(()).unwrap();
        hasher.run(HERE, || Ok(())).await.unwrap();
        assert!(was_done.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_panic_ends_no_thread() {
        let hasher = BcryptHasher::start(4, 1).unwrap();
        let panics = hasher.run::<()>(HERE, || panic!("on purpose"));
        assert_eq!(panics.await, Err(HashError::Failed));
        assert_eq!(hasher.run(HERE, || Ok(7)).await, Ok(7));
    }

    #[test]
    fn a_wrong_cost_is_refused() {
        assert!(BcryptHasher::start(3, 1).is_err());
        assert!(BcryptHasher::start(32, 1).is_err());
    }
}
