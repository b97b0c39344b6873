//! Chats with their messages, as one person sees them.

use super::parse::{Family, Filter};
use super::render::{self, Marks};
use crate::shared::services::ClientContext;
use crate::shared::words::{last_shown, people};
use domain::chat::{ChatQuery, ChatView};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId};
use domain::limits::{CHAT_PAGE_MAX, PAGE_MAX, WINDOW_BYTES};
use domain::message::Message;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Chats in one answer.
const CHATS: usize = 1_000;
/// Messages of one chat in an answer.
const MESSAGES_OF_CHAT: usize = 1_000;
/// Messages in one answer.
const MESSAGES: usize = 5_000;

/// The client's chats of a family, the one active last first, with their messages: as much as comes to
/// [`WINDOW_BYTES`]. Past it chats are shown without messages.
pub(super) async fn all(
    client: &ClientContext,
    family: Family,
    filter: Filter,
) -> Result<Vec<Value>, Failure> {
    let stared = match filter {
        Filter::Stared => stared(client).await?,
        Filter::All | Filter::Unread => Stared::new(),
    };
    let mut views = views(client).await?;
    views.retain(|view| Family::of(view.chat.kind) == Some(family));
    let most = share(views.iter().map(|view| number(view, filter, &stared)).collect());
    let (mut shown, mut room) = (Vec::new(), WINDOW_BYTES);
    for view in views {
        let most = if room == 0 { 0 } else { most };
        let mut messages = messages(client, &view, filter, (&stared, most)).await?;
        cut(&mut messages, &mut room);
        shown.push(with_messages(client, family, &view, messages).await?);
    }
    Ok(shown)
}

/// Leaves the newest messages that come to so many bytes, and takes these off the room. There may be room
/// for none.
fn cut(messages: &mut Vec<Message>, room: &mut usize) {
    let newest_first = messages.iter().rev().map(Message::size);
    let fits = newest_first.take_while(|size| {
        let left = room.checked_sub(*size);
        *room = left.unwrap_or(0);
        left.is_some()
    });
    let surplus = messages.len() - fits.count();
    messages.drain(..surplus);
}

/// How many messages of a chat may pass the filter.
fn number(view: &ChatView, filter: Filter, stared: &Stared) -> usize {
    let number = match filter {
        Filter::All => view.last_seq.get(),
        Filter::Unread => view.last_seq.get() - view.read_seq.get(),
        Filter::Stared => return stared.get(&view.chat.id).map_or(0, Vec::len),
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
    let all = (&Stared::new(), MESSAGES_OF_CHAT);
    let messages = messages(client, view, Filter::All, all).await?;
    with_messages(client, family, view, messages).await.map(Some)
}

/// The client's chats of all kinds. When what was said last comes to more than [`WINDOW_BYTES`], it is
/// left out of the others.
pub(super) async fn views(client: &ClientContext) -> Result<Vec<ChatView>, Failure> {
    let mut views: Vec<ChatView> = Vec::new();
    let (mut after, mut room) = (None, WINDOW_BYTES);
    loop {
        let query = ChatQuery { archived: None, after, limit: CHAT_PAGE_MAX };
        let page = client.services.chats.list(&client.caller, query).await?;
        let last = page.chats.last();
        after = last
            .map(|last| domain::chat::ChatCursor { active_at: last.active_at, chat: last.chat.id });
        for mut view in page.chats {
            let last = view.last_message.as_ref().map_or(0, Message::size);
            if last > room {
                view.last_message = None;
            }
            room = room.saturating_sub(last);
            views.push(view);
        }
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

type Stared = HashMap<ChatId, Vec<Message>>;

/// The newest messages with the client's star, by chat.
async fn stared(client: &ClientContext) -> Result<Stared, Failure> {
    let (mut stared, mut room) = (Stared::new(), WINDOW_BYTES);
    let mut before = None;
    loop {
        let page = client.services.messages.starred(&client.caller, before, PAGE_MAX).await?;
        before = page.messages.last().map(|message| message.id);
        for message in page.messages {
            let Some(left) = room.checked_sub(message.size()) else { return Ok(stared) };
            room = left;
            stared.entry(message.chat).or_default().push(message);
        }
        if !page.more {
            return Ok(stared);
        }
    }
}

/// The newest messages that pass the filter, the oldest of them first.
async fn messages(
    client: &ClientContext,
    view: &ChatView,
    filter: Filter,
    (stared, most): (&Stared, usize),
) -> Result<Vec<Message>, Failure> {
    let chat = view.chat.id;
    if filter == Filter::Stared {
        let stared = stared.get(&chat).into_iter().flatten().take(most).cloned();
        let mut stared: Vec<_> = stared.collect();
        stared.reverse();
        return Ok(stared);
    }
    if most == 0 || (filter == Filter::Unread && view.unread_count == 0) {
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
    messages: Vec<Message>,
) -> Result<Value, Failure> {
    let authors = messages.iter().map(|message| message.author);
    let people = people(&client.services, authors).await?;
    let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
    let stared = client.services.messages.starred_among(&client.caller, &ids).await?;
    let stared: HashSet<MessageId> = stared.into_iter().collect();
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
