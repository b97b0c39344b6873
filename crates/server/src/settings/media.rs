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

/// Where uploaded files are, as it was written.
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
    /// In a folder; that in the data folder without a name.
    Folder(Option<PathBuf>),
    /// In storage that speaks S3.
    Bucket { name: String, endpoint: Option<String>, region: String, key: Option<(String, String)> },
}

impl MediaSettings {
    /// Bytes that the files of one account may have; `None` for any number.
    pub(crate) fn quota(&self) -> Option<u64> {
        (self.upload_quota > 0).then(|| self.upload_quota.saturating_mul(1_000_000))
    }

    /// The place that they name.
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
        // Checked here and not by its parser: a Compose file may set it to nothing.
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

/// The folder of uploaded files, which is made if it is not there.
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

/// Makes sure that files can be stored in a folder: in itself and in those that were made in it before, by
/// somebody else perhaps. Others may enter none of these any more. The error names the one where they cannot.
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

/// Whether it is one of the folders that files are spread over, by the first two digits of their keys.
fn is_shelf(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) && path.is_dir()
}

/// Makes an empty file and takes it away again. Where there is no room, there may be later.
fn try_to_write(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    match fs::write(&probe, "") {
        Err(error) if matches!(error.kind(), StorageFull | QuotaExceeded) => Ok(()),
        Err(error) => Err(error),
        Ok(()) => fs::remove_file(&probe),
    }
}

/// Makes a folder that is not there; only its owner may look inside.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
