//! Registering, signing in and signing out.

use super::parse::Wrong;
use super::profile::{self, Wanted};
use super::who::{Anybody, SignedIn};
use super::words::NAME;
use super::{cookies, refusals, render};
use crate::shared::body::Sent;
use crate::shared::pictures::Pictures;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::client;
use crate::texts::Text;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::failure::Failure;
use domain::session::{LogInError, Login, Protocol, Renewal, SignIn};
use domain::user::AddUser;
use http_core::attempts::Attempts;
use http_core::auth::CallingDevice;
use serde_json::json;

/// Registers; the owner has to sign in afterwards.
pub(super) async fn register(
    services: Data<Services>,
    attempts: Attempts,
    _: Anybody,
    request: HttpRequest,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    services.sessions.check_registration().await.map_err(Failure::from)?;
    let mut wrong = Wrong::default();
    // The other parts of the profile are checked like the original does, and then ignored.
    Wanted::read(&sent.0, None, &mut wrong);
    let name = wrong.sort("username", profile::username(&sent.0)).unwrap_or_default();
    if !name.is_empty() && services.users.named(&name).await.is_ok() {
        wrong.add("username", &Text::NameTaken);
    }
    let password = wrong.sort("password", profile::password(&sent.0)).unwrap_or_default();
    wrong.nothing()?;
    let command = AddUser::new(&name, password);
    let account =
        services.sessions.prepare_account(command, attempts.origin(Protocol::new(NAME))).await;
    let account = account.map_err(Failure::from)?;
    let made = http_core::to_the_end(async move { services.sessions.make_account(account).await });
    let shown = (&Pictures::default(), &request);
    Ok(HttpResponse::Created().json(render::profile(&made.await?, None, shown)))
}

pub(super) async fn log_in(
    services: Data<Services>,
    (attempts, device): (Attempts, CallingDevice),
    _: Anybody,
    request: HttpRequest,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let text = |field| sent.0.text(field).map_err(|_| refusals::wrong_credentials());
    let (name, password) = (text("username")?, text("password")?);
    attempts.allow(name)?;
    let command = SignIn {
        login: Login::Name(name),
        password,
        // The protocol has no field for an e-mail address.
        code: None,
        client: client(device, NAME, Renewal::Once),
        address: attempts.ip(),
    };
    let keyed = attempts.settle(name, services.sessions.log_in_for_key(command).await);
    let keyed = keyed.map_err(|error| match error {
        LogInError::Credentials | LogInError::SecondFactor(_) => refusals::wrong_credentials(),
        error => Failure::from(error).into(),
    })?;
    let mut response = HttpResponse::Ok();
    cookies::set(&services, &keyed.caller, &request, &mut response).await?;
    Ok(response.json(json!({
        "id": keyed.user.id.get(),
        "username": keyed.user.name.as_str(),
        "token": keyed.key,
        "detail": "Login successful",
    })))
}

/// Signs out on all devices, because in the original an account has only one token.
pub(super) async fn log_out(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let caller = caller.0;
    let all = services.sessions.list(&caller).await?;
    let ends = all
        .iter()
        .filter(|session| session.id == caller.session || session.client.protocol.as_str() == NAME);
    for session in ends {
        services.sessions.end(&caller, session.id).await.map_err(Failure::from)?;
    }
    let mut response = HttpResponse::Ok();
    cookies::clear(&request, &mut response);
    Ok(response.json(json!({"detail": "Logged out successfully"})))
}
