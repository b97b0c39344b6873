//! Limits that the operator may choose.

use super::{FILE_BYTES, GROUP_MEMBERS, MESSAGE_ATTACHMENTS, MESSAGE_CHARS, ROOM_MEMBERS};
use crate::text::TextError;

/// The limits of one installation. The limits in [`crate::limits`] still apply, so those of texts, files and
/// attachments can only be lowered; higher values have no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Characters of a message.
    pub message_chars: usize,
    /// Files of a message.
    pub attachments: usize,
    /// Bytes of a file. A picture also has at most [`crate::limits::IMAGE_FILE_BYTES`].
    pub file_bytes: u64,
    /// Members of a group or a project's chat.
    pub group_members: usize,
    /// Members of a room.
    pub room_members: usize,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            message_chars: MESSAGE_CHARS,
            attachments: MESSAGE_ATTACHMENTS,
            file_bytes: FILE_BYTES,
            group_members: GROUP_MEMBERS,
            room_members: ROOM_MEMBERS,
        }
    }
}

impl Chosen {
    /// Checks the length of a message's text, which is trimmed already.
    pub(crate) fn allow_text(&self, text: &str) -> Result<(), TextError> {
        let fits = text.chars().count() <= self.message_chars;
        if fits { Ok(()) } else { Err(TextError::TooLong(self.message_chars)) }
    }
}
