//! Exporting one's data, and deleting accounts.

use super::Operations;
use super::references::CallingAdmin;
use super::wire::{self, DeleteMe, DeletedMessagesQuery, GivenId};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpResponse, delete, get};
use domain::failure::StoreError;
use domain::own_data::{DeleteAccount, ExportPlace, OwnData};
use domain::service_key::{KeyAccess, Scope};
use domain::session::Caller;
use futures_util::stream::{self, Stream};
use http_core::auth::SignedIn;
use http_core::body::{Body, Query};
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::Search, KeyAccess::Closed, export)
        .counted(Class::LogIn, KeyAccess::Closed, delete_me)
        .service(Scope::AdminWrite, delete_user);
}

/// Everything that is yours, as lines of JSON: `{"type", "data"}` each, and one of the type `end`.
#[utoipa::path(
    tag = "users",
    responses(
        (status = 200, body = String, content_type = "application/x-ndjson"),
        Refusals,
    )
)]
#[get("/users/me/export")]
async fn export(own: Data<OwnData>, caller: SignedIn) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/x-ndjson"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"confab-export.jsonl\""))
        .streaming(lines(own, caller.0))
}

/// The lines of an export. A page is read when the one before has been sent, so memory does not grow. If it
/// fails, the response is cut off, and lacks the line by which clients recognise a complete export.
fn lines(own: Data<OwnData>, caller: Caller) -> impl Stream<Item = Result<Bytes, StoreError>> {
    let begin = (own, caller, Some(ExportPlace::default()), 0_usize);
    stream::try_unfold(begin, |(own, caller, mut place, mut written)| async move {
        let mut text = String::new();
        // A page may be empty, but an empty chunk would end the response.
        while text.is_empty() {
            let Some(from) = place else { return Ok(None) };
            let page = own.export(&caller, from).await?;
            text = wire::export_lines(&page.items);
            (place, written) = (page.next, written + page.items.len());
            if place.is_none() {
                text.push_str(&wire::export_end(written));
            }
        }
        Ok(Some((Bytes::from(text), (own, caller, place, written))))
    })
}

/// Delete your account. It is gone at once, and your name is free.
#[utoipa::path(
    tag = "users",
    request_body = DeleteMe,
    responses((status = 204, description = "It is gone."), Refusals)
)]
#[delete("/users/me")]
async fn delete_me(
    own: Data<OwnData>,
    caller: SignedIn,
    body: Body<DeleteMe>,
) -> Result<HttpResponse, Problem> {
    let DeleteMe { password, messages } = body.0;
    let messages = messages.into();
    to_the_end(async move {
        own.delete(&caller.0, DeleteAccount { password: password.as_deref(), messages }).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Delete the account of somebody. Admins only.
#[utoipa::path(
    tag = "admin",
    params(("user_id" = GivenId, Path), DeletedMessagesQuery),
    responses((status = 204, description = "It is gone."), Refusals)
)]
#[delete("/admin/users/{user_id}")]
async fn delete_user(
    own: Data<OwnData>,
    actor: CallingAdmin,
    id: Path<String>,
    query: Query<DeletedMessagesQuery>,
) -> Result<HttpResponse, Problem> {
    let id = actor.user(&id).await?;
    let messages = query.0.messages.into();
    to_the_end(async move { own.delete_other(actor.0, id, messages).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
