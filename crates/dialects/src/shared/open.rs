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

/// Bytes of a message: one of 8,192 characters fits, however it is escaped.
const MESSAGE_BYTES: u64 = BODY_BYTES as u64;
/// The same before somebody is signed in: a token fits.
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

/// A socket's slot among those that there may be, held for as long as it is open.
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
    /// A slot for a socket from there, unless the page that asks for it may not open one.
    pub(crate) fn reserve_slot(&self) -> Result<Slot, Refused> {
        if !upgrades(self.request.head()) {
            return Err(no_upgrade());
        }
        Ok(Slot(self.access.reserve_slot(&self.request, self.address)?))
    }

    /// Who it is, by the token in the header or the address; `None` if there is none.
    pub(crate) async fn caller(&self) -> Result<Option<Caller>, Refused> {
        let Some(token) = who::of_socket(&self.request) else { return Ok(None) };
        let caller = self.access.sessions.recognise(&token).await.map_err(Failure::from)?;
        self.access.rate_limits.check(Class::Other, caller.user, self.address)?;
        Ok(Some(caller))
    }

    /// Who it is, and their slot, where everybody must have a token.
    pub(crate) async fn admit(&self) -> Result<(Caller, Slot), Refused> {
        let slot = self.reserve_slot()?;
        let caller = self.caller().await?.ok_or_else(who::nobody)?;
        let slot = self.reserve_account_slot(&caller, slot)?;
        Ok((caller, slot))
    }

    /// As [`Self::admit`], by a ticket in the address, which opens one socket.
    pub(crate) async fn admit_by_ticket(&self) -> Result<(Caller, Slot), Refused> {
        let slot = self.reserve_slot()?;
        let ticket = query_value(self.request.head(), "token").ok_or_else(who::nobody)?;
        let caller = self.access.sessions.take_ticket(&ticket).await.map_err(Failure::from)?;
        self.access.rate_limits.check(Class::Other, caller.user, self.address)?;
        let slot = self.reserve_account_slot(&caller, slot)?;
        Ok((caller, slot))
    }

    /// The slot of somebody who is known by something else than a token, which counts as a request.
    pub(crate) fn admit_known(&self, caller: &Caller, slot: Slot) -> Result<Slot, Refused> {
        self.access.rate_limits.check(Class::Other, caller.user, self.address)?;
        self.reserve_account_slot(caller, slot)
    }

    /// The slot, once it is known whose socket it is.
    pub(crate) fn reserve_account_slot(
        &self,
        caller: &Caller,
        slot: Slot,
    ) -> Result<Slot, Refused> {
        Ok(Slot(self.access.rate_limits.socket_of(caller.user, slot.0)?))
    }

    /// Opens the socket and hands it to `talk`, which says why it is over. The client is told that
    /// its socket is open when `talk` lets it in.
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
    /// Tells the client that its socket is open, and reads what it says, before it is known who it is.
    pub(crate) fn let_in(&mut self) {
        self.open.socket.set_message_limit(MESSAGE_BYTES_SIGNED_OUT);
        self.open.let_in();
    }

    /// Counts what somebody does who has not signed in, as a request from their address.
    pub(crate) fn count(&self) -> Result<(), Failure> {
        self.access.rate_limits.arrive(Class::Other, self.address)
    }

    /// Takes the caller's slot among their sockets, for one who was not known at first.
    pub(crate) fn reserve_account_slot(&mut self, caller: &Caller) -> Result<(), CloseCode> {
        let slot = self.access.rate_limits.socket_of(caller.user, take(&mut self.slot.0));
        self.slot = Slot(slot.map_err(|_| CloseCode::TooManySockets)?);
        self.open.socket.set_message_limit(MESSAGE_BYTES);
        Ok(())
    }

    /// The next text frame of somebody who is not signed in and may take their time to.
    pub(crate) async fn next_text(&mut self) -> Result<ByteString, CloseCode> {
        self.open.next_text(&self.sockets).await
    }

    /// Joins the chats of the caller, lets the client in and serves until the end: a client that is
    /// told that its socket is open is pushed whatever happens from then on. `begin` looks up what the
    /// speaker has to know, and what it says first, between the two.
    pub(crate) async fn converse<S: Speaker, F: IntoIterator<Item = Frame>>(
        mut self,
        caller: Caller,
        begin: impl AsyncFnOnce(ClientContext) -> Result<(S, F), Failure>,
    ) -> Result<CloseCode, CloseCode> {
        self.converse_once(caller, begin).await
    }

    /// The same for a socket that may be somebody else's afterwards.
    pub(crate) async fn converse_once<S: Speaker, F: IntoIterator<Item = Frame>>(
        &mut self,
        caller: Caller,
        begin: impl AsyncFnOnce(ClientContext) -> Result<(S, F), Failure>,
    ) -> Result<CloseCode, CloseCode> {
        let (limits, address) = (Arc::clone(&self.access.rate_limits), self.address);
        let services = Arc::clone(&self.services);
        self.open.socket.belongs_to(limits.output_of(caller.user));
        let begin = async |caller, Beginning { connection, .. }| {
            let caller = Arc::new(caller);
            let client = ClientContext { services, caller, connection, address, limits };
            let begun = begin(client.clone()).await.map_err(|failure| {
                log_cause(&failure);
                CloseCode::Trouble
            });
            begun.map(|(speaker, first)| (Speaking { client, speaker }, first))
        };
        self.open.converse(&self.sockets, caller, begin).await
    }
}

/// What a dialect does with one socket.
pub(crate) trait Speaker: 'static {
    /// What the dialect is called.
    const NAME: &'static str;

    /// Whether its owner is online by being connected; otherwise they say so.
    const APPEARS: bool = true;

    /// Whether its owner is online for a moment after it is closed; otherwise they are gone with it.
    const LINGERS: bool = true;

    /// What a request asks to remember once it is answered, and before anything is pushed.
    type Note: 'static;

    /// Answers a frame, or leaves that to what is pushed for it.
    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<Self::Note>;

    /// A request was answered with this note.
    fn answered(&mut self, _: Self::Note) {}

    /// Whether the conversation is over, and the socket may begin another. Asked after each answer.
    fn is_over(&self) -> bool {
        false
    }

    /// The frame for an event.
    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push;
}

/// An answer on its way.
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
        // What is pushed for a request may have to know of it.
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

/// A frame that says more than the event does, made for this client alone. While the database is away
/// it is waited for, since what was stored is owed; what lasts but a moment is left out then.
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

/// A frame that says more than the event does, the same for all who speak the dialect.
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
