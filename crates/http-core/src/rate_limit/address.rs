//! The address that a request comes from.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A client's address, as it is counted: an IPv4 address, or the network (/64) of an IPv6 address, since one
/// client usually has a whole network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        const NETWORK: u128 = !0 << 64;
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & NETWORK).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl ClientAddress {
    /// The IPv4 address, or the first address of the IPv6 network.
    pub fn ip(self) -> IpAddr {
        self.0
    }
}

/// The number of proxies in front of this server. Each of them appends its caller to `X-Forwarded-For`.
/// Entries to the left of theirs were written by the client, and are not believed.
#[derive(Debug, Clone, Copy)]
pub(super) struct TrustedProxies(pub(super) usize);

impl TrustedProxies {
    /// The client's address. A request with fewer entries than there are proxies did not come through all of
    /// them; its address is that of the connection.
    pub(super) fn client(self, request: &HttpRequest) -> ClientAddress {
        let forwarded = self.forwarded(request.headers());
        let peer = || request.peer_addr().map(|peer| peer.ip());
        forwarded.or_else(peer).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).into()
    }

    /// Whether the client used TLS, as the outermost proxy reports it. False without a trusted proxy.
    pub(super) fn came_by_tls(self, headers: &HeaderMap) -> bool {
        let said = headers.get(FORWARDED_PROTO).and_then(|said| said.to_str().ok());
        let outermost = said.and_then(|said| said.split(',').next()).unwrap_or_default();
        self.0 > 0 && outermost.trim().eq_ignore_ascii_case("https")
    }

    /// The entry of the outermost trusted proxy, counted from the right over all lines of the header.
    fn forwarded(self, headers: &HeaderMap) -> Option<IpAddr> {
        let place = self.0.checked_sub(1)?;
        let lines: Vec<_> =
            headers.get_all(FORWARDED_FOR).map(|line| line.to_str().unwrap_or_default()).collect();
        let entries = lines.iter().rev().flat_map(|line| line.rsplit(','));
        parse(entries.map(str::trim).nth(place)?)
    }
}

/// Reads an address, which some proxies write in brackets or with a port.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    /// The client of a request with these headers, from a peer, behind so many proxies.
    fn client(proxies: usize, headers: &[&str]) -> ClientAddress {
        let peer = SocketAddr::from(([10, 0, 0, 1], 4711));
        let request = headers
            .iter()
            .fold(TestRequest::default().peer_addr(peer), |request, line| {
                request.append_header((FORWARDED_FOR, *line))
            })
            .to_http_request();
        TrustedProxies(proxies).client(&request)
    }

    fn address(text: &str) -> ClientAddress {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn without_a_proxy_the_header_is_the_clients_own_word() {
        for headers in [&[][..], &["1.1.1.1"], &["1.1.1.1, 2.2.2.2"], &["1.1.1.1", "2.2.2.2"]] {
            assert_eq!(client(0, headers), address("10.0.0.1"), "{headers:?}");
        }
    }

    #[test]
    fn the_proxies_entries_count_from_the_right() {
        for (proxies, headers, expected) in [
            (1, &["1.1.1.1"][..], "1.1.1.1"),
            (1, &["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
            (1, &["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
            (1, &["6.6.6.6,1.1.1.1:8080"], "1.1.1.1"),
            (2, &["1.1.1.1, 2.2.2.2"], "1.1.1.1"),
            (2, &["6.6.6.6, 1.1.1.1 , 2.2.2.2"], "1.1.1.1"),
            (2, &["6.6.6.6, 1.1.1.1", "2.2.2.2"], "1.1.1.1"),
            (1, &["2001:db8::1"], "2001:db8::1"),
            (1, &["[2001:db8::1]"], "2001:db8::1"),
            (1, &["[2001:db8::1]:443"], "2001:db8::1"),
        ] {
            assert_eq!(client(proxies, headers), address(expected), "{proxies} {headers:?}");
        }
    }

    #[test]
    fn what_the_proxies_did_not_write_is_the_peers() {
        for (proxies, headers) in
            [(1, &[][..]), (1, &["unknown"]), (1, &[""]), (2, &["1.1.1.1"]), (1, &["1.1.1.1, x"])]
        {
            assert_eq!(client(proxies, headers), address("10.0.0.1"), "{proxies} {headers:?}");
        }
    }

    #[test]
    fn who_came_by_tls_is_said_by_a_proxy() {
        for (proxies, said, expected) in [
            (1, Some("https"), true),
            (1, Some("HTTPS, http"), true),
            (1, Some("http"), false),
            (1, Some("http, https"), false),
            (1, None, false),
            (0, Some("https"), false),
        ] {
            let request = said.into_iter().fold(TestRequest::default(), |request, said| {
                request.insert_header((FORWARDED_PROTO, said))
            });
            let came = TrustedProxies(proxies).came_by_tls(request.to_http_request().headers());
            assert_eq!(came, expected, "{proxies} {said:?}");
        }
    }

    #[test]
    fn an_address_is_shown_as_what_is_counted() {
        assert_eq!(address("1.2.3.4").to_string(), "1.2.3.4");
        assert_eq!(address("2001:db8::1:2:3:4").to_string(), "2001:db8::/64");
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1:2:3"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:1.2.3.4"), address("1.2.3.4"));
        assert_ne!(address("1.2.3.4"), address("1.2.3.5"));
    }
}
