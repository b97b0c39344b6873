//! The header `Idempotency-Key`: a request is carried out once, and repeated requests get the first answer (ADR 70).

use crate::body::gather_within;
use crate::keys::{self, KeyRoutes};
use crate::path::fits;
use crate::problem::Problem;
use crate::{BODY_BYTES, NATIVE_ROOT};
use actix_web::body::{self, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{self, Bytes, Data};
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, rt};
use domain::failure::{Failure, Kind};
use domain::idempotency::{
    Begun, Idempotency, IdempotencyKey, KeptAnswer, NewRequest, RequestParts,
};
use domain::limits::HOST_PEOPLE_BYTES;
use domain::session::Caller;
use tracing::Instrument;

/// The header's name.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// What says that an answer is an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Sending has a stronger promise of its own, for which the key is the message's client id.
const SENDING: &str = "/chats/{chat_id}/messages";

/// Middleware: carries a request with a key out once, on all routes that change something and are open to service
/// keys. It goes on if the client leaves meanwhile, since it will ask again.
///
/// # Errors
/// Those of the service.
pub async fn carry_out_once(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.headers().contains_key(IDEMPOTENCY_KEY) || !is_repeatable(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let begun = match begin(&mut request).await {
        Ok(begun) => begun,
        Err(problem) => return Ok(request.error_response(problem)),
    };
    let (idempotency, new) = match begun {
        // The handler refuses whoever is not signed in.
        None => return Ok(next.call(request).await?.map_into_boxed_body()),
        Some((_, _, Begun::Answered(answer))) => {
            let answer = replay(answer);
            return Ok(request.into_response(answer));
        }
        Some((idempotency, new, Begun::New)) => (idempotency, new),
    };
    let carried_out = async move { finish(next.call(request).await, &idempotency, new).await };
    match rt::spawn(carried_out.in_current_span()).await {
        Ok(done) => done,
        // A panic; whether it was carried out is not known, so the key is not free before its time.
        Err(_) => {
            let mistake = Failure::new(Kind::Internal, "internal", "The server made a mistake.");
            Err(Problem::from(mistake).into())
        }
    }
}

/// Whether the route changes something, and is open to service keys.
fn is_repeatable(request: &ServiceRequest) -> bool {
    let (method, path) = (request.method(), request.match_info().as_str());
    if !matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE) {
        return false;
    }
    let sends = *method == Method::POST && fits(&format!("{NATIVE_ROOT}{SENDING}"), path);
    let routes = request.app_data::<Data<KeyRoutes>>();
    let access = routes.and_then(|routes| routes.of(method, path));
    !sends && access.is_some_and(|access| access.scope().is_some())
}

type Beginning = (Data<Idempotency>, NewRequest, Begun);

/// Begins a request; `None` if nobody is signed in.
async fn begin(request: &mut ServiceRequest) -> Result<Option<Beginning>, Problem> {
    let values = request.headers().get_all(IDEMPOTENCY_KEY).map(HeaderValue::as_bytes);
    let key = IdempotencyKey::read(values).map_err(Failure::from)?;
    let (Some(key), Some(caller)) = (key, caller(request.request()).await?) else {
        return Ok(None);
    };
    let idempotency = request.app_data::<Data<Idempotency>>().cloned();
    let idempotency = idempotency.expect("`UseCases::register` hands it to the app");
    let is_upload = header(request.request(), &CONTENT_TYPE).starts_with("multipart/");
    let body = if is_upload {
        // It is not held in memory; what is compared is its length.
        Bytes::copy_from_slice(header(request.request(), &CONTENT_LENGTH).as_bytes())
    } else {
        whole_body(request).await?
    };
    let (method, path) = (request.method().as_str(), request.uri().to_string());
    let parts = RequestParts { method, path: &path, body: &body, is_upload };
    let begun = idempotency.begin(&caller, &key, parts).await;
    let (new, begun) = begun.map_err(Failure::from)?;
    Ok(Some((idempotency, new, begun)))
}

/// Who calls, without counting it: the handler does that.
async fn caller(request: &HttpRequest) -> Result<Option<Caller>, Problem> {
    if let Some(caller) = keys::admitted(request) {
        return Ok(Some(caller));
    }
    crate::auth::known(request).await
}

fn header<'a>(request: &'a HttpRequest, name: &HeaderName) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Reads the body, and gives it back to the request.
async fn whole_body(request: &mut ServiceRequest) -> Result<Bytes, Problem> {
    let mut payload = request.take_payload();
    let stream = web::Payload::from_request(request.request(), &mut payload).await;
    let broken =
        |_| Problem::new(StatusCode::BAD_REQUEST, "body_broken", "The body did not arrive whole.");
    let most = BODY_BYTES.max(HOST_PEOPLE_BYTES);
    let bytes = gather_within(most, stream.map_err(broken)?).await?;
    request.set_payload(Payload::from(bytes.clone()));
    Ok(bytes)
}

/// Keeps the answer, and sends it.
async fn finish(
    done: Result<ServiceResponse<impl MessageBody + 'static>, Error>,
    idempotency: &Idempotency,
    new: NewRequest,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = match done {
        Ok(response) => response,
        Err(error) => {
            end(idempotency, new, None).await;
            return Err(error);
        }
    };
    let (request, response) = response.into_parts();
    let (response, sent) = response.into_parts();
    let Ok(sent) = body::to_bytes(sent).await else {
        end(idempotency, new, None).await;
        let lost = Failure::new(Kind::Internal, "internal", "The server made a mistake.");
        return Ok(ServiceResponse::from_err(Problem::from(lost), request));
    };
    let content_type = response.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, body) = (response.status().as_u16(), sent.to_vec());
    end(idempotency, new, Some(KeptAnswer { status, content_type, body })).await;
    Ok(ServiceResponse::new(request, response.set_body(BoxBody::new(sent))))
}

/// If the database is away by now, the request was carried out all the same: its answer is sent, and the key is not
/// free before its time.
async fn end(idempotency: &Idempotency, new: NewRequest, answer: Option<KeptAnswer>) {
    if let Err(error) = idempotency.end(new, answer).await {
        tracing::warn!(%error, "the answer to a request with an idempotency key was not kept");
    }
}

/// An earlier answer.
fn replay(answer: KeptAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.insert_header((REPLAYED, "true"));
    if let Some(content_type) = answer.content_type {
        response.insert_header((CONTENT_TYPE, content_type));
    }
    response.body(answer.body)
}
