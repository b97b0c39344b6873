//! Chats with their messages, as one person sees them.

use super::parse::{Family, Filter};
use super::render::{self, Marks};
use crate::shared::services::ClientContext;
use crate::shared::words::{last_shown, people};
use domain::chat::{ChatQuery, ChatView};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId};
use domain::limits::{CHAT_PAGE_MAX, PAGE_MAX};
use domain::message::Message;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Chats in one answer.
const CHATS: usize = 1_000;
/// Messages of one chat in an answer.
const MESSAGES_OF_CHAT: usize = 1_000;
/// Messages in one answer.
const MESSAGES: usize = 5_000;

/// The client's chats of a family, the one active last first, with their messages.
pub(super) async fn all(
    client: &ClientContext,
    family: Family,
    filter: Filter,
) -> Result<Vec<Value>, Failure> {
    let stars = stars(client).await?;
    let mut views = views(client).await?;
    views.retain(|view| Family::of(view.chat.kind) == Some(family));
    let most = share(views.iter().map(|view| number(view, filter, &stars)).collect());
    let mut shown = Vec::new();
    for view in views {
        let messages = messages(client, &view, filter, (&stars, most)).await?;
        shown.push(with_messages(client, family, &view, (messages, &stars)).await?);
    }
    Ok(shown)
}

/// How many messages of a chat may pass the filter.
fn number(view: &ChatView, filter: Filter, stars: &Stars) -> usize {
    let number = match filter {
        Filter::All => view.last_seq.get(),
        Filter::Unread => view.last_seq.get() - view.read_seq.get(),
        Filter::Stared => return stars.get(&view.chat.id).map_or(0, Vec::len),
    };
    usize::try_from(number).unwrap_or(0)
}

/// How many messages of each chat are shown, when there are so many: chats with few are shown whole, and
/// what room is left is for the others in equal parts.
fn share(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    let (mut room, mut chats) = (MESSAGES, numbers.len());
    for number in numbers {
        if number.min(MESSAGES_OF_CHAT) * chats > room {
            return room / chats;
        }
        room -= number.min(MESSAGES_OF_CHAT);
        chats -= 1;
    }
    MESSAGES_OF_CHAT
}

/// One chat as the client sees it, with all its messages.
pub(super) async fn one(client: &ClientContext, view: &ChatView) -> Result<Option<Value>, Failure> {
    let Some(family) = Family::of(view.chat.kind) else { return Ok(None) };
    let stars = stars(client).await?;
    let messages = messages(client, view, Filter::All, (&stars, MESSAGES_OF_CHAT)).await?;
    with_messages(client, family, view, (messages, &stars)).await.map(Some)
}

/// The client's chats of all kinds.
pub(super) async fn views(client: &ClientContext) -> Result<Vec<ChatView>, Failure> {
    let mut views: Vec<ChatView> = Vec::new();
    let mut after = None;
    loop {
        let query = ChatQuery { archived: None, after, limit: CHAT_PAGE_MAX };
        let page = client.services.chats.list(&client.caller, query).await?;
        let last = page.chats.last();
        after = last
            .map(|last| domain::chat::ChatCursor { active_at: last.active_at, chat: last.chat.id });
        views.extend(page.chats);
        if !page.more || views.len() >= CHATS {
            return Ok(views);
        }
    }
}

/// What the viewer knows of a message beside it.
pub(super) async fn marks(client: &ClientContext, message: &Message) -> Result<Marks, Failure> {
    use domain::message::Page;
    let ClientContext { services, caller, .. } = client;
    let view = services.chats.get(caller, message.chat).await?;
    let here = Page::Before(message.seq.next());
    let page = services.messages.page(caller, message.chat, here, 1).await?;
    let stared = page.starred.contains(&message.id);
    Ok(Marks { unread: is_unread(client, &view, message), stared })
}

fn is_unread(client: &ClientContext, view: &ChatView, message: &Message) -> bool {
    message.author != client.caller.user && message.seq > view.read_seq
}

type Stars = HashMap<ChatId, Vec<Message>>;

/// The client's stars, by chat.
async fn stars(client: &ClientContext) -> Result<Stars, Failure> {
    let mut stars = Stars::new();
    let mut before = None;
    loop {
        let page = client.services.messages.starred(&client.caller, before, PAGE_MAX).await?;
        before = page.messages.last().map(|message| message.id);
        for message in page.messages {
            stars.entry(message.chat).or_default().push(message);
        }
        if !page.more {
            return Ok(stars);
        }
    }
}

/// The newest messages that pass the filter, the oldest of them first.
async fn messages(
    client: &ClientContext,
    view: &ChatView,
    filter: Filter,
    (stars, most): (&Stars, usize),
) -> Result<Vec<Message>, Failure> {
    let chat = view.chat.id;
    if filter == Filter::Stared {
        let stared = stars.get(&chat).into_iter().flatten().take(most).cloned();
        let mut stared: Vec<_> = stared.collect();
        stared.reverse();
        return Ok(stared);
    }
    if filter == Filter::Unread && view.unread_count == 0 {
        return Ok(Vec::new());
    }
    let (mut newest, _) = client.services.messages.newest(&client.caller, chat, None, most).await?;
    newest.retain(|message| {
        message.deleted_at.is_none() && (filter == Filter::All || is_unread(client, view, message))
    });
    Ok(newest)
}

async fn with_messages(
    client: &ClientContext,
    family: Family,
    view: &ChatView,
    (messages, stars): (Vec<Message>, &Stars),
) -> Result<Value, Failure> {
    let authors = messages.iter().map(|message| message.author);
    let people = people(&client.services, authors).await?;
    let stared: HashSet<MessageId> =
        stars.get(&view.chat.id).into_iter().flatten().map(|message| message.id).collect();
    let shown = messages.iter().map(|message| {
        let unread = is_unread(client, view, message);
        let marks = Marks { unread, stared: stared.contains(&message.id) };
        render::message(family, message, people.get(&message.author), marks)
    });
    let shown: Vec<_> = shown.collect();
    let last = last_shown(&client.services, &client.caller, view).await?;
    Ok(render::chat(view, &shown, last.as_ref(), &people))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chat_has_its_share() {
        assert_eq!(share(Vec::new()), MESSAGES_OF_CHAT);
        assert_eq!(share(vec![900; 5]), MESSAGES_OF_CHAT);
        assert_eq!(share(vec![900; 7]), MESSAGES / 7);
        assert_eq!(share(vec![5_000; 5]), MESSAGES_OF_CHAT);
        assert_eq!(share(vec![2_000, 10, 2_000, 990, 2_000, 2_000, 2_000, 0]), 4_990 / 6);
        assert_eq!(share(vec![900; CHATS]), MESSAGES / CHATS);
    }
}
