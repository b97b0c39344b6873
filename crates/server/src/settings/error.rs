//! Errors of settings.

use std::error::Error;
use std::io;

/// An error of the settings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("{setting}: {given} is not {wanted}")]
    Value { setting: String, given: String, wanted: String },
    #[error("the settings file {file}")]
    File { file: String, source: Box<dyn Error + Send + Sync> },
    #[error("CONFAB_HOST_ISSUERS: {file}: {why}")]
    HostIssuers { file: String, why: String },
    #[error("the data folder {folder} (CONFAB_DATA_DIR)")]
    DataFolder { folder: String, source: io::Error },
    #[error("the folder of uploaded files {folder} (CONFAB_MEDIA_DIR) cannot be used")]
    MediaFolder { folder: String, source: io::Error },
    /// A mistake on the command line, or a request for help.
    #[error(transparent)]
    CommandLine(clap::Error),
}
