//! Which messages of chats are in an answer. The original sends all; this sends the newest that fit.

use super::parse::Filter;
use super::shown::Viewer;
use domain::chat::ChatView;
use domain::failure::Failure;
use domain::ids::ChatId;
use domain::limits::{PAGE_BYTES, PAGE_MAX, WINDOW_BYTES};
use domain::message::Message;
use domain::size;
use std::collections::HashMap;

/// How many messages of one chat an answer has, at most.
pub(super) const MESSAGES_OF_CHAT: usize = 1_000;
/// How many messages one answer has, at most.
const MESSAGES: usize = 5_000;
/// How many messages of one chat are read to find those that are shown, at most. Deleted ones are skipped, so
/// it can be more than are shown.
const LOOKED_THROUGH: usize = 20_000;

/// Starred messages by chat, the newest first.
pub(super) type Stared = HashMap<ChatId, Vec<Message>>;

/// Whether the viewer has not read a message that somebody else wrote.
pub(super) fn is_unread(viewer: &Viewer<'_>, view: &ChatView, message: &Message) -> bool {
    let counts = message.kind.counts_as_unread();
    counts && message.author != viewer.caller.user && message.seq > view.read_seq
}

/// The newest messages with the viewer's star, as many as fit into [`WINDOW_BYTES`]; none unless the filter
/// asks for them.
pub(super) async fn stared(viewer: &Viewer<'_>, filter: Filter) -> Result<Stared, Failure> {
    let (mut stared, mut room) = (Stared::new(), WINDOW_BYTES);
    if filter != Filter::Stared {
        return Ok(stared);
    }
    let mut before = None;
    loop {
        let page = viewer.services.messages.starred(viewer.caller, before, PAGE_MAX).await?;
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

/// The newest messages of a chat that pass the filter, at most `most` and as many as fit into [`PAGE_BYTES`],
/// oldest first.
pub(super) async fn messages(
    viewer: &Viewer<'_>,
    view: &ChatView,
    filter: Filter,
    (stared, most): (&Stared, usize),
) -> Result<Vec<Message>, Failure> {
    if filter == Filter::Stared {
        let stared = stared.get(&view.chat.id).into_iter().flatten().take(most).cloned();
        let mut stared: Vec<_> = stared.collect();
        stared.reverse();
        return Ok(stared);
    }
    if most == 0 || (filter == Filter::Unread && view.unread_count == 0) {
        return Ok(Vec::new());
    }
    let mut newest_first = Vec::new();
    let (mut before, mut looked, mut goes_on) = (None, 0, true);
    while goes_on && looked < LOOKED_THROUGH {
        let wanted = (most - newest_first.len()).max(PAGE_MAX);
        let chat = view.chat.id;
        let found = viewer.services.messages.newest(viewer.caller, chat, before, wanted).await?;
        let (page, older) = found;
        looked += page.len();
        before = page.first().map(|message| message.seq);
        // Nothing before the read marker is unread.
        goes_on = older && before.is_some_and(|seq| filter == Filter::All || seq > view.read_seq);
        let shown = page.into_iter().rev().filter(|message| {
            message.deleted_at.is_none()
                && (filter == Filter::All || is_unread(viewer, view, message))
        });
        newest_first.extend(shown);
        let fitting = size::fitting(newest_first.iter().map(Message::size), PAGE_BYTES).min(most);
        goes_on &= fitting == newest_first.len() && fitting < most;
        newest_first.truncate(fitting);
    }
    newest_first.reverse();
    Ok(newest_first)
}

/// Keeps the newest messages that fit into `room` bytes, perhaps none, and subtracts their size from it. Once
/// one did not fit, no room is left: later chats must not get smaller messages in place of it.
pub(super) fn cut(messages: &mut Vec<Message>, room: &mut usize) {
    let newest_first = messages.iter().rev().map(Message::size);
    let fits = newest_first.take_while(|size| {
        let left = room.checked_sub(*size);
        *room = left.unwrap_or(0);
        left.is_some()
    });
    let surplus = messages.len() - fits.count();
    messages.drain(..surplus);
}

/// How many messages of each of these chats are shown, at most.
pub(super) fn most(views: &[ChatView], filter: Filter, stared: &Stared) -> usize {
    share(views.iter().map(|view| number(view, filter, stared)).collect())
}

/// How many messages of a chat may pass the filter: an upper bound that needs no query.
fn number(view: &ChatView, filter: Filter, stared: &Stared) -> usize {
    let number = match filter {
        Filter::All => view.last_seq.get(),
        Filter::Unread => view.last_seq.get() - view.read_seq.get(),
        Filter::Stared => return stared.get(&view.chat.id).map_or(0, Vec::len),
    };
    usize::try_from(number).unwrap_or(0)
}

/// The limit for each chat, from the numbers of messages in all of them. Chats below the limit are shown
/// whole, and what they leave of [`MESSAGES`] is shared equally by the others.
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
        assert_eq!(share(vec![900; 1_000]), MESSAGES / 1_000);
    }
}
