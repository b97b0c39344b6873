//! People and their profiles.

use super::Operations;
use super::paging;
use super::references::Calling;
use super::wire::{GivenId, List, Me, Person, ProfileUpdate, User, UserQuery};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, patch};
use domain::failure::Failure;
use domain::host::HostPeople;
use domain::presence::PresenceService;
use domain::service_key::Scope;
use domain::session::Caller;
use domain::user::{self, Users};
use http_core::auth::{SignedIn, SignedInNow};
use http_core::body::{Body, Query};
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::Search, Scope::PeopleRead, find_users)
        .service(Scope::PeopleRead, get_me)
        .service(Scope::PeopleWrite, update_me)
        .service(Scope::PeopleRead, get_user);
}

/// Find people by name: those whom you find on this server.
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
    let (typed, limit) = (q.as_deref().unwrap_or_default(), paging::limit(limit)?);
    let page = users.find(&caller.0, typed, after, limit).await.map_err(Failure::from)?;
    let ids: Vec<_> = page.users.iter().map(|user| user.id).collect();
    let visible = presence.online(&caller.0, &ids).await.map_err(Failure::from)?;
    let next = page.next.map(|last| last.to_string());
    let items = page.users.iter().map(|user| User::new(user, &visible)).collect();
    Ok(Json(List { items, next }))
}

/// You.
#[utoipa::path(tag = "users", responses((status = 200, body = Me), Refusals))]
#[get("/users/me")]
async fn get_me(
    users: Data<Users>,
    seen: (Data<PresenceService>, Data<HostPeople>),
    caller: SignedInNow,
) -> Result<Json<Me>, Problem> {
    let account = users.me(&caller.0).await.map_err(Failure::from)?;
    show_me((&users, &seen.0, &seen.1), &caller.0, account).await
}

/// Change your profile. What is left out stays; an empty text takes a thing away.
#[utoipa::path(
    tag = "users",
    request_body = ProfileUpdate, responses((status = 200, body = Me), Refusals)
)]
#[patch("/users/me")]
async fn update_me(
    users: Data<Users>,
    seen: (Data<PresenceService>, Data<HostPeople>),
    caller: SignedIn,
    body: Body<ProfileUpdate>,
) -> Result<Json<Me>, Problem> {
    let account = users.update_profile(&caller.0, body.0.command()).await.map_err(Failure::from)?;
    show_me((&users, &seen.0, &seen.1), &caller.0, account).await
}

async fn show_me(
    (users, presence, people): (&Users, &PresenceService, &HostPeople),
    caller: &Caller,
    account: user::Account,
) -> Result<Json<Me>, Problem> {
    let id = account.user.id;
    let visible = presence.online(caller, &[id]).await.map_err(Failure::from)?;
    let data = people.data_of(caller, id).await.map_err(Failure::from)?;
    let (second_factor, finds) = (caller.proof.second_factor.is_on(), users.finding(caller));
    Ok(Json(Me::new(&account, data.as_ref(), &visible, (second_factor, finds))))
}

/// Somebody whom you find on this server; anybody else is unknown.
#[utoipa::path(
    tag = "users",
    params(("user_id" = GivenId, Path)),
    responses((status = 200, body = Person), Refusals)
)]
#[get("/users/{user_id}")]
async fn get_user(
    users: Data<Users>,
    presence: Data<PresenceService>,
    people: Data<HostPeople>,
    caller: Calling,
    id: Path<String>,
) -> Result<Json<Person>, Problem> {
    let id = caller.user(&id).await?;
    let user = users.profile(&caller.0, id).await.map_err(Failure::from)?;
    let visible = presence.online(&caller.0, &[id]).await.map_err(Failure::from)?;
    let data = people.data_of(&caller.0, id).await.map_err(Failure::from)?;
    Ok(Json(Person::new(User::new(&user, &visible), data.as_ref())))
}
