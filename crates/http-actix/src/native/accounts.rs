//! Accounts, sessions and people.

use super::paging;
use super::wire::{
    AccountUpdate, AdminUser, ChangePassword, Credentials, List, Refresh, SessionInfo, Ticket,
    User, UserQuery,
};
use super::{Refusals, to_the_end, wire};
use crate::auth::{CallingDevice, SignedIn};
use crate::body::{self, Body, MaybeBody, Query};
use crate::problem::Problem;
use crate::rate_limit::{ClientAddress, RateLimits};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use domain::clock::{Clock, SystemClock};
use domain::failure::Failure;
use domain::presence::PresenceService;
use domain::session::{self, Sessions, SignIn};
use domain::user::Users;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(api: &mut ServiceConfig<'_>) {
    api.service(register)
        .service(log_in)
        .service(refresh)
        .service(log_out)
        .service(list_sessions)
        .service(end_session)
        .service(change_password)
        .service(issue_ticket)
        .service(find_users)
        .service(get_me)
        .service(get_user)
        .service(update_account);
}

fn signed_in(signed_in: session::SignedIn) -> wire::SignedIn {
    wire::SignedIn::new(signed_in, SystemClock.now())
}

/// Make an account and sign in.
#[utoipa::path(tag = "auth", security(()), request_body = Credentials, responses((status = 201, body = wire::SignedIn), Refusals))]
#[post("/auth/register")]
async fn register(
    sessions: Data<Sessions>,
    device: CallingDevice,
    body: Body<Credentials>,
) -> Result<HttpResponse, Problem> {
    let Credentials { username, password } = body.0;
    let registered = to_the_end(async move {
        sessions.register(SignIn { name: &username, password: &password, device: device.0 }).await
    });
    Ok(HttpResponse::Created().json(signed_in(registered.await?)))
}

/// Sign in with a name and its password.
#[utoipa::path(tag = "auth", security(()), request_body = Credentials, responses((status = 200, body = wire::SignedIn), Refusals))]
#[post("/auth/login")]
async fn log_in(
    sessions: Data<Sessions>,
    limits: Data<RateLimits>,
    address: ClientAddress,
    device: CallingDevice,
    body: Body<Credentials>,
) -> Result<Json<wire::SignedIn>, Problem> {
    let Credentials { username, password } = body.0;
    limits.log_in(&username, address)?;
    let command = SignIn { name: &username, password: &password, device: device.0 };
    Ok(Json(signed_in(sessions.log_in(command).await.map_err(Failure::from)?)))
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
        Some(body) => sessions.log_out_with(&body.refresh_token).await.map_err(Failure::from)?,
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

/// Find people by name.
#[utoipa::path(tag = "users", params(UserQuery), responses((status = 200, body = List<User>), Refusals))]
#[get("/users")]
async fn find_users(
    users: Data<Users>,
    presence: Data<PresenceService>,
    caller: SignedIn,
    query: Query<UserQuery>,
) -> Result<Json<List<User>>, Problem> {
    let UserQuery { q, cursor, limit } = query.0;
    let after = paging::after(cursor.as_deref())?;
    let found = users.find(q.as_deref().unwrap_or_default(), after, paging::limit(limit)?).await;
    let page = found.map_err(Failure::from)?;
    let ids: Vec<_> = page.users.iter().map(|user| user.id).collect();
    let online = presence.online(&caller.0, &ids).await.map_err(Failure::from)?;
    let next = page.users.last().filter(|_| page.more).map(|user| user.id.to_string());
    let items = page.users.iter().map(|user| User::new(user, online.of(user.id))).collect();
    Ok(Json(List { items, next }))
}

/// You.
#[utoipa::path(tag = "users", responses((status = 200, body = User), Refusals))]
#[get("/users/me")]
async fn get_me(
    users: Data<Users>,
    presence: Data<PresenceService>,
    caller: SignedIn,
) -> Result<Json<User>, Problem> {
    show_user(&users, &presence, &caller, caller.0.user).await
}

/// Somebody.
#[utoipa::path(
    tag = "users",
    params(("user_id" = i64, Path)),
    responses((status = 200, body = User), Refusals)
)]
#[get("/users/{user_id}")]
async fn get_user(
    users: Data<Users>,
    presence: Data<PresenceService>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<Json<User>, Problem> {
    show_user(&users, &presence, &caller, body::id("user_id", &id)?).await
}

async fn show_user(
    users: &Users,
    presence: &PresenceService,
    caller: &SignedIn,
    id: domain::ids::UserId,
) -> Result<Json<User>, Problem> {
    let user = users.get(id).await.map_err(Failure::from)?;
    let online = presence.online(&caller.0, &[id]).await.map_err(Failure::from)?;
    Ok(Json(User::new(&user, online.of(id))))
}

/// Enable or disable an account. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("user_id" = i64, Path)),
    request_body = AccountUpdate, responses((status = 200, body = AdminUser), Refusals)
)]
#[patch("/admin/users/{user_id}")]
async fn update_account(
    users: Data<Users>,
    caller: SignedIn,
    id: Path<String>,
    body: Body<AccountUpdate>,
) -> Result<Json<AdminUser>, Problem> {
    let id = body::id("user_id", &id)?;
    let changed = users.set_active(&caller.0, id, body.0.is_active).await;
    Ok(Json(changed.map_err(Failure::from)?.into()))
}
