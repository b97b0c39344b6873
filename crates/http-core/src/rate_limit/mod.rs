//! How often each account and each address may do what, and how many sockets they may have.
//!
//! The narrower limit is asked first, and what is refused is not counted: who alone is too fast
//! does not use up what others behind the same address share. Each process counts for itself.

mod address;
mod body;
mod class;
mod connection_limits;
mod connections;
mod limiter;
mod middleware;
mod routes;
mod seen;
mod turns;

pub use address::ClientAddress;
pub use class::Class;
pub use connections::Connections;
pub use middleware::{Arrival, limit_requests};
pub use routes::RouteClasses;

use self::address::TrustedProxies;
use self::connection_limits::{ConnectionLimits, ConnectionSlot};
use self::limiter::Limiter;
use self::seen::Seen;
use self::turns::{Turn, Turns};
use crate::metrics::too_many_log_ins;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::limits::{
    LOGINS_FROM_ELSEWHERE, LOGINS_PER_ACCOUNT, RATE_KEYS, SOCKETS_PER_ACCOUNT, SOCKETS_PER_ADDRESS,
};
use domain::output::{Account, Outputs};
use domain::user::UserName;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// When to try again for a socket; nobody knows when another one is closed.
const SOCKET_WAIT: Duration = Duration::from_secs(30);

/// Counts requests and sockets, and refuses those that are too many.
pub struct RateLimits {
    proxies: TrustedProxies,
    /// `None` when nothing is to be limited.
    counts: Option<Counts>,
}

struct Counts {
    log_in: Counted,
    register: Counted,
    send: Counted,
    upload: Counted,
    search: Counted,
    other: Counted,
    /// Attempts by name; a name is kept as its hash, with a key that nobody knows.
    names: Limiter<(u64, ClientAddress)>,
    /// The same from all addresses together that nobody signed in to that name from.
    elsewhere: Limiter<u64>,
    /// Names, and addresses from which somebody signed in to them.
    seen: Seen<(u64, ClientAddress)>,
    hasher: RandomState,
    searches: Turns,
    outputs: Outputs,
    account_sockets: Arc<ConnectionLimits<UserId>>,
    address_sockets: Arc<ConnectionLimits<ClientAddress>>,
}

/// The counts of one class.
struct Counted {
    accounts: Option<Limiter<UserId>>,
    addresses: Limiter<ClientAddress>,
}

/// A socket's slot among those of its address and of its account, given back when this is dropped.
#[derive(Default)]
pub struct SocketSlot {
    _of_address: Option<ConnectionSlot<ClientAddress>>,
    _of_account: Option<ConnectionSlot<UserId>>,
}

impl RateLimits {
    /// Limits behind that many proxies, whose `X-Forwarded-For` is believed; none at all if they
    /// are off.
    pub fn new(trusted_proxies: usize, on: bool) -> Self {
        Self { proxies: TrustedProxies(trusted_proxies), counts: on.then(Counts::new) }
    }

    /// Whether the client of a request came by TLS, as far as the proxies say so.
    pub(crate) fn came_by_tls(&self, headers: &HeaderMap) -> bool {
        self.proxies.came_by_tls(headers)
    }

    /// Forgets who did nothing of late.
    pub fn forget_idle(&self) {
        if let Some(counts) = &self.counts {
            counts.forget_idle();
        }
    }

    /// Counts a request before anybody knows whose it is.
    ///
    /// # Errors
    /// It is too often.
    pub fn arrive(&self, class: Class, address: ClientAddress) -> Result<(), Failure> {
        let Some(counts) = &self.counts else { return Ok(()) };
        if class == Class::Register {
            counts.of(class).at_address(address)?;
        }
        counts.of(Class::Other).at_address(address)
    }

    /// Counts a request over HTTP once it is known whose it is.
    pub fn check(&self, class: Class, user: UserId, address: ClientAddress) -> Result<(), Failure> {
        match (class, &self.counts) {
            (_, None) => Ok(()),
            // For its address it was counted when it arrived.
            (Class::Other, Some(counts)) => counts.other.of_account(user),
            _ => self.check_frame(class, user, address),
        }
    }

    /// Counts a request over HTTP, and notes with it what its answer may take. A search waits for the
    /// account's earlier ones, and has its turn until the request is done.
    ///
    /// # Errors
    /// It is too often, or too much is on its way to the account.
    pub async fn admit(&self, request: &HttpRequest, user: UserId) -> Result<(), Failure> {
        let arrival = Arrival::of(request);
        arrival.class.map_or(Ok(()), |class| self.check(class, user, arrival.address))?;
        let searches = arrival.class == Some(Class::Search);
        let has_turn = request.extensions().get::<Turn>().is_some();
        if let Some(counts) = self.counts.as_ref().filter(|_| searches && !has_turn) {
            let turn = counts.searches.take(user).await?;
            request.extensions_mut().insert(turn);
        }
        let Some(account) = self.output_of(user) else { return Ok(()) };
        let owed = account.reserve().ok_or_else(too_much_unread)?;
        arrival.owe(owed);
        Ok(())
    }

