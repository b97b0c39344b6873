//! Storing files in a folder or in S3, and processing pictures.
//!
//! `files` stores bytes with the `object_store` crate, so both places share one code path; `s3` sends its
//! requests. `pictures` decodes and encodes pictures, a few at a time, each in its own process with limited
//! memory.
#![warn(missing_docs)]

mod files;
mod pictures;
mod s3;

pub use files::{Files, OpenError};
pub use pictures::{Pictures, Worker, work};
pub use s3::Bucket;
