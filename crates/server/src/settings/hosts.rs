//! The file of the issuers whose tokens are taken: a table `[[issuer]]` for each.

use super::SettingsError;
use domain::host::Issuer;
use serde::Deserialize;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// An issuer, whose keys and algorithms nobody has looked at yet.
pub(crate) struct HostSettings {
    pub(crate) issuer: Issuer,
    pub(crate) audience: String,
    pub(crate) algorithms: Vec<String>,
    pub(crate) key: HostKey,
    pub(crate) subject_claim: String,
    pub(crate) name_claim: String,
    pub(crate) email_claim: String,
}

/// What its signature is checked by.
pub(crate) enum HostKey {
    Secret(Vec<u8>),
    /// PEM.
    Public(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    issuer: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    issuer: String,
    audience: String,
    algorithms: Vec<String>,
    secret: Option<String>,
    keys: Option<String>,
    #[serde(default = "subject")]
    subject_claim: String,
    #[serde(default = "name")]
    name_claim: String,
    #[serde(default = "email")]
    email_claim: String,
}

fn subject() -> String {
    "sub".to_owned()
}

fn name() -> String {
    "preferred_username".to_owned()
}

fn email() -> String {
    "email".to_owned()
}

/// The issuers of a file, each once.
pub(super) fn read(path: &Path) -> Result<Vec<HostSettings>, SettingsError> {
    let failed = |why: String| SettingsError::HostIssuers { file: path.display().to_string(), why };
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    // What is wrong is told without the line it is in, which may be a secret.
    let file: File = toml::from_str(&text).map_err(|error| failed(error.message().to_owned()))?;
    let issuers = file.issuer.into_iter().map(Table::checked);
    let issuers = issuers.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut seen = HashSet::new();
    match issuers.iter().find(|one| !seen.insert(one.issuer.clone())) {
        Some(twice) => Err(failed(format!("{} is there twice", twice.issuer.as_str()))),
        None => Ok(issuers),
    }
}

impl Table {
    fn checked(self) -> Result<HostSettings, String> {
        let issuer = Issuer::new(&self.issuer).ok_or("`issuer` must have 1 to 255 characters")?;
        if self.audience.is_empty() {
            return Err("`audience` must not be empty".to_owned());
        }
        let key = match (self.secret, self.keys) {
            (Some(secret), None) => HostKey::Secret(secret.into_bytes()),
            (None, Some(pem)) => HostKey::Public(pem),
            _ => return Err("an issuer has either `secret` or `keys`".to_owned()),
        };
        Ok(HostSettings {
            issuer,
            audience: self.audience,
            algorithms: self.algorithms,
            key,
            subject_claim: self.subject_claim,
            name_claim: self.name_claim,
            email_claim: self.email_claim,
        })
    }
}
