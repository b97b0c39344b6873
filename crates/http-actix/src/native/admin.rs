//! Administration.

use super::Operations;
use super::paging;
use super::references::CallingAdmin;
use super::wire::{
    AccountUpdate, AdminChat, AdminChatQuery, AdminUser, AdminUserQuery, AuditEntry, AuditQuery,
    GivenId, List, NewPassword,
};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, patch, put};
use domain::admin::{AccountQuery, Administration, AuditKind, ListedKind};
use domain::failure::Failure;
use domain::service_key::Scope;
use domain::user::AccountRole;
use http_core::auth::Admin;
use http_core::body::{self, Body, Query};
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::Search, Scope::AdminRead, find_users)
        .service(Scope::AdminRead, get_user)
        .service(Scope::AdminWrite, update_user)
        .service(Scope::AdminWrite, set_password)
        .service(Scope::AdminWrite, end_sessions)
        .service(Scope::AdminRead, list_chats)
        .service(Scope::AdminWrite, delete_chat)
        .service(Scope::AdminWrite, delete_message)
        .service(Scope::AdminRead, audit);
}

/// Find accounts, disabled ones too. Admins only.
#[utoipa::path(
    tag = "admin",
    params(AdminUserQuery),
    responses((status = 200, body = List<AdminUser>), Refusals)
)]
#[get("/admin/users")]
async fn find_users(
    admin: Data<Administration>,
    actor: Admin,
    query: Query<AdminUserQuery>,
) -> Result<Json<List<AdminUser>>, Problem> {
    let AdminUserQuery { q, role, active, cursor, limit } = query.0;
    // A word that cannot be a role is an error, rather than an empty list, which would hide a typing mistake.
    let role = role.map(|word| AccountRole::parse(&word).ok_or_else(|| unknown("role")));
    let query = AccountQuery {
        role: role.transpose()?,
        active,
        after: paging::after(cursor.as_deref())?,
        limit: paging::limit(limit)?,
        ..AccountQuery::default()
    };
    let found = admin.users(actor.0, q.as_deref().unwrap_or_default(), query).await;
    let page = found.map_err(Failure::from)?;
    let next = page.next.map(|last| last.to_string());
    Ok(Json(List { items: page.accounts.iter().map(AdminUser::from).collect(), next }))
}

/// One account. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("user_id" = GivenId, Path)),
    responses((status = 200, body = AdminUser), Refusals)
)]
#[get("/admin/users/{user_id}")]
async fn get_user(
    admin: Data<Administration>,
    actor: CallingAdmin,
    id: Path<String>,
) -> Result<Json<AdminUser>, Problem> {
    let id = actor.user(&id).await?;
    let found = admin.user(actor.0, id).await;
    Ok(Json(AdminUser::from(&found.map_err(Failure::from)?)))
}

/// Give an account another role, enable it or disable it, change its profile. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("user_id" = GivenId, Path)),
    request_body = AccountUpdate, responses((status = 200, body = AdminUser), Refusals)
)]
#[patch("/admin/users/{user_id}")]
async fn update_user(
    admin: Data<Administration>,
    actor: CallingAdmin,
    id: Path<String>,
    body: Body<AccountUpdate>,
) -> Result<Json<AdminUser>, Problem> {
    let id = actor.user(&id).await?;
    let updated =
        to_the_end(async move { admin.update_user(actor.0, id, body.0.command()).await }).await?;
    Ok(Json(AdminUser::from(&updated)))
}

/// Set the password of an account, and end its sessions. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("user_id" = GivenId, Path)),
    request_body = NewPassword,
    responses((status = 204, description = "It has been set."), Refusals)
)]
#[put("/admin/users/{user_id}/password")]
async fn set_password(
    admin: Data<Administration>,
    actor: CallingAdmin,
    id: Path<String>,
    body: Body<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let id = actor.user(&id).await?;
    admin.set_password(actor.0, id, &body.0.password).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sign an account out everywhere. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("user_id" = GivenId, Path)),
    responses((status = 204, description = "They have ended."), Refusals)
)]
#[delete("/admin/users/{user_id}/sessions")]
async fn end_sessions(
    admin: Data<Administration>,
    actor: CallingAdmin,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = actor.user(&id).await?;
    admin.end_sessions(actor.0, id).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}

/// The chats that there are, without what was said in them. Admins only.
#[utoipa::path(
    tag = "admin",
    params(AdminChatQuery),
    responses((status = 200, body = List<AdminChat>), Refusals)
)]
#[get("/admin/chats")]
async fn list_chats(
    admin: Data<Administration>,
    actor: Admin,
    query: Query<AdminChatQuery>,
) -> Result<Json<List<AdminChat>>, Problem> {
    let AdminChatQuery { kind, cursor, limit } = query.0;
    let kind = kind.map(|word| ListedKind::parse(&word).ok_or_else(|| unknown("kind")));
    let (kind, after) = (kind.transpose()?, paging::after(cursor.as_deref())?);
    let page = admin.chats(actor.0, kind, after, paging::limit(limit)?).await;
    let page = page.map_err(Failure::from)?;
    let next = page.chats.last().filter(|_| page.more).map(|last| last.chat.id.to_string());
    Ok(Json(List { items: page.chats.iter().map(AdminChat::from).collect(), next }))
}

/// Delete a chat of any kind, for everybody. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("chat_id" = GivenId, Path)),
    responses((status = 204, description = "It is gone."), Refusals)
)]
#[delete("/admin/chats/{chat_id}")]
async fn delete_chat(
    admin: Data<Administration>,
    actor: CallingAdmin,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = actor.chat(&id).await?;
    to_the_end(async move { admin.delete_chat(actor.0, id).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Delete a message; what is left is its tombstone. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("message_id" = i64, Path)),
    responses((status = 204, description = "It is a tombstone."), Refusals)
)]
#[delete("/admin/messages/{message_id}")]
async fn delete_message(
    admin: Data<Administration>,
    actor: Admin,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = body::id("message_id", &id)?;
    to_the_end(async move { admin.delete_message(actor.0, id).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who managed what and who signed in, the newest first. Admins only.
#[utoipa::path(
    tag = "admin",
    params(AuditQuery),
    responses((status = 200, body = List<AuditEntry>), Refusals)
)]
#[get("/admin/audit")]
async fn audit(
    admin: Data<Administration>,
    actor: Admin,
    query: Query<AuditQuery>,
) -> Result<Json<List<AuditEntry>>, Problem> {
    let AuditQuery { kind, cursor, limit } = query.0;
    let kind = kind.map(|word| AuditKind::parse(&word).ok_or_else(|| unknown("kind")));
    let (kind, before) = (kind.transpose()?, paging::after(cursor.as_deref())?);
    let query = domain::admin::AuditQuery { kind, before, limit: paging::limit(limit)? };
    let page = admin.audit(actor.0, query).await.map_err(Failure::from)?;
    let next = page.entries.last().filter(|_| page.more).map(|last| last.id.to_string());
    Ok(Json(List { items: page.entries.iter().map(AuditEntry::from).collect(), next }))
}

fn unknown(field: &'static str) -> Problem {
    Problem::field(field, "wrong_type", format!("{field}: there is none of that word."))
}
