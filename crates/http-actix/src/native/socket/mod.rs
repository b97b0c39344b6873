//! The native API's socket; `docs/api/socket.md` describes it.

mod conversation;
mod push;
mod request;
mod resume;
mod sign_in;
mod wire;

use self::conversation::NativeConversation;
use crate::Services;
use crate::auth::Origins;
use crate::figures::closed;
use crate::problem::Problem;
use crate::rate_limit::{Class, ClientAddress, SocketPlace};
use crate::realtime::{CloseCode, Socket, SocketTimes, serve};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, rt};
use domain::session::Caller;
use std::sync::Arc;

/// Bytes of a frame before somebody is signed in: a token fits.
const FRAME_BYTES_SIGNED_OUT: u64 = 4 * 1024;
/// Bytes of a frame from then on: a message of 8,192 characters fits, however it is escaped.
const FRAME_BYTES: u64 = crate::BODY_BYTES as u64;

#[get("/api/v1/ws")]
pub(super) async fn open(
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
    origins: Data<Origins>,
    address: ClientAddress,
) -> Result<HttpResponse, actix_web::Error> {
    if !origins.permit(&request) {
        let detail = "Pages of this origin may not open a socket.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "origin_forbidden", detail).into());
    }
    let place = services.rate_limits.socket_from(address).map_err(Problem::from)?;
    let caller = sign_in::from_request(&request, &services.sessions).await?;
    let visitor = match caller {
        None => Visitor::Unknown(place),
        Some(caller) => services
            .rate_limits
            .check(Class::Other, caller.user, address)
            .and_then(|()| services.rate_limits.socket_of(caller.user, place))
            .map(|place| Visitor::Known(caller, place))
            .map_err(Problem::from)?,
    };
    let (response, mut socket) =
        Socket::open(&request, payload, FRAME_BYTES_SIGNED_OUT, SocketTimes::default()).await?;
    rt::spawn(async move {
        let code = match converse(&mut socket, &services, visitor, address).await {
            Ok(code) | Err(code) => code,
        };
        tracing::debug!(?code, "socket closed");
        closed(code);
        socket.close(code).await;
    });
    Ok(response)
}

/// Who opened a socket, and its place among their sockets.
enum Visitor {
    Known(Caller, SocketPlace),
    /// The first frame is to tell.
    Unknown(SocketPlace),
}

/// Signs in, and serves until the end.
async fn converse(
    socket: &mut Socket,
    services: &Data<Services>,
    visitor: Visitor,
    address: ClientAddress,
) -> Result<CloseCode, CloseCode> {
    let (caller, _place) = match visitor {
        Visitor::Known(caller, place) => (caller, place),
        Visitor::Unknown(place) => {
            let caller = sign_in::from_first_frame(socket, &services.sessions).await?;
            let place = services.rate_limits.socket_of(caller.user, place);
            (caller, place.map_err(|_| CloseCode::TooManySockets)?)
        }
    };
    socket.set_frame_limit(FRAME_BYTES);
    let mut connection = services.hub.connect(&caller);
    // The session may have ended between the look at the token and the hub's knowing of the socket.
    CloseCode::unless_open(&services.sessions, &caller).await?;
    let (mut conversation, ready) =
        NativeConversation::begin(Arc::clone(services), caller, address, &connection).await?;
    socket.write(ready).await?;
    let code = serve(socket, &mut connection, &mut conversation).await;
    conversation.end().await;
    Ok(code)
}
