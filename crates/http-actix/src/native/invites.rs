//! Invitations to make an account.

use super::Operations;
use super::paging;
use super::wire::{Invite, List, ListQuery, MadeInvite, NewInvite};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, post};
use domain::failure::Failure;
use domain::invite::Invites;
use domain::service_key::Scope;
use http_core::auth::Admin;
use http_core::body::{self, Body, Query};
use http_core::problem::{Problem, Refusals};

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::AdminWrite, make_invite)
        .service(Scope::AdminRead, list_invites)
        .service(Scope::AdminWrite, revoke_invite);
}

/// Invite people to make accounts. Its code is in this answer and in no other. Admins only.
#[utoipa::path(
    tag = "admin",
    request_body = NewInvite,
    responses((status = 201, body = MadeInvite), Refusals)
)]
#[post("/admin/invites")]
async fn make_invite(
    invites: Data<Invites>,
    actor: Admin,
    body: Body<NewInvite>,
) -> Result<HttpResponse, Problem> {
    let made = invites.make(actor.0, body.0.command()).await.map_err(Failure::from)?;
    Ok(HttpResponse::Created().json(MadeInvite::from(&made)))
}

/// The invitations that there are, the newest first, without their codes. Admins only.
#[utoipa::path(
    tag = "admin",
    params(ListQuery),
    responses((status = 200, body = List<Invite>), Refusals)
)]
#[get("/admin/invites")]
async fn list_invites(
    invites: Data<Invites>,
    actor: Admin,
    query: Query<ListQuery>,
) -> Result<Json<List<Invite>>, Problem> {
    let before = paging::after(query.0.cursor.as_deref())?;
    let page = invites.list(actor.0, before, paging::limit(query.0.limit)?).await;
    let page = page.map_err(Failure::from)?;
    let next = page.invites.last().filter(|_| page.more).map(|last| last.id.to_string());
    Ok(Json(List { items: page.invites.iter().map(Invite::from).collect(), next }))
}

/// Revoke an invitation. Accounts that were made with it stay. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("invite_id" = i64, Path)),
    responses((status = 204, description = "It lets nobody in."), Refusals)
)]
#[delete("/admin/invites/{invite_id}")]
async fn revoke_invite(
    invites: Data<Invites>,
    actor: Admin,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = body::id("invite_id", &id)?;
    invites.revoke(actor.0, id).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}
