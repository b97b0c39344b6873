//! Sockets of dialects: opening one, and serving it.

use super::refusal::Refused;
use super::route::no_upgrade;
use super::who;
use crate::Services;
use crate::figures::closed;
use crate::rate_limit::{Arrival, Class, ClientAddress, SocketPlace};
use crate::realtime::{
    Answer, Asker, CloseCode, Codec, Connection, Conversation, Delivery, Frame, Push, Socket,
    SocketTimes, serve,
};
use actix_web::dev::Payload as AnyPayload;
use actix_web::http::StatusCode;
use actix_web::http::header::UPGRADE;
use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse, rt};
use bytestring::ByteString;
use domain::event::EventBody;
use domain::failure::{Failure, Kind, StoreError};
use domain::limits::DATABASE_ABSENCE;
use domain::session::Caller;
use domain::user::AccountRole;
use futures_util::future::LocalBoxFuture;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

/// Bytes of a frame: a message of 8,192 characters fits, however it is escaped.
const FRAME_BYTES: u64 = crate::BODY_BYTES as u64;

/// Somebody who wants to open a socket.
pub(super) struct Visit {
    pub(super) request: HttpRequest,
    pub(super) services: Data<Services>,
    pub(super) address: ClientAddress,
    payload: Payload,
}

/// A socket's place among others, held for as long as it is open.
pub(super) struct Place(SocketPlace);

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut AnyPayload) -> Self::Future {
        let services = request.app_data::<Data<Services>>().cloned();
        let services = services.expect("`Services::register` hands them to the app");
        let (request, address) = (request.clone(), Arrival::of(request).address);
        let payload = Payload::from_request(&request, payload);
        Box::pin(async move { Ok(Self { request, services, address, payload: payload.await? }) })
    }
}

impl Visit {
    /// A place for a socket from there, unless the page that asks for it may not.
    pub(super) fn knock(&self) -> Result<Place, Refused> {
        if !upgrades(&self.request) {
            return Err(no_upgrade());
        }
        if !self.services.origins.permit(&self.request) {
            let detail = "Pages of this origin may not open a socket.";
            return Err(Refused::detail(StatusCode::FORBIDDEN, detail));
        }
        Ok(Place(self.services.rate_limits.socket_from(self.address)?))
    }

    /// Who it is, by the token in the header or the address; `None` if there is none.
    pub(super) async fn caller(&self) -> Result<Option<Caller>, Refused> {
        let Some(token) = who::of_socket(&self.request) else { return Ok(None) };
        let caller = self.services.sessions.recognise(&token).await.map_err(Failure::from)?;
        self.services.rate_limits.check(Class::Other, caller.user, self.address)?;
        Ok(Some(caller))
    }

    /// Who it is, and their place, where everybody must have a token.
    pub(super) async fn admit(&self) -> Result<(Caller, Place), Refused> {
        let place = self.knock()?;
        let caller = self.caller().await?.ok_or_else(who::nobody)?;
        let place = self.seat(&caller, place)?;
        Ok((caller, place))
    }

    /// The place, once it is known whose socket it is.
    pub(super) fn seat(&self, caller: &Caller, place: Place) -> Result<Place, Refused> {
        Ok(Place(self.services.rate_limits.socket_of(caller.user, place.0)?))
    }

    /// Opens the socket and hands it to `talk`, which says why it is over. The client is told that
    /// its socket is open when `talk` lets it in.
    pub(super) async fn open<F, Fut>(
        self,
        place: Place,
        times: SocketTimes,
        talk: F,
    ) -> Result<HttpResponse, actix_web::Error>
    where
        F: FnOnce(Guest) -> Fut + 'static,
        Fut: Future<Output = (Socket, CloseCode)>,
    {
        let (response, mut socket) =
            Socket::open(&self.request, self.payload, FRAME_BYTES, times).await?;
        socket.take_binary();
        let services = self.services.into_inner();
        let (held, let_in) = oneshot::channel();
        let guest = Guest { socket, services, address: self.address, place, held: Some(held) };
        rt::spawn(async move {
            let (socket, code) = talk(guest).await;
            tracing::debug!(?code, "socket closed");
            closed(code);
            socket.close(code).await;
        });
        let Err(_) = let_in.await;
        Ok(response)
    }
}

