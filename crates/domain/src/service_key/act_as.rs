//! Acting as somebody: the header that says who.

use super::KeyRefusal;
use crate::failure::{Failure, Kind, StoreError};
use crate::host::Reference;
use crate::ids::UserId;

/// The header's name.
pub const ACT_AS: &str = "Confab-Act-As";

/// Why a key cannot act as somebody.
#[derive(Debug, thiserror::Error)]
pub enum ActAsError {
    /// The header's value is invalid.
    #[error("{ACT_AS} is ext: and an id of the host, or the id of an account.")]
    Malformed,
    /// The header occurs twice.
    #[error("{ACT_AS} is there more than once.")]
    Twice,
    /// A person sent it, not a key.
    #[error("Only a service key can act as somebody else.")]
    ByPerson,
    /// The key lacks the scope, or the route does not allow it.
    #[error(transparent)]
    Refused(#[from] KeyRefusal),
    /// There is no such person.
    #[error("There is nobody to act as by that id.")]
    Unknown,
    /// Their account is disabled.
    #[error("The account to act as is disabled.")]
    Disabled,
    /// Their account was deleted.
    #[error("The account to act as was deleted.")]
    Deleted,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ActAsError> for Failure {
    fn from(error: ActAsError) -> Self {
        match error {
            ActAsError::Malformed => Self::new(Kind::Invalid, "act_as_malformed", error),
            ActAsError::Twice => Self::new(Kind::Invalid, "act_as_twice", error),
            ActAsError::ByPerson => Self::new(Kind::Forbidden, "act_as_not_allowed", error),
            ActAsError::Refused(refusal) => refusal.into(),
            ActAsError::Unknown => Self::new(Kind::NotFound, "act_as_unknown", error),
            ActAsError::Disabled => Self::new(Kind::Forbidden, "act_as_disabled", error),
            ActAsError::Deleted => Self::new(Kind::Forbidden, "act_as_deleted", error),
            ActAsError::Store(error) => error.into(),
        }
    }
}

/// Parses the header's values, of which there may be at most one. An external id is UTF-8, as the host writes it.
pub fn read_act_as<'a>(
    mut values: impl Iterator<Item = &'a [u8]>,
) -> Result<Option<Reference<UserId>>, ActAsError> {
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(ActAsError::Twice);
    }
    let value = str::from_utf8(value).map_err(|_| ActAsError::Malformed)?;
    value.parse().map(Some).map_err(|_| ActAsError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::ExternalId;

    fn read(values: &[&str]) -> Result<Option<Reference<UserId>>, &'static str> {
        let read = read_act_as(values.iter().map(|value| value.as_bytes()));
        read.map_err(|error| Failure::from(error).code)
    }

    #[test]
    fn the_header_names_one_person_or_nobody() {
        let external = |id: &str| Ok(ExternalId::new(id).map(Reference::External));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["42"]), Ok(Some(Reference::Id(UserId::stored(42)))));
        for id in ["17", "a b/c", "ext:1", "Пётр"] {
            assert_eq!(read(&[&format!("ext:{id}")]), external(id));
        }
        let long = format!("ext:{}", "x".repeat(256));
        for bad in ["", "ext:", "EXT:1", "0", "-1", "me", "ext:a\tb", long.as_str()] {
            assert_eq!(read(&[bad]), Err("act_as_malformed"), "{bad:?}");
        }
        assert_eq!(read(&["1", "1"]), Err("act_as_twice"));
        let bytes: &[u8] = &[b'e', b'x', b't', b':', 0xff];
        assert!(matches!(read_act_as([bytes].into_iter()), Err(ActAsError::Malformed)));
    }
}
