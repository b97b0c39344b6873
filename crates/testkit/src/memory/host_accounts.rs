//! Accounts of host users.

use super::MemoryDb;
use super::state::State;
use async_trait::async_trait;
use domain::admin::Updated;
use domain::clock::Timestamp;
use domain::data::{Data, DataError, DataPatch};
use domain::failure::StoreError;
use domain::host::{
    ExternalId, ExternalIdStore, HostAccount, HostAccountStore, HostPerson, HostSaid, HostUpdate,
    Issuer, NewHostAccount, PictureChange,
};
use domain::ids::{ChatId, UserId};
use domain::user::User;

#[async_trait]
impl HostAccountStore for MemoryDb {
    async fn of_person(&self, person: &HostPerson) -> Result<HostAccount, StoreError> {
        let state = self.state();
        let (id, said) = state.host_accounts.get(person).ok_or(StoreError::NotFound)?;
        Ok(HostAccount { user: state.user(*id).cloned()?, said: said.clone() })
    }

    async fn of_people(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, HostAccount)>, StoreError> {
        let state = self.state();
        let theirs = state.host_accounts.iter();
        let theirs = theirs.filter(|(one, _)| one.issuer == *issuer && ids.contains(&one.subject));
        let account = |(one, (id, said)): (&HostPerson, &(UserId, Option<HostSaid>))| {
            let account = HostAccount { user: state.user(*id).cloned()?, said: said.clone() };
            Ok((one.subject.clone(), account))
        };
        theirs.map(account).collect()
    }

    async fn add_for(&self, new: NewHostAccount) -> Result<User, StoreError> {
        self.state().add_for(new)
    }

    async fn add_each(&self, new: Vec<NewHostAccount>) -> Result<Vec<Option<User>>, StoreError> {
        let mut state = self.state();
        let made = |new| match state.add_for(new) {
            Err(StoreError::Conflict) => Ok(None),
            made => made.map(Some),
        };
        new.into_iter().map(made).collect()
    }

    async fn patch_data(
        &self,
        patches: Vec<(UserId, DataPatch)>,
    ) -> Result<Vec<Result<bool, DataError>>, StoreError> {
        let mut state = self.state();
        let patch = |(user, patch): (UserId, DataPatch)| {
            let Ok(row) = state.account(user) else { return Ok(false) };
            let patched = patch.apply(row.data.as_ref())?;
            let changed = patched != row.data;
            row.data = patched;
            Ok(changed)
        };
        Ok(patches.into_iter().map(patch).collect())
    }

    async fn data_of(
        &self,
        user: UserId,
        issuer: Option<Issuer>,
    ) -> Result<Option<Data>, StoreError> {
        let state = self.state();
        let is_of = |issuer: &Issuer| {
            let mut theirs = state.host_accounts.iter();
            theirs.any(|(one, (id, _))| *id == user && one.issuer == *issuer)
        };
        let row = state.users.get(&user).filter(|_| issuer.as_ref().is_none_or(is_of));
        Ok(row.and_then(|row| row.data.clone()))
    }

    async fn update_for(
        &self,
        person: &HostPerson,
        update: HostUpdate,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let mut state = self.state();
        let known = state.host_accounts.get(person).cloned();
        let (id, said) = known.ok_or(StoreError::NotFound)?;
        let updated = state.update_user(id, update.change, now)?;
        update.records.into_iter().for_each(|record| state.write_log(id.get(), record));
        let said = update.said.or(said);
        let named = said.as_ref().and_then(|said| said.picture.clone());
        state.change_picture(id, (update.picture, named), now);
        state.host_accounts.insert(person.clone(), (id, said));
        Ok(updated)
    }
}

impl State {
    fn add_for(&mut self, new: NewHostAccount) -> Result<User, StoreError> {
        if self.host_accounts.contains_key(&new.person) {
            return Err(StoreError::Conflict);
        }
        let mut made = self.add_user(new.user)?;
        made.external_id = Some(new.person.subject.clone());
        self.account(made.id)?.user = made.clone();
        new.records.into_iter().for_each(|record| self.write_log(made.id.get(), record));
        let named = (PictureChange::Named, new.said.picture.clone());
        self.change_picture(made.id, named, made.created_at);
        self.host_accounts.insert(new.person, (made.id, Some(new.said)));
        Ok(made)
    }
}

#[async_trait]
impl ExternalIdStore for MemoryDb {
    async fn users(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, UserId)>, StoreError> {
        let state = self.state();
        let theirs = state.host_accounts.iter().filter(|(person, (user, _))| {
            person.issuer == *issuer && ids.contains(&person.subject) && state.exists(*user)
        });
        Ok(theirs.map(|(person, (user, _))| (person.subject.clone(), *user)).collect())
    }

    async fn chats(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, ChatId)>, StoreError> {
        let state = self.state();
        let theirs = state.external_chats.iter();
        let theirs = theirs.filter(|((of, id), _)| of == issuer && ids.contains(id));
        Ok(theirs.map(|((_, id), chat)| (id.clone(), *chat)).collect())
    }
}
