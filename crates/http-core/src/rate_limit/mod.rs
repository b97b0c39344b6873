//! Rate limits of accounts and addresses, and limits on their sockets.
//!
//! The narrower limit is checked first, and refused requests are not counted, so one account that is too fast
//! does not use up the limit that others share behind the same address. Each process counts for itself.

mod address;
mod body;
mod class;
mod connection_limits;
mod connections;
mod keys;
mod limiter;
mod middleware;
mod rates;
mod routes;
mod seen;
mod turns;

pub use address::ClientAddress;
pub use class::Class;
pub use connections::Connections;
pub use middleware::{Arrival, limit_requests};
pub use rates::{ClassRates, NotRates, Rates};
pub use routes::RouteClasses;

use self::address::TrustedProxies;
use self::connection_limits::{ConnectionLimits, ConnectionSlot};
use self::keys::KeyRates;
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
use domain::service_key::ServiceKey;
use domain::user::UserName;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// When to try again for a socket: a guess, since nobody knows when another one closes.
const SOCKET_WAIT: Duration = Duration::from_secs(30);

/// Counts requests and sockets, and refuses those that are too many.
pub struct RateLimits {
    proxies: TrustedProxies,
    /// `None` if nothing is limited.
    counts: Option<Counts>,
}

struct Counts {
    rates: Rates,
    log_in: Counted,
    register: Counted,
    send: Counted,
    upload: Counted,
    search: Counted,
    other: Counted,
    /// Sign-in attempts by name and address. Names are kept as hashes with a random key.
    names: Limiter<(u64, ClientAddress)>,
    /// Sign-in attempts by name from all unknown addresses together.
    elsewhere: Limiter<u64>,
    /// The known addresses: those from which somebody has signed in under a name.
    seen: Seen<(u64, ClientAddress)>,
    hasher: RandomState,
    keys: KeyRates,
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

/// A socket's slots of its address and its account, which are freed when this is dropped.
#[derive(Default)]
pub struct SocketSlot {
    _of_address: Option<ConnectionSlot<ClientAddress>>,
    _of_account: Option<ConnectionSlot<UserId>>,
}

impl RateLimits {
    /// Limits for a server behind `trusted_proxies` proxies, whose `X-Forwarded-For` is trusted. Without
    /// rates, nothing is limited.
    pub fn new(trusted_proxies: usize, rates: Option<Rates>) -> Self {
        Self { proxies: TrustedProxies(trusted_proxies), counts: rates.map(Counts::new) }
    }

    /// How often each class of requests may be made; `None` if nothing is limited.
    pub fn rates(&self) -> Option<&Rates> {
        self.counts.as_ref().map(|counts| &counts.rates)
    }

    /// Whether the client used TLS, according to the trusted proxies.
    pub(crate) fn came_by_tls(&self, headers: &HeaderMap) -> bool {
        self.proxies.came_by_tls(headers)
    }

    /// Drops the counters of those who have been idle long enough.
    pub fn forget_idle(&self) {
        if let Some(counts) = &self.counts {
            counts.forget_idle();
        }
    }

    /// Counts a request by its address, before its account is known.
    ///
    /// # Errors
    /// The address has made too many requests.
    pub fn arrive(&self, class: Class, address: ClientAddress) -> Result<(), Failure> {
        let Some(counts) = &self.counts else { return Ok(()) };
        if class == Class::Register {
            counts.of(class).at_address(address)?;
        }
        counts.of(Class::Other).at_address(address)
    }

    /// Counts a request over HTTP once its account is known.
    pub fn check(&self, class: Class, user: UserId, address: ClientAddress) -> Result<(), Failure> {
        match (class, &self.counts) {
            (_, None) => Ok(()),
            // It was counted for its address when it arrived.
            (Class::Other, Some(counts)) => counts.other.of_account(user),
            _ => self.check_frame(class, user, address),
        }
    }

    /// Counts a request that needs no sign-in, by its class and address.
    pub fn check_anybody(&self, class: Class, address: ClientAddress) -> Result<(), Failure> {
        self.counts.as_ref().map_or(Ok(()), |counts| counts.of(class).at_address(address))
    }

    /// Counts a request over HTTP, and reserves space for its answer. A search waits for the account's
    /// earlier searches, and keeps its turn until the request is done.
    ///
    /// # Errors
    /// The account has made too many requests, or has too many unread answers.
    pub async fn admit(&self, request: &HttpRequest, user: UserId) -> Result<(), Failure> {
        let arrival = Arrival::of(request);
        arrival.class.map_or(Ok(()), |class| self.check(class, user, arrival.address))?;
        self.take_turn(request, user).await
    }

