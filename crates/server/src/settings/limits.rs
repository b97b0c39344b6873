//! The settings of limits.

use super::values;
use clap::Args;
use domain::limits::{Chosen, FILE_BYTES, MESSAGE_ATTACHMENTS, MESSAGE_CHARS, ROOM_MEMBERS};
use http_core::rate_limit::Rates;

const MIB: u64 = 1024 * 1024;

/// The settings of limits, as given.
#[derive(Args)]
pub(crate) struct LimitSettings {
    /// Characters of a message, at most
    #[arg(long, env = "CONFAB_MESSAGE_CHARS", default_value = "8192", value_parser = values::number(1..=MESSAGE_CHARS))]
    message_chars: usize,
    /// Files of a message, at most
    #[arg(long, env = "CONFAB_MESSAGE_FILES", default_value = "10", value_parser = values::number(0..=MESSAGE_ATTACHMENTS))]
    message_files: usize,
    /// MiB of a file, at most; a picture has 16 at most in any case
    #[arg(long, env = "CONFAB_FILE_SIZE", default_value = "25", value_parser = values::number(1..=FILE_BYTES / MIB))]
    file_size: u64,
    /// Members of a group or a project's chat, at most
    #[arg(long, env = "CONFAB_GROUP_MEMBERS", default_value = "1000", value_parser = values::number(2..=ROOM_MEMBERS))]
    group_members: usize,
    /// Members of a room, at most
    #[arg(long, env = "CONFAB_ROOM_MEMBERS", default_value = "10000", value_parser = values::number(2..=ROOM_MEMBERS))]
    room_members: usize,
    /// How often anybody may do something, where that is not to be as usual, like send=20:5,upload-address=50:2
    #[arg(long, env = "CONFAB_RATES", default_value = "", value_parser = values::rates)]
    rates: Rates,
}

impl LimitSettings {
    /// The limits for the use cases.
    pub(crate) fn chosen(&self) -> Chosen {
        Chosen {
            message_chars: self.message_chars,
            attachments: self.message_files,
            file_bytes: self.file_size * MIB,
            group_members: self.group_members,
            room_members: self.room_members,
        }
    }

    /// The rate limits.
    pub(crate) fn rates(&self) -> Rates {
        self.rates.clone()
    }
}
