//! Ids that a host gave to people and chats.

use crate::ids::NotAnId;
use crate::limits;
use std::str::FromStr;
use std::sync::Arc;

/// What a host calls somebody, or a chat: 1 to [`limits::EXTERNAL_ID_CHARS`] characters without control
/// characters, compared exactly as they are. It names one person and one chat of its [`Issuer`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

impl ExternalId {
    /// Checks what was said. `None` if it may not be one.
    pub fn new(said: &str) -> Option<Self> {
        let is_short = (1..=limits::EXTERNAL_ID_CHARS).contains(&said.chars().count());
        (is_short && !said.contains(char::is_control)).then(|| Self(said.to_owned()))
    }
    /// For adapters: what was checked before.
    pub fn stored(text: String) -> Self {
        Self(text)
    }
    /// As the host spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who signs for people, as the setting names it and `iss` of a token: as long as an external id may be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(Arc<str>);

impl Issuer {
    /// Checks what an operator wrote. `None` if it may not be one.
    pub fn new(written: &str) -> Option<Self> {
        ExternalId::new(written).map(|ExternalId(text)| Self(text.into()))
    }
    /// For adapters: what was checked before.
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands before an external id where an id of this server may stand, too.
pub const EXTERNAL: &str = "ext:";

/// How somebody names a person or a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference<Id> {
    /// By the number that it has here.
    Id(Id),
    /// By what its host calls it.
    External(ExternalId),
}

/// Why a text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAReference {
    /// It is no id.
    #[error("{0}, or {EXTERNAL} and an external id")]
    Id(#[from] NotAnId),
    /// What follows `ext:` is no external id.
    #[error(
        "an external id has 1 to {} characters, none of them a control character",
        limits::EXTERNAL_ID_CHARS
    )]
    External,
}

impl<Id: FromStr<Err = NotAnId>> FromStr for Reference<Id> {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        match text.strip_prefix(EXTERNAL) {
            Some(id) => ExternalId::new(id).map(Self::External).ok_or(NotAReference::External),
            None => Ok(Self::Id(text.parse()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ChatId;

    #[test]
    fn an_external_id_is_short_and_printable() {
        let long = "я".repeat(255);
        for good in ["17", " ", "order/7", "ext:ext:7", "👍", &long] {
            assert_eq!(ExternalId::new(good).map(|id| id.0).as_deref(), Some(good), "{good:?}");
        }
        for bad in ["", "a\0", "a\nb", "\u{7f}", "\u{85}", &format!("{long}я")] {
            assert_eq!(ExternalId::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_reference_is_an_id_or_what_follows_a_prefix() {
        assert_eq!("7".parse(), Ok(Reference::Id(ChatId::stored(7))));
        let external = |id| Ok(Reference::<ChatId>::External(ExternalId::new(id).unwrap()));
        assert_eq!("ext:7".parse(), external("7"));
        assert_eq!("ext: 7 ".parse(), external(" 7 "));
        assert_eq!("ext:ext:7".parse(), external("ext:7"));
        for bad in ["ext:", "ext:\n", &format!("ext:{}", "x".repeat(256))] {
            assert_eq!(bad.parse::<Reference<ChatId>>(), Err(NotAReference::External), "{bad:?}");
        }
        for bad in ["", "ext", "EXT:7", " ext:7", "0", "-1", "x"] {
            let parsed = bad.parse::<Reference<ChatId>>();
            assert_eq!(parsed, Err(NotAReference::Id(NotAnId)), "{bad:?}");
        }
    }
}
