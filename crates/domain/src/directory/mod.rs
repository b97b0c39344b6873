//! Who finds whom, and which rooms.
//!
//! The rule is [`Finding::needs`]: how two people must be connected for one to find the other. Answers must not
//! tell hidden people from people who do not exist. Therefore [`Directory::found`] returns [`UserId::UNKNOWN`]
//! for somebody who is hidden, and the use case goes on as it does for an unknown id: with the same checks in the
//! same order, and the same statements. `docs/directory.md` has the table, and a test compares the two (ADR 63).

mod finding;
mod port;

pub use finding::{Finding, Policy, Tie, Wanted};
#[cfg(feature = "mocks")]
pub use port::MockTieStore;
pub use port::TieStore;

use crate::failure::StoreError;
use crate::ids::UserId;
use crate::session::Caller;
use crate::user::AccountRole;
use std::sync::Arc;

/// Who finds whom on this server.
pub struct Directory {
    policy: Policy,
    ties: Arc<dyn TieStore>,
}

impl Directory {
    /// A directory with that policy, which the settings choose.
    pub fn new(policy: Policy, ties: Arc<dyn TieStore>) -> Self {
        Self { policy, ties }
    }

    /// Whom a caller finds. A service key that calls as itself stands for the host and finds everybody; as
    /// somebody it finds whom they find. An admin who still lacks the second factor that is asked of admins
    /// finds whom a user finds.
    pub fn of(&self, caller: &Caller) -> Finding {
        if caller.is_key() {
            return Finding::Everybody;
        }
        let role = match caller.role {
            AccountRole::Admin if caller.manages().is_err() => AccountRole::User,
            role => role,
        };
        self.policy.of(role)
    }

    /// Whether nobody is hidden from anybody. Then answers do not depend on the caller.
    pub fn hides_nothing(&self) -> bool {
        self.policy.hides_nothing()
    }

    /// The same id if the caller finds that person; else [`UserId::UNKNOWN`].
    pub async fn found(
        &self,
        caller: &Caller,
        wanted: Wanted,
        user: UserId,
    ) -> Result<UserId, StoreError> {
        let found = self.all_found(caller, wanted, &[user]).await?;
        Ok(found.first().copied().unwrap_or(UserId::UNKNOWN))
    }

    /// The same for several people, in their order, with at most one call of the store.
    pub async fn all_found(
        &self,
        caller: &Caller,
        wanted: Wanted,
        users: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        let tied = match self.of(caller).needs(wanted) {
            Some(Tie::None) => return Ok(users.to_vec()),
            // Everybody finds themselves, and this saves the look-up.
            _ if users.iter().all(|user| *user == caller.user) => return Ok(users.to_vec()),
            Some(tie) => self.ties.tied(caller.user, tie, users).await?,
            // No tie is enough.
            None => Vec::new(),
        };
        let found = |user: &UserId| *user == caller.user || tied.contains(user);
        let or_unknown = |user: &UserId| if found(user) { *user } else { UserId::UNKNOWN };
        Ok(users.iter().map(or_unknown).collect())
    }
}
