//! Links to files, for protocols whose clients hand an address on and open it without saying who they are.
//!
//! A link's key is a digest over the file's number, so nothing is stored. It cannot be guessed, and it works
//! for whoever has it, as long as the file is there: a file that was sent goes with its message.

use super::{Media, OpenError, StoredAttachment};
use crate::ids::AttachmentId;
use crate::session::{hex, same};

impl Media {
    /// The key of the link to a file.
    pub fn link_key(&self, id: AttachmentId) -> String {
        let number = id.get().to_be_bytes();
        hex(&self.ports.signer.digest(&[b"link".as_slice(), &number].concat()))
    }

    /// The file that a link leads to. Without the right key there is none.
    pub async fn linked(&self, id: AttachmentId, key: &str) -> Result<StoredAttachment, OpenError> {
        if !same(key, &self.link_key(id)) {
            return Err(OpenError::NotFound);
        }
        Ok(self.ports.media.get(id).await?)
    }
}
