//! One socket in a room: its requests, and what is pushed to it.

use super::parse::{Request, parse};
use super::refuse::{of_socket, own};
use super::render::{self, NAME};
use super::{messages, refuse, shown};
use crate::shared::event_context::EventContext;
use crate::shared::open::{DialectSocket, Reply, Slot, SocketRequest, Speaker, shared};
use crate::shared::refusal::Refused;
use crate::shared::services::ClientContext;
use crate::texts;
use actix_web::HttpResponse;
use actix_web::web::Path;
use bytestring::ByteString;
use domain::chat::{ChatKind, ChatView};
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::message::Send;
use domain::session::Caller;
use http_core::metrics::send;
use http_core::problem::log_cause;
use http_core::rate_limit::Class;
use realtime::{CloseCode, Codec, Delivery, Frame, Push, SocketTimes};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Opens the socket of a room. Every refusal is 403, as in the original.
pub(super) async fn open(
    request: SocketRequest,
    id: Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot, view) = admit(&request, &id).await.map_err(of_socket)?;
    let begin = async move |client| MiniChat::begin(client, view).await;
    let talk = async move |socket: DialectSocket<'_>| socket.converse(caller, begin).await;
    request.open(slot, SocketTimes::DEFAULT, talk).await
}

async fn admit(request: &SocketRequest, id: &str) -> Result<(Caller, Slot, ChatView), Refused> {
    let (caller, slot) = request.admit().await?;
    let view = shown::one(&request.services, &caller, id, refuse::no_room).await?;
    Ok((caller, slot, view))
}

/// The socket that the React client opens first and closes before it opens that of a room. It has no frames.
pub(super) async fn open_idle(request: SocketRequest) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot) = request.admit().await.map_err(of_socket)?;
    let talk = async move |socket: DialectSocket<'_>| {
        socket.converse(caller, async |_| Ok((Idle, None))).await
    };
    request.open(slot, SocketTimes::DEFAULT, talk).await
}

/// A client to which nothing is pushed.
struct Idle;

impl Speaker for Idle {
    const NAME: &'static str = NAME;
    type Note = ();

    fn request(&mut self, client: ClientContext, _: ByteString) -> Reply<()> {
        Box::pin(async move {
            let counted = client.count(Class::Other).err();
            (counted.map(|failure| refused(&failure)), None)
        })
    }

    fn push(&mut self, _: &ClientContext, _: &Arc<Delivery>) -> Push {
        Push::Now(None)
    }
}

/// A client in a room.
struct MiniChat {
    room: ChatId,
    is_direct: bool,
    /// Kept up to date by pushes, since presence is shown of members only.
    members: HashSet<UserId>,
    /// The presence of people that the client knows, so that it is told of changes only.
    told: HashMap<UserId, bool>,
}

impl MiniChat {
    /// Marks the room as read, as entering it does in the original. The client is not told who is online
    /// already: it asks for that over HTTP.
    async fn begin(
        client: ClientContext,
        view: ChatView,
    ) -> Result<(Self, Option<Frame>), Failure> {
        let ClientContext { services, caller, .. } = &client;
        let (room, is_direct) = (view.chat.id, view.chat.kind == ChatKind::Direct);
        messages::read_all(services, caller, &view).await?;
        let gathering = services.chats.gathering(caller, &[room]).await?;
        let members: Vec<_> = gathering.of(room).iter().map(|member| member.user.id).collect();
        let there = services.presence.online(caller, &members).await?.online;
        let told = there.into_iter().map(|user| (user, true)).collect();
        Ok((Self { room, is_direct, members: members.into_iter().collect(), told }, None))
    }

    /// Whether this changes what the client knows of a member, and notes it.
    fn is_news(&mut self, user: UserId, online: bool) -> bool {
        self.members.contains(&user) && self.told.insert(user, online).unwrap_or(false) != online
    }

    /// Handles a change of the room itself. There are no frames for these; the socket is closed when its
    /// owner is no longer in the room.
    fn push_change(&mut self, caller: UserId, body: &EventBody) -> Push {
        let is_over = match body {
            EventBody::MemberJoined(member) => {
                self.members.insert(member.user.id);
                false
            }
            EventBody::MemberLeft(member) => {
                self.members.remove(&member.user.id);
                member.user.id == caller
            }
            EventBody::ChatPreferences { preferences, .. } => {
                // Leaving a direct chat archives it in this dialect.
                self.is_direct && preferences.archived
            }
            EventBody::ChatDeleted(_) => true,
            _ => false,
        };
        if is_over {
            Push::Later(Box::pin(async { Err(CloseCode::Normal) }))
        } else {
            Push::Now(None)
        }
    }
}

impl Speaker for MiniChat {
    const NAME: &'static str = NAME;
    type Note = ();

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<()> {
        let room = self.room;
        Box::pin(async move {
            let done = match parse(&text) {
                Ok(request) => answer(&client, room, request).await,
                Err(why) => client.count(Class::Other).map(|()| Some(render::error(&own(why)))),
            };
            (done.unwrap_or_else(|failure| Some(refused(&failure))), None)
        })
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        let (me, body) = (client.caller.user, &delivery.event.body);
        let is_told = match body {
            EventBody::Presence { user, online, .. } => *user != me && self.is_news(*user, *online),
            EventBody::MessageCreated(message) => message.chat == self.room,
            EventBody::Typing { chat, user, .. } => *chat == self.room && *user != me,
            body if body.chat() == Some(self.room) => return self.push_change(me, body),
            _ => false,
        };
        if is_told { shared(client, delivery, &MiniChatCodec) } else { Push::Now(None) }
    }
}

/// Encodes the frames that are the same for everybody in a room.
pub(super) struct MiniChatCodec;

impl Codec for MiniChatCodec {
    fn protocol(&self) -> &'static str {
        NAME
    }

    fn encode(&self, delivery: &Delivery) -> Option<Frame> {
        let context = EventContext::known(delivery)?;
        let who = context.who.as_ref();
        match &delivery.event.body {
            EventBody::MessageCreated(message) => Some(render::said(message, who)),
            EventBody::Typing { user, until, .. } => {
                Some(render::typing(*user, who, until.is_some()))
            }
            EventBody::Presence { user, online, .. } => Some(render::status(*user, who, *online)),
            _ => None,
        }
    }
}

async fn answer(
    client: &ClientContext,
    room: ChatId,
    request: Request,
) -> Result<Option<Frame>, Failure> {
    let ClientContext { services, caller, .. } = client;
    let sends = matches!(request, Request::Send(_));
    client.count(if sends { Class::Send } else { Class::Other })?;
    match request {
        Request::Send(text) => {
            send(&services.messages, caller, Send::new(room, &text)).await?;
        }
        Request::Typing(typing) => services.typing.set(caller, room, typing).await?,
        Request::Keystroke => {
            services.typing.set(caller, room, true).await?;
            services.typing.set(caller, room, false).await?;
        }
        Request::MarkRead => {
            let view = shown::room_of(services, caller, room).await?;
            messages::read_all(services, caller, &view).await?;
            return Ok(Some(render::marked_read(room)));
        }
        Request::Nothing => {}
    }
    Ok(None)
}

fn refused(failure: &Failure) -> Frame {
    log_cause(failure);
    render::error(&texts::say::of_failure(failure))
}
