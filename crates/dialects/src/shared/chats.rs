//! Chats and their history, as several dialects list them: bare arrays, without whispers.

use super::lists::Part;
use super::words::people;
use crate::shared::services::Services;
use domain::chat::{ChatCursor, ChatKind, ChatQuery, ChatView, Gathering, GetError};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId, UserId};
use domain::limits::{CHAT_PAGE_MAX, PAGE_BYTES};
use domain::message::Message;
use domain::presence::Visible;
use domain::session::Caller;
use domain::size;
use domain::user::User;
use std::collections::HashMap;

/// Whether chats of this kind are shown in lists of chats. Whispers belong to the chat around them.
pub(crate) fn is_listed(kind: ChatKind) -> bool {
    !matches!(kind, ChatKind::Whisper(_))
}

/// A page of the caller's chats, the most recently active first, and the id to continue after; `None` if
/// these were the last.
pub(crate) async fn mine(
    services: &Services,
    caller: &Caller,
    part: &Part<ChatId>,
) -> Result<(Vec<ChatView>, Option<i64>), Failure> {
    // These protocols continue after a chat, and the store after a place in the order of activity.
    let mut after = match part.before {
        Some(chat) => Some(cursor(&services.chats.get(caller, chat).await?)),
        None => None,
    };
    let mut views: Vec<ChatView> = Vec::new();
    loop {
        let limit = CHAT_PAGE_MAX;
        let page = services
            .chats
            .list(caller, ChatQuery { archived: None, whispers: true, after, limit })
            .await?;
        after = page.chats.last().map(cursor);
        // Pages are read until enough chats are left after the filter, so that whispers do not make a page short.
        views.extend(page.chats.into_iter().filter(|view| is_listed(view.chat.kind)));
        let fitting = size::fitting(views.iter().map(ChatView::size), PAGE_BYTES).min(part.limit);
        let full = views.len() > fitting || (views.len() == part.limit && page.more);
        if full || !page.more {
            views.truncate(fitting);
            let next = views.last().filter(|_| full).map(|view| view.chat.id.get());
            return Ok((views, next));
        }
    }
}

fn cursor(view: &ChatView) -> ChatCursor {
    ChatCursor { active_at: view.active_at, chat: view.chat.id }
}

/// A chat that the caller is in. `NotFound` for whispers, too.
pub(crate) async fn one(
    services: &Services,
    caller: &Caller,
    chat: ChatId,
) -> Result<ChatView, Failure> {
    let view = services.chats.get(caller, chat).await?;
    if is_listed(view.chat.kind) { Ok(view) } else { Err(GetError::NotFound.into()) }
}

/// How many pages are read for one answer when messages were deleted. It bounds the cost of a request in a chat
/// where most were; the client gets a short page and the place to continue from.
const LOOKS: usize = 10;

/// The newest messages of a chat without tombstones, oldest first, and the id to continue before; `None` if there
/// are no older ones. Older messages are read in place of deleted ones.
pub(crate) async fn history(
    services: &Services,
    caller: &Caller,
    chat: ChatId,
    part: &Part<MessageId>,
) -> Result<(Vec<Message>, Option<i64>), Failure> {
    let before = match part.before {
        Some(id) => Some(services.messages.get(caller, chat, id).await?.seq),
        None => None,
    };
    let (mut shown, mut before, mut next) = (Vec::new(), before, None);
    for _ in 0..LOOKS {
        let wanted = part.limit - shown.len();
        let found = services.messages.newest(caller, chat, before, wanted).await;
        let (messages, older) = found.map_err(GetError::from)?;
        let first = messages.first().map(|message| (message.id.get(), message.seq));
        // If a page is short, the limit on its size in bytes ended it; the answer ends there, too.
        let is_cut = messages.len() < wanted;
        let there = messages.into_iter().filter(|message| message.deleted_at.is_none());
        shown.splice(0..0, there);
        let Some((id, seq)) = first.filter(|_| older) else { return Ok((shown, None)) };
        let bytes: usize = shown.iter().map(Message::size).sum();
        if is_cut || shown.len() >= part.limit || bytes >= PAGE_BYTES {
            return Ok((shown, Some(id)));
        }
        (next, before) = (Some(id), Some(seq));
    }
    Ok((shown, next))
}

/// What these protocols show along with chats and messages.
#[derive(Default)]
pub(crate) struct Beside {
    /// Who is in the chats.
    pub(crate) gathering: Gathering,
    /// Who wrote the messages, and who is in the chats.
    pub(crate) people: HashMap<UserId, User>,
}

impl Beside {
    /// Looks it up for these chats and messages.
    pub(crate) async fn of(
        services: &Services,
        caller: &Caller,
        chats: &[ChatId],
        messages: impl IntoIterator<Item = &Message>,
    ) -> Result<Self, Failure> {
        let gathering = services.chats.gathering(caller, chats).await?;
        let members = gathering.members.values().flatten().map(|member| member.user.id);
        let authors = messages.into_iter().map(|message| message.author);
        let people = people(services, members.chain(authors).collect::<Vec<_>>()).await?;
        Ok(Self { gathering, people })
    }
}

/// People, and which of them the caller may see online.
pub(crate) struct Crowd {
    pub(crate) people: Vec<User>,
    pub(crate) visible: Visible,
}

impl Crowd {
    pub(crate) async fn of(
        services: &Services,
        caller: &Caller,
        people: Vec<User>,
    ) -> Result<Self, Failure> {
        let ids: Vec<_> = people.iter().map(|user| user.id).collect();
        let visible = services.presence.online(caller, &ids).await?;
        Ok(Self { people, visible })
    }
}
