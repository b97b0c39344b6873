//! Addresses of web pages, files and services.

use super::is_public;
use std::net::{IpAddr, Ipv6Addr};

/// Which addresses may be called.
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

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAWebAddress {
    /// It does not have the form of one.
    #[error("must be an https address without user and fragment")]
    Malformed,
    /// It is not on the public internet.
    #[error("must be on the public internet")]
    NotPublic,
}

/// Checks of an address what needs no name resolution: the form, and a host that is an IP address. A host name is
/// resolved and checked when it is called.
pub fn check_web_address(text: &str, reach: Reach) -> Result<(), NotAWebAddress> {
    let is_plain = |c: char| c.is_ascii_graphic() && !"\"#<>\\^`{|}".contains(c);
    if !text.chars().all(is_plain) {
        return Err(NotAWebAddress::Malformed);
    }
    let has_tls = match (text.starts_with("https://"), text.starts_with("http://")) {
        (true, _) => true,
        (_, true) if reach == Reach::LoopbackToo => false,
        _ => return Err(NotAWebAddress::Malformed),
    };
    let host = Host::of(authority(text)).ok_or(NotAWebAddress::Malformed)?;
    let is_near = match host {
        Host::Address(address) => !reach.admits(address),
        Host::Name(name) => reach == Reach::Public && is_this_machine(name),
    };
    if is_near {
        return Err(NotAWebAddress::NotPublic);
    }
    // Without TLS nobody can tell who answers, so that is allowed for this machine only.
    let is_loopback = match host {
        Host::Address(address) => address.is_loopback(),
        Host::Name(name) => is_this_machine(name),
    };
    if has_tls || is_loopback { Ok(()) } else { Err(NotAWebAddress::Malformed) }
}

/// The host of an address, with the port if there is one.
pub fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
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
