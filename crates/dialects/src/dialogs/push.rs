//! Events as frames for one client.

use super::parse::Family;
use super::render::{self, Marks};
use super::shown;
use super::socket::Known;
use crate::shared::event_context::EventContext;
use crate::shared::open::with_context;
use crate::shared::services::ClientContext;
use domain::chat::GetError;
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::ChatId;
use realtime::{Delivery, Push};
use std::rc::Rc;
use std::sync::Arc;

/// The frame of an event, with what the client calls events of groups, and what it called this one if it
/// asked for it.
pub(super) fn push(
    client: &ClientContext,
    delivery: &Arc<Delivery>,
    known: &Known,
    (groups, event): (&'static str, Option<String>),
) -> Push {
    match &delivery.event.body {
        EventBody::ChatDeleted(chat) => {
            let family = known.borrow_mut().remove(chat);
            Push::Now(family.map(|family| {
                let event = event.unwrap_or_else(|| family.event(groups, "delete"));
                render::ok(&event, &render::gone(family, *chat))
            }))
        }
        EventBody::MessageUpdated(_)
        | EventBody::MemberUpdated(_)
        | EventBody::ChatUpdated(_)
        | EventBody::ChatPreferences { .. }
        | EventBody::Blocked { .. }
        | EventBody::Typing { .. }
        | EventBody::Presence { .. } => Push::Now(None),
        _ => {
            let known = Rc::clone(known);
            with_context(client, delivery, move |client, delivery| {
                let (known, event) = (Rc::clone(&known), event.clone());
                async move {
                    let Some(context) = EventContext::known(&delivery) else { return Ok(None) };
                    let Some(chat) = &context.chat else { return Ok(None) };
                    let Some(family) = Family::of(chat.chat.kind) else { return Ok(None) };
                    known.borrow_mut().insert(chat.chat.id, family);
                    let body = &delivery.event.body;
                    let done = frame(&client, (family, chat.chat.id), body, context).await?;
                    Ok(done.map(|(verb, data)| {
                        render::ok(&event.unwrap_or_else(|| family.event(groups, verb)), &data)
                    }))
                }
            })
        }
    }
}

type Said = Option<(&'static str, serde_json::Value)>;

async fn frame(
    client: &ClientContext,
    (family, chat): (Family, ChatId),
    body: &EventBody,
    context: &EventContext,
) -> Result<Said, Failure> {
    let who = context.who.as_ref();
    Ok(match body {
        EventBody::MessageCreated(message) => {
            let unread = message.author != client.caller.user;
            let marks = Marks { unread, stared: false };
            Some(("message.send", render::message(family, message, who, marks)))
        }
        EventBody::MessageEdited(message) => {
            let marks = match shown::marks(client, message).await {
                Ok(marks) => marks,
                // The viewer is out of the chat by now.
                Err(failure) if failure.kind == domain::failure::Kind::NotFound => return Ok(None),
                Err(failure) => return Err(failure),
            };
            Some(("message.update", render::message(family, message, who, marks)))
        }
        EventBody::MessageDeleted(message) => {
            Some(("message.delete", render::numbers(family, chat, message.id)))
        }
        EventBody::Read { .. } => context
            .read
            .as_ref()
            .map(|message| ("message.read", render::numbers(family, chat, message.id))),
        EventBody::Starred { message, on, .. } => {
            Some(("message.star", render::star(family, chat, *message, *on)))
        }
        EventBody::ChatCreated { .. } => {
            match client.services.chats.get(&client.caller, chat).await {
                Ok(view) => shown::one(client, &view).await?.map(|data| ("create", data)),
                Err(GetError::NotFound) => None,
                Err(error) => return Err(error.into()),
            }
        }
        EventBody::MemberJoined(member) => {
            let user = &member.user;
            Some(("join", render::person(family, chat, user.id, &user.name)))
        }
        EventBody::MemberLeft(member) => {
            let user = &member.user;
            Some(("leave", render::person(family, chat, user.id, &user.name)))
        }
        _ => None,
    })
}
