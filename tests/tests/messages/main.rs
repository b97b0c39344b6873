//! Messages, what comes with them and what is put on them.

mod attachments;
mod data;
mod idempotency;
mod marks;
mod media;
mod mentions;
mod messages;
mod reactions;
mod resume;
mod search;
