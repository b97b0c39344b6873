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
use crate::problem::Problem;
use crate::realtime::{CloseCode, Socket, SocketTimes, serve};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, rt};
use domain::session::Caller;

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
) -> Result<HttpResponse, actix_web::Error> {
    if !origins.permit(&request) {
        let detail = "Pages of this origin may not open a socket.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "origin_forbidden", detail).into());
    }
    let caller = sign_in::from_request(&request, &services.sessions).await?;
    let (response, mut socket) =
        Socket::open(&request, payload, FRAME_BYTES_SIGNED_OUT, SocketTimes::default()).await?;
    rt::spawn(async move {
        let code = match converse(&mut socket, &services, caller).await {
            Ok(code) | Err(code) => code,
        };
        tracing::debug!(?code, "socket closed");
        socket.close(code).await;
    });
    Ok(response)
}

/// Signs in, and serves until the end.
async fn converse(
    socket: &mut Socket,
    services: &Services,
    caller: Option<Caller>,
) -> Result<CloseCode, CloseCode> {
    let caller = match caller {
        Some(caller) => caller,
        None => sign_in::from_first_frame(socket, &services.sessions).await?,
    };
    socket.set_frame_limit(FRAME_BYTES);
    let mut connection = services.hub.connect(caller.user, caller.session);
    // The session may have ended between the look at the token and the hub's knowing of the socket.
    sign_in::check_again(&services.sessions, &caller).await?;
    let (mut conversation, ready) =
        NativeConversation::begin(services.clone(), caller, &connection).await?;
    socket.write(ready).await?;
    let code = serve(socket, &mut connection, &mut conversation).await;
    conversation.end().await;
    Ok(code)
}
