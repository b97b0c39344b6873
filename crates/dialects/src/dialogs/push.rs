//! Rendering events as frames for one client.

use super::age::Age;
use super::parse::{Family, Filter};
use super::render::{self, Marks};
use super::shown::{self, Viewer};
use super::socket::Known;
use crate::shared::event_context::EventContext;
use crate::shared::open::with_context;
use crate::shared::services::ClientContext;
use crate::shared::words::name;
use domain::chat::GetError;
use domain::event::EventBody;
use domain::failure::{Failure, Kind};
use domain::ids::ChatId;
use domain::message::Message;
use realtime::{Delivery, Push};
use serde_json::Value;
use std::rc::Rc;
use std::sync::Arc;

/// The frame of an event. The client that caused the event gets it, too, because it shows only what is pushed.
pub(super) fn push(
    client: &ClientContext,
    delivery: &Arc<Delivery>,
    known: &Known,
    age: Age,
) -> Push {
    match &delivery.event.body {
        EventBody::ChatDeleted(chat) => {
            let family = known.borrow_mut().remove(chat);
            let gone =
                |family: Family| render::ok(&family.event("delete"), &render::gone(age, *chat));
            Push::Now(family.map(gone))
        }
        EventBody::ChatCreated { .. }
        | EventBody::MemberJoined(_)
        | EventBody::MessageCreated(_)
        | EventBody::MessageEdited(_)
        | EventBody::MessageDeleted(_) => {
            let known = Rc::clone(known);
            with_context(client, delivery, move |client, delivery| {
                let known = Rc::clone(&known);
                async move {
                    let Some(context) = EventContext::known(&delivery) else { return Ok(None) };
                    let Some(chat) = &context.chat else { return Ok(None) };
                    let family = Family::of(chat.chat.kind, age);
                    let Some(family) = family else { return Ok(None) };
                    known.borrow_mut().insert(chat.chat.id, family);
                    let viewer = Viewer::of(&client, age);
                    let done = frame(&viewer, chat.chat.id, &delivery.event.body, context).await?;
                    Ok(done.map(|(verb, data)| render::ok(&family.event(verb), &data)))
                }
            })
        }
        _ => Push::Now(None),
    }
}

/// The action, and what it was done to.
type Done = Option<(&'static str, Value)>;

async fn frame(
    viewer: &Viewer<'_>,
    chat: ChatId,
    body: &EventBody,
    context: &EventContext,
) -> Result<Done, Failure> {
    let who = name(context.who.as_ref());
    let said = |message: &Message, marks| render::message(viewer.age, message, &who, marks);
    Ok(match body {
        EventBody::MessageCreated(message) => {
            let marks = Marks { unread: message.author != viewer.caller.user, stared: false };
            Some(("message.send", said(message, marks)))
        }
        EventBody::MessageEdited(message) => match shown::marks(viewer, message).await {
            Ok(marks) => Some(("message.update", said(message, marks))),
            // The viewer is no longer in the chat.
            Err(failure) if failure.kind == Kind::NotFound => None,
            Err(failure) => return Err(failure),
        },
        EventBody::MessageDeleted(message) => {
            Some(("message.delete", render::deleted(viewer.age, chat, message.id)))
        }
        EventBody::ChatCreated { .. } => {
            let view = match viewer.services.chats.get(viewer.caller, chat).await {
                Ok(view) => view,
                Err(GetError::NotFound) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            shown::one(viewer, &view, Filter::All).await?.map(|data| ("create", data))
        }
        _ => None,
    })
}
