//! Sockets of dialects: opening one, and what a dialect does with it.

use super::event_context::EventContext;
use super::http::{query_value, upgrades};
use super::refusal::Refused;
use super::route::no_upgrade;
use super::services::{ClientContext, Services, data};
use super::who;
use crate::texts;
use actix_web::dev::Payload as AnyPayload;
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use bytestring::ByteString;
use domain::event::EventBody;
use domain::failure::{Failure, Kind};
use domain::limits::DATABASE_ABSENCE;
use domain::session::Caller;
use domain::user::AccountRole;
use futures_util::future::LocalBoxFuture;
use http_core::problem::log_cause;
use http_core::rate_limit::{Arrival, Class, ClientAddress, SocketSlot};
use http_core::{Access, BODY_BYTES};
use realtime::{
    Answer, Beginning, CloseCode, Codec, Conversation, Delivery, Frame, OpenSocket, Push,
    SocketOptions, SocketServices, SocketTimes,
};
use std::mem::take;
use std::sync::Arc;
use std::time::Instant;

/// The size in bytes that a frame of a client may have: a message of 8,192 characters fits, however it is
/// escaped in JSON.
const MESSAGE_BYTES: u64 = BODY_BYTES as u64;
/// The same before somebody is signed in: a token fits, and strangers cannot make the server buffer more.
const MESSAGE_BYTES_SIGNED_OUT: u64 = 4 * 1024;

/// A request for a socket.
pub(crate) struct SocketRequest {
    pub(crate) request: HttpRequest,
    pub(crate) services: Arc<Services>,
    access: Arc<Access>,
    sockets: Arc<SocketServices>,
    address: ClientAddress,
    payload: Payload,
}

/// A socket's place in the connection limits, freed when this is dropped.
pub(crate) struct Slot(SocketSlot);

impl FromRequest for SocketRequest {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut AnyPayload) -> Self::Future {
        let (request, address) = (request.clone(), Arrival::of(request).address);
        let payload = Payload::from_request(&request, payload);
        Box::pin(async move {
            let payload = payload.await?;
            let (services, access, sockets) = (data(&request), data(&request), data(&request));
            Ok(Self { request, services, access, sockets, address, payload })
        })
    }
}

impl SocketRequest {
    /// Reserves a slot for the client's address. Refused if the request asks for no socket, if its `Origin` may
    /// not open one, or if the address has too many.
    pub(crate) fn reserve_slot(&self) -> Result<Slot, Refused> {
        if !upgrades(self.request.head()) {
            return Err(no_upgrade());
        }
        Ok(Slot(self.access.reserve_slot(&self.request, self.address)?))
    }

    /// The caller, by the token in the header or the URL; `None` if there is no token. Counts as a request.
    pub(crate) async fn caller(&self) -> Result<Option<Caller>, Refused> {
        let Some(token) = who::of_socket(&self.request) else { return Ok(None) };
        let caller = self.access.sessions.recognise(&token).await.map_err(Failure::from)?;
        self.access.rate_limits.check(Class::Other, caller.user, self.address)?;
        Ok(Some(caller))
    }

    /// The caller and their slot, for sockets that nobody may open without a token.
    pub(crate) async fn admit(&self) -> Result<(Caller, Slot), Refused> {
        let slot = self.reserve_slot()?;
        let caller = self.caller().await?.ok_or_else(who::nobody)?;
        let slot = self.reserve_account_slot(&caller, slot)?;
        Ok((caller, slot))
    }

    /// As [`Self::admit`], by a ticket in the URL. A ticket opens one socket and is spent then.
    pub(crate) async fn admit_by_ticket(&self) -> Result<(Caller, Slot), Refused> {
        let slot = self.reserve_slot()?;
        let ticket = query_value(self.request.head(), "token").ok_or_else(who::nobody)?;
        let caller = self.access.sessions.take_ticket(&ticket).await.map_err(Failure::from)?;
        self.access.rate_limits.check(Class::Other, caller.user, self.address)?;
        let slot = self.reserve_account_slot(&caller, slot)?;
        Ok((caller, slot))
    }

    /// The slot of a caller who was authenticated by something else than a token, such as a cookie. Counts as
    /// a request.
    pub(crate) fn admit_known(&self, caller: &Caller, slot: Slot) -> Result<Slot, Refused> {
        self.access.rate_limits.check(Class::Other, caller.user, self.address)?;
        self.reserve_account_slot(caller, slot)
    }

