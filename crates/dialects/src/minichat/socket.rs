//! What a client in a room may ask for, and what it is told.

use super::parse::{Request, parse};
use super::render;
use crate::shared::event_context::EventContext;
use crate::shared::open::{Reply, Speaker, shared};
use crate::shared::services::ClientContext;
use crate::shared::typed;
use bytestring::ByteString;
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::message::{Message, Send};
use http_core::metrics::send;
use http_core::rate_limit::Class;
use realtime::{Codec, Delivery, Frame, Push};
use std::collections::HashSet;
use std::sync::Arc;

/// A client in a room.
pub(super) struct MiniChat {
    room: ChatId,
    members: HashSet<UserId>,
}

impl MiniChat {
    pub(super) async fn begin(
        client: ClientContext,
        room: ChatId,
    ) -> Result<(Self, Option<Frame>), Failure> {
        let gathering = client.services.chats.gathering(&client.caller, &[room]).await?;
        let members = gathering.of(room).iter().map(|member| member.user.id).collect();
        Ok((Self { room, members }, None))
    }
}

impl Speaker for MiniChat {
    const NAME: &'static str = NAME;
    type Note = ();

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<()> {
        let room = self.room;
        typed::reply(client, parse(&text), async move |client, request| {
            answer(client, room, request).await
        })
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        let in_room = delivery.event.body.chat() == Some(self.room);
        match &delivery.event.body {
            EventBody::MemberJoined(member) if in_room => {
                self.members.insert(member.user.id);
                Push::Now(None)
            }
            EventBody::MemberLeft(member) if in_room => {
                self.members.remove(&member.user.id);
                Push::Now(None)
            }
            EventBody::MessageCreated(_) | EventBody::Typing { .. } | EventBody::Read { .. }
                if in_room =>
            {
                shared(client, delivery, &MiniChatCodec)
            }
            EventBody::Presence { user, .. } if self.members.contains(user) => {
                shared(client, delivery, &MiniChatCodec)
            }
            EventBody::ChatDeleted(_) if in_room => {
                Push::Now(Some(typed::error("This room was deleted.")))
            }
            _ => Push::Now(None),
        }
    }
}

/// What this dialect is called.
pub(super) const NAME: &str = "minichat";

/// Makes the frames of this dialect.
pub(super) struct MiniChatCodec;

impl Codec for MiniChatCodec {
    fn protocol(&self) -> &'static str {
        NAME
    }

    fn encode(&self, delivery: &Delivery) -> Option<Frame> {
        let context = EventContext::known(delivery)?;
        let who = context.who.as_ref();
        match &delivery.event.body {
            EventBody::MessageCreated(message) => {
                Some(render::said(&render::message(message, who, false)))
            }
            EventBody::Typing { user, until, .. } => {
                Some(render::typing(*user, who, until.is_some()))
            }
            EventBody::Read { user, .. } => Some(render::read(*user, context.read.as_ref()?.id)),
            EventBody::Presence { user, online, last_seen_at } => {
                Some(render::status(*user, who, *online, *last_seen_at))
            }
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
        Request::Read(message) => {
            let message = match message {
                Some(id) => Some(services.messages.get(caller, room, id).await?),
                None => services.chats.get(caller, room).await?.last_message,
            };
            let Some(Message { id, seq, .. }) = message else { return Ok(None) };
            let marker = services.chats.mark_read(caller, room, seq).await?;
            return Ok(marker.moved.is_none().then(|| render::read(caller.user, id)));
        }
    }
    Ok(None)
}
