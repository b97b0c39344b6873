//! Fetching pictures of hosts' people.

use crate::{Client, Lookup, NotPublic, client};
use async_trait::async_trait;
use bytes::Bytes;
use domain::host::PictureAddress;
use domain::internet::Reach;
use domain::limits::{HOST_PICTURE_BYTES, HOST_PICTURE_PATIENCE};
use domain::media::{FetchPictureError, PictureSource};
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{ACCEPT, USER_AGENT};
use hyper::{Request, StatusCode};
use tokio::time::timeout;

/// Pictures at addresses on the public internet.
pub struct PublicPictures {
    client: Client,
    reach: Reach,
}

impl PublicPictures {
    /// `reach` says whether also this machine may be called.
    pub fn new(reach: Reach) -> Self {
        Self { client: client(reach, Lookup::new(reach), HOST_PICTURE_PATIENCE), reach }
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Vec<u8>, FetchPictureError> {
        let answer = self.client.request(request).await.map_err(|error| {
            if NotPublic::caused(&error) {
                return FetchPictureError::NotPublic;
            }
            tracing::debug!(%error, "the host of a picture was not reached");
            FetchPictureError::Unreached
        })?;
        if answer.status() != StatusCode::OK {
            return Err(FetchPictureError::Status(answer.status().as_u16()));
        }
        let body = Limited::new(answer.into_body(), HOST_PICTURE_BYTES).collect().await;
        Ok(body.map_err(|_| FetchPictureError::Body)?.to_bytes().into())
    }
}

#[async_trait]
impl PictureSource for PublicPictures {
    async fn fetch(&self, address: &PictureAddress) -> Result<Vec<u8>, FetchPictureError> {
        // Checked again, because the stored address was checked with the settings of that time.
        let address = PictureAddress::new(address.as_str(), self.reach);
        let address = address.map_err(|_| FetchPictureError::NotPublic)?;
        let request = Request::get(address.as_str())
            .header(ACCEPT, "image/webp, image/png, image/jpeg, image/gif")
            .header(USER_AGENT, "confab")
            .body(Full::default())
            .map_err(|_| FetchPictureError::NotPublic)?;
        let answer = timeout(HOST_PICTURE_PATIENCE, self.answer(request)).await;
        answer.unwrap_or(Err(FetchPictureError::Late))
    }
}