/// Whether a request asks for a socket.
pub(super) fn upgrades(request: &HttpRequest) -> bool {
    let upgrade = request.headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Somebody who came for a socket.
pub(super) struct Guest {
    pub(super) socket: Socket,
    pub(super) services: Arc<Services>,
    pub(super) address: ClientAddress,
    pub(super) place: Place,
    /// While it is there, the client is not told that its socket is open.
    held: Option<oneshot::Sender<Infallible>>,
}

impl Guest {
    /// Tells the client that its socket is open, and reads what it says, before it is known who it is.
    pub(super) fn let_in(&mut self) {
        self.held = None;
    }

    /// Takes the caller's place among their sockets, for one who was not known at first.
    pub(super) fn take_seat(&mut self, caller: &Caller) -> Result<(), CloseCode> {
        let limits = &self.services.rate_limits;
        let place = limits.socket_of(caller.user, std::mem::take(&mut self.place.0));
        self.place = Place(place.map_err(|_| CloseCode::TooManySockets)?);
        Ok(())
    }

    /// Joins the chats of the caller, lets the client in and serves until the end: a client that is
    /// told that its socket is open is pushed whatever happens from then on. `begin` looks up what the
    /// speaker has to know, and what it says first, between the two.
    pub(super) async fn converse<S: Speaker>(
        self,
        caller: Caller,
        begin: impl AsyncFnOnce(Asker) -> Result<(S, Option<Frame>), Failure>,
    ) -> (Socket, CloseCode) {
        let Self { mut socket, services, address, place: _place, held } = self;
        let mut connection = services.hub.connect(&caller);
        let begin = async |asker| {
            let begun = begin(asker).await;
            drop(held);
            begun
        };
        let talked = talk(&mut socket, &mut connection, (services, caller, address), begin).await;
        let (Ok(code) | Err(code)) = talked;
        (socket, code)
    }
}

async fn talk<S: Speaker>(
    socket: &mut Socket,
    connection: &mut Connection,
    (services, caller, address): (Arc<Services>, Caller, ClientAddress),
    begin: impl AsyncFnOnce(Asker) -> Result<(S, Option<Frame>), Failure>,
) -> Result<CloseCode, CloseCode> {
    // The session may have ended between the look at the token and the hub's knowing of the socket.
    CloseCode::unless_open(&services.sessions, &caller).await?;
    let asker = Asker::new(services, caller, address, connection);
    asker.join_chats(connection).await.map_err(|error| trouble(&error))?;
    if S::APPEARS {
        asker.come().await.map_err(|error| trouble(&error))?;
    }
    let begun = begin(asker.clone()).await.map_err(|failure| {
        crate::problem::log_cause(&failure);
        CloseCode::Trouble
    });
    let code = match begun {
        Err(code) => code,
        Ok((speaker, first)) => {
            let written = match first {
                Some(frame) => socket.write(frame).await,
                None => Ok(()),
            };
            match written {
                Err(code) => code,
                Ok(()) => {
                    serve(socket, connection, &mut Speaking { asker: asker.clone(), speaker }).await
                }
            }
        }
    };
    asker.leave().await;
    Ok(code)
}

fn trouble(error: &StoreError) -> CloseCode {
    tracing::warn!(%error, "a socket was not served");
    CloseCode::Trouble
}

/// What a dialect does with one socket.
pub(super) trait Speaker: 'static {
    /// What the dialect is called.
    const NAME: &'static str;

    /// Whether its owner is online by being connected; otherwise they say so.
    const APPEARS: bool = true;

    /// What a request asks to remember once it is answered, and before anything is pushed.
    type Note: 'static;

    /// Answers a frame, or leaves that to what is pushed for it.
    fn request(&mut self, asker: Asker, text: ByteString) -> Reply<Self::Note>;

    /// A request was answered with this note.
    fn answered(&mut self, _: Self::Note) {}

    /// The frame for an event.
    fn push(&mut self, asker: &Asker, delivery: &Arc<Delivery>) -> Push;
}

/// An answer on its way.
pub(super) type Reply<N> = LocalBoxFuture<'static, (Option<Frame>, Option<N>)>;

struct Speaking<S> {
    asker: Asker,
    speaker: S,
}

impl<S: Speaker> Conversation for Speaking<S> {
    const PROTOCOL: &'static str = S::NAME;
    type Note = S::Note;

    fn request(&mut self, text: ByteString) -> Answer<S::Note> {
        let future = self.speaker.request(self.asker.clone(), text);
        // What is pushed for a request may have to know of it.
        Answer { holds_pushes: true, future }
    }

    fn answered(&mut self, note: S::Note) {
        self.speaker.answered(note);
    }

    fn push(&mut self, delivery: &Arc<Delivery>) -> Push {
        self.speaker.push(&self.asker, delivery)
    }

    fn set_role(&mut self, role: AccountRole) -> Option<Frame> {
        self.asker.set_role(role);
        None
    }
}

/// Counts a frame.
pub(super) fn count(asker: &Asker, class: Class) -> Result<(), Failure> {
    asker.services.rate_limits.check_frame(class, asker.caller.user, asker.address)
}

/// A frame that says more than the event does, made for this client alone. While the database is away
/// it is waited for, since what was stored is owed; what lasts but a moment is left out then.
pub(super) fn with_scene<F, Fut>(asker: &Asker, delivery: &Arc<Delivery>, render: F) -> Push
where
    F: Fn(Asker, Arc<Delivery>) -> Fut + 'static,
    Fut: Future<Output = Result<Option<Frame>, Failure>>,
{
    let (asker, delivery) = (asker.clone(), Arc::clone(delivery));
    Push::Later(Box::pin(async move {
        let (began, body) = (Instant::now(), &delivery.event.body);
        let passes = matches!(body, EventBody::Typing { .. } | EventBody::Presence { .. });
        loop {
            let rendered = match delivery.scene(&asker.services).await {
                Ok(_) => render(asker.clone(), Arc::clone(&delivery)).await,
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
                crate::problem::log_cause(&failure);
                return Err(CloseCode::Trouble);
            }
        }
    }))
}

/// A frame that says more than the event does, the same for all who speak the dialect.
pub(super) fn shared(
    asker: &Asker,
    delivery: &Arc<Delivery>,
    codec: &'static (dyn Codec + Sync),
) -> Push {
    if delivery.known_scene().is_some() {
        return Push::Now(delivery.frame(codec));
    }
    with_scene(asker, delivery, move |_, delivery| async move { Ok(delivery.frame(codec)) })
}
