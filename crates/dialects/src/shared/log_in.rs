//! Signing in with a password for a pair of tokens.

use super::refusal::Refused;
use domain::failure::Failure;
use domain::session::{Client, LogInError, Login, Sessions, SignIn, SignedIn};
use http_core::attempts::Attempts;

/// Signs somebody in, and counts the attempt for the login and the address. A wrong login, a wrong password,
/// a disabled account, and one with a second factor, for which no dialect has a field, all get the dialect's
/// same refusal.
pub(crate) async fn log_in(
    sessions: &Sessions,
    attempts: &Attempts,
    (login, password): (Login<'_>, &str),
    client: Client,
    refuse: impl FnOnce() -> Refused,
) -> Result<SignedIn, Refused> {
    let (Login::Name(typed) | Login::Email(typed)) = login;
    attempts.allow(typed)?;
    let command = SignIn { login, password, code: None, client, address: attempts.ip() };
    let signed = attempts.settle(typed, sessions.log_in(command).await);
    signed.map_err(|error| match error {
        LogInError::Credentials | LogInError::Disabled | LogInError::SecondFactor(_) => refuse(),
        error => Failure::from(error).into(),
    })
}
