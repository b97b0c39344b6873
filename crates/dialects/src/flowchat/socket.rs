//! What a client may ask for, and what it is told.

use super::parse::{Request, parse};
use super::{render, shown};
use crate::shared::chats::{self, is_listed};
use crate::shared::deleting::delete_any;
use crate::shared::event_context::EventContext;
use crate::shared::open::{Reply, Speaker, shared, with_context};
use crate::shared::services::ClientContext;
use crate::shared::typed;
use bytestring::ByteString;
use domain::chat::GetError;
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId};
use domain::message::{ChangeRefusal, Message, Send};
use http_core::metrics::send;
use http_core::rate_limit::Class;
use realtime::{Codec, Delivery, Frame, Push};
use std::sync::Arc;

/// A client.
pub(super) struct FlowChat;

impl Speaker for FlowChat {
    const NAME: &'static str = NAME;
    type Note = ();

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<()> {
        typed::reply(client, parse(&text), answer)
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        match &delivery.event.body {
            EventBody::MessageCreated(message) if render::picture(message).is_some() => {
                with_context(client, delivery, own)
            }
            EventBody::MessageCreated(_)
            | EventBody::MessageDeleted(_)
            | EventBody::Read { .. }
            | EventBody::Typing { until: Some(_), .. }
            | EventBody::Presence { .. } => shared(client, delivery, &FlowChatCodec),
            EventBody::MessageEdited(_) => with_context(client, delivery, own),
            EventBody::ChatCreated { chat, .. } if is_listed(chat.kind) => {
                let chat = chat.id;
                with_context(client, delivery, move |client, _| new_chat(client, chat))
            }
            EventBody::MemberJoined(member) if member.user.id == client.caller.user => {
                let chat = member.chat;
                with_context(client, delivery, move |client, _| new_chat(client, chat))
            }
            _ => Push::Now(None),
        }
    }
}

/// What this dialect is called.
pub(super) const NAME: &str = "flowchat";

/// Makes the frames of this dialect that are the same for everybody.
pub(super) struct FlowChatCodec;

impl Codec for FlowChatCodec {
    fn protocol(&self) -> &'static str {
        NAME
    }

    fn encode(&self, delivery: &Delivery) -> Option<Frame> {
        let context = EventContext::known(delivery)?;
        let who = context.who.as_ref();
        if let EventBody::Presence { user, online, last_seen_at } = &delivery.event.body {
            return Some(render::status(*user, *online, *last_seen_at));
        }
        let chat = context.chat.as_ref().filter(|chat| is_listed(chat.chat.kind))?.chat.id;
        match &delivery.event.body {
            EventBody::MessageCreated(message) => {
                Some(render::about("new_message", &render::message(message, who, false)))
            }
            EventBody::MessageDeleted(message) => Some(render::deleted(message)),
            EventBody::Read { user, .. } => {
                Some(render::read(chat, *user, context.read.as_ref()?.id))
            }
            EventBody::Typing { user, .. } => Some(render::typing(chat, *user, who)),
            _ => None,
        }
    }
}

/// A message as the client alone sees it: whether one that was changed has been read is no part of the
/// change, and the address of a picture is signed.
async fn own(client: ClientContext, delivery: Arc<Delivery>) -> Result<Option<Frame>, Failure> {
    let (kind, message) = match &delivery.event.body {
        EventBody::MessageCreated(message) => ("new_message", message),
        EventBody::MessageEdited(message) => ("message_edited", message),
        _ => return Ok(None),
    };
    let chat = EventContext::known(&delivery).and_then(|context| context.chat.as_ref());
    if !chat.is_some_and(|chat| is_listed(chat.chat.kind)) {
        return Ok(None);
    }
    let shown = shown::message(&client.services, &client.caller, message.clone()).await?;
    Ok(Some(render::about(kind, &shown)))
}

async fn new_chat(client: ClientContext, chat: ChatId) -> Result<Option<Frame>, Failure> {
    match client.services.chats.get(&client.caller, chat).await {
        Ok(view) if is_listed(view.chat.kind) => {
            let shown = shown::chat(&client.services, &client.caller, view).await?;
            Ok(Some(render::new_chat(&shown)))
        }
        // It is gone by now, or the person is.
        Ok(_) | Err(GetError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn answer(client: &ClientContext, request: Request) -> Result<Option<Frame>, Failure> {
    let ClientContext { services, caller, .. } = client;
    let writes = matches!(request, Request::Send(..) | Request::Edit(..) | Request::Delete(..));
    client.count(if writes { Class::Send } else { Class::Other })?;
    match request {
        Request::Send(chat, text) => {
            let chat = chats::one(services, caller, chat).await?.chat.id;
            send(&services.messages, caller, Send::new(chat, &text)).await?;
        }
        Request::Edit(id, text) => {
            let message = message(client, id).await?;
            services.messages.edit(caller, message.chat, id, &text).await?;
        }
        Request::Delete(id) => {
            delete_any(services, caller, id).await?;
        }
        Request::Read(chat) => {
            let view = chats::one(services, caller, chat).await?;
            let marker = services.chats.mark_read(caller, view.chat.id, view.last_seq).await?;
            let last = view.last_message.filter(|_| marker.moved.is_none());
            return Ok(last.map(|last| render::read(last.chat, caller.user, last.id)));
        }
        Request::Typing(chat) => {
            let chat = chats::one(services, caller, chat).await?.chat.id;
            services.typing.set(caller, chat, true).await?;
        }
    }
    Ok(None)
}

/// A message that the client may see, unless it was deleted.
async fn message(client: &ClientContext, id: MessageId) -> Result<Message, Failure> {
    let found = client.services.messages.find(&client.caller, id).await?;
    if found.deleted_at.is_none() { Ok(found) } else { Err(ChangeRefusal::NotFound.into()) }
}
