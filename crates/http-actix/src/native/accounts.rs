//! Making an account, signing in and out.

use super::Operations;
use super::wire;
use super::wire::{
    ChangePassword, Credentials, Exchange, List, Refresh, Registration, SessionInfo, SetUp, Ticket,
};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, post, put};
use domain::clock::{Clock, SystemClock};
use domain::failure::Failure;
use domain::service_key::KeyAccess;
use domain::session::{self, Login, Protocol, Sessions, SignIn};
use domain::user::AddUser;
use http_core::attempts::Attempts;
use http_core::auth::{CallingDevice, SignedIn};
use http_core::body::{self, Body, MaybeBody};
use http_core::metrics::exchanged;
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::Register, KeyAccess::Closed, register)
        .counted(Class::Register, KeyAccess::Closed, set_up)
        .counted(Class::LogIn, KeyAccess::Closed, log_in)
        .counted(Class::LogIn, KeyAccess::Closed, exchange)
        .service(KeyAccess::Closed, refresh)
        .service(KeyAccess::Closed, log_out)
        .service(KeyAccess::Closed, list_sessions)
        .service(KeyAccess::Closed, end_session)
        .counted(Class::LogIn, KeyAccess::Closed, change_password)
        .service(KeyAccess::Closed, issue_ticket);
}

/// What whoever signed in is answered.
pub(super) fn signed_in(signed_in: session::SignedIn) -> wire::SignedIn {
    wire::SignedIn::new(signed_in, SystemClock.now())
}

/// Make an account and sign in.
#[utoipa::path(tag = "auth", security(()), request_body = Registration, responses((status = 201, body = wire::SignedIn), Refusals))]
#[post("/auth/register")]
async fn register(
    sessions: Data<Sessions>,
    attempts: Attempts,
    device: CallingDevice,
    body: Body<Registration>,
) -> Result<HttpResponse, Problem> {
    let Registration { username, password, invite } = body.0;
    let command = AddUser::new(&username, &password);
    // Only storing the account is carried out to the end if the client goes away; hashing the password is not.
    let (origin, address) = (attempts.origin(Protocol::NATIVE), attempts.ip());
    let account = sessions.prepare_invited(command, origin, invite.as_deref()).await;
    let account = account.map_err(Failure::from)?;
    let registered =
        to_the_end(async move { sessions.open_account(account, device.0.into(), address).await });
    let registered = registered.await?;
    attempts.succeeded(&username);
    Ok(HttpResponse::Created().json(signed_in(registered)))
}

/// Make the first admin, by the link that the server's log shows, and sign in. It works once.
#[utoipa::path(tag = "auth", security(()), request_body = SetUp, responses((status = 201, body = wire::SignedIn), Refusals))]
#[post("/set-up")]
async fn set_up(
    sessions: Data<Sessions>,
    attempts: Attempts,
    device: CallingDevice,
    body: Body<SetUp>,
) -> Result<HttpResponse, Problem> {
    let (client, address) = (device.0.into(), attempts.ip());
    let made = to_the_end(async move {
        let SetUp { code, username, password, registration } = body.0;
        let account = AddUser::new(&username, &password);
        let registration = registration.as_deref();
        let command = session::SetUp { code: &code, account, registration, client, address };
        sessions.set_up(command).await
    });
    Ok(HttpResponse::Created().json(signed_in(made.await?)))
}

/// Sign in with a name and its password, and a code where the account has a second factor.
#[utoipa::path(tag = "auth", security(()), request_body = Credentials, responses((status = 200, body = wire::SignedIn), Refusals))]
#[post("/auth/login")]
async fn log_in(
    sessions: Data<Sessions>,
    attempts: Attempts,
    device: CallingDevice,
    body: Body<Credentials>,
) -> Result<Json<wire::SignedIn>, Problem> {
    let Credentials { username, password, code } = body.0;
    attempts.allow(&username)?;
    let (login, code) = (Login::Name(&username), code.as_deref());
    let (client, address) = (device.0.into(), attempts.ip());
    let command = SignIn { login, password: &password, code, client, address };
    let result = attempts.settle(&username, sessions.log_in(command).await);
    Ok(Json(signed_in(result.map_err(Failure::from)?)))
}

