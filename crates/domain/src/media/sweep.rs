//! Deleting files that nothing refers to.

use super::{FileError, FileKey, Media, Part};
use crate::failure::StoreError;
use crate::limits;
use std::time::Duration;

/// How many keys are handled together.
const TOGETHER: usize = 100;

/// How long a file that could not be deleted is left alone. Without that, a hundred that never can be would be
/// collected each time, and no other file be deleted.
const LATER: Duration = Duration::from_secs(3600);

impl Media {
    /// Deletes uploads that were not sent in time, and the bytes of files that nothing refers to any more; to be
    /// called regularly.
    ///
    /// # Errors
    /// The database failed, or bytes could not be deleted; a call after an hour tries these again.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        loop {
            let now = self.ports.clock.now();
            let unused = now.minus(limits::UNUSED_UPLOAD_LIFE);
            let keys = self.ports.media.collect(now, unused, TOGETHER).await?;
            let mut gone = Vec::with_capacity(keys.len());
            let mut failed = None;
            for key in &keys {
                match self.remove_bytes(key).await {
                    Ok(()) => gone.push(key.clone()),
                    Err(error) => {
                        self.ports.media.give_up(key, now.plus(LATER)).await?;
                        failed = Some(error);
                    }
                }
            }
            self.ports.media.forget(&gone).await?;
            match failed {
                Some(error) => return Err(StoreError::unavailable(error)),
                None if keys.len() < TOGETHER => return Ok(()),
                None => {}
            }
        }
    }

    pub(super) async fn remove_bytes(&self, key: &FileKey) -> Result<(), FileError> {
        for part in Part::ALL {
            self.ports.files.remove(key, part).await?;
        }
        Ok(())
    }
}