    /// Turns the slot of an address into one of an account, once it is known whose socket it is.
    pub(crate) fn reserve_account_slot(
        &self,
        caller: &Caller,
        slot: Slot,
    ) -> Result<Slot, Refused> {
        Ok(Slot(self.access.rate_limits.socket_of(caller.user, slot.0)?))
    }

    /// Opens the socket and hands it to `talk`, which returns the code to close it with. The client learns that
    /// its socket is open only when `talk` lets it in.
    pub(crate) async fn open<F>(
        self,
        slot: Slot,
        times: SocketTimes,
        talk: F,
    ) -> Result<HttpResponse, actix_web::Error>
    where
        F: AsyncFnOnce(DialectSocket<'_>) -> Result<CloseCode, CloseCode> + 'static,
    {
        let Self { request, services, access, sockets, address, payload } = self;
        let options = SocketOptions { message_bytes: MESSAGE_BYTES, times, takes_binary: true };
        // The socket outlives the request, and speaks its language.
        let language = texts::say::language();
        let life = async move |open: &mut OpenSocket| {
            let socket = DialectSocket { open, services, access, sockets, address, slot };
            texts::say::answering(language, talk(socket)).await
        };
        realtime::open(&request, payload, options, life).await
    }
}

/// A socket that was opened, and what it is served with.
pub(crate) struct DialectSocket<'a> {
    pub(crate) open: &'a mut OpenSocket,
    pub(crate) services: Arc<Services>,
    access: Arc<Access>,
    sockets: Arc<SocketServices>,
    address: ClientAddress,
    slot: Slot,
}

impl DialectSocket<'_> {
    /// Tells the client that its socket is open before it is known who it is. Frames are limited to
    /// [`MESSAGE_BYTES_SIGNED_OUT`] until they sign in.
    pub(crate) fn let_in(&mut self) {
        self.open.socket.set_message_limit(MESSAGE_BYTES_SIGNED_OUT);
        self.open.let_in();
    }

    /// Counts a frame of a client that has not signed in as a request from its address.
    pub(crate) fn count(&self) -> Result<(), Failure> {
        self.access.rate_limits.arrive(Class::Other, self.address)
    }

    /// Reserves the account's slot for a client that signed in on the open socket. It may send long frames
    /// from now on.
    pub(crate) fn reserve_account_slot(&mut self, caller: &Caller) -> Result<(), CloseCode> {
        let slot = self.access.rate_limits.socket_of(caller.user, take(&mut self.slot.0));
        self.slot = Slot(slot.map_err(|_| CloseCode::TooManySockets)?);
        self.open.socket.set_message_limit(MESSAGE_BYTES);
        Ok(())
    }

    /// The next text frame of a client that is not signed in. It may take as long as it likes to sign in.
    pub(crate) async fn next_text(&mut self) -> Result<ByteString, CloseCode> {
        self.open.next_text(&self.sockets).await
    }

    /// Joins the chats of the caller, lets the client in and serves until the end. Joining comes first, so a
    /// client that learns that its socket is open gets every event from then on. `begin` runs between the two:
    /// it looks up what the speaker needs, and returns the frames to send first.
    pub(crate) async fn converse<S: Speaker, F: IntoIterator<Item = Frame>>(
        mut self,
        caller: Caller,
        begin: impl AsyncFnOnce(ClientContext) -> Result<(S, F), Failure>,
    ) -> Result<CloseCode, CloseCode> {
        self.converse_once(caller, begin).await
    }

    /// The same for a socket on which somebody else may sign in afterwards.
    pub(crate) async fn converse_once<S: Speaker, F: IntoIterator<Item = Frame>>(
        &mut self,
        caller: Caller,
        begin: impl AsyncFnOnce(ClientContext) -> Result<(S, F), Failure>,
    ) -> Result<CloseCode, CloseCode> {
        let (limits, address) = (Arc::clone(&self.access.rate_limits), self.address);
        let services = Arc::clone(&self.services);
        self.open.socket.belongs_to(limits.output_of(caller.user));
        let begin = async |caller, Beginning { connection, .. }| {
            let client = ClientContext { services, caller, connection, address, limits };
            let begun = begin(client.clone()).await.map_err(|failure| {
                log_cause(&failure);
                CloseCode::Trouble
            });
            begun.map(|(speaker, first)| (Speaking { client, speaker }, first))
        };
        self.open.converse(&self.sockets, Arc::new(caller), begin).await
    }
}

