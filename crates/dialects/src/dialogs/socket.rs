//! What a client may ask for.

use super::parse::{Family, Parsed, Request};
use super::{groups, push, render, shown};
use crate::shared::open::{Reply, Speaker};
use crate::shared::services::ClientContext;
use bytestring::ByteString;
use domain::chat::{ChatView, GetError};
use domain::failure::{Failure, Kind};
use domain::ids::{ChatId, MessageId, Version};
use domain::message::{ChangeError, ChangeRefusal, Message, Send};
use http_core::metrics::send;
use http_core::rate_limit::Class;
use realtime::{Delivery, Push};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// What this dialect is called.
pub(super) const NAME: &str = "dialogs";

/// A client.
pub(super) struct Dialogs {
    /// Which chats are what, since one that is gone cannot be asked any more.
    pub(super) known: Known,
    /// What the client calls the event of a change that it asked for itself.
    asked: HashMap<(ChatId, Version), String>,
    /// What the client's names of events of groups begin with.
    groups: &'static str,
}

/// The families of chats.
pub(super) type Known = Rc<RefCell<HashMap<ChatId, Family>>>;

/// A change that the client asked for under that name.
pub(super) struct Asked {
    change: (ChatId, Version),
    event: String,
}

/// What comes of a request.
enum Done {
    /// The answer.
    Answer(serde_json::Value),
    /// The push of this change is the answer.
    Pushed(ChatId, Version),
    /// Something that is pushed under its own name is the answer.
    Told,
    /// It is refused, in words of this dialect.
    Refused(&'static str),
}

impl Dialogs {
    pub(super) async fn begin(client: ClientContext) -> Result<Self, Failure> {
        let views = shown::views(&client).await?;
        let family = |view: &ChatView| Some((view.chat.id, Family::of(view.chat.kind)?));
        let known = views.iter().filter_map(family).collect();
        let known = Rc::new(RefCell::new(known));
        Ok(Self { known, asked: HashMap::new(), groups: Family::Group.word() })
    }
}

impl Speaker for Dialogs {
    const NAME: &'static str = NAME;
    type Note = Asked;

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<Asked> {
        let parsed = Parsed::new(&text);
        self.groups = parsed.as_ref().and_then(Parsed::groups).unwrap_or(self.groups);
        Box::pin(async move {
            let Some(Parsed { event, request }) = parsed else {
                return (Some(render::error(None, "Invalid format")), None);
            };
            let done = match request {
                Err(flaw) => Ok(Done::Refused(flaw)),
                Ok(request) => answer(&client, request).await,
            };
            match done {
                Ok(Done::Answer(data)) => (Some(render::ok(&event, &data)), None),
                Ok(Done::Pushed(chat, version)) => {
                    (None, Some(Asked { change: (chat, version), event }))
                }
                Ok(Done::Told) => (None, None),
                Ok(Done::Refused(why)) => (Some(render::error(Some(&event), why)), None),
                Err(failure) => (Some(render::refused(&event, &failure)), None),
            }
        })
    }