/// Sign in with a token that the host application signed. At first sight it makes an account.
#[utoipa::path(tag = "auth", security(()), request_body = Exchange, responses((status = 200, body = wire::SignedIn), Refusals))]
#[post("/auth/exchange")]
async fn exchange(
    sessions: Data<Sessions>,
    attempts: Attempts,
    device: CallingDevice,
    body: Body<Exchange>,
) -> Result<Json<wire::SignedIn>, Problem> {
    let (client, address, token) = (device.0.into(), attempts.ip(), body.0.token);
    let exchanged = to_the_end(async move {
        let exchange = session::Exchange { token: &token, client, address };
        exchanged(sessions.exchange(exchange).await)
    });
    Ok(Json(signed_in(exchanged.await?)))
}

/// New tokens for a refresh token, which works once.
#[utoipa::path(tag = "auth", security(()), request_body = Refresh, responses((status = 200, body = wire::SignedIn), Refusals))]
#[post("/auth/refresh")]
async fn refresh(
    sessions: Data<Sessions>,
    body: Body<Refresh>,
) -> Result<Json<wire::SignedIn>, Problem> {
    let refreshed = sessions.refresh(&body.0.refresh_token).await.map_err(Failure::from)?;
    Ok(Json(signed_in(refreshed)))
}

/// End this session: that of the refresh token in the body, or else of the access token.
#[utoipa::path(
    tag = "auth",
    request_body = Option<Refresh>,
    responses((status = 204, description = "It has ended."), Refusals)
)]
#[post("/auth/logout")]
async fn log_out(
    sessions: Data<Sessions>,
    caller: Result<SignedIn, Problem>,
    body: MaybeBody<Refresh>,
) -> Result<HttpResponse, Problem> {
    match body.0 {
        Some(body) => {
            sessions.log_out_with(&body.refresh_token).await.map_err(Failure::from)?;
        }
        None => {
            let caller = caller?.0;
            sessions.end(&caller, caller.session).await.map_err(Failure::from)?;
        }
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Your signed-in devices.
#[utoipa::path(tag = "auth", responses((status = 200, body = List<SessionInfo>), Refusals))]
#[get("/auth/sessions")]
async fn list_sessions(
    sessions: Data<Sessions>,
    caller: SignedIn,
) -> Result<Json<List<SessionInfo>>, Problem> {
    let found = sessions.list(&caller.0).await.map_err(Failure::from)?;
    let items = found.iter().map(|s| SessionInfo::new(s, caller.0.session)).collect();
    Ok(Json(List { items, next: None }))
}

/// Sign one of your devices out.
#[utoipa::path(
    tag = "auth",
    params(("session_id" = i64, Path)),
    responses((status = 204, description = "It has ended."), Refusals)
)]
#[delete("/auth/sessions/{session_id}")]
async fn end_session(
    sessions: Data<Sessions>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = body::id("session_id", &id)?;
    sessions.end(&caller.0, id).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Change your password, and sign every other device out.
#[utoipa::path(
    tag = "auth",
    request_body = ChangePassword, responses((status = 204, description = "It has been changed."), Refusals)
)]
#[put("/auth/password")]
async fn change_password(
    sessions: Data<Sessions>,
    caller: SignedIn,
    body: Body<ChangePassword>,
) -> Result<HttpResponse, Problem> {
    let command = session::ChangePassword { old: &body.0.old_password, new: &body.0.new_password };
    sessions.change_password(&caller.0, command).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}

/// A ticket that opens one socket, within 30 seconds.
#[utoipa::path(tag = "auth", responses((status = 201, body = Ticket), Refusals))]
#[post("/ws-tickets")]
async fn issue_ticket(sessions: Data<Sessions>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let (ticket, expires_at) = sessions.issue_ticket(&caller.0).await.map_err(Failure::from)?;
    Ok(HttpResponse::Created().json(Ticket::new(ticket, expires_at)))
}
