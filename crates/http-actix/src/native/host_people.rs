//! People of a host, whom its backend brings in.

use super::Operations;
use super::references::{Calling, external};
use super::wire::{HostPersonLine, HostPersonOutcome, HostPersonUpdate, Person, User};
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post, put};
use domain::failure::Failure;
use domain::host::{Brought, ExternalId, HostPeople, HostSays, NotAReference};
use domain::ids::UserId;
use domain::limits::{HOST_PEOPLE_BYTES, HOST_PEOPLE_LINES};
use domain::presence::PresenceService;
use domain::service_key::Scope;
use http_core::body::{self, Body};
use http_core::problem::{Problem, Refusals};
use http_core::to_the_end;

/// The media type of JSON lines.
const JSON_LINES: &str = "application/x-ndjson";

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::PeopleWrite, bring_one).service(Scope::PeopleWrite, bring_many);
}

/// Bring in somebody of your host: their account is made, or brought up to date. For service keys only.
#[utoipa::path(
    tag = "users",
    params(("user_id" = String, Path, description = "`ext:` and what your host calls them.")),
    request_body = HostPersonUpdate,
    responses(
        (status = 200, description = "It was there.", body = Person),
        (status = 201, description = "It was made just now.", body = Person),
        Refusals,
    )
)]
#[put("/users/{user_id}")]
async fn bring_one(
    people: Data<HostPeople>,
    presence: Data<PresenceService>,
    caller: Calling,
    id: Path<String>,
    body: Body<HostPersonUpdate>,
) -> Result<HttpResponse, Problem> {
    let said = body.0.said(external::<UserId>("user_id", &id)?)?;
    let (by, all) = (caller.0.clone(), people.clone());
    let done = to_the_end(async move { all.bring_in_one(&by, &said).await }).await?;
    let data = people.data_of(&caller.0, done.user.id).await.map_err(Failure::from)?;
    let visible = presence.online(&caller.0, &[done.user.id]).await.map_err(Failure::from)?;
    let mut response = match done.what {
        Brought::Added => HttpResponse::Created(),
        Brought::Changed | Brought::Unchanged => HttpResponse::Ok(),
    };
    Ok(response.json(Person::new(User::new(&done.user, &visible), data.as_ref())))
}

/// Bring in up to 1,000 people of your host, one in each line. Each is answered by a line, in the same order; one that
/// is refused keeps out nobody else. For service keys only.
#[utoipa::path(
    tag = "users",
    request_body(content = HostPersonLine, content_type = "application/x-ndjson"),
    responses(
        (
            status = 200,
            description = "What became of each.",
            body = HostPersonOutcome,
            content_type = "application/x-ndjson"
        ),
        Refusals
    )
)]
#[post("/users")]
async fn bring_many(
    people: Data<HostPeople>,
    caller: Calling,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let lines = lines(&request, payload).await?;
    let parsed: Vec<_> = said_in(&lines).map(parse).collect();
    let said: Vec<_> = parsed.iter().filter_map(|line| line.as_ref().ok()).cloned().collect();
    let done = to_the_end(async move { people.bring_in(&caller.0, &said).await }).await?;
    let mut done = done.into_iter();
    let mut answer = Vec::new();
    for (line, parsed) in (1..).zip(parsed) {
        let outcome = match parsed {
            Err(problem) => Err(problem),
            Ok(said) => match done.next() {
                Some(Ok(brought_in)) => Ok((said.id, brought_in)),
                Some(Err(why)) => Err(Failure::from(why).into()),
                None => break,
            },
        };
        HostPersonOutcome::new(line, outcome).write(&mut answer);
    }
    Ok(HttpResponse::Ok().content_type(JSON_LINES).body(answer))
}

async fn lines(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case(JSON_LINES) {
        let detail = format!("The body must be lines of JSON, with Content-Type: {JSON_LINES}.");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json_lines", detail));
    }
    let bytes = body::gather_within(HOST_PEOPLE_BYTES, payload).await?;
    if said_in(&bytes).nth(HOST_PEOPLE_LINES).is_some() {
        let error = domain::host::BringInError::TooMany;
        return Err(Failure::from(error).into());
    }
    Ok(bytes)
}

/// The lines; what follows the last line's end is none.
fn said_in(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let none = bytes.is_empty();
    bytes.split(|byte| *byte == b'\n').filter(move |_| !none)
}

fn parse(line: &[u8]) -> Result<HostSays, Problem> {
    let line: HostPersonLine = body::parse(line)?;
    let id = ExternalId::new(&line.external_id);
    let id = id.ok_or_else(|| {
        let detail = format!("external_id: {}.", NotAReference::External);
        Problem::field("external_id", "invalid_id", detail)
    })?;
    line.said(id)
}
