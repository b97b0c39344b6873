//! Keys for media, with which a page shows pictures: an `<img>` sends no header, and an access token in a URL
//! would end up in logs and histories (ADR 12).
//!
//! A key is `<session>.<end>.<digest>`. The digest is over the session's seed, so nothing has to be stored,
//! and the key ends with its session. It authenticates the caller for media and for nothing else; what they
//! may see is decided at each request.

use super::hex::{hex, same};
use super::{AuthError, Caller, Session, Sessions, SignedSession};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::SessionId;
use crate::limits;

impl Sessions {
    /// A key with which the caller can fetch media, and when it ends: between half of
    /// [`limits::MEDIA_KEY_LIFE`] and all of it from now. The end is rounded, so within half of that time
    /// each call returns the same key: then URLs stay the same, and browsers use their caches.
    pub async fn media_key(&self, caller: &Caller) -> Result<(String, Timestamp), AuthError> {
        let now = self.ports.clock.now();
        let signed = self.signed(caller.session, now).await?;
        let half = (limits::MEDIA_KEY_LIFE.as_secs() / 2).cast_signed();
        let end = (now.as_micros() / 1_000_000 / half + 2) * half;
        let proof = self.media_proof(&signed.session, end);
        let key = format!("{}.{end}.{proof}", signed.session.id);
        Ok((key, Timestamp::from_micros(end * 1_000_000)))
    }

    /// The caller by a key for media.
    pub async fn authenticate_media_key(&self, key: &str) -> Result<Caller, AuthError> {
        let now = self.ports.clock.now();
        let (session, end, proof) = parse(key).ok_or(AuthError::Invalid)?;
        let signed = self.ports.sessions.get_recent(session, now).await.map_err(ended)?;
        if !same(proof, &self.media_proof(&signed.session, end)) {
            return Err(AuthError::Invalid);
        }
        if Timestamp::from_micros(end.saturating_mul(1_000_000)) <= now {
            return Err(AuthError::Expired);
        }
        Ok(self.caller(&signed))
    }

    /// The session of a key, with its account; `Invalid` if it has ended.
    pub(super) async fn signed(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> Result<SignedSession, AuthError> {
        self.ports.sessions.get(id, now).await.map_err(ended)
    }

    fn media_proof(&self, session: &Session, end: i64) -> String {
        self.digest_until(b"media", session, end)
    }

    /// A digest that only this installation can make, for one usage, session and end. Keys for sockets use
    /// it, too.
    pub(super) fn digest_until(&self, usage: &[u8], session: &Session, end: i64) -> String {
        let mut message = usage.to_vec();
        message.extend_from_slice(&session.id.get().to_be_bytes());
        message.extend_from_slice(&end.to_be_bytes());
        message.extend_from_slice(&session.seed.0);
        hex(&self.ports.signer.digest(&message))
    }
}

/// Why there is no session.
fn ended(error: StoreError) -> AuthError {
    match error {
        StoreError::NotFound => AuthError::Invalid,
        error => error.into(),
    }
}

/// Splits `<session>.<end>.<digest>`.
pub(super) fn parse(key: &str) -> Option<(SessionId, i64, &str)> {
    let (session, rest) = key.split_once('.')?;
    let (end, proof) = rest.split_once('.')?;
    Some((session.parse().ok()?, end.parse().ok()?, proof))
}
