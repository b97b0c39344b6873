//! Where uploaded files are.

use super::error::SettingsError;
use super::values::{self, unless_empty, web_address};
use crate::private;
use clap::Args;
use rustix::fs::{Access, access};
use std::fs;
use std::io;
use std::io::ErrorKind::{QuotaExceeded, StorageFull};
use std::path::{Path, PathBuf};

/// The settings of where uploaded files are, as given.
#[derive(Args)]
pub(crate) struct MediaSettings {
    /// The folder of uploaded files [default: media in the data folder]
    #[arg(long, env = "CONFAB_MEDIA_DIR")]
    media_dir: Option<String>,
    /// MB of files that one account may have uploaded; 0 for any number
    #[arg(long, env = "CONFAB_UPLOAD_QUOTA", default_value = "10000", value_parser = values::quota)]
    upload_quota: u64,
    /// A bucket of storage that speaks S3, for uploaded files instead of a folder
    #[arg(long, env = "CONFAB_S3_BUCKET")]
    s3_bucket: Option<String>,
    /// The address of that storage, like https://s3.example.org [default: that of AWS]
    #[arg(long, env = "CONFAB_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    /// Its region
    #[arg(long, env = "CONFAB_S3_REGION", default_value = "us-east-1")]
    s3_region: String,
    /// The id of a key to it [default: what the machine was given by AWS]
    #[arg(long, env = "CONFAB_S3_ACCESS_KEY")]
    s3_access_key: Option<String>,
    /// The secret of that key
    #[arg(long, env = "CONFAB_S3_SECRET_KEY")]
    s3_secret_key: Option<String>,
}

/// Where uploaded files are.
pub(crate) enum MediaPlace {
    /// In a folder; `None` for the default one in the data folder.
    Folder(Option<PathBuf>),
    /// In a bucket of storage that speaks S3.
    Bucket { name: String, endpoint: Option<String>, region: String, key: Option<(String, String)> },
}

impl MediaSettings {
    /// How many bytes one account's files may have together; `None` for any number.
    pub(crate) fn quota(&self) -> Option<u64> {
        (self.upload_quota > 0).then(|| self.upload_quota.saturating_mul(1_000_000))
    }

    /// The place that the settings name.
    pub(crate) fn place(&self) -> Result<MediaPlace, SettingsError> {
        let set = |value: &Option<String>| unless_empty(value.as_deref()).map(str::to_owned);
        let Some(name) = set(&self.s3_bucket) else {
            return Ok(MediaPlace::Folder(set(&self.media_dir).map(PathBuf::from)));
        };
        let wrong = |setting: &str, given: &str, wanted: &str| SettingsError::Value {
            setting: setting.to_owned(),
            given: given.to_owned(),
            wanted: wanted.to_owned(),
        };
        // Not checked by clap's parser, because a Compose file may set it to an empty text.
        let endpoint = set(&self.s3_endpoint).map(|endpoint| {
            let wrong = |wanted| wrong("CONFAB_S3_ENDPOINT", &format!("{endpoint:?}"), wanted);
            web_address(&endpoint).map_err(wrong)
        });
        let key = match (set(&self.s3_access_key), set(&self.s3_secret_key)) {
            (Some(id), Some(secret)) => Some((id, secret)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(wrong("CONFAB_S3_SECRET_KEY", "nothing", "the secret of a key"));
            }
            (None, Some(_)) => {
                return Err(wrong("CONFAB_S3_ACCESS_KEY", "nothing", "the id of a key"));
            }
        };
        let region = self.s3_region.clone();
        Ok(MediaPlace::Bucket { name, endpoint: endpoint.transpose()?, region, key })
    }
}

/// The folder of uploaded files, which is created if it does not exist.
pub(crate) fn media_folder(
    named: Option<PathBuf>,
    data_dir: &Path,
) -> Result<PathBuf, SettingsError> {
    let folder = named.unwrap_or_else(|| data_dir.join("media"));
    make_private_folder(&folder).map_err(|source| SettingsError::MediaFolder {
        folder: folder.display().to_string(),
        source,
    })?;
    Ok(folder)
}

/// Checks that files can be stored in a folder and in its existing subfolders, which another user may have
/// created, and takes other users' access to these away. The error names the folder where storing is
/// impossible.
pub(crate) fn check_media_folder(folder: &Path) -> Result<(), SettingsError> {
    let failed = |folder: &Path, source| SettingsError::MediaFolder {
        folder: folder.display().to_string(),
        source,
    };
    try_to_write(folder).map_err(|source| failed(folder, source))?;
    for entry in fs::read_dir(folder).map_err(|source| failed(folder, source))? {
        let path = entry.map_err(|source| failed(folder, source))?.path();
        if is_shelf(&path) {
            private::keep(&path);
            let may = access(&path, Access::WRITE_OK | Access::EXEC_OK);
            may.map_err(|error| failed(&path, error.into()))?;
        }
    }
    Ok(())
}

/// Whether it is one of the subfolders that files are distributed to, by the first two digits of their keys.
fn is_shelf(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) && path.is_dir()
}

/// Creates an empty file and deletes it again. A full disk is no error here, because it may have room later.
fn try_to_write(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    match fs::write(&probe, "") {
        Err(error) if matches!(error.kind(), StorageFull | QuotaExceeded) => Ok(()),
        Err(error) => Err(error),
        Ok(()) => fs::remove_file(&probe),
    }
}

/// Creates a folder that only its owner may enter, unless it exists.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
