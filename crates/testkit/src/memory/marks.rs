//! What people put on messages.

use super::MemoryDb;
use async_trait::async_trait;
use domain::failure::StoreError;
use domain::message::{MarkFailure, MarkStore, Marked, React};

#[async_trait]
impl MarkStore for MemoryDb {
    async fn react(&self, react: React) -> Result<Marked, MarkFailure> {
        let mut state = self.state();
        let message = state.message(react.message).ok_or(StoreError::NotFound)?;
        if !react.admit(message)? {
            return Ok(None);
        }
        let change = |message: &mut domain::message::Message| {
            react.apply(&mut message.extras.reactions);
        };
        Ok(Some(state.change(react.message, change)?))
    }
}
