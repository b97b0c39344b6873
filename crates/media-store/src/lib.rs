//! Files, in a folder or in storage that speaks S3, and what is made of pictures.
//!
//! `files` keeps bytes through the `object_store` crate, so both places are one code path; `s3`
//! carries its requests. `pictures` decodes and encodes, each picture in a process of its own whose
//! memory has a limit, so many at a time.
#![warn(missing_docs)]

mod files;
mod pictures;
mod s3;

pub use files::{Files, OpenError};
pub use pictures::{Pictures, Worker, work};
pub use s3::Bucket;
