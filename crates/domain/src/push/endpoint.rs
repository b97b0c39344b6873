//! Endpoints: the addresses that browsers provide for Web Push.

use super::is_public;
use crate::limits::PUSH_ENDPOINT_BYTES;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Which endpoints may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Only those on the public internet, by `https`.
    #[default]
    Public,
    /// Also those on this machine, even without TLS. For tests only.
    LoopbackToo,
}

impl Reach {
    /// Whether this IP address may be called.
    pub fn admits(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::LoopbackToo && address.is_loopback())
    }
}

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
        let is_plain = |c: char| c.is_ascii_graphic() && !"\"#<>\\^`{|}".contains(c);
        if !text.chars().all(is_plain) {
            return Err(EndpointError::Malformed);
        }
        let (rest, has_tls) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) if reach == Reach::LoopbackToo => (rest, false),
            _ => return Err(EndpointError::Malformed),
        };
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let host = Host::of(authority).ok_or(EndpointError::Malformed)?;
        let is_near = match host {
            Host::Address(address) => !reach.admits(address),
            Host::Name(name) => reach == Reach::Public && is_this_machine(name),
        };
        if is_near {
            return Err(EndpointError::NotPublic);
        }
        // Without TLS nobody can tell who answers, so that is allowed for this machine only.
        let is_loopback = match host {
            Host::Address(address) => address.is_loopback(),
            Host::Name(name) => is_this_machine(name),
        };
        if !has_tls && !is_loopback {
            return Err(EndpointError::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    /// For adapters: an endpoint that was checked before it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The host, with the port if there is one.
    pub fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or(&*self.0, |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or_default()
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

enum Host<'a> {
    Address(IpAddr),
    Name(&'a str),
}

impl<'a> Host<'a> {
    /// The host of `host:port`; the port may be missing.
    fn of(authority: &'a str) -> Option<Self> {
        if let Some(rest) = authority.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            let address = address.parse::<Ipv6Addr>().ok()?;
            let port = port.strip_prefix(':').or(port.is_empty().then_some("443"))?;
            return is_port(port).then_some(Self::Address(address.into()));
        }
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        let is_named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if host.is_empty() || !host.chars().all(is_named) || !is_port(port) {
            return None;
        }
        Some(host.parse().map_or(Self::Name(host), Self::Address))
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Whether a name always means this machine (RFC 6761).
fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
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
