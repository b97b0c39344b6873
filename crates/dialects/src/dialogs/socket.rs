//! The requests of a client that is signed in.

use super::age::Age;
use super::parse::{Family, Parsed, Request};
use super::shown::{self, Viewer};
use super::{groups, push, render};
use crate::shared::open::{Reply, Speaker};
use crate::shared::services::ClientContext;
use crate::texts::Dialogs;
use bytestring::ByteString;
use domain::chat::{ChatView, GetError};
use domain::failure::{Failure, Kind};
use domain::ids::{ChatId, MessageId};
use domain::message::{ChangeError, ChangeRefusal, Message, ReadMessageError, Send};
use domain::session::Caller;
use http_core::metrics::send;
use http_core::rate_limit::Class;
use realtime::{Delivery, Push};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// This dialect's name.
pub(super) const NAME: &str = "dialogs";

/// A client.
pub(super) struct DialogsClient {
    age: Age,
    /// The family of each chat, needed for events about deleted chats, which can no longer be looked up.
    known: Known,
    /// Somebody else who has signed in on this connection, which belongs to them from then on.
    next: Next,
}

/// The families of the client's chats.
pub(super) type Known = Rc<RefCell<HashMap<ChatId, Family>>>;

/// Who a connection belongs to next, if somebody else has signed in on it.
pub(super) type Next = Rc<RefCell<Option<Caller>>>;

/// The result of a request.
enum Done {
    /// An answer.
    Answer(serde_json::Value),
    /// No answer of its own: the client gets the resulting event, if there is one.
    Told,
    /// Somebody else has signed in on the connection.
    SignedIn(Caller),
    /// A refusal in this dialect's words.
    Refused(Dialogs),
}

impl DialogsClient {
    /// Starts serving a client. If somebody else signs in later, they are put into `next`.
    pub(super) async fn begin(
        client: ClientContext,
        age: Age,
        next: Next,
    ) -> Result<Self, Failure> {
        let views = shown::views(&Viewer::of(&client, age)).await?;
        let family = |view: &ChatView| Some((view.chat.id, Family::of(view.chat.kind, age)?));
        let known = views.iter().filter_map(family).collect();
        Ok(Self { age, known: Rc::new(RefCell::new(known)), next })
    }
}

impl Speaker for DialogsClient {
    const NAME: &'static str = NAME;
    type Note = Caller;

    fn request(&mut self, client: ClientContext, text: ByteString) -> Reply<Caller> {
        let age = self.age;
        Box::pin(async move {
            let Some(Parsed { event, request }) = Parsed::new(age, &text) else {
                return (Some(render::error(None, &Dialogs::InvalidFormat)), None);
            };
            let done = match request {
                Err(why) => client.count(Class::Other).map(|()| Done::Refused(why)),
                Ok(request) => answer(&client, age, request).await,
            };
            match done {
                Ok(Done::Answer(data)) => (Some(render::ok(&event, &data)), None),
                Ok(Done::Told) => (None, None),
                Ok(Done::SignedIn(caller)) => (None, Some(caller)),
                Ok(Done::Refused(why)) => (Some(render::error(Some(&event), &why)), None),
                Err(failure) => (Some(render::refused(&event, &failure)), None),
            }
        })
    }

    fn answered(&mut self, caller: Caller) {
        *self.next.borrow_mut() = Some(caller);
    }

    fn is_over(&self) -> bool {
        self.next.borrow().is_some()
    }

    fn push(&mut self, client: &ClientContext, delivery: &Arc<Delivery>) -> Push {
        push::push(client, delivery, &self.known, self.age)
    }
}

async fn answer(client: &ClientContext, age: Age, request: Request) -> Result<Done, Failure> {
    let writes =
        matches!(request, Request::Send(..) | Request::Update(..) | Request::DeleteMessage(..));
    client.count(if writes { Class::Send } else { Class::Other })?;
    let ClientContext { services, caller, .. } = client;
    let viewer = Viewer::of(client, age);
    match request {
        Request::Authenticate(token) => sign_in_again(client, token).await,
        Request::GetAll(filter) => Ok(Done::Answer(shown::whole(&viewer, filter).await?.into())),
        Request::List(family, filter) => {
            Ok(Done::Answer(shown::list(&viewer, family, filter).await?.into()))
        }
        Request::Get(family, id, filter) => {
            let Some(view) = chat(client, age, family, id).await? else {
                return Ok(Done::Refused(family.missing(age)));
            };
            let shown = shown::one(&viewer, &view, filter).await?;
            Ok(shown.map_or(Done::Refused(family.missing(age)), Done::Answer))
        }
        Request::CreateDialog(user) if user == caller.user => {
            Ok(Done::Refused(Dialogs::DialogWithOneself))
        }
        Request::CreateDialog(user) => match services.chats.open_direct(caller, user).await {
            Ok((_, true)) => Ok(Done::Told),
            Ok((_, false)) => Ok(Done::Refused(Dialogs::DialogExists)),
            Err(error) => refused_if(error.into(), Kind::NotFound, Dialogs::NoProfile),
        },
        Request::CreateGroup { slug, description } => {
            let made = groups::create(client, &slug, &description).await?;
            Ok(made.map_or(Done::Refused(Dialogs::SlugTaken(slug)), |_| Done::Told))
        }
        Request::Delete(family, id) | Request::Send(family, id, _) => {
            match chat(client, age, family, id).await? {
                Some(view) => with_chat(client, request, view.chat.id).await,
                None => Ok(Done::Refused(family.missing(age))),
            }
        }
        Request::DeleteMessage(family, id)
        | Request::Update(family, id, _)
        | Request::Star(family, id, _) => match message(client, age, family, id).await? {
            Some(message) => with_message(client, request, &message).await,
            None => Ok(Done::Refused(Dialogs::NoMessage)),
        },
        Request::Read(messages) => read(client, messages).await,
    }
}

