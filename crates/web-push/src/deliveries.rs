//! Sending notifications, with retries, within limits.

use crate::hosts::Hosts;
use crate::places::Places;
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::limits::{
    PUSH_ATTEMPTS, PUSH_RETRY_WAIT, PUSH_RETRY_WAIT_MAX, PUSHES_AT_ONCE,
    PUSHES_PENDING_PER_ACCOUNT, PUSHES_PER_ACCOUNT, PUSHES_PER_HOST, PUSHES_TO_RETRY,
    PUSHES_WAITING,
};
use domain::push::{Burst, Delivery, Due, Pushes};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The notifications that are being sent; their number is bounded.
pub(crate) struct Deliveries {
    way: Arc<Way>,
    waiting: Arc<Semaphore>,
    tasks: JoinSet<()>,
}

/// What all deliveries share.
struct Way {
    pushes: Arc<Pushes>,
    /// Limits how many notifications of each account are pending: waiting, being sent, or waiting for a retry.
    pending: Places<UserId>,
    accounts: Places<UserId>,
    hosts: Places<String>,
    at_once: Semaphore,
    to_retry: Semaphore,
    health: Hosts,
}

impl Deliveries {
    pub(crate) fn new(pushes: Arc<Pushes>) -> Self {
        let way = Way {
            pushes,
            pending: Places::new(PUSHES_PENDING_PER_ACCOUNT),
            accounts: Places::new(PUSHES_PER_ACCOUNT),
            hosts: Places::new(PUSHES_PER_HOST),
            at_once: Semaphore::new(PUSHES_AT_ONCE),
            to_retry: Semaphore::new(PUSHES_TO_RETRY),
            health: Hosts::default(),
        };
        let waiting = Arc::new(Semaphore::new(PUSHES_WAITING));
        Self { way: Arc::new(way), waiting, tasks: JoinSet::new() }
    }

    /// Starts to send the notifications of messages of one chat to all devices that are due now.
    pub(crate) async fn tell(&mut self, mut burst: Burst) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let page = self.way.pushes.due(&mut burst, from).await?;
            for due in page.due {
                while self.tasks.try_join_next().is_some() {}
                let pending = self.way.pending.of(due.to.user).try_acquire_owned();
                let Ok(pending) = pending else {
                    count("given_up");
                    continue;
                };
                // Retries are limited separately, by `to_retry`.
                let Ok(waiting) = self.waiting.clone().acquire_owned().await else {
                    return Ok(());
                };
                let way = self.way.clone();
                self.tasks.spawn(async move {
                    way.send(due, waiting).await;
                    drop(pending);
                });
            }
            match page.next {
                Some(next) => from = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Waits for all deliveries that were started.
    pub(crate) async fn finish(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Way {
    /// Sends a notification, and retries until there is a final outcome.
    async fn send(&self, mut due: Due, waiting: OwnedSemaphorePermit) {
        let mut waiting = Some(waiting);
        for attempt in 1..=PUSH_ATTEMPTS {
            let wait = match self.deliver(&due).await {
                Ok(Delivery::Later(wait)) => {
                    wait.unwrap_or(PUSH_RETRY_WAIT * 2_u32.pow(attempt - 1))
                }
                Ok(delivery) => return count(outcome(delivery)),
                Err(error) => {
                    tracing::warn!(%error, "a subscription that is gone was not forgotten");
                    return count("gone");
                }
            };
            drop(waiting.take());
            if attempt == PUSH_ATTEMPTS || wait > PUSH_RETRY_WAIT_MAX {
                break;
            }
            let Ok(_retrying) = self.to_retry.try_acquire() else { break };
            sleep(wait).await;
            // Meanwhile the session may have ended, or the message may have been read.
            match self.pushes.still_due(due.notice, due.to.session).await {
                Ok(Some(still)) => due = still,
                Ok(None) => return count("moot"),
                Err(error) => {
                    tracing::warn!(%error, "it is not known whether a device is still to be told");
                    break;
                }
            }
        }
        count("given_up");
    }

    /// Sends a notification once there is a place for its account, for its host, and among all, in this
    /// order. So whoever holds one of the shared places waits only for the push service.
    async fn deliver(&self, due: &Due) -> Result<Delivery, StoreError> {
        let host = due.to.endpoint.authority();
        let (account, places) = (self.accounts.of(due.to.user), self.hosts.of(host.to_owned()));
        let _place =
            (account.acquire().await, places.acquire().await, self.at_once.acquire().await);
        let began = Instant::now();
        if self.health.rests(host, began) {
            return Ok(Delivery::Later(None));
        }
        let delivery = self.pushes.deliver(due).await?;
        self.health.note(host, delivery, began.elapsed());
        Ok(delivery)
    }
}

fn outcome(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Taken => "taken",
        Delivery::Gone => "gone",
        Delivery::Refused => "refused",
        Delivery::Later(_) => "given_up",
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("confab_push_total", "outcome" => outcome).increment(1);
}
