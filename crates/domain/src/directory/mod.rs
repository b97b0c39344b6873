//! Who finds whom, and which rooms.
//!
//! The rule is [`Finding::needs`]: how two people must be connected for one to find the other. What somebody
//! may not find answers exactly as what is not there: [`Directory::found`] returns [`UserId::UNKNOWN`] for it,
//! and the use case goes on as it does for a number that nobody has, in the same order of checks and with the
//! same statements. `docs/directory.md` has the table, and a test compares the two.

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
    /// By that policy.
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

    /// Whether nothing is hidden from anybody, so that it need not be known who asks.
    pub fn hides_nothing(&self) -> bool {
        self.policy.hides_nothing()
    }

    /// That person, if the caller finds them; else [`UserId::UNKNOWN`].
    pub async fn found(
        &self,
        caller: &Caller,
        wanted: Wanted,
        user: UserId,
    ) -> Result<UserId, StoreError> {
        let found = self.all_found(caller, wanted, &[user]).await?;
        Ok(found.first().copied().unwrap_or(UserId::UNKNOWN))
    }

    /// The same of several, in their order. However many they are, they are looked up together.
    pub async fn all_found(
        &self,
        caller: &Caller,
        wanted: Wanted,
        users: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        let tied = match self.of(caller).needs(wanted) {
            Some(Tie::None) => return Ok(users.to_vec()),
            _ if users.iter().all(|user| *user == caller.user) => return Ok(users.to_vec()),
            Some(tie) => self.ties.tied(caller.user, tie, users).await?,
            None => Vec::new(),
        };
        let found = |user: &UserId| *user == caller.user || tied.contains(user);
        let or_unknown = |user: &UserId| if found(user) { *user } else { UserId::UNKNOWN };
        Ok(users.iter().map(or_unknown).collect())
    }
}
