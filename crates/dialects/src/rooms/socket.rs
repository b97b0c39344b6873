//! One socket in a room: its requests, and what is pushed to it.

use super::echo;
use super::parse::{Asked, Request, parse};
use super::render::{self, RoomsCodec};
use super::shown::History;
use crate::shared::event_context::EventContext;
use crate::shared::open::{Reply, Speaker, shared, with_context};
use crate::shared::services::ClientContext;
use crate::texts;
use bytestring::ByteString;
use domain::clock::{Clock, SystemClock};
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId};
use domain::message::Send;
use domain::session::Caller;
use domain::user::{AccountRole, FindError};
use http_core::metrics::send;
use http_core::problem::log_cause;
use http_core::rate_limit::Class;
use realtime::{Delivery, Frame, Push};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// A client in a room.
pub(super) struct Rooms {
    room: ChatId,
    /// The role of the account when the socket was opened; see [`writing`].
    came_as: AccountRole,
    /// The last message of each chat that was in the history which the client got, so that it is not pushed
    /// again.
    last: HashMap<ChatId, MessageId>,
}

impl Rooms {
    /// Returns the history, which is sent first, and announces the caller to everybody in the room.
    pub(super) async fn begin(
        client: ClientContext,
        room: ChatId,
    ) -> Result<(Self, Vec<Frame>), Failure> {
        let ClientContext { services, caller, .. } = &client;
        let History { frames, last } = History::of(services, caller, room).await?;
        services.chats.arrive(caller, room).await?;
        Ok((Self { room, came_as: caller.role, last }, frames))
    }
}

impl Speaker for Rooms {
    const NAME: &'static str = render::NAME;
    type Note = ();

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<()> {
        let (room, came_as) = (self.room, self.came_as);
        Box::pin(async move {
            let Asked { request, id } = parse(&text);
            let answer = answer(&client, (room, came_as), request, &id).await;
            let answer = answer.unwrap_or_else(|failure| {
                log_cause(&failure);
                Some(render::refusal(&texts::say::of_failure(&failure), &id))
            });
            (answer, None)
        })
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        let in_room = delivery.event.body.chat() == Some(self.room);
        match &delivery.event.body {
            EventBody::MessageCreated(message) => {
                if self.last.get(&message.chat).is_some_and(|last| message.id <= *last) {
                    Push::Now(None)
                } else if in_room {
                    shared(client, delivery, &RoomsCodec)
                } else {
                    private(client, delivery)
                }
            }
            EventBody::Arrived { .. } if in_room => shared(client, delivery, &RoomsCodec),
            _ => Push::Now(None),
        }
    }
}

/// A message of another chat. The client shows those of chats between two, and no others.
fn private(client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
    with_context(client, delivery, |_, delivery| async move {
        let chat = EventContext::known(&delivery).and_then(|context| context.chat.as_ref());
        let is_private = chat.is_some_and(|chat| chat.chat.kind.is_between_two());
        Ok(if is_private { delivery.frame(&RoomsCodec) } else { None })
    })
}

/// Carries out a request. A sent message is pushed to its sender as to everybody else, so only failures are
/// answered.
async fn answer(
    client: &ClientContext,
    (room, came_as): (ChatId, AccountRole),
    request: Request,
    id: &Value,
) -> Result<Option<Frame>, Failure> {
    let ClientContext { services, caller, .. } = client;
    let sends = !matches!(request, Request::Unknown(_) | Request::Nothing);
    client.count(if sends { Class::Send } else { Class::Other })?;
    let client_id = echo::client_id(id, SystemClock.now());
    let (chat, text) = match request {
        Request::Say(text) => (room, text),
        Request::Whisper { to, text } => {
            (services.chats.open_direct(caller, to).await?.0.chat.id, text)
        }
        Request::WhisperToNobody => return Err(FindError::NotFound.into()),
        Request::Unknown(action) => {
            let me = services.users.get(caller.user).await.ok();
            let me = render::tag(caller.user, me.as_ref());
            return Ok(Some(render::no_such_action(action.as_deref(), id, &me)));
        }
        Request::Nothing => return Ok(None),
    };
    let command = Send { client_id: client_id.as_deref(), ..Send::new(chat, &text) };
    let author = writing(client, came_as).await?;
    send(&services.messages, &author, command).await?;
    Ok(None)
}

/// The caller with the role that their message shows: their present one, because clients expect a change of
/// role in the very next frame. Somebody who was made an admin meanwhile is the exception: they write as one
/// from the next connection on. This gives nobody any rights: who writes is decided by the role in the chat, and that
/// of the account is only kept with the message ([`domain::message::Message::author_role`]).
async fn writing(client: &ClientContext, came_as: AccountRole) -> Result<Caller, Failure> {
    let now = client.services.users.get(client.caller.user).await?.role;
    let role = if now == AccountRole::Admin { came_as } else { now };
    Ok(Caller { role, ..Caller::clone(&client.caller) })
}
