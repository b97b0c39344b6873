//! Changing one's own profile.

use super::conflicts::is_taken;
use super::{Account, Email, UpdateProfile, UpdateProfileError, Users};
use crate::directory::Wanted;
use crate::failure::StoreError;
use crate::ids::UserId;
use crate::session::Caller;

impl Users {
    /// The caller's own account.
    pub async fn me(&self, caller: &Caller) -> Result<Account, UpdateProfileError> {
        Ok(self.ports.users.account(caller.user).await?)
    }

    /// Changes the caller's own profile.
    pub async fn update_profile(
        &self,
        caller: &Caller,
        update: UpdateProfile<'_>,
    ) -> Result<Account, UpdateProfileError> {
        let change = update.check()?;
        if let Some(email) = &change.email {
            self.check_address(caller, email).await?;
        }
        let Some(name) = change.name.clone() else {
            return Ok(self.ports.users.set_profile(caller.user, change).await?);
        };
        if self.reserved.contains(&name) && caller.manages().is_err() {
            let present = self.ports.users.account(caller.user).await?.user.name;
            if present.folded() != name.folded() {
                return Err(UpdateProfileError::NameReserved);
            }
        }
        match self.ports.users.set_profile(caller.user, change).await {
            Err(StoreError::Conflict) if is_taken(&*self.ports.users, &name).await? => {
                Err(UpdateProfileError::NameTaken)
            }
            Err(StoreError::Conflict) => Err(UpdateProfileError::NameLooksAlike),
            changed => Ok(changed?),
        }
    }

    /// Changing the e-mail address needs a recent proof of identity, because some protocols sign in by it.
    async fn check_address(
        &self,
        caller: &Caller,
        wanted: &Email,
    ) -> Result<(), UpdateProfileError> {
        match caller.proof.check(self.ports.clock.now()) {
            Ok(()) => Ok(()),
            // Clients may send the whole profile, with the unchanged address.
            Err(_) if self.ports.users.account(caller.user).await?.email == *wanted => Ok(()),
            Err(why) => Err(why.into()),
        }
    }

    /// As [`Self::update_profile`], for a given account; it is refused if that is not the caller's own.
    pub async fn update_profile_of(
        &self,
        caller: &Caller,
        owner: UserId,
        update: UpdateProfile<'_>,
    ) -> Result<Account, UpdateProfileError> {
        if owner == caller.user {
            return self.update_profile(caller, update).await;
        }
        let owner = self.ports.directory.found(caller, Wanted::Profile, owner).await?;
        self.ports.users.account(owner).await?;
        Err(UpdateProfileError::NotAllowed)
    }
}
