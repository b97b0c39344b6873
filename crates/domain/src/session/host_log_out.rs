//! Logging out at a host, who tells of it (OpenID Connect Back-Channel Logout 1.0).

use super::Sessions;
use crate::admin::{AccountChange, AuditAction, Record};
use crate::failure::StoreError;
use crate::host::{HostLogOutError, HostUpdate};

impl Sessions {
    /// Ends every session of whom a host's log-out token is about, and with them their sockets, on every node.
    /// Somebody who was never seen here, or was deleted, has none.
    pub async fn log_out_by_host(&self, token: &str) -> Result<(), HostLogOutError> {
        let tokens = self.ports.host_tokens.as_ref().ok_or(HostLogOutError::NotConfigured)?;
        let now = self.ports.clock.now();
        let person = tokens.read_log_out(token, now).await?;
        let detail = format!("by {}", person.issuer.as_str());
        let update = HostUpdate {
            said: None,
            change: AccountChange { end_sessions: true, ..AccountChange::default() },
            records: vec![Record::new(None, AuditAction::UserSessions, detail, now)],
        };
        match self.ports.host_accounts.update_for(&person, update, now).await {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
