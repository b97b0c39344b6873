//! Counts logins by their outcome.

use domain::host::{BringInError, ProviderError};
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

/// Counts an attempt with a password, and passes on what came of it. Where there are no passwords nothing is counted.
pub fn logged_in<T>(result: Result<T, LogInError>) -> Result<T, LogInError> {
    let outcome = match &result {
        Ok(_) => &LOG_INS.ok,
        Err(LogInError::PasswordsOff(_)) => return result,
        Err(LogInError::Credentials) => &LOG_INS.wrong,
        Err(LogInError::SecondFactor(_)) => &LOG_INS.second_factor,
        Err(LogInError::Disabled) => &LOG_INS.disabled,
        Err(LogInError::Hash(HashError::Busy)) => &LOG_INS.busy,
        Err(LogInError::Hash(HashError::Failed) | LogInError::Store(_)) => &LOG_INS.failed,
    };
    outcome.increment(1);
    result
}

/// The same with a host's token, or with a provider. One that is not good is a wrong credential. Where no host is configured
/// nobody can sign in like that, and nothing is counted.
pub fn exchanged<T>(result: Result<T, ExchangeError>) -> Result<T, ExchangeError> {
    let outcome = match &result {
        Ok(_) => &LOG_INS.ok,
        Err(ExchangeError::NotConfigured) => return result,
        Err(ExchangeError::Provider(ProviderError::Unknown)) => return result,
        Err(ExchangeError::Provider(ProviderError::Unavailable)) => &LOG_INS.failed,
        Err(ExchangeError::Token(_) | ExchangeError::Provider(_)) => &LOG_INS.wrong,
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
