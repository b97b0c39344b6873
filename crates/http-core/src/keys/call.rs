//! As whom a service key calls.

use crate::problem::Problem;
use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use actix_web::web::{Data, Query};
use actix_web::{HttpMessage, HttpRequest};
use domain::failure::Failure;
use domain::service_key::{
    ACT_AS, ActAsError, KeyAccess, Place, ServiceKey, ServiceKeys, read_act_as,
};
use domain::session::{AuthError, Caller};

/// The caller of an admitted key: its own account, or the person whom it acts as.
struct Admitted(Caller);

fn service_keys(request: &HttpRequest) -> Data<ServiceKeys> {
    let keys = request.app_data::<Data<ServiceKeys>>().cloned();
    keys.expect("`Access::register` hands the keys to the app")
}

/// The key of a request.
pub(crate) async fn recognise(request: &HttpRequest, token: &str) -> Result<ServiceKey, Failure> {
    service_keys(request).recognise(token).await.map_err(Failure::from)
}

/// Decides whether a key may call the route, and as whom, and stores that for [`caller`].
pub(crate) async fn admit(
    request: &HttpRequest,
    key: &ServiceKey,
    route: KeyAccess,
) -> Result<(), Failure> {
    let act_as = read_act_as(request.headers().get_all(ACT_AS).map(HeaderValue::as_bytes))?;
    let caller = service_keys(request).admit(key, route, act_as).await.map_err(Failure::from)?;
    request.extensions_mut().insert(Admitted(caller));
    Ok(())
}

/// The caller of a key, if the request has one that was admitted.
pub(crate) fn admitted(request: &HttpRequest) -> Option<Caller> {
    request.extensions().get::<Admitted>().map(|Admitted(caller)| caller.clone())
}

/// The caller of a key. A request that was never admitted, such as one of a dialect, is refused: a route that
/// forgot to declare its access is closed to keys.
pub(crate) async fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    let caller = admitted(request).ok_or_else(|| Failure::from(AuthError::ServiceKey))?;
    service_keys(request).check_places(&caller, &places(request)).await?;
    Ok(caller)
}

/// Refuses the header `Confab-Act-As`, for requests that are not made with a key.
pub(crate) fn refuse_acting(request: &HttpRequest) -> Result<(), Failure> {
    let acts = request.headers().contains_key(ACT_AS);
    if acts { Err(ActAsError::ByPerson.into()) } else { Ok(()) }
}

/// The things in the path that may belong to a whisper. They are decoded as the handlers decode them, which
/// refuse whatever is not a number. External ids do not matter here, since whispers have none. A place is known by the
/// name of its parameter alone, so a test in `http-actix/src/native/description.rs` has a list of all names.
fn places(request: &HttpRequest) -> Vec<Place> {
    // Only reading an attachment can reach a message; the route that deletes one takes only uploads that were
    // not sent.
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let place = |(name, id): (&str, &str)| match name {
        "chat_id" => decoded(id).parse().ok().map(Place::Chat),
        "message_id" => decoded(id).parse().ok().map(Place::Message),
        "attachment_id" if reads => decoded(id).parse().ok().map(Place::Attachment),
        _ => None,
    };
    request.match_info().iter().filter_map(place).collect()
}

/// A segment without its percent-encoding, which is that of queries.
fn decoded(segment: &str) -> String {
    let decoded = Query::<Vec<(String, String)>>::from_query(&format!("id={segment}"));
    let values = decoded.map(Query::into_inner).unwrap_or_default().into_iter();
    values.map(|(_, value)| value).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use domain::ids::{ChatId, MessageId};

    #[test]
    fn a_path_names_places_however_their_numbers_are_spelt() {
        for (chat, message) in [("2", "7"), ("%32", "%37")] {
            let request =
                TestRequest::default().param("chat_id", chat).param("message_id", message);
            let request = request.param("user_id", "1").to_http_request();
            let mut found = places(&request);
            found.sort_by_key(|place| matches!(place, Place::Message(_)));
            let wanted = [Place::Chat(ChatId::stored(2)), Place::Message(MessageId::stored(7))];
            assert_eq!(found, wanted);
        }
        let none = TestRequest::default().param("chat_id", "ext:7").to_http_request();
        assert_eq!(places(&none), []);
    }
}
