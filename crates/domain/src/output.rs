//! Limiting each account's output: the bytes of answers that are being made, and of what waits to be written
//! to its connections.

use crate::ids::UserId;
use crate::limits::{ACCOUNT_OUTPUT_BYTES, ANSWER_BYTES};
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker};

/// The accounts that have output.
#[derive(Default)]
pub struct Outputs {
    accounts: Mutex<HashMap<UserId, Weak<Account>>>,
}

impl Outputs {
    /// The output of an account, which is shared as long as somebody holds it.
    pub fn of(&self, user: UserId) -> Arc<Account> {
        let mut accounts = self.accounts();
        let known = accounts.get(&user).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let new = Arc::new(Account::default());
            accounts.insert(user, Arc::downgrade(&new));
            new
        })
    }

    /// The largest output of any account, in bytes.
    pub fn most(&self) -> usize {
        let accounts = self.accounts();
        let known = accounts.values().filter_map(Weak::upgrade);
        known.map(|account| account.bytes.load(Ordering::Relaxed)).max().unwrap_or(0)
    }

    /// Removes accounts that nobody holds any more.
    pub fn forget_idle(&self) {
        let mut accounts = self.accounts();
        accounts.retain(|_, account| account.strong_count() > 0);
        accounts.shrink_to_fit();
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<UserId, Weak<Account>>> {
        // A poisoned lock is harmless: no panic above can leave the map half-changed.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The output of one account.
#[derive(Default)]
pub struct Account {
    bytes: AtomicUsize,
    /// Tasks that wait for room.
    waiting: Mutex<Vec<Waker>>,
}

impl Account {
    /// Reserves room for one more answer while it is being made, if there is any.
    pub fn reserve(self: &Arc<Self>) -> Option<Owed> {
        let more = |bytes: usize| {
            let after = bytes + ANSWER_BYTES;
            (after <= ACCOUNT_OUTPUT_BYTES).then_some(after)
        };
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Owed { account: Some(Arc::clone(self)), bytes: ANSWER_BYTES })
    }

    /// Waits for room, and reserves it.
    pub async fn reserved(self: &Arc<Self>) -> Owed {
        poll_fn(|context| {
            // Registers before it tries, so that room that is freed in between is not missed.
            let mut waiting = self.waiting();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            drop(waiting);
            self.reserve().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A share of an account's output, which is given back when this is dropped.
#[derive(Default)]
pub struct Owed {
    account: Option<Arc<Account>>,
    bytes: usize,
}

impl Owed {
    /// A share of zero bytes; without an account, nothing is counted.
    pub fn to(account: Option<Arc<Account>>) -> Self {
        Self { account, bytes: 0 }
    }

    /// Whether it counts for an account.
    pub fn is_to_somebody(&self) -> bool {
        self.account.is_some()
    }

    /// Sets the share's bytes, whether or not there is room for them.
    pub fn set(&mut self, bytes: usize) {
        let before = std::mem::replace(&mut self.bytes, bytes);
        let Some(account) = &self.account else { return };
        if bytes >= before {
            account.bytes.fetch_add(bytes - before, Ordering::Relaxed);
        } else {
            account.bytes.fetch_sub(before - bytes, Ordering::Relaxed);
            let waiting = std::mem::take(&mut *account.waiting());
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::Context;

    #[test]
    fn an_account_has_no_more_on_its_way_than_it_may() {
        let outputs = Outputs::default();
        let account = outputs.of(UserId::stored(1));
        let most = ACCOUNT_OUTPUT_BYTES / ANSWER_BYTES;
        let mut owed: Vec<_> = (0..most).map(|_| account.reserve().expect("room")).collect();
        assert!(outputs.of(UserId::stored(1)).reserve().is_none(), "it is the same account");
        assert!(outputs.of(UserId::stored(2)).reserve().is_some(), "another has its own");
        owed[0].set(1);
        assert!(account.reserve().is_none(), "one byte is too many");
        owed[0].set(0);
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(taken) = pin!(account.reserved()).poll(&mut context) else {
            panic!("there is room for one")
        };
        let mut waits = pin!(account.reserved());
        assert!(waits.as_mut().poll(&mut context).is_pending());
        drop(taken);
        assert!(account.waiting().is_empty(), "who waited was woken");
        assert!(waits.as_mut().poll(&mut context).is_ready());
        drop(owed);
        assert_eq!(account.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn nothing_is_remembered_of_who_is_owed_nothing() {
        let outputs = Outputs::default();
        let (one, owed) = (outputs.of(UserId::stored(1)), outputs.of(UserId::stored(2)).reserve());
        outputs.forget_idle();
        assert_eq!(outputs.accounts().len(), 2);
        drop((one, owed));
        outputs.forget_idle();
        assert!(outputs.accounts().is_empty());
    }
}
