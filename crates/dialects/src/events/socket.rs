//! The requests of a client on its socket.

use super::parse::{Named, Place, Request, parse};
use super::push::{self, Chat, error, refused};
use super::{files, said};
use crate::shared::event_context::EventContext;
use crate::shared::open::{Reply, Speaker, with_context};
use crate::shared::services::ClientContext;
use bytestring::ByteString;
use domain::chat::{GetError, ProjectError};
use domain::clock::{Clock, SystemClock};
use domain::event::EventBody;
use domain::failure::WriteError;
use domain::ids::{AttachmentId, ChatId, MessageId, UserId};
use domain::limits::TYPING_LIFE;
use domain::media::OpenError;
use domain::message::{ChangeRefusal, Message, MessageText, ReadMessageError, Send, SendError};
use http_core::metrics::send;
use http_core::rate_limit::Class;
use realtime::{Delivery, Frame, Push};
use std::sync::Arc;

/// The dialect's name.
pub(super) const NAME: &str = "events";

/// A client.
pub(super) struct Events {
    /// The URL of the server, as this client reaches it: frames have complete URLs.
    pub(super) origin: Arc<str>,
}

/// A frame to answer with, or the refusal. Most requests have no answer but the push that follows from them.
type Answer = Result<Option<Frame>, Frame>;

impl Speaker for Events {
    const NAME: &'static str = NAME;
    type Note = ();

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<()> {
        Box::pin(async move {
            let answer = match parse(&text) {
                Err(why) => {
                    Err(client.count(Class::Other).err().map_or_else(|| error(&why), refused))
                }
                Ok(request) => answer(&client, request).await,
            };
            (answer.unwrap_or_else(Some), None)
        })
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        let body = &delivery.event.body;
        if let EventBody::Presence { user, online, .. } = body {
            return Push::Now(Some(push::presence(*user, *online)));
        }
        if !push::has_word(body) {
            return Push::Now(None);
        }
        if EventContext::known(delivery).is_some() {
            return Push::Now(push::frame(delivery, &client.services, &self.origin));
        }
        let origin = Arc::clone(&self.origin);
        with_context(client, delivery, move |client, delivery| {
            let frame = push::frame(&delivery, &client.services, &origin);
            async move { Ok(frame) }
        })
    }
}

async fn answer(client: &ClientContext, request: Request) -> Answer {
    use Request::{Delete, Edit, Offline, Online, Read, Send, Typing, Unknown};
    let ClientContext { services, caller, connection, .. } = client;
    let writes = matches!(request, Send { .. } | Edit { .. } | Delete(..));
    client.count(if writes { Class::Send } else { Class::Other }).map_err(refused)?;
    match request {
        Send { place, text, reply_to, files } => {
            say(client, &place, (&text, reply_to, &files)).await
        }
        Edit { place, message, text } => edit(client, &place, message, &text).await,
        Typing(place) => typing(client, &place).await,
        Read(place, message) => read(client, &place, message).await,
        Delete(place, message) => delete(client, &place, message).await,
        Online => {
            services.presence.connect(caller.user, *connection).await.map_err(refused)?;
            services.presence.repeat(caller.user, true);
            Ok(Some(push::presence(caller.user, true)))
        }
        Offline => {
            services.presence.go_offline(caller.user, *connection).await.map_err(refused)?;
            Ok(Some(push::presence(caller.user, false)))
        }
        Unknown => Ok(None),
    }
}

/// Sends a message. The first one opens the chat of two people.
async fn say(
    client: &ClientContext,
    place: &Place,
    (text, reply_to, urls): (&str, Option<MessageId>, &[String]),
) -> Answer {
    let ClientContext { services, caller, .. } = client;
    // Checked before the chat is opened, so that a message which cannot be sent opens none.
    if urls.is_empty() {
        MessageText::new(text).map_err(|why| refused(SendError::Text(why)))?;
    }
    let chat = open(client, place).await?;
    let attachments = attachments(client, urls).await?;
    let reply_to = match reply_to {
        Some(id) => there(client, chat, id).await?,
        None => None,
    };
    let command = Send { reply_to, attachments: &attachments, ..Send::new(chat, text) };
    send(&services.messages, caller, command).await.map_err(refused)?;
    Ok(None)
}

