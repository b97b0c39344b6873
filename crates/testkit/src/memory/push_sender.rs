//! A push sender that sends nothing.

use async_trait::async_trait;
use domain::ids::SessionId;
use domain::push::{Delivery, Endpoint, PushSender, ReceiverKeys, Subscription, Told, Unfit};
use std::sync::{Arc, Mutex, PoisonError};

/// Records what is to be sent, and answers as it was told to.
pub struct RecordingSender {
    sent: Mutex<Vec<(SessionId, Told)>>,
    answer: Mutex<Delivery>,
}

impl RecordingSender {
    /// A sender that answers [`Delivery::Taken`].
    pub fn new() -> Arc<Self> {
        Arc::new(Self { sent: Mutex::default(), answer: Mutex::new(Delivery::Taken) })
    }

    /// What was sent to which device since the last call.
    pub fn take(&self) -> Vec<(SessionId, Told)> {
        std::mem::take(&mut self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives this answer from now on.
    pub fn answer(&self, delivery: Delivery) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = delivery;
    }
}

#[async_trait]
impl PushSender for RecordingSender {
    fn public_key(&self) -> [u8; 65] {
        [4; 65]
    }

    /// Refuses the host `inside` as an internal address, and a key that does not begin with a 4.
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