    fn answered(&mut self, Asked { change, event }: Asked) {
        self.asked.insert(change, event);
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        let change = delivery.event.body.version();
        let event = change.and_then(|change| self.asked.remove(&change));
        push::push(client, delivery, &self.known, (self.groups, event))
    }
}

async fn answer(client: &ClientContext, request: Request) -> Result<Done, Failure> {
    let ClientContext { services, caller, .. } = client;
    let writes =
        matches!(request, Request::Send(..) | Request::Update(..) | Request::DeleteMessage(..));
    client.count(if writes { Class::Send } else { Class::Other })?;
    match request {
        Request::Authenticate { token } => {
            let again = services.sessions.recognise(&token).await;
            let same = again.is_ok_and(|again| again.user == caller.user);
            if !same {
                return Ok(Done::Refused("Authorization failed"));
            }
            Ok(Done::Answer(serde_json::json!({"detail": "Authorization successed"})))
        }
        Request::Get(family, filter) => {
            Ok(Done::Answer(shown::all(client, family, filter).await?.into()))
        }
        Request::CreateDialog(user) => match services.chats.open_direct(caller, user).await {
            Ok((_, true)) => Ok(Done::Told),
            Ok((_, false)) => Ok(Done::Refused("Dialog with these 2 person already exist")),
            Err(error) => refused_if_missing(error.into(), "Profile does not exist"),
        },
        Request::CreateGroup { slug, description } => {
            match groups::create(client, &slug, &description).await? {
                Some(_) => Ok(Done::Told),
                None => Ok(Done::Refused("Group with this slug already exist")),
            }
        }
        Request::Join(chat) => match groups::join(client, chat).await {
            Ok((_, true)) => Ok(Done::Refused("You are already in this group")),
            Ok((_, false)) => Ok(Done::Told),
            Err(failure) => refused_if_missing(failure, Family::Group.missing()),
        },
        Request::Delete(family, id) => {
            let Some(chat) = chat(client, family, id).await? else {
                return Ok(Done::Refused(family.missing()));
            };
            services.chats.delete(caller, chat.chat.id).await?;
            Ok(Done::Told)
        }
        Request::Send(family, id, text) => {
            let Some(chat) = chat(client, family, id).await? else {
                return Ok(Done::Refused(family.missing()));
            };
            let sent = send(&services.messages, caller, Send::new(chat.chat.id, &text)).await?;
            Ok(Done::Pushed(sent.message.chat, sent.message.version))
        }
        Request::DeleteMessage(family, id)
        | Request::Update(family, id, _)
        | Request::Star(family, id, _)
        | Request::Read(family, id) => match message(client, family, id).await? {
            Some(message) => with_message(client, request, &message).await,
            None => Ok(Done::Refused("Message doesn't exist")),
        },
    }
}

/// What is done with a message that is there.
async fn with_message(
    client: &ClientContext,
    request: Request,
    message: &Message,
) -> Result<Done, Failure> {
    let ClientContext { services, caller, .. } = client;
    let (chat, id) = (message.chat, message.id);
    match request {
        Request::Update(_, _, text) => {
            let edited = services.messages.edit(caller, chat, id, &text).await?;
            Ok(Done::Pushed(chat, edited.version))
        }
        Request::Star(family, _, on) => {
            if services.messages.star(caller, id, on).await? {
                return Ok(Done::Told);
            }
            Ok(Done::Answer(render::star(family, chat, id, on)))
        }
        Request::Read(family, _) => {
            let (_, moved) = services.messages.read(caller, id).await?;
            if moved {
                return Ok(Done::Told);
            }
            Ok(Done::Answer(render::numbers(family, chat, id)))
        }
        _ => {
            let deleted = services.messages.delete(caller, chat, id).await?;
            Ok(Done::Pushed(chat, deleted.version))
        }
    }
}

/// A chat of that family that the client is in.
async fn chat(
    client: &ClientContext,
    family: Family,
    id: ChatId,
) -> Result<Option<ChatView>, Failure> {
    match client.services.chats.get(&client.caller, id).await {
        Ok(view) => Ok(Some(view).filter(|view| Family::of(view.chat.kind) == Some(family))),
        Err(GetError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A message in a chat of that family, unless it was deleted.
async fn message(
    client: &ClientContext,
    family: Family,
    id: MessageId,
) -> Result<Option<Message>, Failure> {
    let found = match client.services.messages.find(&client.caller, id).await {
        Ok(message) => message,
        Err(ChangeError::Refused(ChangeRefusal::NotFound)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let kind = client.services.chats.outline(found.chat).await?.chat.kind;
    let fits = found.deleted_at.is_none() && Family::of(kind) == Some(family);
    Ok(Some(found).filter(|_| fits))
}

fn refused_if_missing(failure: Failure, why: &'static str) -> Result<Done, Failure> {
    if failure.kind == Kind::NotFound { Ok(Done::Refused(why)) } else { Err(failure) }
}
