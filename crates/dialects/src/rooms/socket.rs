//! What a client in a room may ask for, and what it is told.

use super::parse::{Recipient, Request, parse};
use super::render::{self, RoomsCodec};
use super::shown::{self, History};
use crate::shared::deleting::delete_message;
use crate::shared::event_context::EventContext;
use crate::shared::lists::{Part, ROWS};
use crate::shared::open::{Reply, Speaker, shared, with_context};
use crate::shared::services::ClientContext;
use crate::shared::typed;
use bytestring::ByteString;
use domain::chat::GetError;
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{ChangeRefusal, Message, Send};
use http_core::metrics::send;
use http_core::rate_limit::Class;
use realtime::{Delivery, Frame, Push};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A client in a room.
pub(super) struct Rooms {
    room: ChatId,
    /// Who is a member, as far as the client was told.
    members: HashSet<UserId>,
    /// Of whom the client was told that they came or went.
    told: HashMap<UserId, bool>,
    /// Up to where the history went that the client was given.
    last: HashMap<ChatId, MessageId>,
}

impl Rooms {
    pub(super) async fn begin(
        client: ClientContext,
        room: ChatId,
    ) -> Result<(Self, Option<Frame>), Failure> {
        let ClientContext { services, caller, .. } = &client;
        let part = Part { before: None, limit: ROWS };
        let history = History::of(services, caller, room, &part).await?;
        let gathering = services.chats.gathering(caller, &[room]).await?;
        let members = gathering.of(room).iter().map(|member| member.user.id).collect();
        let shown = shown::room(services, caller, room).await?;
        let first = render::history(&shown, &history.messages);
        Ok((Self { room, members, told: HashMap::new(), last: history.last }, Some(first)))
    }

    /// Whether it is news that somebody came or went: who comes into a room comes online, too.
    fn is_news(&mut self, user: UserId, came: bool) -> bool {
        self.told.insert(user, came) != Some(came)
    }
}

impl Speaker for Rooms {
    const NAME: &'static str = render::NAME;
    type Note = ();

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<()> {
        let room = self.room;
        typed::reply(client, parse(&text), async move |client, request| {
            answer(client, room, request).await.map(|()| None)
        })
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        let (nothing, room) = (Push::Now(None), self.room);
        let in_room = delivery.event.body.chat() == Some(room);
        match &delivery.event.body {
            EventBody::MessageCreated(message) => {
                if self.last.get(&message.chat).is_some_and(|last| message.id <= *last) {
                    return nothing;
                }
                self.heard(client, delivery, in_room)
            }
            EventBody::MessageDeleted(_) => self.heard(client, delivery, in_room),
            EventBody::Typing { until: Some(_), .. } if in_room => {
                shared(client, delivery, &RoomsCodec)
            }
            EventBody::Presence { user, online, .. } if self.members.contains(user) => {
                if self.is_news(*user, *online) {
                    shared(client, delivery, &RoomsCodec)
                } else {
                    nothing
                }
            }
            EventBody::MemberJoined(member) if in_room => {
                self.members.insert(member.user.id);
                let user = &member.user;
                let person = render::named(user.id, &user.name, user.role.as_str());
                Push::Now(self.is_news(user.id, true).then(|| render::presence(true, &person)))
            }
            EventBody::MemberLeft(member) if in_room => {
                self.members.remove(&member.user.id);
                let user = &member.user;
                let person = render::named(user.id, &user.name, user.role.as_str());
                Push::Now(self.is_news(user.id, false).then(|| render::presence(false, &person)))
            }
            EventBody::ChatDeleted(_) if in_room => {
                Push::Now(Some(typed::error("This room was deleted.")))
            }
            _ => nothing,
        }
    }
}

impl Rooms {
    /// What was said in the room, or in private there.
    fn heard(&self, client: &ClientContext, delivery: &Arc<Delivery>, in_room: bool) -> Push {
        if in_room {
            return shared(client, delivery, &RoomsCodec);
        }
        let room = self.room;
        with_context(client, delivery, move |_, delivery| async move {
            let chat = EventContext::known(&delivery).and_then(|context| context.chat.as_ref());
            let here = chat.is_some_and(|chat| chat.chat.kind.parent() == Some(room));
            Ok(if here { delivery.frame(&RoomsCodec) } else { None })
        })
    }
}

async fn answer(client: &ClientContext, room: ChatId, request: Request) -> Result<(), Failure> {
    let ClientContext { services, caller, .. } = client;
    let writes = !matches!(request, Request::Typing);
    client.count(if writes { Class::Send } else { Class::Other })?;
    match request {
        Request::Send { text, to } => {
            let to = match to {
                Some(Recipient::Id(id)) => Some(id),
                Some(Recipient::Name(name)) => Some(services.users.named(&name).await?.id),
                None => None,
            };
            let command = Send { to, ..Send::new(room, &text) };
            send(&services.messages, caller, command).await?;
        }
        Request::Typing => services.typing.set(caller, room, true).await?,
        Request::Delete(id) => {
            let message = message(client, room, id).await?;
            delete_message(services, caller, &message).await?;
        }
    }
    Ok(())
}

/// A message in the room, or in private there, unless it was deleted.
async fn message(client: &ClientContext, room: ChatId, id: MessageId) -> Result<Message, Failure> {
    let ClientContext { services, caller, .. } = client;
    let message = services.messages.find(caller, id).await?;
    let chat = services.chats.outline(message.chat).await.map_err(GetError::from)?;
    if render::room_of(&chat) == room && message.deleted_at.is_none() {
        Ok(message)
    } else {
        Err(ChangeRefusal::NotFound.into())
    }
}
