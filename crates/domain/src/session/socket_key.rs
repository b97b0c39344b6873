//! Socket keys, with which a browser opens a socket when it can send only a cookie.
//!
//! The format is `<session>.<end>.<digest>`. The digest is over the session's seed, so nothing has to be
//! stored, and a key ends with its session. It only opens sockets of the session's own protocol, so somebody
//! who gets hold of a cookie has no token for anything else.

use super::hex::same;
use super::media_key::parse;
use super::{AuthError, Caller, Protocol, Sessions};
use crate::clock::Timestamp;
use crate::limits;

/// The part of the digest that distinguishes them from media keys.
const USAGE: &[u8] = b"socket";

impl Sessions {
    /// A key that opens the caller's sockets for [`limits::SOCKET_KEY_LIFE`], but no longer than their
    /// session lasts.
    pub async fn socket_key(&self, caller: &Caller) -> Result<String, AuthError> {
        let now = self.ports.clock.now();
        let session = self.signed(caller.session, now).await?.session;
        let end = now.plus(limits::SOCKET_KEY_LIFE).as_micros() / 1_000_000;
        Ok(format!("{}.{end}.{}", session.id, self.digest_until(USAGE, &session, end)))
    }

    /// Authenticates a caller by a socket key of that protocol, and returns when the key expires.
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
