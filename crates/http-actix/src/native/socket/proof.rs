//! The expiry of a socket's token, and renewing it.

use super::calls::Client;
use super::wire::{Expiry, Push, PushData, text};
use crate::native::wire::rfc_3339;
use domain::clock::Timestamp;
use domain::failure::Failure;
use domain::ids::SessionId;
use domain::limits::SOCKET_TOKEN_NOTICE;
use domain::session::Sessions;
use http_core::problem::Problem;
use realtime::{Belonging, CloseCode, Frame};
use std::sync::Arc;
use tokio::time::Instant;

/// Accepts a new token for an open socket.
#[derive(Clone)]
pub(super) struct Renewals {
    pub(super) sessions: Arc<Sessions>,
    pub(super) belonging: Belonging,
}

impl Renewals {
    /// Moves the socket to the session of that token, if the token is its owner's.
    pub(super) async fn take(&self, client: &Client, token: &str) -> Result<Renewed, Problem> {
        let proof =
            self.sessions.prove_again(&client.caller, token).await.map_err(Failure::from)?;
        self.belonging.set_session(proof.caller.session);
        let until = Until::new(&self.sessions, proof.ends_at);
        Ok(Renewed { session: proof.caller.session, until })
    }
}

/// A token that was accepted.
pub(super) struct Renewed {
    pub(super) session: SessionId,
    pub(super) until: Until,
}

/// Until when the client's token is valid.
pub(super) struct Until {
    ends_at: Timestamp,
    /// When to notify the client; `None` once that was done.
    notice_at: Option<Instant>,
    due_at: Instant,
}

impl Until {
    pub(super) fn new(sessions: &Sessions, ends_at: Timestamp) -> Self {
        let (now, left) = (Instant::now(), sessions.time_left(ends_at));
        // Not in the first half of a short life: a client that renews at once would do nothing else.
        let notice = left.saturating_sub(SOCKET_TOKEN_NOTICE).max(left / 2);
        Self { ends_at, notice_at: Some(now + notice), due_at: now + left }
    }

    /// The expiry, as it is sent to the client.
    pub(super) fn expiry(&self) -> Expiry {
        let left = self.due_at.saturating_duration_since(Instant::now());
        Expiry { expires_at: rfc_3339(self.ends_at), expires_in: left.as_secs() }
    }

    /// When to notify the client; after that, when to close the socket.
    pub(super) fn due_at(&self) -> Instant {
        self.notice_at.unwrap_or(self.due_at)
    }

    /// Notifies the client, or closes the socket once the token has expired.
    pub(super) fn tend(&mut self) -> Result<Option<Frame>, CloseCode> {
        if Instant::now() >= self.due_at {
            return Err(CloseCode::TokenExpired);
        }
        self.notice_at = None;
        let data = PushData::Expiry(self.expiry());
        Ok(Some(text(&Push { kind: "token_expires", chat: None, version: None, data })))
    }
}
