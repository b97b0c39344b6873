//! Counts logins by their outcome.

use domain::host::BringInError;
use domain::session::{ExchangeError, LogInError};
use domain::user::HashError;
use metrics::{Counter, counter};
use std::sync::LazyLock;

static LOG_INS: LazyLock<LogIns> = LazyLock::new(LogIns::new);

struct LogIns {
    ok: Counter,
    wrong: Counter,
    second_factor: Counter,
    disabled: Counter,
    busy: Counter,
    too_many: Counter,
    failed: Counter,
}

impl LogIns {
    fn new() -> Self {
        let of = |outcome| counter!("confab_logins_total", "outcome" => outcome);
        Self {
            ok: of("ok"),
            wrong: of("wrong_credentials"),
            second_factor: of("second_factor"),
            disabled: of("account_disabled"),
            busy: of("busy"),
            too_many: of("rate_limited"),
            failed: of("failed"),
        }
    }
}

pub(super) fn register() {
    LazyLock::force(&LOG_INS);
}

/// Counts the outcome of an attempt with a password, and returns it.
pub fn logged_in<T>(result: Result<T, LogInError>) -> Result<T, LogInError> {
    let outcome = match &result {
        Ok(_) => &LOG_INS.ok,
        Err(LogInError::Credentials) => &LOG_INS.wrong,
        Err(LogInError::SecondFactor(_)) => &LOG_INS.second_factor,
        Err(LogInError::Disabled) => &LOG_INS.disabled,
        Err(LogInError::Hash(HashError::Busy)) => &LOG_INS.busy,
        Err(LogInError::Hash(HashError::Failed) | LogInError::Store(_)) => &LOG_INS.failed,
    };
    outcome.increment(1);
    result
}

/// The same for an exchange of a host's token. A bad token counts as wrong credentials. If no host is
/// configured, nobody can sign in like this and nothing is counted.
pub fn exchanged<T>(result: Result<T, ExchangeError>) -> Result<T, ExchangeError> {
    let outcome = match &result {
        Ok(_) => &LOG_INS.ok,
        Err(ExchangeError::NotConfigured) => return result,
        Err(ExchangeError::Token(_)) => &LOG_INS.wrong,
        Err(ExchangeError::Disabled) => &LOG_INS.disabled,
        Err(ExchangeError::BringIn(BringInError::Hash(HashError::Busy))) => &LOG_INS.busy,
        Err(_) => &LOG_INS.failed,
    };
    outcome.increment(1);
    result
}

/// Counts an attempt that was refused by a rate limit.
pub(crate) fn too_many_log_ins() {
    LOG_INS.too_many.increment(1);
}
