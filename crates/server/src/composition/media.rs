//! Files, avatars, and pictures that hosts name.

use super::Found;
use crate::error::BoxError;
use crate::own_program;
use crate::settings::{MediaPlace, Settings, check_media_folder, media_folder};
use credentials::Tokens;
use domain::clock::SystemClock;
use domain::media::{HostPicturePorts, HostPictures, Media, MediaPorts};
use media_store::{Bucket, Files, Pictures, Worker};
use public_http::PublicPictures;
use std::sync::Arc;
use storage_diesel::Storage;

pub(super) fn media(
    settings: &Settings,
    (storage, directory): Found<'_>,
    signer: Arc<Tokens>,
) -> Result<Media, BoxError> {
    let (program, arguments) = own_program::picture_worker()?;
    let ports = MediaPorts {
        media: storage.media.clone(),
        files: Arc::new(open_files(settings)?),
        images: Arc::new(Pictures::new(Worker { program, arguments }, settings.image_workers)),
        members: storage.members.clone(),
        users: storage.users.clone(),
        directory: directory.clone(),
        signer,
        clock: Arc::new(SystemClock),
    };
    Ok(Media::new(ports, settings.media.quota()).within(settings.limits.chosen()))
}

pub(super) fn host_pictures(
    settings: &Settings,
    storage: &Storage,
    media: Arc<Media>,
) -> HostPictures {
    HostPictures::new(HostPicturePorts {
        pictures: storage.host_pictures.clone(),
        source: Arc::new(PublicPictures::new(settings.pictures())),
        media,
        clock: Arc::new(SystemClock),
    })
}

fn open_files(settings: &Settings) -> Result<Files, BoxError> {
    Ok(match settings.media.place()? {
        MediaPlace::Folder(named) => {
            let folder = media_folder(named, settings.data_dir()?)?;
            check_media_folder(&folder)?;
            Files::in_folder(&folder)?
        }
        MediaPlace::Bucket { name, endpoint, region, key } => {
            Files::in_bucket(Bucket { name, endpoint, region, key })?
        }
    })
}
