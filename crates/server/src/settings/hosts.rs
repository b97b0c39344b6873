//! The file of the issuers whose tokens are taken: a table `[[issuer]]` for each.

use super::error::SettingsError;
use super::providers::Asked;
use domain::host::{HostClaims, HostIssuer, HostKeys, Issuer, ProviderClient};
use domain::internet::Reach;
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
    audience: Option<String>,
    algorithms: Option<Vec<String>>,
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
    #[serde(default = "picture")]
    picture_claim: String,
    #[serde(default = "role")]
    role_claim: String,
    #[serde(default)]
    admin_roles: Vec<String>,
    sign_in: Option<SignIn>,
}

/// How people sign in with an issuer on the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    name: String,
    label: String,
    client_id: String,
    client_secret: Option<String>,
    #[serde(default = "scopes")]
    scopes: Vec<String>,
}

fn scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
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

fn picture() -> String {
    "picture".to_owned()
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
        let sign_in = self.sign_in.map(SignIn::checked).transpose()?;
        match &self.audience {
            Some(audience) if audience.is_empty() => {
                return Err("`audience` must not be empty".to_owned());
            }
            None if sign_in.is_none() => {
                return Err("an issuer has `audience` or `sign_in`".to_owned());
            }
            _ => {}
        }
        let algorithms =
            self.algorithms.or_else(|| sign_in.is_some().then(|| vec!["RS256".to_owned()]));
        let algorithms = algorithms.ok_or("missing field `algorithms`")?;
        let keys = match (self.secret, self.keys, self.jwks, self.discovery) {
            (Some(secret), None, None, false) => HostKeys::Secret(secret.into_bytes()),
            (None, Some(pem), None, false) => HostKeys::Public(pem),
            (None, None, Some(address), false) => HostKeys::Published(address),
            (None, None, None, true) => HostKeys::Discovered,
            // Its addresses are discovered, and so are its keys.
            (None, None, None, false) if sign_in.is_some() => HostKeys::Discovered,
            _ => return Err(ONE_KIND.to_owned()),
        };
        Ok(HostIssuer {
            issuer,
            audience: self.audience,
            algorithms,
            keys,
            claims: HostClaims {
                subject: self.subject_claim,
                name: self.name_claim,
                email: self.email_claim,
                picture: self.picture_claim,
                role: self.role_claim,
            },
            admin_roles: self.admin_roles,
            pictures: Reach::default(),
            sign_in,
        })
    }
}

impl SignIn {
    fn checked(self) -> Result<ProviderClient, String> {
        if self.client_id.is_empty() {
            return Err("`client_id` must not be empty".to_owned());
        }
        let asked = Asked { name: self.name, label: self.label, scopes: self.scopes };
        let client = asked.client(self.client_id, self.client_secret);
        client.map_err(|(what, wanted)| format!("`{what}` of `sign_in` must be {wanted}"))
    }
}
