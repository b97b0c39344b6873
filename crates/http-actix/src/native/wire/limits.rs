//! What this server allows.

use domain::limits::{Chosen, IMAGE_FILE_BYTES, Rate};
use http_core::rate_limit::ClassRates;
use serde::Serialize;
use utoipa::ToSchema;

/// What this server allows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Limits {
    /// Characters of a message.
    message_chars: usize,
    /// Files of a message.
    message_files: usize,
    /// Bytes of a file that is no picture.
    file_bytes: u64,
    /// Bytes of a picture.
    picture_bytes: u64,
    /// Members of a group or a project's chat.
    group_members: usize,
    /// Members of a room.
    room_members: usize,
    /// How often each class of requests may be made; empty if any number may.
    rates: Vec<ClassLimit>,
}

/// How often one class of requests may be made.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassLimit {
    /// `log_in`, `register`, `send`, `upload`, `search` or `other`.
    class: &'static str,
    /// By one account; `null` where there is no account yet.
    account: Option<Frequency>,
    /// By everybody together behind one address.
    address: Frequency,
}

/// So many at once, and then so many a second.
#[derive(Serialize, ToSchema)]
pub(crate) struct Frequency {
    burst: u32,
    per_second: f64,
}

impl Limits {
    pub(crate) fn new(limits: &Chosen, rates: &[ClassRates]) -> Self {
        Self {
            message_chars: limits.message_chars,
            message_files: limits.attachments,
            file_bytes: limits.file_bytes,
            picture_bytes: limits.file_bytes.min(IMAGE_FILE_BYTES),
            group_members: limits.group_members,
            room_members: limits.room_members,
            rates: rates.iter().map(ClassLimit::from).collect(),
        }
    }
}

impl From<&ClassRates> for ClassLimit {
    fn from(rates: &ClassRates) -> Self {
        Self {
            class: rates.class.word(),
            account: rates.account.map(Frequency::from),
            address: rates.address.into(),
        }
    }
}

impl From<Rate> for Frequency {
    fn from(rate: Rate) -> Self {
        // Thousandths are enough to tell rates apart, and read better than what a division leaves.
        let per_second = (1_000.0 / rate.every.as_secs_f64()).round() / 1_000.0;
        Self { burst: rate.burst.get(), per_second }
    }
}
