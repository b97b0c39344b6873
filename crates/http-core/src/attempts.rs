//! Attempts to sign in: how often they may be made, and what came of each, in the log with the target
//! `security`. A name that is nobody's is not logged: it may be a password in the wrong field.

use crate::metrics::logged_in;
use crate::rate_limit::{Arrival, ClientAddress, RateLimits};
use crate::sampled;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::session::LogInError;
use domain::user::{HashError, Users};
use std::future::{Ready, ready};
use std::net::IpAddr;

/// What those lines of the log have as their target.
const TARGET: &str = "security";

/// Attempts from where a request comes from.
pub struct Attempts {
    limits: Data<RateLimits>,
    users: Data<Users>,
    address: ClientAddress,
}

impl FromRequest for Attempts {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let limits = request.app_data::<Data<RateLimits>>().cloned();
        let users = request.app_data::<Data<Users>>().cloned();
        ready(Ok(Self {
            limits: limits.expect("`Access::register` hands the limits to the app"),
            users: users.expect("the API hands the users to the app"),
            address: Arrival::of(request).address,
        }))
    }
}

impl Attempts {
    /// Where they come from.
    pub fn ip(&self) -> IpAddr {
        self.address.ip()
    }

    /// Counts one more under this name.
    ///
    /// # Errors
    /// It is one too many.
    pub fn allow(&self, name: &str) -> Result<(), Failure> {
        self.limits.log_in(name, self.address).inspect_err(|_| {
            if sampled::LOG_INS.is_written() {
                self.log(None, "rate_limited");
            }
        })
    }

    /// Somebody is signed in under this name from now on: from here guesses of others do not keep them out.
    pub fn succeeded(&self, name: &str) {
        self.limits.signed_in(name, self.address);
    }

    /// Counts and logs what came of one, and passes it on.
    ///
    /// # Errors
    /// That of the result.
    pub async fn settle<T>(
        &self,
        name: &str,
        result: Result<T, LogInError>,
    ) -> Result<T, LogInError> {
        let result = logged_in(result);
        if result.is_ok() {
            self.succeeded(name);
        }
        let (is_known, outcome) = match &result {
            Ok(_) => (true, "ok"),
            Err(LogInError::Disabled) => (true, "account_disabled"),
            Err(LogInError::Credentials) => {
                (self.users.named(name).await.is_ok(), "wrong_credentials")
            }
            Err(LogInError::Hash(HashError::Busy)) => (false, "busy"),
            Err(LogInError::Hash(HashError::Failed) | LogInError::Store(_)) => (false, "failed"),
        };
        self.log(is_known.then(|| sampled::cut(name.trim())), outcome);
        result
    }

    fn log(&self, account: Option<&str>, outcome: &'static str) {
        let address = self.address;
        tracing::info!(target: TARGET, account, %address, outcome, "log-in");
    }
}
