//! Requests that may be repeated: with a key of the client's, a request is carried out once, and whoever sends it
//! again gets the first answer (ADR 70).
//!
//! Only successes are kept. A refusal has changed nothing, so trying again is safe, and may help; after an error of
//! the server nobody knows more than before.

mod decide;
mod port;

pub use decide::{
    Beginning, FoundRequest, IdempotencyKey, KeptAnswer, NewRequest, NotAnIdempotencyKey,
    RepeatRefusal,
};
#[cfg(feature = "mocks")]
pub use port::MockIdempotencyStore;
pub use port::{Begun, IdempotencyStore};

use crate::clock::Clock;
use crate::failure::{StoreError, WriteError};
use crate::limits;
use crate::session::{Caller, TokenSigner};
use std::sync::Arc;

/// What idempotency needs from outside.
pub struct IdempotencyPorts {
    /// The requests.
    pub requests: Arc<dyn IdempotencyStore>,
    /// Digests keys and requests.
    pub signer: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of idempotency.
pub struct Idempotency {
    ports: IdempotencyPorts,
}

/// A request, as far as it tells whether another is the same.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, with its query.
    pub path: &'a str,
    /// Its body; of an upload, what is known of it before it has arrived.
    pub body: &'a [u8],
    /// Whether it is an upload.
    pub is_upload: bool,
}

impl Idempotency {
    /// Uses the given ports.
    pub fn new(ports: IdempotencyPorts) -> Self {
        Self { ports }
    }

    /// Begins a request, unless it was begun before. What begins is ended by [`Self::end`].
    pub async fn begin(
        &self,
        caller: &Caller,
        key: &IdempotencyKey,
        request: RequestParts<'_>,
    ) -> Result<(NewRequest, Begun), WriteError<RepeatRefusal>> {
        let at = self.ports.clock.now();
        let patience = if request.is_upload {
            limits::IDEMPOTENCY_UPLOAD_PATIENCE
        } else {
            limits::IDEMPOTENCY_PATIENCE
        };
        let new = NewRequest {
            owner: caller.actor(),
            key: self.digest(&[b"idempotency key", key.as_str().as_bytes()]),
            request: self.fingerprint(caller, request),
            at,
            until: at.plus(patience),
        };
        let begun = self.ports.requests.begin(new.clone()).await?;
        Ok((new, begun))
    }

    /// Ends a request that was begun: keeps its answer, or nothing, so that it may be tried again.
    pub async fn end(
        &self,
        request: NewRequest,
        answer: Option<KeptAnswer>,
    ) -> Result<(), StoreError> {
        self.ports.requests.end(request, answer.filter(KeptAnswer::is_kept)).await
    }

    /// Forgets what was kept long enough, a part at a time. To be called now and then.
    pub async fn purge(&self) -> Result<(), StoreError> {
        let before = self.ports.clock.now().minus(limits::IDEMPOTENCY_MEMORY);
        while self.ports.requests.forget(before).await? {}
        Ok(())
    }

    /// A digest of all that makes two requests the same. A key acts as different people and may have other scopes
    /// than another key of its account, and so would be answered differently.
    fn fingerprint(&self, caller: &Caller, request: RequestParts<'_>) -> [u8; 32] {
        let scopes = caller.key.as_ref().map(|key| key.scopes.to_string()).unwrap_or_default();
        let head = format!("{}\n{scopes}\n{} {}\n", caller.user, request.method, request.path);
        self.digest(&[b"idempotent request", head.as_bytes(), request.body])
    }

    /// A digest of parts, each of which is told from the next by its length.
    fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut all = Vec::new();
        for part in parts {
            all.extend_from_slice(&part.len().to_be_bytes());
            all.extend_from_slice(part);
        }
        self.ports.signer.digest(&all)
    }
}
