//! Endpoints: the addresses that browsers provide for Web Push.

use crate::internet::{NotAWebAddress, Reach, authority, check_web_address};
use crate::limits::PUSH_ENDPOINT_BYTES;
use std::fmt;

/// An address at a push service. Whoever knows it can send to it, so only its owner sees it, and it is never
/// logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(String);

/// Why an endpoint was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is longer than any push service's.
    #[error("must have {PUSH_ENDPOINT_BYTES} characters or fewer")]
    TooLong,
    /// It does not have the form of an endpoint.
    #[error("must be an https address without user and fragment")]
    Malformed,
    /// It is not on the public internet.
    #[error("must be on the public internet")]
    NotPublic,
}

impl EndpointError {
    /// The code, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "not_an_endpoint",
            Self::NotPublic => "address_not_public",
        }
    }
}

impl Endpoint {
    /// Checks what needs no name resolution: the form, and a host that is an IP address. A host name is resolved
    /// and checked when it is called.
    pub fn new(text: &str, reach: Reach) -> Result<Self, EndpointError> {
        if text.len() > PUSH_ENDPOINT_BYTES {
            return Err(EndpointError::TooLong);
        }
        check_web_address(text, reach).map_err(|why| match why {
            NotAWebAddress::Malformed => EndpointError::Malformed,
            NotAWebAddress::NotPublic => EndpointError::NotPublic,
        })?;
        Ok(Self(text.to_owned()))
    }

    /// For adapters: an endpoint that was checked before it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The host, with the port if there is one.
    pub fn authority(&self) -> &str {
        authority(&self.0)
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Endpoint {
    /// Only its origin: the rest is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.0.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        write!(f, "Endpoint({origin}/…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, reach: Reach) -> Option<EndpointError> {
        Endpoint::new(text, reach).err()
    }

    #[test]
    fn an_address_of_a_push_service_is_taken_as_it_is() {
        for text in [
            "https://fcm.googleapis.com/fcm/send/dJ-x:APA91b_G-h",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
            "https://web.push.apple.com/QGuQ?a=1",
            "https://push.example.org:8443/x",
            "https://1.1.1.1/x",
            "https://[2606:4700::1111]:443/x",
        ] {
            assert_eq!(Endpoint::new(text, Reach::Public).unwrap().as_str(), text);
        }
    }

    #[test]
    fn anything_else_is_not() {
        for text in [
            "",
            "https://",
            "https:///x",
            "http://push.example.org/x",
            "ftp://push.example.org/x",
            "HTTPS//x",
            "https://user@push.example.org/",
            "https://a:b@push.example.org/",
            "https://push.example.org/#x",
            "https://push.example.org:0/",
            "https://push.example.org:+1/",
            "https://push.example.org:65536/",
            "https://push.example.org:x/",
            "https://push exa/",
            "https://push.example.org/\0",
            "https://push.example.org\\@10.0.0.1/",
            "https://[::1/",
            "https://[::1]x/",
            "https://a%2eb/",
            "https://пуш.рф/",
            "javascript:alert(1)",
        ] {
            assert_eq!(refused(text, Reach::Public), Some(EndpointError::Malformed), "{text}");
        }
        let long = format!("https://push.example.org/{}", "x".repeat(PUSH_ENDPOINT_BYTES));
        assert_eq!(refused(&long, Reach::Public), Some(EndpointError::TooLong));
    }

    #[test]
    fn an_address_inside_is_refused_however_it_is_written() {
        for text in [
            "https://127.0.0.1/",
            "https://10.1.2.3:8080/x",
            "https://[::1]/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/",
            "https://LOCALHOST.:8443/",
            "https://x.localhost/",
        ] {
            assert_eq!(refused(text, Reach::Public), Some(EndpointError::NotPublic), "{text}");
        }
    }

    #[test]
    fn tests_may_have_it_near() {
        for text in ["http://127.0.0.1:8080/x", "http://localhost:1/x", "https://[::1]:2/x"] {
            assert_eq!(refused(text, Reach::LoopbackToo), None, "{text}");
        }
        for text in ["http://push.example.org/x", "http://1.1.1.1/x"] {
            assert_eq!(refused(text, Reach::LoopbackToo), Some(EndpointError::Malformed), "{text}");
        }
        let inside = refused("http://10.0.0.1/x", Reach::LoopbackToo);
        assert_eq!(inside, Some(EndpointError::NotPublic));
    }

    #[test]
    fn it_is_in_no_log() {
        let endpoint = Endpoint::new("https://push.example.org/secret", Reach::Public).unwrap();
        assert_eq!(format!("{endpoint:?}"), "Endpoint(https://push.example.org/…)");
    }
}
