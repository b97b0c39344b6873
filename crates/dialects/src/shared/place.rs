//! Where a dialect is served.

use super::http::host_of;
use actix_web::guard::GuardContext;
use std::fmt;

/// Where a dialect is served.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Place {
    /// In the same place as others; the request shows which dialect it is for.
    #[default]
    Shared,
    /// At its own host name, where no other dialect is served.
    Host(String),
    /// Under its own path, like `/chat`.
    Prefix(String),
}

impl Place {
    /// Parses what follows the `@` in a setting: a path, which begins with `/`, or a host name. `None` if it
    /// is neither.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix('/') {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let good = |segment: &str| !segment.is_empty() && segment.chars().all(plain);
            return path.split('/').all(good).then(|| Self::Prefix(text.to_owned()));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let good = !text.is_empty() && text.chars().all(plain);
        good.then(|| Self::Host(text.to_ascii_lowercase()))
    }

    /// The prefix of its paths.
    pub(crate) fn prefix(&self) -> &str {
        match self {
            Self::Prefix(prefix) => prefix,
            Self::Shared | Self::Host(_) => "",
        }
    }

    /// Whether a request may be for a dialect in this place; `hosts` are the host names that belong to one
    /// dialect.
    pub(crate) fn admits(&self, context: &GuardContext<'_>, hosts: &[String]) -> bool {
        let host = host_of(context.head());
        match self {
            Self::Host(own) => host == Some(own.as_str().to_owned()),
            Self::Prefix(_) => true,
            Self::Shared => !hosts.iter().any(|own| host.as_ref() == Some(own)),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared => Ok(()),
            Self::Host(place) | Self::Prefix(place) => write!(f, "@{place}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_path_or_a_host() {
        assert_eq!(Place::parse("/mini/chat"), Some(Place::Prefix("/mini/chat".into())));
        assert_eq!(Place::parse("Chat.example.org"), Some(Place::Host("chat.example.org".into())));
        for bad in ["", "/", "/a/", "//a", "/a b", "/{a}", "a/b", "a:80", "https://a", "a b"] {
            assert_eq!(Place::parse(bad), None, "{bad:?}");
        }
    }
}
