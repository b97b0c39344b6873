//! What pictures of hosts need from outside.

use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::host::PictureAddress;
use crate::ids::UserId;
use crate::limits::{HOST_PICTURE_BYTES, HOST_PICTURE_PATIENCE};
use crate::media::FileKey;
use async_trait::async_trait;

/// A picture that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePicture {
    /// Whose avatar it is to be.
    pub user: UserId,
    /// Where it is.
    pub address: PictureAddress,
    /// Which try this is, from 1.
    pub attempt: u32,
}

/// Knows which pictures of hosts' people are to be fetched. Each call is one atomic change, which is durable once it has
/// returned. A picture becomes due by [`crate::host::HostAccountStore`]. It is due no more once it is an avatar, or was
/// given up; once the person sets or removes their avatar themselves ([`crate::media::MediaStore::set_avatar`]); and
/// once the account is deleted. Every method may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait HostPictureStore: Send + Sync {
    /// Takes pictures that are due at `now`, at most `limit`, those that have been due longest first. Each is counted as
    /// tried once more, and is due again at `again` unless something else becomes of it. Of several calls at once, one
    /// takes a picture.
    async fn take(
        &self,
        now: Timestamp,
        again: Timestamp,
        limit: usize,
    ) -> Result<Vec<DuePicture>, StoreError>;

    /// Makes a reserved key the avatar, as [`crate::media::MediaStore::set_avatar`] does, if the picture at that address
    /// is still due, whoever took it last. `Conflict` if not, or as there; then nothing changes.
    async fn keep(
        &self,
        picture: &DuePicture,
        key: FileKey,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Has a picture due again at that time, or given up if there is none. Does nothing if somebody else has taken it
    /// since, or it is due no more.
    async fn put_off(
        &self,
        picture: &DuePicture,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError>;
}

/// Why a picture was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchPictureError {
    /// Its address leads into this server's network, or is none.
    #[error("its address is not on the public internet")]
    NotPublic,
    /// Nobody answered, or not as HTTP does.
    #[error("its host was not reached")]
    Unreached,
    /// Something else than a picture was answered. Redirects are not followed.
    #[error("it was answered with the status {0}")]
    Status(u16),
    /// It is too large, or broke off.
    #[error("it has more than {HOST_PICTURE_BYTES} bytes, or broke off")]
    Body,
    /// It took too long.
    #[error("it did not arrive within {} seconds", HOST_PICTURE_PATIENCE.as_secs())]
    Late,
}

/// Fetches pictures of hosts.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PictureSource: Send + Sync {
    /// The bytes at an address, [`HOST_PICTURE_BYTES`] at most, within [`HOST_PICTURE_PATIENCE`]. Nothing is called
    /// but the public internet, whatever the name of the host resolves to.
    async fn fetch(&self, address: &PictureAddress) -> Result<Vec<u8>, FetchPictureError>;
}
