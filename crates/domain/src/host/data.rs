//! What a host keeps with its people.

use super::{BringInError, Brought, BroughtIn, HostPeople, HostSays};
use crate::data::Data;
use crate::failure::StoreError;
use crate::ids::UserId;
use crate::session::Caller;

impl HostPeople {
    /// What a host keeps with somebody: they see it themselves, and so do the keys of that host as themselves. To
    /// anybody else there is nothing.
    pub async fn data_of(&self, caller: &Caller, user: UserId) -> Result<Option<Data>, StoreError> {
        let issuer = match (&caller.issuer, caller.is_key()) {
            _ if caller.user == user => None,
            (Some(issuer), true) => Some(issuer.clone()),
            _ => return Ok(None),
        };
        self.ports.accounts.data_of(user, issuer).await
    }

    /// Patches the data of those who are in, and notes what came of it.
    pub(super) async fn keep_data(
        &self,
        said: &[HostSays],
        outcomes: &mut [Result<BroughtIn, BringInError>],
    ) -> Result<(), StoreError> {
        let (mut places, mut patches) = (Vec::new(), Vec::new());
        for (nth, (said, outcome)) in said.iter().zip(&*outcomes).enumerate() {
            if let (Some(patch), Ok(brought)) = (&said.data, outcome) {
                places.push(nth);
                patches.push((brought.user.id, patch.clone()));
            }
        }
        if patches.is_empty() {
            return Ok(());
        }
        let patched = self.ports.accounts.patch_data(patches).await?;
        for (nth, patched) in places.into_iter().zip(patched) {
            match (patched, &mut outcomes[nth]) {
                (Err(why), outcome) => *outcome = Err(why.into()),
                (Ok(true), Ok(BroughtIn { what: what @ Brought::Unchanged, .. })) => {
                    *what = Brought::Changed;
                }
                (Ok(_), _) => {}
            }
        }
        Ok(())
    }
}
