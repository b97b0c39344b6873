//! The sockets: one for each chat, and one for notifications. A browser opens them with its session cookie.

use super::words::NAME;
use super::{cookies, parse, refusals, render};
use crate::shared::chats;
use crate::shared::event_context::EventContext;
use crate::shared::fields::id_of;
use crate::shared::open::{DialectSocket, Reply, Slot, SocketRequest, Speaker, shared};
use crate::shared::refusal::Refused;
use crate::shared::services::ClientContext;
use actix_web::HttpResponse;
use actix_web::http::header::ORIGIN;
use actix_web::web::Path;
use bytestring::ByteString;
use domain::chat::ChatKind;
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::ChatId;
use domain::message::Send;
use domain::session::Caller;
use http_core::metrics::send;
use http_core::problem::log_cause;
use http_core::rate_limit::Class;
use realtime::{Codec, Delivery, Frame, Push, SocketTimes};
use std::sync::Arc;

/// Opens the socket for notifications.
pub(super) async fn open_notifications(
    request: SocketRequest,
) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot) = admit(&request).await?;
    request
        .open(slot, SocketTimes::DEFAULT, async move |socket: DialectSocket<'_>| {
            socket.converse(caller, async |_| Ok((News, None))).await
        })
        .await
}

/// Opens the socket of a chat, for its members.
pub(super) async fn open_chat(
    request: SocketRequest,
    id: Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot) = admit(&request).await?;
    let chat = find(&request, &caller, &id).await?;
    request
        .open(slot, SocketTimes::DEFAULT, async move |socket: DialectSocket<'_>| {
            socket.converse(caller, async |_| Ok((InChat(chat), None))).await
        })
        .await
}

/// Authenticates the request for a socket. Browsers send the cookie for any page, so the `Origin` header is
/// required.
async fn admit(request: &SocketRequest) -> Result<(Caller, Slot), Refused> {
    let slot = request.reserve_slot()?;
    if !request.request.headers().contains_key(ORIGIN) {
        return Err(refusals::log_in_again());
    }
    let caller = cookies::owner(&request.services, &request.request).await?;
    let slot = request.admit_known(&caller, slot)?;
    Ok((caller, slot))
}

async fn find(request: &SocketRequest, caller: &Caller, id: &str) -> Result<ChatId, Refused> {
    let id: ChatId = id_of(id).ok_or_else(refusals::log_in_again)?;
    let found = chats::one(&request.services, caller, id).await;
    let view = found.map_err(|failure| {
        if failure.code == "chat_not_found" { refusals::log_in_again() } else { failure.into() }
    })?;
    Ok(view.chat.id)
}

/// A client that is notified of new chats. This socket makes its owner appear online.
struct News;

impl Speaker for News {
    const NAME: &'static str = NAME;
    // The page asks for presence once, when a chat is opened, so it should be current.
    const LINGERS: bool = false;
    type Note = ();

    fn request(&mut self, client: ClientContext, _: ByteString) -> Reply<()> {
        // Clients send nothing here; frames are only counted.
        Box::pin(async move {
            let _ = client.count(Class::Other);
            (None, None)
        })
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        match &delivery.event.body {
            // Not for the one who created it, whose page would show it twice.
            EventBody::ChatCreated { chat, by, .. }
                if chat.kind == ChatKind::Direct && *by != Some(client.caller.user) =>
            {
                Push::Now(Some(render::new_chat(chat.id)))
            }
            _ => Push::Now(None),
        }
    }
}

/// A client in one chat. The page does not close the sockets of earlier chats, so a browser may have several.
struct InChat(ChatId);

impl Speaker for InChat {
    const NAME: &'static str = NAME;
    const APPEARS: bool = false;
    type Note = ();

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<()> {
        let chat = self.0;
        Box::pin(async move {
            // Errors are only logged, because the page shows every frame as a message.
            if let Err(failure) = say(&client, chat, &text).await {
                log_cause(&failure);
            }
            (None, None)
        })
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        match &delivery.event.body {
            EventBody::MessageCreated(message) if message.chat == self.0 => {
                shared(client, delivery, &FlowChatCodec)
            }
            _ => Push::Now(None),
        }
    }
}

async fn say(client: &ClientContext, chat: ChatId, frame: &str) -> Result<(), Failure> {
    let Some(text) = parse::frame(frame) else {
        return client.count(Class::Other);
    };
    client.count(Class::Send)?;
    send(&client.services.messages, &client.caller, Send::new(chat, &text)).await?;
    Ok(())
}

/// Renders the frames that are the same for everybody.
pub(super) struct FlowChatCodec;

impl Codec for FlowChatCodec {
    fn protocol(&self) -> &'static str {
        NAME
    }

    fn encode(&self, delivery: &Delivery) -> Option<Frame> {
        let context = EventContext::known(delivery)?;
        match &delivery.event.body {
            EventBody::MessageCreated(message) => Some(render::said(message, &context.pictures)),
            _ => None,
        }
    }
}
