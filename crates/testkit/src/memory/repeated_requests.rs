//! Requests that may be repeated.

use super::MemoryDb;
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::idempotency::{
    Beginning, Begun, FoundRequest, IdempotencyStore, KeptAnswer, NewRequest, RepeatRefusal,
};
use domain::limits::FORGOTTEN_TOGETHER;

#[async_trait]
impl IdempotencyStore for MemoryDb {
    async fn begin(&self, new: NewRequest) -> Result<Begun, WriteError<RepeatRefusal>> {
        let mut state = self.state();
        let key = (new.owner, new.key);
        let found = state.repeated_requests.get(&key).map(|(begun, answer)| FoundRequest {
            request: begun.request,
            until: begun.until,
            answer: answer.clone(),
        });
        let kept = state.repeated_requests.keys().filter(|(owner, _)| *owner == new.owner).count();
        match new.decide(found, kept).map_err(WriteError::Refused)? {
            Beginning::Answered(answer) => Ok(Begun::Answered(answer)),
            Beginning::New | Beginning::TakeOver => {
                state.repeated_requests.insert(key, (new, None));
                Ok(Begun::New)
            }
        }
    }

    async fn end(&self, request: NewRequest, answer: Option<KeptAnswer>) -> Result<(), StoreError> {
        let mut state = self.state();
        let key = (request.owner, request.key);
        let is_mine = |(begun, answer): &(NewRequest, Option<KeptAnswer>)| {
            begun.until == request.until && answer.is_none()
        };
        if state.repeated_requests.get(&key).is_some_and(is_mine) {
            match answer {
                Some(answer) => state.repeated_requests.insert(key, (request, Some(answer))),
                None => state.repeated_requests.remove(&key),
            };
        }
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let old = state.repeated_requests.iter().filter(|(_, (begun, _))| begun.at < before);
        let mut old: Vec<_> = old.map(|(key, (begun, _))| (begun.at, *key)).collect();
        old.sort();
        old.truncate(FORGOTTEN_TOGETHER);
        old.iter().for_each(|(_, key)| drop(state.repeated_requests.remove(key)));
        Ok(old.len() == FORGOTTEN_TOGETHER)
    }
}