    /// The most that is on its way to any account, in bytes.
    pub fn most_output(&self) -> usize {
        self.counts.as_ref().map_or(0, |counts| counts.outputs.most())
    }

    /// What is on its way to an account, if that is limited.
    pub fn output_of(&self, user: UserId) -> Option<Arc<Account>> {
        self.counts.as_ref().map(|counts| counts.outputs.of(user))
    }

    /// Counts a request on a socket.
    pub fn check_frame(
        &self,
        class: Class,
        user: UserId,
        address: ClientAddress,
    ) -> Result<(), Failure> {
        let Some(counts) = &self.counts else { return Ok(()) };
        counts.of(class).of_account(user)?;
        counts.of(class).at_address(address)
    }

    /// Counts an attempt to sign in under a name, whether or not there is such an account. Guesses from
    /// many addresses together refuse those alone from which nobody has signed in under it.
    pub fn log_in(&self, name: &str, address: ClientAddress) -> Result<(), Failure> {
        let Some(counts) = &self.counts else { return Ok(()) };
        let name = counts.name(name);
        let by_name = || counts.names.check(&(name, address)).map_err(rate_limited);
        let elsewhere = || {
            let is_known = counts.seen.knows(&(name, address));
            if is_known { Ok(()) } else { counts.elsewhere.check(&name).map_err(rate_limited) }
        };
        by_name()
            .and_then(|()| elsewhere())
            .and_then(|()| counts.of(Class::LogIn).at_address(address))
            .inspect_err(|_| too_many_log_ins())
    }

    /// Somebody signed in under that name from there.
    pub fn signed_in(&self, name: &str, address: ClientAddress) {
        if let Some(counts) = &self.counts {
            counts.seen.remember((counts.name(name), address));
        }
    }

    /// A slot for a socket from that address.
    pub fn socket_from(&self, address: ClientAddress) -> Result<SocketSlot, Failure> {
        let Some(counts) = &self.counts else { return Ok(SocketSlot::default()) };
        let slot = counts.address_sockets.take(address).ok_or_else(|| too_many("this address"))?;
        Ok(SocketSlot { _of_address: Some(slot), _of_account: None })
    }

    /// The same socket's slot once it is known whose it is.
    pub fn socket_of(&self, user: UserId, slot: SocketSlot) -> Result<SocketSlot, Failure> {
        let Some(counts) = &self.counts else { return Ok(slot) };
        let of_account =
            counts.account_sockets.take(user).ok_or_else(|| too_many("this account"))?;
        Ok(SocketSlot { _of_account: Some(of_account), ..slot })
    }
}

impl Counts {
    fn new() -> Self {
        Self {
            log_in: Counted::new(Class::LogIn),
            register: Counted::new(Class::Register),
            send: Counted::new(Class::Send),
            upload: Counted::new(Class::Upload),
            search: Counted::new(Class::Search),
            other: Counted::new(Class::Other),
            names: Limiter::new(LOGINS_PER_ACCOUNT),
            elsewhere: Limiter::new(LOGINS_FROM_ELSEWHERE),
            seen: Seen::new(RATE_KEYS),
            hasher: RandomState::new(),
            searches: Turns::new(),
            outputs: Outputs::default(),
            account_sockets: ConnectionLimits::new(SOCKETS_PER_ACCOUNT),
            address_sockets: ConnectionLimits::new(SOCKETS_PER_ADDRESS),
        }
    }

    /// What a name is known by here, however it is spelt.
    fn name(&self, typed: &str) -> u64 {
        self.hasher.hash_one(UserName::new(typed).ok().as_ref().map(UserName::folded))
    }

    fn of(&self, class: Class) -> &Counted {
        match class {
            Class::LogIn => &self.log_in,
            Class::Register => &self.register,
            Class::Send => &self.send,
            Class::Upload => &self.upload,
            Class::Search => &self.search,
            Class::Other => &self.other,
        }
    }

    fn forget_idle(&self) {
        let Self { log_in, register, send, upload, search, other, names, elsewhere, .. } = self;
        for counted in [log_in, register, send, upload, search, other] {
            counted.accounts.iter().for_each(Limiter::forget_idle);
            counted.addresses.forget_idle();
        }
        names.forget_idle();
        elsewhere.forget_idle();
        self.searches.forget_idle();
        self.outputs.forget_idle();
    }
}

impl Counted {
    fn new(class: Class) -> Self {
        Self {
            accounts: class.per_account().map(Limiter::new),
            addresses: Limiter::new(class.per_address()),
        }
    }

    fn of_account(&self, user: UserId) -> Result<(), Failure> {
        self.accounts.iter().try_for_each(|limiter| limiter.check(&user)).map_err(rate_limited)
    }

    fn at_address(&self, address: ClientAddress) -> Result<(), Failure> {
        self.addresses.check(&address).map_err(rate_limited)
    }
}

