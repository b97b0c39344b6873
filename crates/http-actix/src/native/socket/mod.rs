//! The native API's socket; `docs/api/socket.md` describes it.

mod calls;
mod conversation;
pub(crate) mod metrics;
mod proof;
mod push;
mod request;
mod resume;
mod sign_in;
mod wire;

pub(crate) use calls::{SocketApi, SocketCalls};
pub use push::NativeCodec;
pub(crate) use push::PROTOCOL;

use self::conversation::NativeConversation;
use self::proof::{Renewals, Until};
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use domain::clock::Timestamp;
use domain::session::{Caller, ProvenCaller};
use http_core::problem::Problem;
use http_core::rate_limit::{Class, ClientAddress, SocketSlot};
use http_core::{BODY_BYTES, ClientContext};
use realtime::{CloseCode, OpenSocket, SocketOptions, SocketTimes};
use std::sync::Arc;

/// The options until somebody is signed in: a frame with a token fits.
const SIGNED_OUT: SocketOptions =
    SocketOptions { message_bytes: 4 * 1024, times: SocketTimes::DEFAULT, takes_binary: false };
/// The size of a frame in bytes from then on: a message of 8,192 characters fits, however it is escaped in JSON.
const MESSAGE_BYTES: u64 = BODY_BYTES as u64;

/// Parses a frame and discards it, for fuzzing.
#[cfg(fuzzing)]
pub fn read_frame(frame: &str) {
    drop(http_core::body::parse::<wire::Auth>(frame.as_bytes()));
    drop(request::Parsed::new(frame));
}

/// Adds the socket's route.
pub(crate) fn configure(app: &mut ServiceConfig, api: Data<SocketApi>) {
    app.app_data(api).service(open);
}

#[get("/api/v1/ws")]
async fn open(
    request: HttpRequest,
    payload: Payload,
    api: Data<SocketApi>,
    address: ClientAddress,
) -> Result<HttpResponse, actix_web::Error> {
    let limits = &api.access.rate_limits;
    // The address's limit is checked before the token, since looking that up costs a query.
    let slot = api.access.reserve_slot(&request, address).map_err(Problem::from)?;
    let proof = sign_in::from_request(&request, &api.access.sessions).await?;
    let known = match proof {
        None => Known::Nobody(slot),
        Some(proof) => limits
            .check(Class::Other, proof.caller.user, address)
            .and_then(|()| limits.socket_of(proof.caller.user, slot))
            .map(|slot| Known::Caller(proof, slot))
            .map_err(Problem::from)?,
    };
    let known = Box::new(known);
    let life = async move |opened: &mut OpenSocket| converse(opened, &api, known, address).await;
    realtime::open(&request, payload, SIGNED_OUT, life).await
}

/// Who opened a socket, and its slot in the connection limits.
enum Known {
    Caller(ProvenCaller, SocketSlot),
    /// Nobody yet: the first frame must sign in.
    Nobody(SocketSlot),
}

/// Signs the client in, if the request did not, and serves it until the end. The slot is held until then.
async fn converse(
    opened: &mut OpenSocket,
    api: &SocketApi,
    known: Box<Known>,
    address: ClientAddress,
) -> Result<CloseCode, CloseCode> {
    opened.let_in();
    // Boxed: it is over when the client is signed in, and each socket keeps room for the largest thing that it waits
    // for.
    let (caller, ends_at, _slot) = Box::pin(signed_in(opened, api, known)).await?;
    opened.socket.set_message_limit(MESSAGE_BYTES);
    opened.socket.belongs_to(api.access.rate_limits.output_of(caller.user));
    let begin = async |caller, beginning: realtime::Beginning| {
        let client = ClientContext {
            services: Arc::clone(&api.calls),
            caller,
            connection: beginning.connection,
            address,
            limits: Arc::clone(&api.access.rate_limits),
        };
        let sessions = Arc::clone(&api.sockets.sessions);
        let until = Until::new(&sessions, ends_at);
        let renewals = Renewals { sessions, belonging: beginning.belonging };
        let proof = (renewals, until);
        let (conversation, ready) = NativeConversation::begin(client, proof, beginning.chats);
        Ok((conversation, Some(ready)))
    };
    opened.converse(&api.sockets, caller, begin).await
}

/// Who opened the socket, by their request or by the first frame; when their proof ends, and their slot.
async fn signed_in(
    opened: &mut OpenSocket,
    api: &SocketApi,
    known: Box<Known>,
) -> Result<(Arc<Caller>, Timestamp, SocketSlot), CloseCode> {
    let (ProvenCaller { caller, ends_at }, slot) = match *known {
        Known::Caller(proof, slot) => (proof, slot),
        Known::Nobody(slot) => {
            let sessions = &api.access.sessions;
            let proof = sign_in::from_first_frame(&mut opened.socket, sessions).await?;
            let slot = api.access.rate_limits.socket_of(proof.caller.user, slot);
            (proof, slot.map_err(|_| CloseCode::TooManySockets)?)
        }
    };
    Ok((Arc::new(caller), ends_at, slot))
}
