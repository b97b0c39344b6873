//! Attempts to sign in and to register: their limits, their origin, and the log about them, with the target
//! `security`.

use crate::auth::calling_device;
use crate::metrics::logged_in;
use crate::rate_limit::{Arrival, ClientAddress, RateLimits};
use crate::sampled;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::session::{Device, LogInError, Origin, Protocol, SecurityEvent, SecurityLog};
use domain::user::HashError;
use std::future::{Ready, ready};
use std::net::IpAddr;

/// The target of these log lines.
const TARGET: &str = "security";

/// Attempts by the client of a request.
pub struct Attempts {
    limits: Data<RateLimits>,
    address: ClientAddress,
    device: Device,
}

impl FromRequest for Attempts {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let limits = request.app_data::<Data<RateLimits>>().cloned();
        ready(Ok(Self {
            limits: limits.expect("`Access::register` hands the limits to the app"),
            address: Arrival::of(request).address,
            device: calling_device(request),
        }))
    }
}

impl Attempts {
    /// The client's address.
    pub fn ip(&self) -> IpAddr {
        self.address.ip()
    }

    /// The attempts' origin, with a protocol.
    pub fn origin(&self, protocol: Protocol) -> Origin {
        Origin { address: self.ip(), protocol, device: self.device.clone() }
    }

    /// Counts an attempt under this name.
    ///
    /// # Errors
    /// There were too many attempts.
    pub fn allow(&self, name: &str) -> Result<(), Failure> {
        self.limits.log_in(name, self.address).inspect_err(|_| {
            if sampled::LOG_INS.is_written() {
                self.log("rate_limited");
            }
        })
    }

    /// Notes that somebody has signed in under this name from this address, so that other people's guesses do
    /// not lock them out here.
    pub fn succeeded(&self, name: &str) {
        self.limits.signed_in(name, self.address);
    }

    /// Records the result of an attempt, and returns it. Refusals by the rules are already logged.
    ///
    /// # Errors
    /// The result's error.
    pub fn settle<T>(&self, name: &str, result: Result<T, LogInError>) -> Result<T, LogInError> {
        let result = logged_in(result);
        match &result {
            Ok(_) => self.succeeded(name),
            Err(LogInError::Hash(HashError::Busy)) => self.log("busy"),
            Err(LogInError::Hash(HashError::Failed) | LogInError::Store(_)) => self.log("failed"),
            Err(_) => {}
        }
        result
    }

    fn log(&self, outcome: &'static str) {
        let address = self.address;
        tracing::info!(target: TARGET, %address, outcome, "log-in");
    }
}

/// Writes security events to the process's log.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessLog;

impl SecurityLog for ProcessLog {
    fn note(&self, event: &SecurityEvent) {
        match event {
            SecurityEvent::Registered { name, origin } => {
                let LoggedOrigin { address, protocol, device } = LoggedOrigin::of(origin.as_ref());
                let account = sampled::cut(name);
                tracing::info!(target: TARGET, account, address, protocol, device, "registration");
            }
            SecurityEvent::LoggedIn { name, origin } => {
                log_in(Some(name), Some(origin), "ok");
            }
            SecurityEvent::Refused { name, origin, why } => {
                log_in(name.as_deref(), origin.as_ref(), why);
            }
            SecurityEvent::PasswordChanged(user) => {
                tracing::info!(target: TARGET, user = user.get(), "password change");
            }
            SecurityEvent::OwnAccount { user, what } => own_account(*user, what),
            SecurityEvent::Ended { user, session, why } => {
                let (user, session, why) = (user.get(), session.get(), why.as_str());
                tracing::info!(target: TARGET, user, session, why, "session end");
            }
        }
    }
}

fn own_account(user: UserId, what: &'static str) {
    tracing::info!(target: TARGET, user = user.get(), what, "own account");
}

fn log_in(name: Option<&str>, origin: Option<&Origin>, outcome: &'static str) {
    let LoggedOrigin { address, protocol, device } = LoggedOrigin::of(origin);
    let account = name.map(sampled::cut);
    tracing::info!(target: TARGET, account, address, protocol, device, outcome, "log-in");
}

/// An origin's fields in a log line.
struct LoggedOrigin<'a> {
    address: Option<String>,
    protocol: Option<&'a str>,
    device: Option<&'a str>,
}

impl<'a> LoggedOrigin<'a> {
    fn of(origin: Option<&'a Origin>) -> Self {
        Self {
            address: origin.map(|origin| origin.address.to_string()),
            protocol: origin.map(|origin| origin.protocol.name()),
            device: origin.map(|origin| sampled::cut(origin.device.as_str())),
        }
    }
}
