//! What frames of some dialects have and events do not, such as names. It is looked up once for each event.

use super::pictures::Pictures;
use super::services::Services;
use domain::chat::{ChatKind, Gathering, Outline};
use domain::event::EventBody;
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId};
use domain::message::Message;
use domain::user::{FindError, User};
use realtime::Delivery;

/// Who did something, in which chat, and with which message.
#[derive(Default)]
pub(crate) struct EventContext {
    /// Who did it: the author of a message, or whoever read, types, arrived, or came online or went offline.
    pub(crate) who: Option<User>,
    /// The chat; `None` if it has been deleted meanwhile.
    pub(crate) chat: Option<Outline>,
    /// The message up to which somebody has read.
    pub(crate) read: Option<Message>,
    /// The message that a new or edited message replies to, and its author. Only in direct chats and
    /// projects' chats, since the dialects that need it show no others.
    pub(crate) answered: Option<(Message, Option<User>)>,
    /// The members of the chat of such a message, if it was edited or is a reply: frames say whether these
    /// messages were read. Nobody has read one that was just sent.
    pub(crate) gathering: Gathering,
    /// The picture of the author of a new message.
    pub(crate) pictures: Pictures,
}

impl EventContext {
    /// The context of an event. The first socket that needs it looks it up for all.
    pub(crate) async fn of<'a>(
        delivery: &'a Delivery,
        services: &Services,
    ) -> Result<&'a Self, StoreError> {
        delivery.context(async || Self::look_up(delivery, services).await).await
    }

    /// The same, if it was looked up before.
    pub(crate) fn known(delivery: &Delivery) -> Option<&Self> {
        delivery.known_context()
    }

    async fn look_up(delivery: &Delivery, services: &Services) -> Result<Self, StoreError> {
        let body = &delivery.event.body;
        let (chat, who) = named(body);
        let read = match body {
            EventBody::Read { chat, seq, .. } => services.messages.at(*chat, *seq).await?,
            _ => None,
        };
        let pictures = match body {
            EventBody::MessageCreated(m) => Pictures::of(services, [m.author]).await?,
            _ => Pictures::default(),
        };
        let (who, chat) = (person(services, who).await?, outline(services, chat).await?);
        let (answered, gathering) = around(body, chat.as_ref(), services).await?;
        let answered = answered.filter(|_| !delivery.hides_answered);
        Ok(Self { who, chat, read, answered, gathering, pictures })
    }
}

/// The chat and the person of an event that has only their ids.
fn named(body: &EventBody) -> (Option<ChatId>, Option<UserId>) {
    match body {
        EventBody::MessageCreated(m)
        | EventBody::MessageEdited(m)
        | EventBody::MessageUpdated(m)
        | EventBody::MessageDeleted(m) => (Some(m.chat), Some(m.author)),
        EventBody::Read { chat, user, .. }
        | EventBody::Typing { chat, user, .. }
        | EventBody::Arrived { chat, user } => (Some(*chat), Some(*user)),
        EventBody::Presence { user, .. } => (None, Some(*user)),
        EventBody::MemberJoined(m) | EventBody::MemberUpdated(m) | EventBody::MemberLeft(m) => {
            (Some(m.chat), None)
        }
        EventBody::ChatCreated { chat, .. } | EventBody::ChatUpdated(chat) => (Some(chat.id), None),
        EventBody::Starred { chat, .. } => (Some(*chat), None),
        EventBody::ChatDeleted(_)
        | EventBody::ReadAlone { .. }
        | EventBody::ChatPreferences { .. }
        | EventBody::Silenced { .. }
        | EventBody::Blocked { .. } => (None, None),
    }
}

/// The message that a message replies to, and the members of its chat; see [`EventContext::answered`] and
/// [`EventContext::gathering`].
async fn around(
    body: &EventBody,
    chat: Option<&Outline>,
    services: &Services,
) -> Result<(Option<(Message, Option<User>)>, Gathering), StoreError> {
    let kind = chat.map(|chat| chat.chat.kind);
    let message = match (kind, body) {
        (Some(ChatKind::Direct | ChatKind::Project(_)), EventBody::MessageEdited(message)) => {
            message
        }
        (Some(ChatKind::Direct | ChatKind::Project(_)), EventBody::MessageCreated(message))
            if message.reply_to.is_some() =>
        {
            message
        }
        _ => return Ok((None, Gathering::default())),
    };
    let answered = match services.messages.answered(message).await? {
        Some(answered) => {
            let author = person(services, Some(answered.author)).await?;
            Some((answered, author))
        }
        None => None,
    };
    Ok((answered, services.chats.gathered(message.chat).await?))
}

async fn outline(services: &Services, chat: Option<ChatId>) -> Result<Option<Outline>, StoreError> {
    let Some(chat) = chat else { return Ok(None) };
    match services.chats.outline(chat).await {
        Ok(outline) => Ok(Some(outline)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn person(services: &Services, who: Option<UserId>) -> Result<Option<User>, StoreError> {
    let Some(who) = who else { return Ok(None) };
    match services.users.get(who).await {
        Ok(user) => Ok(Some(user)),
        Err(FindError::Store(error)) => Err(error),
        Err(_) => Ok(None),
    }
}
