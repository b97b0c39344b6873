//! Limiting open connections: each needs a file descriptor, and a process has only so many.

use super::address::ClientAddress;
use super::connection_limits::{ConnectionLimits, ConnectionSlot};
use domain::failure::Failure;
use domain::limits::{CONNECTIONS_PER_ADDRESS, SPARE_DESCRIPTORS};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// When to try again: a guess, since nobody knows when another connection closes.
const WAIT: Duration = Duration::from_secs(10);

/// Counts open connections, and refuses those above the limits.
pub struct Connections {
    all: Arc<ConnectionLimits<()>>,
    most: usize,
    /// `None` if connections are not counted by address.
    addresses: Option<Arc<ConnectionLimits<ClientAddress>>>,
}

/// A connection's place among all and among those of its address. It is freed when this is dropped.
pub struct OpenConnection {
    _of_all: ConnectionSlot<()>,
    _of_address: Option<ConnectionSlot<ClientAddress>>,
}

impl Connections {
    /// As many connections as fit in so many descriptors: each may need a second one, for a file that is sent
    /// or received. One address may have half of them; with `shared`, which means behind proxies or without
    /// limits, all.
    pub fn new(descriptors: usize, shared: bool) -> Self {
        let most = (descriptors.saturating_sub(SPARE_DESCRIPTORS) / 2).max(2);
        let per_address = CONNECTIONS_PER_ADDRESS.min(most / 2);
        let addresses = (!shared).then(|| ConnectionLimits::new(per_address));
        Self { all: ConnectionLimits::new(most), most, addresses }
    }

    /// How many connections there may be in all.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Takes a place for a connection from that address. Loopback addresses are not limited separately,
    /// because a proxy may be behind them.
    ///
    /// # Errors
    /// There are too many connections.
    pub fn take(&self, peer: IpAddr) -> Result<OpenConnection, Failure> {
        let all = self.all.take(()).ok_or_else(|| too_many("This server has"))?;
        let counted = self.addresses.as_ref().filter(|_| !peer.to_canonical().is_loopback());
        let of_address = match counted {
            Some(addresses) => {
                Some(addresses.take(peer.into()).ok_or_else(|| too_many("This address has"))?)
            }
            None => None,
        };
        Ok(OpenConnection { _of_all: all, _of_address: of_address })
    }
}

fn too_many(who: &str) -> Failure {
    let detail = format!("{who} as many connections as it may.");
    Failure::too_many(WAIT, "too_many_connections", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// How many connections from there are let in.
    fn let_in(connections: &Connections, from: &str) -> Vec<OpenConnection> {
        std::iter::repeat_with(|| connections.take(peer(from))).map_while(Result::ok).collect()
    }

    #[test]
    fn an_address_leaves_half_of_them_to_others() {
        let connections = Connections::new(1_024, false);
        assert_eq!(connections.most(), 384);
        let one = let_in(&connections, "1.1.1.1");
        assert_eq!(one.len(), 192);
        let same = let_in(&connections, "::ffff:1.1.1.1");
        assert_eq!(same.len(), 0, "it is the same address");
        let others = [let_in(&connections, "2001:db8::1"), let_in(&connections, "2001:db8::2")];
        assert_eq!(others.map(|of| of.len()), [192, 0], "a network of IPv6 is one address");
        drop(one);
        assert_eq!(let_in(&connections, "1.1.1.1").len(), 192, "what ended is given back");
    }

    #[test]
    fn there_is_an_end_for_one_address_however_many_descriptors_there_are() {
        let connections = Connections::new(1_000_000, false);
        assert_eq!(let_in(&connections, "1.1.1.1").len(), CONNECTIONS_PER_ADDRESS);
    }

    #[test]
    fn a_proxy_has_all_of_them() {
        for (shared, from) in [(true, "1.1.1.1"), (false, "127.0.0.1"), (false, "::1")] {
            let connections = Connections::new(1_024, shared);
            assert_eq!(let_in(&connections, from).len(), 384, "{from}");
        }
    }

    #[test]
    fn what_is_refused_takes_no_place() {
        let connections = Connections::new(1_024, false);
        let held = let_in(&connections, "1.1.1.1");
        for _ in 0..1_000 {
            let refused = connections.take(peer("1.1.1.1")).map(drop).unwrap_err();
            assert_eq!(refused.code, "too_many_connections");
        }
        assert_eq!(held.len() + let_in(&connections, "2.2.2.2").len(), 384);
    }
}
