//! A way to push services that leads nowhere.

use async_trait::async_trait;
use domain::ids::SessionId;
use domain::push::{Delivery, Endpoint, PushSender, ReceiverKeys, Subscription, Told, Unfit};
use std::sync::{Arc, Mutex, PoisonError};

/// Writes down what is sent, and returns what it is told to.
pub struct RecordingSender {
    sent: Mutex<Vec<(SessionId, Told)>>,
    answer: Mutex<Delivery>,
}

impl RecordingSender {
    /// One that takes everything.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { sent: Mutex::default(), answer: Mutex::new(Delivery::Taken) })
    }

    /// What was sent to which device since this was asked last.
    pub fn take(&self) -> Vec<(SessionId, Told)> {
        std::mem::take(&mut self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers this from now on.
    pub fn answer(&self, delivery: Delivery) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = delivery;
    }
}

#[async_trait]
impl PushSender for RecordingSender {
    fn public_key(&self) -> [u8; 65] {
        [4; 65]
    }

    /// A host called `inside` leads inside, and a point begins with a 4.
    async fn vet(&self, endpoint: &Endpoint, keys: &ReceiverKeys) -> Result<(), Unfit> {
        if keys.p256dh[0] != 4 {
            return Err(Unfit::Key);
        }
        if endpoint.as_str().starts_with("https://inside/") { Err(Unfit::Address) } else { Ok(()) }
    }

    async fn send(&self, to: &Subscription, told: &Told) -> Delivery {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push((to.session, told.clone()));
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
