//! What a host calls what is imported, and keeps with it.

use super::ImportError;
use crate::data::{Data, DataPatch};
use crate::host::{ExternalId, Issuer};

/// What a host calls a person or a chat, and keeps with it, in another server's data.
#[derive(Debug, Clone, Copy, Default)]
pub struct HostRecord<'a> {
    /// Whose the external id is: an issuer of tokens, or what service keys were added with.
    pub issuer: Option<&'a str>,
    /// What the issuer calls it.
    pub external_id: Option<&'a str>,
    /// Its data: a JSON object.
    pub data: Option<&'a str>,
}

/// The same, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfHost {
    /// What a host calls it, if one does.
    pub external: Option<(Issuer, ExternalId)>,
    /// Its data.
    pub data: Option<Data>,
}

impl HostRecord<'_> {
    /// Checks it.
    pub(super) fn checked(self) -> Result<OfHost, ImportError> {
        let rule = |why: &str| ImportError::Rule(why.to_owned());
        let external = match (self.issuer, self.external_id) {
            (None, None) => None,
            (Some(_), None) => return Err(rule("an issuer is given with an external_id only")),
            (None, Some(_)) => return Err(rule("an external_id is given with its issuer")),
            (Some(issuer), Some(id)) => {
                let text = "has 1 to 255 characters, and no control characters";
                let issuer =
                    Issuer::new(issuer).ok_or_else(|| rule(&format!("an issuer {text}")))?;
                let id =
                    ExternalId::new(id).ok_or_else(|| rule(&format!("an external_id {text}")))?;
                Some((issuer, id))
            }
        };
        Ok(OfHost { external, data: checked_data(self.data)? })
    }
}

/// Checks data, which is read as it is where it is sent: members that are `null` are left out.
pub(super) fn checked_data(given: Option<&str>) -> Result<Option<Data>, ImportError> {
    let Some(given) = given else { return Ok(None) };
    let data = DataPatch::parse(given).and_then(|patch| patch.apply(None));
    data.map_err(|why| ImportError::Rule(why.to_string()))
}