/// A dialect's side of one socket.
pub(crate) trait Speaker: 'static {
    /// The dialect's name.
    const NAME: &'static str;

    /// Whether a connection makes its owner online. If not, clients say so themselves.
    const APPEARS: bool = true;

    /// Whether its owner stays online for a moment after it is closed, so that reconnecting does not flicker.
    const LINGERS: bool = true;

    /// What a request leaves to remember, applied after its answer and before the next push.
    type Note: 'static;

    /// Answers a frame; without a frame if the client takes the event that is pushed for the answer.
    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<Self::Note>;

    /// Takes the note of a request whose answer was written.
    fn answered(&mut self, _: Self::Note) {}

    /// Whether the conversation is over, and the socket may begin another. Asked after each answer.
    fn is_over(&self) -> bool {
        false
    }

    /// The frame for an event.
    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push;
}

/// The future of an answer: a frame to write, and a note for [`Speaker::answered`].
pub(crate) type Reply<N> = LocalBoxFuture<'static, (Option<Frame>, Option<N>)>;

struct Speaking<S> {
    client: ClientContext,
    speaker: S,
}

impl<S: Speaker> Conversation for Speaking<S> {
    const PROTOCOL: &'static str = S::NAME;
    const APPEARS: bool = S::APPEARS;
    const LINGERS: bool = S::LINGERS;
    type Note = S::Note;

    fn request(&mut self, text: ByteString) -> Answer<S::Note> {
        let future = self.speaker.request(self.client.clone(), text);
        // Some pushes are rendered by what the request noted, so they wait for its answer.
        Answer { holds_pushes: true, future }
    }

    fn answered(&mut self, note: S::Note) {
        self.speaker.answered(note);
    }

    fn is_over(&self) -> bool {
        self.speaker.is_over()
    }

    fn push(&mut self, delivery: &Arc<Delivery>) -> Push {
        self.speaker.push(&self.client, delivery)
    }

    fn set_role(&mut self, role: AccountRole) -> Option<Frame> {
        self.client.set_role(role);
        None
    }
}

/// A frame that needs more than the event has, made for this client alone. If the database is away, it is
/// tried again for up to [`DATABASE_ABSENCE`], because the client must not miss a stored change. Typing and
/// presence are not stored, and are left out instead.
pub(crate) fn with_context<F, Fut>(
    client: &ClientContext,
    delivery: &Arc<Delivery>,
    render: F,
) -> Push
where
    F: Fn(ClientContext, Arc<Delivery>) -> Fut + 'static,
    Fut: Future<Output = Result<Option<Frame>, Failure>>,
{
    let (client, delivery) = (client.clone(), Arc::clone(delivery));
    Push::Later(Box::pin(async move {
        let (began, body) = (Instant::now(), &delivery.event.body);
        let passes = matches!(body, EventBody::Typing { .. } | EventBody::Presence { .. });
        // Not a busy loop: a store that is away makes each attempt wait before it fails (ADR 33).
        loop {
            let rendered = match EventContext::of(&delivery, &client.services).await {
                Ok(_) => render(client.clone(), Arc::clone(&delivery)).await,
                Err(error) => Err(error.into()),
            };
            let failure = match rendered {
                Ok(frame) => return Ok(frame),
                Err(failure) => failure,
            };
            let is_away = failure.kind == Kind::Unavailable;
            if is_away && passes {
                return Ok(None);
            }
            if !is_away || began.elapsed() > DATABASE_ABSENCE {
                log_cause(&failure);
                return Err(CloseCode::Trouble);
            }
        }
    }))
}

/// A frame that needs more than the event has, and is the same for every client of the dialect. The first
/// socket looks the context up; for the others the frame is there at once.
pub(crate) fn shared(
    client: &ClientContext,
    delivery: &Arc<Delivery>,
    codec: &'static dyn Codec,
) -> Push {
    if EventContext::known(delivery).is_some() {
        return Push::Now(delivery.frame(codec));
    }
    with_context(client, delivery, move |_, delivery| async move { Ok(delivery.frame(codec)) })
}
