//! What a client may ask for.

use super::parse::{Place, Request, Shared, parse};
use super::render::{EventsCodec, NAME, error, has_word, presence, read, refused};
use crate::shared::deleting::delete_message;
use crate::shared::open::{Reply, Speaker, shared};
use crate::shared::services::ClientContext;
use bytestring::ByteString;
use domain::chat::{ChatKind, GetError, Pair};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{ChangeRefusal, Message, MessageText, Send, SendError, SendRefusal};
use http_core::metrics::send;
use http_core::rate_limit::Class;
use realtime::{Delivery, Frame, Push};
use std::sync::Arc;

/// A client.
pub(super) struct Events;

impl Speaker for Events {
    const NAME: &'static str = NAME;
    const APPEARS: bool = false;
    type Note = ();

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<()> {
        Box::pin(async move {
            let frame = match parse(&text) {
                Err(why) => client
                    .count(Class::Other)
                    .err()
                    .map_or_else(|| error(&why), |failure| refused(&failure)),
                Ok(request) => match answer(&client, request).await {
                    // What was done is pushed.
                    Ok(None) => return (None, None),
                    Ok(Some(frame)) => frame,
                    Err(failure) => refused(&failure),
                },
            };
            (Some(frame), None)
        })
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        if has_word(&delivery.event.body) {
            shared(client, delivery, &EventsCodec)
        } else {
            Push::Now(None)
        }
    }
}

async fn answer(client: &ClientContext, request: Request) -> Result<Option<Frame>, Failure> {
    let ClientContext { services, caller, connection, .. } = client;
    let writes = matches!(request, Request::Send { .. } | Request::Delete(..));
    client.count(if writes { Class::Send } else { Class::Other })?;
    match request {
        Request::Send { chat, text, reply_to } => {
            let chat = place_to_write(client, chat, &text, reply_to).await?;
            let command = Send { reply_to, ..Send::new(chat, &text) };
            send(&services.messages, caller, command).await?;
        }
        Request::Typing(chat) => {
            let chat = place(client, chat).await?;
            services.typing.set(caller, chat, true).await?;
        }
        Request::Read(chat, id) => {
            message(client, chat, id).await?;
            let (message, moved) = services.messages.read(caller, id).await?;
            if !moved {
                let outline = services.chats.outline(message.chat).await?;
                return Ok(read(&outline, caller.user, id));
            }
        }
        Request::Delete(chat, id) => {
            let message = message(client, chat, id).await?;
            if message.deleted_at.is_some() {
                return Err(ChangeRefusal::Deleted.into());
            }
            delete_message(services, caller, &message).await?;
        }
        Request::Online => {
            services.presence.connect(caller.user, *connection).await?;
            return Ok(Some(presence(caller.user, true)));
        }
        Request::Offline => {
            services.presence.go_offline(caller.user, *connection).await?;
            return Ok(Some(presence(caller.user, false)));
        }
    }
    Ok(None)
}

/// The chat that a client names.
async fn place(client: &ClientContext, place: Place) -> Result<ChatId, Failure> {
    let ClientContext { services, caller, .. } = client;
    match place {
        Place::Direct(a, b) => {
            let other = other(client, a, b).ok_or(GetError::NotFound)?;
            Ok(services.chats.find_direct(caller, other).await?)
        }
        Place::Project(project) => Ok(services.chats.project(caller, project).await?.chat.id),
        Place::Chat(shared, chat) => {
            let found = services.chats.get(caller, chat).await?.chat;
            let wanted = match shared {
                Shared::Room => ChatKind::Room,
                Shared::Group => ChatKind::Group,
            };
            if found.kind == wanted { Ok(found.id) } else { Err(GetError::NotFound.into()) }
        }
    }
}

/// The same, where the first message opens a direct chat.
async fn place_to_write(
    client: &ClientContext,
    wanted: Place,
    text: &str,
    reply_to: Option<MessageId>,
) -> Result<ChatId, Failure> {
    let ClientContext { services, caller, .. } = client;
    let Place::Direct(a, b) = wanted else { return place(client, wanted).await };
    let other = other(client, a, b).ok_or(GetError::NotFound)?;
    match services.chats.find_direct(caller, other).await {
        Err(GetError::NotFound) => {
            // What cannot be sent opens nothing.
            MessageText::new(text).map_err(SendError::Text)?;
            if reply_to.is_some() {
                return Err(SendError::Refused(SendRefusal::ReplyNotFound).into());
            }
            let (chat, _) = services.chats.open_direct(caller, other).await?;
            Ok(chat.chat.id)
        }
        found => Ok(found?),
    }
}

/// The other one of two, if the client is one of them.
fn other(client: &ClientContext, a: UserId, b: UserId) -> Option<UserId> {
    let me = client.caller.user;
    Pair::new(a, b).has(me).then(|| if a == me { b } else { a })
}

/// A message in the chat that a client names.
async fn message(client: &ClientContext, chat: Place, id: MessageId) -> Result<Message, Failure> {
    let chat = place(client, chat).await?;
    Ok(client.services.messages.get(&client.caller, chat, id).await?)
}
