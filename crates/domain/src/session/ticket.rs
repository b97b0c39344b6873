//! Tickets, by which browsers open sockets: a browser cannot set a header there, and a token in the URL would
//! end up in logs. A ticket does, too, but it works once and only for seconds.

use super::hex::hex;
use super::{Caller, ProvenCaller, Sessions};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError};
use crate::limits;

/// Why a ticket is refused.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// It was used, it expired, its session ended, or it never existed.
    #[error("The ticket is not valid.")]
    Invalid,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<TicketError> for Failure {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::Invalid => Self::new(Kind::Unauthenticated, "ticket_invalid", error),
            TicketError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for TicketError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::Invalid,
            error => Self::Store(error),
        }
    }
}

impl Sessions {
    /// A new ticket, which opens one socket within [`limits::TICKET_LIFE`], and when it expires.
    pub async fn issue_ticket(&self, caller: &Caller) -> Result<(String, Timestamp), TicketError> {
        let ticket = hex(&self.ports.signer.random());
        let expires_at = self.ports.clock.now().plus(limits::TICKET_LIFE);
        self.ports
            .sessions
            .add_ticket(self.ticket_hash(&ticket), caller.session, expires_at)
            .await?;
        Ok((ticket, expires_at))
    }

    /// The caller by a ticket, which is used up.
    pub async fn take_ticket(&self, ticket: &str) -> Result<Caller, TicketError> {
        Ok(self.prove_by_ticket(ticket).await?.caller)
    }

    /// The same, with the time until which it authenticates: as long as an access token issued now.
    pub async fn prove_by_ticket(&self, ticket: &str) -> Result<ProvenCaller, TicketError> {
        let now = self.ports.clock.now();
        let session = self.ports.sessions.take_ticket(self.ticket_hash(ticket), now).await?;
        let caller = self.caller(&self.ports.sessions.get(session, now).await?);
        Ok(ProvenCaller { caller, ends_at: now.plus(self.policy.access_life) })
    }

    fn ticket_hash(&self, ticket: &str) -> [u8; 32] {
        self.ports.signer.digest(&[b"ticket", ticket.as_bytes()].concat())
    }
}
