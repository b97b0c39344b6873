//! How often each account and each address may do what, and how many sockets they may have.
//!
//! The narrower limit is asked first, and what is refused is not counted: who alone is too fast
//! does not use up what others behind the same address share. Each process counts for itself.

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

/// When to try again for a socket; nobody knows when another one is closed.
const SOCKET_WAIT: Duration = Duration::from_secs(30);

/// Counts requests and sockets, and refuses those that are too many.
pub struct RateLimits {
    proxies: TrustedProxies,
    /// `None` when nothing is to be limited.
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
    /// Attempts by name; a name is kept as its hash, with a key that nobody knows.
    names: Limiter<(u64, ClientAddress)>,
    /// The same from all addresses together that nobody signed in to that name from.
    elsewhere: Limiter<u64>,
    /// Names, and addresses from which somebody signed in to them.
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

/// A socket's slot among those of its address and of its account, given back when this is dropped.
#[derive(Default)]
pub struct SocketSlot {
    _of_address: Option<ConnectionSlot<ClientAddress>>,
    _of_account: Option<ConnectionSlot<UserId>>,
}

impl RateLimits {
    /// Limits behind that many proxies, whose `X-Forwarded-For` is believed; none at all without
    /// rates.
    pub fn new(trusted_proxies: usize, rates: Option<Rates>) -> Self {
        Self { proxies: TrustedProxies(trusted_proxies), counts: rates.map(Counts::new) }
    }

    /// How often each class of requests may be made; `None` if any number may.
    pub fn rates(&self) -> Option<&Rates> {
        self.counts.as_ref().map(|counts| &counts.rates)
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

    /// Counts a request of somebody who needs not sign in for it, as what it is.
    pub fn check_anybody(&self, class: Class, address: ClientAddress) -> Result<(), Failure> {
        self.counts.as_ref().map_or(Ok(()), |counts| counts.of(class).at_address(address))
    }

    /// Counts a request over HTTP, and notes with it what its answer may take. A search waits for the
    /// account's earlier ones, and has its turn until the request is done.
    ///
    /// # Errors
    /// It is too often, or too much is on its way to the account.
    pub async fn admit(&self, request: &HttpRequest, user: UserId) -> Result<(), Failure> {
        let arrival = Arrival::of(request);
        arrival.class.map_or(Ok(()), |class| self.check(class, user, arrival.address))?;
        self.take_turn(request, user).await
    }

    /// The same for a request by a service key, which has a rate of its own in the place of what is counted for
    /// accounts and addresses.
    ///
    /// # Errors
    /// As there.
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

    /// Whether a service key was good a moment ago, so that its requests are counted as its own.
    fn knows_key(&self, token: &str) -> bool {
        let counts = self.counts.as_ref();
        counts.is_some_and(|counts| counts.keys.knows(counts.hasher.hash_one(token)))
    }

    /// A service key was refused: its requests are those of whatever address they come from.
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

    /// What a name is known by here, however it is spelt.
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
mod tests;
