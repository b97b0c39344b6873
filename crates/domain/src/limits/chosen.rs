//! Limits that whoever runs the server may choose.

use super::{FILE_BYTES, GROUP_MEMBERS, MESSAGE_ATTACHMENTS, MESSAGE_CHARS, ROOM_MEMBERS};
use crate::text::TextError;

/// Limits of one installation. The rest of the code is built for those of [`crate::limits`], so a text, a file or a
/// number of attachments can only be made smaller; what is larger here has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Characters of a message.
    pub message_chars: usize,
    /// Files of a message.
    pub attachments: usize,
    /// Bytes of a file. A picture has [`crate::limits::IMAGE_FILE_BYTES`] at most besides.
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
    /// Whether a text, which is trimmed, may be that of a message.
    pub(crate) fn allow_text(&self, text: &str) -> Result<(), TextError> {
        let fits = text.chars().count() <= self.message_chars;
        if fits { Ok(()) } else { Err(TextError::TooLong(self.message_chars)) }
    }
}
