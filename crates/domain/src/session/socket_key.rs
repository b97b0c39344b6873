//! Keys for sockets: what a browser opens a socket with where it can send a cookie and nothing else.
//!
//! `<session>.<end>.<digest>`: the digest is over the session's seed, so nothing has to be stored, and a
//! key ends with its session. It opens sockets of the protocol that the session was opened by, and is
//! good for nothing else: whoever gets hold of a cookie has no token.

use super::hex::same;
use super::media_key::parse;
use super::{AuthError, Caller, Protocol, Sessions};
use crate::clock::Timestamp;
use crate::limits;

/// What sets them apart from keys for media.
const USAGE: &[u8] = b"socket";

impl Sessions {
    /// A key that opens the caller's sockets for [`limits::SOCKET_KEY_LIFE`], but not longer than their
    /// session lives.
    pub async fn socket_key(&self, caller: &Caller) -> Result<String, AuthError> {
        let now = self.ports.clock.now();
        let session = self.signed(caller.session, now).await?.session;
        let end = now.plus(limits::SOCKET_KEY_LIFE).as_micros() / 1_000_000;
        Ok(format!("{}.{end}.{}", session.id, self.digest_until(USAGE, &session, end)))
    }

    /// Whom a key for sockets of that protocol speaks for, and when it ends.
    pub async fn authenticate_socket_key(
        &self,
        key: &str,
        protocol: &Protocol,
    ) -> Result<(Caller, Timestamp), AuthError> {
        let now = self.ports.clock.now();
        let (session, end, proof) = parse(key).ok_or(AuthError::Invalid)?;
        let signed = self.signed(session, now).await?;
        let is_right = same(proof, &self.digest_until(USAGE, &signed.session, end));
        if !is_right || signed.session.client.protocol != *protocol {
            return Err(AuthError::Invalid);
        }
        let ends_at = Timestamp::from_micros(end.saturating_mul(1_000_000));
        if ends_at <= now { Err(AuthError::Expired) } else { Ok((self.caller(&signed), ends_at)) }
    }
}
