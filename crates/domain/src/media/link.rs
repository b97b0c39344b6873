//! Links to files, for protocols whose clients pass URLs on and open them without authentication.
//!
//! A link's key is a digest over the file's id, so nothing is stored. It cannot be guessed, and works for
//! anybody who has it as long as the file exists: a sent file is deleted with its message.

use super::{Media, OpenError, StoredAttachment};
use crate::ids::AttachmentId;
use crate::session::{hex, same};

impl Media {
    /// The key of the link to a file.
    pub fn link_key(&self, id: AttachmentId) -> String {
        let number = id.get().to_be_bytes();
        hex(&self.ports.signer.digest(&[b"link".as_slice(), &number].concat()))
    }

    /// The file that a link leads to, if the key is right.
    pub async fn linked(&self, id: AttachmentId, key: &str) -> Result<StoredAttachment, OpenError> {
        if !same(key, &self.link_key(id)) {
            return Err(OpenError::NotFound);
        }
        Ok(self.ports.media.get(id).await?)
    }
}