/// The message to reply to, or `None` if it does not exist any more: then the reply is sent as a plain message.
async fn there(
    client: &ClientContext,
    chat: ChatId,
    id: MessageId,
) -> Result<Option<MessageId>, Frame> {
    match client.services.messages.get(&client.caller, chat, id).await {
        Ok(found) => Ok(Some(id).filter(|_| found.deleted_at.is_none())),
        Err(WriteError::Refused(_)) => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

/// The files of these links.
async fn attachments(client: &ClientContext, urls: &[String]) -> Result<Vec<AttachmentId>, Frame> {
    let mut found = Vec::new();
    // One more than is allowed is enough for the domain to refuse the message.
    for url in urls.iter().take(domain::limits::MESSAGE_ATTACHMENTS + 1) {
        let no_file = || error(&format!("There is no file {url}"));
        let (id, key) = files::parse(url).ok_or_else(no_file)?;
        match client.services.media.linked(id, key).await {
            Ok(stored) => found.push(stored.attachment.id),
            Err(OpenError::NotFound) => return Err(no_file()),
            Err(error) => return Err(refused(error)),
        }
    }
    Ok(found)
}

async fn edit(client: &ClientContext, place: &Place, id: MessageId, text: &str) -> Answer {
    let chat = find(client, place).await?;
    match client.services.messages.edit(&client.caller, chat, id, text).await {
        Ok(_) => Ok(None),
        Err(WriteError::Refused(ChangeRefusal::NotAllowed)) => {
            Err(error(&said::not_the_author(client.caller.user, id)))
        }
        Err(WriteError::Refused(ChangeRefusal::NotFound)) => Err(error(said::WRONG_IDS)),
        Err(error) => Err(refused(error)),
    }
}

/// Passes on that the caller is typing. In a project, the original sends it to the typist, too, so it is the
/// answer there.
async fn typing(client: &ClientContext, place: &Place) -> Answer {
    let ClientContext { services, caller, .. } = client;
    let chat = open(client, place).await?;
    services.typing.set(caller, chat, true).await.map_err(refused)?;
    if let Named::Direct(_) = place.chat {
        return Ok(None);
    }
    let until = SystemClock.now().plus(TYPING_LIFE);
    Ok(outline(client, chat).await?.map(|chat| chat.typing(caller.user, until)))
}

async fn read(client: &ClientContext, place: &Place, id: MessageId) -> Answer {
    let ClientContext { services, caller, .. } = client;
    let message = message(client, place, id).await?;
    match services.messages.read(caller, id).await {
        // The push tells this client, too.
        Ok((_, true)) => Ok(None),
        Ok((_, false)) => {
            let chat = outline(client, message.chat).await?;
            Ok(chat.map(|chat| chat.read(caller.user, id)))
        }
        Err(ReadMessageError::Own | ReadMessageError::NotFound) => Err(error(said::WRONG_IDS)),
        Err(error) => Err(refused(error)),
    }
}

/// Deletes a message of the caller. The original lets only the author delete a message, so admins of a chat
/// must use the native API.
async fn delete(client: &ClientContext, place: &Place, id: MessageId) -> Answer {
    let ClientContext { services, caller, .. } = client;
    let message = message(client, place, id).await?;
    if message.author != caller.user {
        let what = if message.text.is_empty() { &place.said } else { &message.text };
        return Err(error(&said::not_the_author_of(caller.user, what)));
    }
    if message.deleted_at.is_some() {
        return Ok(Some(push::deleted(id)));
    }
    services.messages.delete(caller, message.chat, id).await.map_err(refused)?;
    Ok(None)
}

/// The chat that a client names, if it exists.
async fn find(client: &ClientContext, place: &Place) -> Result<ChatId, Frame> {
    let other = match place.chat {
        Named::Direct(two) => other(client.caller.user, two, &place.said)?,
        Named::Project(_) => return project(client, place).await,
    };
    match client.services.chats.find_direct(&client.caller, other).await {
        Ok(chat) => Ok(chat),
        Err(GetError::NotFound) => Err(error(said::WRONG_IDS)),
        Err(error) => Err(refused(error)),
    }
}

/// The same, but opens the chat of two people if it does not exist.
async fn open(client: &ClientContext, place: &Place) -> Result<ChatId, Frame> {
    let ClientContext { services, caller, .. } = client;
    let other = match place.chat {
        Named::Direct(two) => other(caller.user, two, &place.said)?,
        Named::Project(_) => return project(client, place).await,
    };
    match services.chats.find_direct(caller, other).await {
        Ok(chat) => Ok(chat),
        Err(GetError::NotFound) => {
            let opened = services.chats.open_direct(caller, other).await;
            Ok(opened.map_err(refused)?.0.chat.id)
        }
        Err(error) => Err(refused(error)),
    }
}

/// The chat of a project that the client is in.
async fn project(client: &ClientContext, place: &Place) -> Result<ChatId, Frame> {
    let ClientContext { services, caller, .. } = client;
    let nowhere = || error(&said::not_in_project(caller.user, &place.said));
    let Named::Project(Some(project)) = place.chat else { return Err(nowhere()) };
    match services.chats.project(caller, project).await {
        Ok(view) => Ok(view.chat.id),
        Err(ProjectError::NotFound) => Err(nowhere()),
        Err(error) => Err(refused(error)),
    }
}

/// The other one of two people, if the caller is one of them.
fn other(me: UserId, two: Option<(UserId, UserId)>, said: &str) -> Result<UserId, Frame> {
    match two {
        None => Err(error(&said::not_a_direct_chat(said))),
        Some((a, b)) if a == me => Ok(b),
        Some((a, b)) if b == me => Ok(a),
        Some(_) => Err(error(&said::not_a_member(me, said))),
    }
}

/// A message in the chat that a client names.
async fn message(client: &ClientContext, place: &Place, id: MessageId) -> Result<Message, Frame> {
    let chat = find(client, place).await?;
    match client.services.messages.get(&client.caller, chat, id).await {
        Ok(message) => Ok(message),
        Err(WriteError::Refused(_)) => Err(error(said::WRONG_IDS)),
        Err(error) => Err(refused(error)),
    }
}

/// A chat in the words of this dialect.
async fn outline(client: &ClientContext, chat: ChatId) -> Result<Option<Chat>, Frame> {
    Ok(Chat::of(&client.services.chats.outline(chat).await.map_err(refused)?))
}
