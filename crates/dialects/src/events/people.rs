//! People.

use super::caller::{Known, id_in};
use super::chats::Numbers;
use super::form::Form;
use super::render::{self, Seen};
use super::said::{forbidden, no_such_thing};
use crate::shared::body::Sent;
use crate::shared::lists::ROWS;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::absolute;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Path};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::limits::PAGE_MAX;
use domain::session::Caller;
use domain::user::{Account, FindError, UpdateProfile, UpdateProfileError, User};
use serde_json::Value;

/// The size of a page, unless the request gives one.
const PAGE: usize = 10;

pub(super) async fn current(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let account = services.users.me(&caller.0).await.map_err(Failure::from)?;
    Ok(Json(own(&request, &account)))
}

/// The caller, who is always online for themselves.
fn own(request: &HttpRequest, account: &Account) -> Value {
    let (origin, email) = (absolute(request, ""), account.email.as_str());
    render::long(&account.user, &Seen { origin: &origin, email, is_online: true })
}

pub(super) async fn one(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let id = id_in(&id)?;
    if id == caller.0.user {
        return current(services, caller, request).await;
    }
    let user = services.users.profile(&caller.0, id).await.map_err(|error| match error {
        FindError::NotFound => no_such_thing(),
        error => Failure::from(error).into(),
    })?;
    let visible = services.presence.online(&caller.0, &[id]).await?;
    let (origin, is_online) = (absolute(&request, ""), visible.online.contains(&id));
    Ok(Json(render::long(&user, &Seen { origin: &origin, email: "", is_online })))
}

/// Changes the fields that this server stores. Others, which only the product stores, are ignored.
pub(super) async fn update(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let (owner, fields) = (id_in(&id)?, sent.0);
    let mut form = Form::of(&fields);
    let first_name = fields.has("first_name").then(|| form.name("first_name"));
    let last_name = fields.has("last_name").then(|| form.name("last_name"));
    let email = fields.has("email").then(|| form.email());
    // Somebody else's profile is refused as forbidden below, whatever is wrong with the form.
    if owner == caller.0.user {
        form.done()?;
    }
    let bio = fields.maybe_text("about_me")?;
    let update = UpdateProfile { name: None, first_name, last_name, bio, email };
    let account = services.users.update_profile_of(&caller.0, owner, update).await;
    let account = account.map_err(|error| match error {
        UpdateProfileError::NotAllowed => forbidden(),
        UpdateProfileError::NotFound => no_such_thing(),
        error => Failure::from(error).into(),
    })?;
    Ok(Json(own(&request, &account)))
}

/// A page of the people whom the caller finds, by number of the page. Only the first [`ROWS`] are counted,
/// because such pages need all rows before them.
pub(super) async fn list(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let numbers = Numbers::of(&request, PAGE);
    let all = everybody(&services, &caller.0).await?;
    let page = all.iter().skip(numbers.offset).take(numbers.limit);
    let page: Vec<_> = page.cloned().collect();
    let results = shown(&services, &caller.0, &request, &page).await?;
    Ok(Json(numbers.page(&request, all.len(), &results)))
}

async fn everybody(services: &Services, caller: &Caller) -> Result<Vec<User>, Failure> {
    let (mut all, mut after) = (Vec::new(), None);
    while all.len() < ROWS {
        let most = PAGE_MAX.min(ROWS - all.len());
        let page = services.users.find(caller, "", after, most).await?;
        all.extend(page.users);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(all)
}

/// People in their short form.
pub(super) async fn shown(
    services: &Services,
    caller: &Caller,
    request: &HttpRequest,
    people: &[User],
) -> Result<Vec<Value>, Failure> {
    let ids: Vec<UserId> = people.iter().map(|user| user.id).collect();
    let visible = services.presence.online(caller, &ids).await?;
    let origin = absolute(request, "");
    let short = |user: &User| {
        let is_online = user.id == caller.user || visible.online.contains(&user.id);
        render::short(user, &Seen { origin: &origin, email: "", is_online })
    };
    Ok(people.iter().map(short).collect())
}
