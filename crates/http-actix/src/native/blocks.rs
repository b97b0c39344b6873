//! Blocking people.

use super::Operations;
use super::paging;
use super::references::Calling;
use super::wire::{Block, GivenId, List, ListQuery};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, put};
use domain::block::Blocks;
use domain::failure::Failure;
use domain::service_key::Scope;
use http_core::auth::SignedIn;
use http_core::body::Query;
use http_core::problem::{Problem, Refusals};
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::PeopleRead, list)
        .service(Scope::PeopleWrite, block)
        .service(Scope::PeopleWrite, unblock);
}

/// Whom you have blocked.
#[utoipa::path(
    tag = "users",
    params(ListQuery),
    responses((status = 200, body = List<Block>), Refusals)
)]
#[get("/users/me/blocks")]
async fn list(
    blocks: Data<Blocks>,
    caller: SignedIn,
    query: Query<ListQuery>,
) -> Result<Json<List<Block>>, Problem> {
    let after = paging::after(query.0.cursor.as_deref())?;
    let page = blocks.list(&caller.0, after, paging::limit(query.0.limit)?).await;
    let page = page.map_err(Failure::from)?;
    let next = page.blocks.last().filter(|_| page.more).map(|last| last.user.id.to_string());
    Ok(Json(List { items: page.blocks.iter().map(Block::from).collect(), next }))
}

/// Have nothing to do with somebody any more. They are not told.
#[utoipa::path(
    tag = "users",
    params(("user_id" = GivenId, Path)),
    responses((status = 204, description = "They are blocked."), Refusals)
)]
#[put("/users/{user_id}/block")]
async fn block(
    blocks: Data<Blocks>,
    caller: Calling,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = caller.user(&id).await?;
    to_the_end(async move { blocks.block(&caller.0, id).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take that back.
#[utoipa::path(
    tag = "users",
    params(("user_id" = GivenId, Path)),
    responses((status = 204, description = "They are not blocked."), Refusals)
)]
#[delete("/users/{user_id}/block")]
async fn unblock(
    blocks: Data<Blocks>,
    caller: Calling,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = caller.user(&id).await?;
    blocks.unblock(&caller.0, id).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}
