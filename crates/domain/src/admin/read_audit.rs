//! Reading the audit log.

use super::{Actor, Administration, AuditPage, AuditQuery};
use crate::failure::StoreError;

impl Administration {
    /// Entries of the log, the newest first.
    pub async fn audit(&self, _: Actor, query: AuditQuery) -> Result<AuditPage, StoreError> {
        self.ports.admin.audit(query).await
    }
}
