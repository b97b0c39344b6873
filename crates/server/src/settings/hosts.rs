//! The file of the issuers whose tokens are taken: a table `[[issuer]]` for each.

use super::SettingsError;
use domain::host::{HostClaims, HostIssuer, HostKeys, Issuer};
use serde::Deserialize;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

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
    jwks: Option<String>,
    #[serde(default)]
    discovery: bool,
    #[serde(default = "subject")]
    subject_claim: String,
    #[serde(default = "name")]
    name_claim: String,
    #[serde(default = "email")]
    email_claim: String,
    #[serde(default = "role")]
    role_claim: String,
    #[serde(default)]
    admin_roles: Vec<String>,
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

fn role() -> String {
    "roles".to_owned()
}

const ONE_KIND: &str = "an issuer has one of `secret`, `keys`, `jwks` and `discovery = true`";

/// The issuers of a file, each once.
pub(super) fn read(path: &Path) -> Result<Vec<HostIssuer>, SettingsError> {
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
    fn checked(self) -> Result<HostIssuer, String> {
        let issuer = Issuer::new(&self.issuer).ok_or("`issuer` must have 1 to 255 characters")?;
        if self.audience.is_empty() {
            return Err("`audience` must not be empty".to_owned());
        }
        let keys = match (self.secret, self.keys, self.jwks, self.discovery) {
            (Some(secret), None, None, false) => HostKeys::Secret(secret.into_bytes()),
            (None, Some(pem), None, false) => HostKeys::Public(pem),
            (None, None, Some(address), false) => HostKeys::Published(address),
            (None, None, None, true) => HostKeys::Discovered,
            _ => return Err(ONE_KIND.to_owned()),
        };
        Ok(HostIssuer {
            issuer,
            audience: self.audience,
            algorithms: self.algorithms,
            keys,
            claims: HostClaims {
                subject: self.subject_claim,
                name: self.name_claim,
                email: self.email_claim,
                role: self.role_claim,
            },
            admin_roles: self.admin_roles,
        })
    }
}
