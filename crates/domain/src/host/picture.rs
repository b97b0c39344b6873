//! Pictures that hosts name.

use crate::failure::FieldFailure;
use crate::internet::{NotAWebAddress, Reach, authority, check_web_address};
use crate::limits::HOST_PICTURE_ADDRESS_BYTES;
use std::fmt;

/// Where a host has the picture of one of its people. It may let in whoever knows it, so it is never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct PictureAddress(String);

/// Why an address is of no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureAddressError {
    /// It is too long.
    #[error("must have {HOST_PICTURE_ADDRESS_BYTES} characters or fewer")]
    TooLong,
    /// It may not be called.
    #[error(transparent)]
    Address(#[from] NotAWebAddress),
}

impl PictureAddressError {
    /// The code, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Address(NotAWebAddress::Malformed) => "not_a_picture_address",
            Self::Address(NotAWebAddress::NotPublic) => "address_not_public",
        }
    }

    /// As the failure of the field that the address was in.
    pub(crate) fn of_field(self) -> FieldFailure {
        let detail = format!("The picture {self}.");
        FieldFailure { field: "picture", code: self.code(), detail }
    }
}

impl PictureAddress {
    /// Checks what was said, as [`check_web_address`] does.
    pub fn new(said: &str, reach: Reach) -> Result<Self, PictureAddressError> {
        if said.len() > HOST_PICTURE_ADDRESS_BYTES {
            return Err(PictureAddressError::TooLong);
        }
        check_web_address(said, reach)?;
        Ok(Self(said.to_owned()))
    }

    /// For adapters: an address that was checked before it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, which may be logged.
    pub fn authority(&self) -> &str {
        authority(&self.0)
    }
}

impl fmt::Debug for PictureAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PictureAddress({}/…)", self.authority())
    }
}

/// What becomes of somebody's picture when their host says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PictureChange {
    /// Nothing.
    #[default]
    Stays,
    /// The host names one for the first time: it is fetched, unless the person has chosen one here.
    Named,
    /// The host names another: it is fetched, whatever the person has now.
    Renamed,
}

impl PictureChange {
    /// What becomes of it, given what the host named before and names now.
    pub fn between(before: Option<&PictureAddress>, now: Option<&PictureAddress>) -> Self {
        match (before, now) {
            (_, None) => Self::Stays,
            (None, Some(_)) => Self::Named,
            (Some(before), Some(now)) if before == now => Self::Stays,
            (Some(_), Some(_)) => Self::Renamed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_picture_is_public_and_short() {
        let code = |text: &str| PictureAddress::new(text, Reach::Public).map_err(|why| why.code());
        let start = "https://shop.example.org/";
        let longest = format!("{start}{}", "x".repeat(HOST_PICTURE_ADDRESS_BYTES - start.len()));
        for good in [start, "https://1.1.1.1:8443/a.png?size=2", &longest] {
            assert_eq!(code(good).unwrap().as_str(), good);
        }
        assert_eq!(code(&format!("{longest}x")), Err("too_long"));
        for bad in
            ["", "a.png", "http://shop.example.org/", "data:image/png,", "https://a:b@x.org/"]
        {
            assert_eq!(code(bad), Err("not_a_picture_address"), "{bad}");
        }
        for near in ["https://localhost/a", "https://10.0.0.1/", "https://[::1]/"] {
            assert_eq!(code(near), Err("address_not_public"), "{near}");
        }
        let address = PictureAddress::new("https://x.org/a?secret=1", Reach::Public).unwrap();
        assert_eq!(format!("{address:?}"), "PictureAddress(x.org/…)");
    }

    #[test]
    fn a_picture_is_fetched_when_another_is_named() {
        let [one, other] = ["1", "2"].map(|name| PictureAddress::stored(name.to_owned()));
        for (before, now, change) in [
            (None, None, PictureChange::Stays),
            (Some(&one), None, PictureChange::Stays),
            (None, Some(&one), PictureChange::Named),
            (Some(&one), Some(&one), PictureChange::Stays),
            (Some(&one), Some(&other), PictureChange::Renamed),
        ] {
            assert_eq!(PictureChange::between(before, now), change, "{before:?} {now:?}");
        }
    }
}