fn rate_limited(wait: Duration) -> Failure {
    Failure::too_many(wait, "rate_limited", "That was too often; wait a little.")
}

/// When to ask again after reading what was answered.
const UNREAD_WAIT: Duration = Duration::from_secs(1);

fn too_much_unread() -> Failure {
    let detail = "Too many answers are on their way to this account; read them, and ask again.";
    Failure::too_many(UNREAD_WAIT, "too_much_unread", detail)
}

fn too_many(whose: &str) -> Failure {
    let detail = format!("There are as many sockets of {whose} as there may be.");
    Failure::too_many(SOCKET_WAIT, "too_many_sockets", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::failure::Kind;
    use std::net::Ipv4Addr;

    const CLASSES: [Class; 6] =
        [Class::LogIn, Class::Register, Class::Send, Class::Upload, Class::Search, Class::Other];

    fn address(last: u8) -> ClientAddress {
        std::net::IpAddr::from(Ipv4Addr::new(1, 1, 1, last)).into()
    }

    fn user(id: i64) -> UserId {
        UserId::stored(id)
    }

    /// How often something works until it is refused; nothing here takes long enough to give back.
    fn times(most: u32, mut what: impl FnMut() -> Result<(), Failure>) -> u32 {
        let passed = (0..most).take_while(|_| what().is_ok()).count();
        u32::try_from(passed).unwrap()
    }

    #[test]
    fn each_class_has_its_own_count_for_each_account() {
        for class in CLASSES {
            let Some(rate) = class.per_account() else { continue };
            let limits = RateLimits::new(0, true);
            let passed = times(10_000, || limits.check(class, user(1), address(1)));
            assert!((rate.burst.get()..10_000).contains(&passed), "{class:?}: {passed}");
            let refused = limits.check(class, user(1), address(2)).unwrap_err();
            assert_eq!((refused.kind, refused.code), (Kind::TooMany, "rate_limited"));
            limits.check(class, user(2), address(1)).expect("others go on");
            for other in CLASSES.into_iter().filter(|other| *other != class) {
                limits.check(other, user(1), address(1)).expect("other things go on");
            }
        }
    }

    #[test]
    fn an_address_cannot_have_more_by_having_more_accounts() {
        for class in CLASSES {
            let (limits, rate) = (RateLimits::new(0, true), class.per_address());
            let mut id = 0;
            let passed = times(20_000, || {
                id += 1;
                limits.check_frame(class, user(id), address(1))
            });
            assert!((rate.burst.get()..20_000).contains(&passed), "{class:?}: {passed}");
            limits.check_frame(class, user(id + 1), address(2)).expect("another address");
        }
    }

    #[test]
    fn one_account_does_not_use_up_what_others_at_its_address_share() {
        let limits = RateLimits::new(0, true);
        times(10_000, || limits.check(Class::Send, user(1), address(1)));
        for _ in 0..10_000 {
            assert!(limits.check(Class::Send, user(1), address(1)).is_err());
        }
        limits.check(Class::Send, user(2), address(1)).expect("the address is not used up");
    }

    #[test]
    fn guesses_from_many_addresses_refuse_only_those_that_are_not_known() {
        let limits = RateLimits::new(0, true);
        limits.signed_in("Ada", address(255));
        let mut last = 0;
        let passed = times(200, || {
            last += 1;
            limits.log_in("ada", address(last))
        });
        assert_eq!(passed, LOGINS_FROM_ELSEWHERE.burst.get());
        let refused = limits.log_in("ADA", address(254)).unwrap_err();
        assert_eq!((refused.kind, refused.code), (Kind::TooMany, "rate_limited"));
        assert!(refused.retry_after.unwrap() <= LOGINS_FROM_ELSEWHERE.every);
        for _ in 0..LOGINS_PER_ACCOUNT.burst.get() {
            limits.log_in("ada", address(255)).expect("its owner, from where they were before");
        }
        limits.log_in("ada", address(255)).expect_err("who is known is limited like anybody");
        limits.log_in("grace", address(254)).expect("another account");
    }

    #[test]
    fn a_request_is_counted_before_it_is_known_whose_it_is() {
        for (class, rate) in [
            (Class::Register, Class::Register.per_address()),
            (Class::Send, Class::Other.per_address()),
        ] {
            let limits = RateLimits::new(0, true);
            let passed = times(20_000, || limits.arrive(class, address(1)));
            assert!((rate.burst.get()..20_000).contains(&passed), "{class:?}: {passed}");
            limits.arrive(class, address(2)).expect("another address");
        }
    }

    #[test]
    fn nothing_is_refused_when_they_are_off() {
        let limits = RateLimits::new(0, false);
        let mut slots = Vec::new();
        for _ in 0..5_000 {
            limits.check(Class::Send, user(1), address(1)).unwrap();
            limits.arrive(Class::Register, address(1)).unwrap();
            limits.log_in("ada", address(1)).unwrap();
            let slot = limits.socket_from(address(1)).unwrap();
            slots.push(limits.socket_of(user(1), slot).unwrap());
        }
    }
}
