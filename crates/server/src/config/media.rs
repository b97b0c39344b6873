//! Where uploaded files are.

use super::Settings;
use super::raw::{Name, RawSettings, SettingsError, bad};
use std::fs;
use std::path::{Path, PathBuf};

/// Where uploaded files are.
pub(crate) enum MediaPlace {
    /// In a folder; that in the data folder without a name.
    Folder(Option<PathBuf>),
    /// In storage that speaks S3.
    Bucket { name: String, endpoint: Option<String>, region: String, key: Option<(String, String)> },
}

impl Settings {
    /// The folder of uploaded files, which is made if it is not there.
    pub(crate) fn media_dir(&self, named: Option<&Path>) -> Result<PathBuf, SettingsError> {
        let folder = match named {
            Some(folder) => folder.to_owned(),
            None => self.data_dir()?.join("media"),
        };
        make_private_folder(&folder).map_err(|source| SettingsError::MediaFolder {
            folder: folder.display().to_string(),
            source,
        })?;
        Ok(folder)
    }
}

/// The place that the settings name.
pub(super) fn place(raw: &RawSettings) -> Result<MediaPlace, SettingsError> {
    let set = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
    let Some(name) = set(&raw.s3_bucket) else {
        return Ok(MediaPlace::Folder(set(&raw.media_dir).map(PathBuf::from)));
    };
    let endpoint = set(&raw.s3_endpoint);
    if let Some(endpoint) = &endpoint
        && !endpoint.starts_with("https://")
        && !endpoint.starts_with("http://")
    {
        return Err(bad(Name::s3_endpoint, endpoint, "an address like https://s3.example.org"));
    }
    let key = match (set(&raw.s3_access_key), set(&raw.s3_secret_key)) {
        (Some(id), Some(secret)) => Some((id, secret)),
        (None, None) => None,
        (Some(_), None) => return Err(bad(Name::s3_secret_key, "", "the secret of a key")),
        (None, Some(_)) => return Err(bad(Name::s3_access_key, "", "the id of a key")),
    };
    let region = set(&raw.s3_region).unwrap_or_else(|| "us-east-1".to_owned());
    Ok(MediaPlace::Bucket { name, endpoint, region, key })
}

/// Makes a folder that is not there; only its owner may look inside.
pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn files_are_in_a_folder_unless_a_bucket_is_named() {
        assert!(matches!(place(&RawSettings::default()), Ok(MediaPlace::Folder(None))));
        let named = RawSettings { media_dir: some("/srv/files"), ..RawSettings::default() };
        assert!(matches!(place(&named), Ok(MediaPlace::Folder(Some(_)))));
        let bucket = RawSettings { s3_bucket: some("files"), ..RawSettings::default() };
        let Ok(MediaPlace::Bucket { name, region, endpoint, key }) = place(&bucket) else {
            panic!("a bucket")
        };
        assert_eq!((&*name, &*region, endpoint, key), ("files", "us-east-1", None, None));
    }

    #[test]
    fn half_a_key_is_an_error_that_does_not_show_it() {
        let bucket = || RawSettings { s3_bucket: some("files"), ..RawSettings::default() };
        let wrong = |raw| place(&raw).err().map(|error| error.to_string()).unwrap_or_default();
        let half = wrong(RawSettings { s3_secret_key: some("hidden"), ..bucket() });
        assert!(half.starts_with("CONFAB_S3_ACCESS_KEY") && !half.contains("hidden"), "{half}");
        let half = wrong(RawSettings { s3_access_key: some("id"), ..bucket() });
        assert!(half.starts_with("CONFAB_S3_SECRET_KEY"), "{half}");
        let astray = wrong(RawSettings { s3_endpoint: some("s3.example.org"), ..bucket() });
        assert!(astray.starts_with("CONFAB_S3_ENDPOINT"), "{astray}");
    }
}
