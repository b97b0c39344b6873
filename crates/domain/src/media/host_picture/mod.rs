//! Pictures of hosts' people: what their host names is fetched in the background, and becomes their avatar as an
//! uploaded one would (ADR 71).

mod port;

pub use port::{DuePicture, FetchPictureError, HostPictureStore, PictureSource};
#[cfg(feature = "mocks")]
pub use port::{MockHostPictureStore, MockPictureSource};

use super::{Media, SetAvatarError, UploadError, Whole};
use crate::clock::{Clock, Timestamp};
use crate::failure::StoreError;
use crate::limits;
use std::sync::Arc;

/// What pictures of hosts stand on.
pub struct HostPicturePorts {
    /// Which are to be fetched.
    pub pictures: Arc<dyn HostPictureStore>,
    /// Fetches them.
    pub source: Arc<dyn PictureSource>,
    /// Makes avatars of them.
    pub media: Arc<Media>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of hosts' pictures.
pub struct HostPictures {
    ports: HostPicturePorts,
}

/// What became of a picture.
#[derive(Debug)]
pub enum PictureOutcome {
    /// It is the avatar.
    Kept,
    /// It is not wanted any more: the host names another, the person chose one themselves, or the account is gone.
    Moot,
    /// It is tried again later.
    PutOff(PictureFailure),
    /// It was tried often enough.
    GivenUp(PictureFailure),
}

/// Why a picture became no avatar.
#[derive(Debug, thiserror::Error)]
pub enum PictureFailure {
    /// It was not fetched.
    #[error(transparent)]
    Fetch(#[from] FetchPictureError),
    /// No avatar could be made of it.
    #[error(transparent)]
    Avatar(SetAvatarError),
}

/// When a picture is tried again after an attempt that failed; never after the last one.
fn next_try(attempt: u32, now: Timestamp) -> Option<Timestamp> {
    let waits = attempt.saturating_sub(1).min(limits::HOST_PICTURE_TRIES);
    let wait = limits::HOST_PICTURE_WAIT * 4_u32.pow(waits);
    (attempt < limits::HOST_PICTURE_TRIES).then(|| now.plus(wait))
}

impl HostPictures {
    /// Over the given ports.
    pub fn new(ports: HostPicturePorts) -> Self {
        Self { ports }
    }

    /// Takes some pictures that are due, for this node to [fetch](Self::fetch) at once. None: there are none.
    pub async fn take(&self) -> Result<Vec<DuePicture>, StoreError> {
        let now = self.ports.clock.now();
        let again = now.plus(limits::HOST_PICTURE_LEASE);
        self.ports.pictures.take(now, again, limits::HOST_PICTURES_TOGETHER).await
    }

    /// Fetches a picture, and makes it the avatar of whom it is of.
    ///
    /// # Errors
    /// The database failed. The picture is tried again after the lease.
    pub async fn fetch(&self, picture: &DuePicture) -> Result<PictureOutcome, StoreError> {
        let failure = match self.ports.source.fetch(&picture.address).await {
            Ok(bytes) => match self.keep(picture, bytes).await {
                Ok(outcome) => return Ok(outcome),
                Err(SetAvatarError::Upload(UploadError::Store(error))) => return gone(error),
                Err(error) => PictureFailure::Avatar(error),
            },
            Err(error) => error.into(),
        };
        let until = next_try(picture.attempt, self.ports.clock.now());
        self.ports.pictures.put_off(picture, until).await?;
        Ok(match until {
            Some(_) => PictureOutcome::PutOff(failure),
            None => PictureOutcome::GivenUp(failure),
        })
    }

    async fn keep(
        &self,
        picture: &DuePicture,
        bytes: Vec<u8>,
    ) -> Result<PictureOutcome, SetAvatarError> {
        let media = &self.ports.media;
        let key = media.make_avatar(picture.user, &mut Whole::new(bytes)).await?;
        let kept = self.ports.pictures.keep(picture, key.clone(), self.ports.clock.now()).await;
        match kept {
            Ok(()) => Ok(PictureOutcome::Kept),
            Err(StoreError::Conflict | StoreError::NotFound) => {
                Ok(media.discard(&key, PictureOutcome::Moot).await)
            }
            // Even so it may have been kept. What was not is deleted once the reservation ends.
            Err(error) => Err(UploadError::from(error).into()),
        }
    }
}

/// Nothing is reserved for an account that was deleted.
fn gone(error: StoreError) -> Result<PictureOutcome, StoreError> {
    match error {
        StoreError::NotFound => Ok(PictureOutcome::Moot),
        error => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn tries_come_seldomer_and_end() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let minutes = |minutes: u64| Some(now.plus(Duration::from_secs(60 * minutes)));
        let tries: Vec<_> = (1..=6).map(|attempt| next_try(attempt, now)).collect();
        assert_eq!(tries, [minutes(1), minutes(4), minutes(16), minutes(64), None, None]);
        assert_eq!(next_try(u32::MAX, now), None);
    }
}
