//! Pictures of hosts' people.

use super::MemoryDb;
use super::state::State;
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::host::{PictureAddress, PictureChange};
use domain::ids::UserId;
use domain::media::{DuePicture, FileKey, HostPictureStore};

impl State {
    /// Has the picture fetched that a host names, if it is to be.
    pub(super) fn change_picture(
        &mut self,
        user: UserId,
        (change, named): (PictureChange, Option<PictureAddress>),
        now: Timestamp,
    ) {
        let is_due = match change {
            PictureChange::Stays => return,
            PictureChange::Named => !self.avatars.contains_key(&user),
            PictureChange::Renamed => true,
        };
        self.host_pictures.remove(&user);
        if let Some(address) = named.filter(|_| is_due) {
            self.host_pictures.insert(user, (DuePicture { user, address, attempt: 0 }, now));
        }
    }
}

#[async_trait]
impl HostPictureStore for MemoryDb {
    async fn take(
        &self,
        now: Timestamp,
        again: Timestamp,
        limit: usize,
    ) -> Result<Vec<DuePicture>, StoreError> {
        let mut state = self.state();
        let mut due: Vec<_> =
            state.host_pictures.values_mut().filter(|(_, due)| *due <= now).collect();
        due.sort_by_key(|(picture, due)| (*due, picture.user));
        let take = |(picture, due): &mut (DuePicture, Timestamp)| {
            picture.attempt += 1;
            *due = again;
            picture.clone()
        };
        Ok(due.into_iter().take(limit).map(take).collect())
    }

    async fn keep(
        &self,
        picture: &DuePicture,
        key: FileKey,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let due = state.host_pictures.get(&picture.user);
        if due.is_none_or(|(due, _)| due.address != picture.address) {
            return Err(StoreError::Conflict);
        }
        state.set_avatar(picture.user, Some(key), at)
    }

    async fn put_off(
        &self,
        picture: &DuePicture,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some((due, at)) = state.host_pictures.get_mut(&picture.user)
            && due == picture
        {
            match until {
                Some(until) => *at = until,
                None => drop(state.host_pictures.remove(&picture.user)),
            }
        }
        Ok(())
    }
}
