//! Logging out at a host, who tells of it (OpenID Connect Back-Channel Logout 1.0).

use super::{EndedAtHost, Sessions};
use crate::admin::{AccountChange, AuditAction, Record};
use crate::failure::StoreError;
use crate::host::{HostLogOutError, HostUpdate, LoggedOut, PictureChange};

impl Sessions {
    /// Ends what a host's log-out token is about, and with it the sockets, on every node: the sessions that came of one
    /// session at the host, or all of somebody's if the token names none. Somebody who was never seen here, or was
    /// deleted, has none.
    pub async fn log_out_by_host(&self, token: &str) -> Result<(), HostLogOutError> {
        let tokens = self.ports.host_tokens.as_ref().ok_or(HostLogOutError::NotConfigured)?;
        let now = self.ports.clock.now();
        let logged_out = tokens.read_log_out(token, now).await?;
        let detail = format!("by {}", logged_out.issuer().as_str());
        let record = Record::new(None, AuditAction::UserSessions, detail, now);
        let person = match logged_out {
            LoggedOut::Person(person) => person,
            LoggedOut::Session { issuer, subject, session } => {
                let ended = EndedAtHost { issuer, subject, session };
                return Ok(self.ports.sessions.end_from_host(ended, record).await?);
            }
        };
        let update = HostUpdate {
            said: None,
            change: AccountChange { end_sessions: true, ..AccountChange::default() },
            picture: PictureChange::Stays,
            records: vec![record],
        };
        match self.ports.host_accounts.update_for(&person, update, now).await {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