/// Handles signing in on an open connection: clients do so if their first token had expired, and may do so at any
/// time, also as somebody else.
async fn sign_in_again(client: &ClientContext, token: Option<String>) -> Result<Done, Failure> {
    let failed = Ok(Done::Refused(Dialogs::AuthorizationFailed));
    let Some(token) = token else { return failed };
    let Ok(again) = client.services.sessions.recognise(&token).await else { return failed };
    if (again.user, again.session) != (client.caller.user, client.caller.session) {
        return Ok(Done::SignedIn(again));
    }
    Ok(Done::Answer(render::successed()))
}

/// Handles requests about a chat, which exists.
async fn with_chat(
    client: &ClientContext,
    request: Request,
    chat: ChatId,
) -> Result<Done, Failure> {
    let ClientContext { services, caller, .. } = client;
    match request {
        Request::Send(_, _, text) => {
            send(&services.messages, caller, Send::new(chat, &text)).await?;
        }
        _ => services.chats.delete(caller, chat).await?,
    }
    Ok(Done::Told)
}

/// Handles requests about a message, which exists. The client offers to change other people's messages, too,
/// which is refused.
async fn with_message(
    client: &ClientContext,
    request: Request,
    message: &Message,
) -> Result<Done, Failure> {
    let ClientContext { services, caller, .. } = client;
    let (chat, id) = (message.chat, message.id);
    match request {
        Request::Star(_, _, on) => {
            services.messages.star(caller, id, on).await?;
            Ok(Done::Answer(render::star(id, on)))
        }
        Request::Update(_, _, text) => {
            match services.messages.edit(caller, chat, id, &text).await {
                Ok(_) => Ok(Done::Told),
                Err(error) => refused_change(error, Dialogs::ForeignUpdate),
            }
        }
        _ => match services.messages.delete(caller, chat, id).await {
            Ok(_) => Ok(Done::Told),
            Err(error) => refused_change(error, Dialogs::ForeignDelete),
        },
    }
}

fn refused_change(error: ChangeError, foreign: Dialogs) -> Result<Done, Failure> {
    match error {
        ChangeError::Refused(ChangeRefusal::NotAllowed) => Ok(Done::Refused(foreign)),
        ChangeError::Refused(ChangeRefusal::NotFound | ChangeRefusal::Deleted) => {
            Ok(Done::Refused(Dialogs::NoMessage))
        }
        error => Err(error.into()),
    }
}

/// Marks messages as read, in each chat up to the last one that is named. There is no answer.
async fn read(client: &ClientContext, mut messages: Vec<MessageId>) -> Result<Done, Failure> {
    let ClientContext { services, caller, .. } = client;
    messages.sort_unstable();
    // The newest first, which makes marking the older ones a no-op.
    for id in messages.into_iter().rev() {
        match services.messages.read(caller, id).await {
            Ok(_) | Err(ReadMessageError::NotFound | ReadMessageError::Own) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Done::Told)
}

/// A chat of that family that the client is in.
async fn chat(
    client: &ClientContext,
    age: Age,
    family: Family,
    id: ChatId,
) -> Result<Option<ChatView>, Failure> {
    match client.services.chats.get(&client.caller, id).await {
        Ok(view) => Ok(Some(view).filter(|view| Family::of(view.chat.kind, age) == Some(family))),
        Err(GetError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A message in a chat of that family, unless it was deleted.
async fn message(
    client: &ClientContext,
    age: Age,
    family: Family,
    id: MessageId,
) -> Result<Option<Message>, Failure> {
    let found = match client.services.messages.find(&client.caller, id).await {
        Ok(message) => message,
        Err(ChangeError::Refused(ChangeRefusal::NotFound)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let kind = client.services.chats.outline(found.chat).await?.chat.kind;
    let fits = found.deleted_at.is_none() && Family::of(kind, age) == Some(family);
    Ok(Some(found).filter(|_| fits))
}

fn refused_if(failure: Failure, kind: Kind, why: Dialogs) -> Result<Done, Failure> {
    if failure.kind == kind { Ok(Done::Refused(why)) } else { Err(failure) }
}