    /// As [`Self::admit`], for a request by a service key, whose own rate replaces the limits of accounts
    /// and addresses.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub async fn admit_key(
        &self,
        request: &HttpRequest,
        token: &str,
        key: &ServiceKey,
    ) -> Result<(), Failure> {
        if let Some(counts) = &self.counts {
            let token = counts.hasher.hash_one(token);
            counts.keys.check(token, key.rate).map_err(rate_limited)?;
        }
        self.take_turn(request, key.account).await
    }

    /// Whether a service key was recently valid, so that its requests count against its own rate.
    fn knows_key(&self, token: &str) -> bool {
        let counts = self.counts.as_ref();
        counts.is_some_and(|counts| counts.keys.knows(counts.hasher.hash_one(token)))
    }

    /// Notes that a service key was refused, so that its requests count for their address again.
    pub(crate) fn forget_key(&self, token: &str) {
        if let Some(counts) = &self.counts {
            counts.keys.forget(counts.hasher.hash_one(token));
        }
    }

    async fn take_turn(&self, request: &HttpRequest, user: UserId) -> Result<(), Failure> {
        let arrival = Arrival::of(request);
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

    /// The largest amount of unread output of any account, in bytes.
    pub fn most_output(&self) -> usize {
        self.counts.as_ref().map_or(0, |counts| counts.outputs.most())
    }

    /// The account's unread output, if that is limited.
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

    /// Counts an attempt to sign in under a name, whether or not there is such an account. When many
    /// addresses guess together, only unknown addresses are refused, so the owner can still sign in.
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

    /// Notes that somebody has signed in under that name from that address, which is known from now on.
    pub fn signed_in(&self, name: &str, address: ClientAddress) {
        if let Some(counts) = &self.counts {
            counts.seen.remember((counts.name(name), address));
        }
    }

    /// Takes a slot for a socket from that address.
    pub fn socket_from(&self, address: ClientAddress) -> Result<SocketSlot, Failure> {
        let Some(counts) = &self.counts else { return Ok(SocketSlot::default()) };
        let slot = counts.address_sockets.take(address).ok_or_else(|| too_many("this address"))?;
        Ok(SocketSlot { _of_address: Some(slot), _of_account: None })
    }

    /// Adds the account's slot to a socket's, once its account is known.
    pub fn socket_of(&self, user: UserId, slot: SocketSlot) -> Result<SocketSlot, Failure> {
        let Some(counts) = &self.counts else { return Ok(slot) };
        let of_account =
            counts.account_sockets.take(user).ok_or_else(|| too_many("this account"))?;
        Ok(SocketSlot { _of_account: Some(of_account), ..slot })
    }
}

impl Counts {
    fn new(rates: Rates) -> Self {
        let counted = |class| Counted::new(rates.of(class));
        Self {
            log_in: counted(Class::LogIn),
            register: counted(Class::Register),
            send: counted(Class::Send),
            upload: counted(Class::Upload),
            search: counted(Class::Search),
            other: counted(Class::Other),
            names: Limiter::new(rates.of(Class::LogIn).account.unwrap_or(LOGINS_PER_ACCOUNT)),
            elsewhere: Limiter::new(LOGINS_FROM_ELSEWHERE),
            seen: Seen::new(RATE_KEYS),
            hasher: RandomState::new(),
            keys: KeyRates::default(),
            searches: Turns::new(),
            outputs: Outputs::default(),
            account_sockets: ConnectionLimits::new(SOCKETS_PER_ACCOUNT),
            address_sockets: ConnectionLimits::new(SOCKETS_PER_ADDRESS),
            rates,
        }
    }

    /// A name's hash, the same for every spelling that names the same account.
    fn name(&self, typed: &str) -> u64 {
        self.hasher.hash_one(UserName::sought(typed).ok().as_ref().map(UserName::folded))
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
        self.keys.forget_idle();
        self.searches.forget_idle();
        self.outputs.forget_idle();
    }
}

impl Counted {
    fn new(rates: ClassRates) -> Self {
        Self { accounts: rates.account.map(Limiter::new), addresses: Limiter::new(rates.address) }
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

/// When to try again after reading some answers.
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
mod tests;
