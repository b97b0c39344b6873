//! Rooms and their messages, as one person may see them.

use super::render;
use crate::shared::lists::ROWS;
use crate::shared::services::Services;
use crate::shared::words::people;
use domain::admin::{Actor, ListedKind};
use domain::chat::{ChatCursor, ChatKind, ChatQuery, GetError, Outline, Writer};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId};
use domain::message::Message;
use domain::session::Caller;
use realtime::Frame;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// How many messages somebody who enters is shown, as in the original.
const SHOWN: usize = 7;
/// How many messages are read at once to find some that were not deleted.
const LOOKED_AT: usize = 20;
/// How many chats are read at once to find private messages.
const CHATS_LOOKED_AT: usize = 50;

/// The rooms in somebody's list: rooms and private conversations in which they wrote, and for an admin all rooms.
pub(super) async fn rooms(services: &Services, caller: &Caller) -> Result<Vec<ChatId>, Failure> {
    let mut rooms: BTreeSet<_> = services.chats.written(caller).await?.into_iter().collect();
    if services.users.finding(caller).finds_rooms()
        && let Ok(admin) = Actor::admin(caller)
    {
        let page = services.admin.chats(admin, Some(ListedKind::Room), None, ROWS).await?;
        rooms.extend(page.chats.iter().map(|room| room.chat.id));
    }
    Ok(rooms.into_iter().take(ROWS).collect())
}

/// These rooms as they are listed, with who wrote in them.
pub(super) async fn listed(
    services: &Services,
    caller: &Caller,
    rooms: &[ChatId],
) -> Result<Vec<Value>, Failure> {
    let writers = services.chats.writers(caller, rooms).await?;
    let people = people(services, writers.iter().map(|writer| writer.author)).await?;
    let mut listed = Vec::new();
    for id in rooms {
        // It may have been deleted meanwhile.
        let Some(room) = room(services, caller, *id).await? else { continue };
        let here = writers.iter().filter(|writer| writer.chat == *id);
        let pairs = here.map(|Writer { author, role, .. }| {
            let user = people.get(author);
            let role = role.map_or_else(|| render::role(user), |role| role.to_string());
            (render::name(user), role)
        });
        let pairs: BTreeSet<_> = pairs.collect();
        let participants: Vec<_> =
            pairs.into_iter().map(|(name, role)| json!({"name": name, "role": role})).collect();
        let name = render::room_name(&room);
        listed.push(json!({"id": id.get(), "name": name, "participants": participants}));
    }
    Ok(listed)
}

/// A room or a private conversation that the caller finds. `None` for every other chat, whispers included,
/// because this protocol has no other kinds.
pub(super) async fn room(
    services: &Services,
    caller: &Caller,
    id: ChatId,
) -> Result<Option<Outline>, Failure> {
    match services.chats.outline_for(caller, id).await {
        Ok(outline) if matches!(outline.chat.kind, ChatKind::Room | ChatKind::Direct) => {
            Ok(Some(outline))
        }
        Ok(_) | Err(GetError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The last messages of a room, oldest first.
pub(super) async fn messages(
    services: &Services,
    caller: &Caller,
    room: &Outline,
) -> Result<Vec<Value>, Failure> {
    let messages = last(services, caller, (room.chat.id, room.chat.kind), ROWS).await?.0;
    let people = people(services, messages.iter().map(|message| message.author)).await?;
    let shown = messages.iter().map(|m| render::message(m, people.get(&m.author)));
    Ok(shown.collect())
}

/// What somebody who enters a room is shown: the last messages of the room and of all their private conversations
/// together, oldest first.
pub(super) struct History {
    pub(super) frames: Vec<Frame>,
    /// The last message of each chat that was read, perhaps a tombstone. Pushes up to it are not needed.
    pub(super) last: HashMap<ChatId, MessageId>,
}

impl History {
    pub(super) async fn of(
        services: &Services,
        caller: &Caller,
        room: ChatId,
    ) -> Result<Self, Failure> {
        let mut newest = Newest::default();
        newest.add(last(services, caller, (room, ChatKind::Room), SHOWN).await?);
        newest.add_private(services, caller).await?;
        let people = people(services, newest.messages.iter().map(|m| m.author)).await?;
        let frames = newest.messages.iter().map(|message| {
            let author = people.get(&message.author);
            render::replayed(message, author, message.chat != room)
        });
        Ok(Self { frames: frames.collect(), last: newest.last })
    }
}

/// The newest messages of several chats.
#[derive(Default)]
struct Newest {
    /// At most [`SHOWN`], the oldest first.
    messages: Vec<Message>,
    last: HashMap<ChatId, MessageId>,
}

impl Newest {
    /// Adds the newest messages of one more chat, and its last one.
    fn add(&mut self, (messages, last): (Vec<Message>, Option<(ChatId, MessageId)>)) {
        self.last.extend(last);
        self.messages.extend(messages);
        self.messages.sort_by_key(|message| message.id);
        let surplus = self.messages.len().saturating_sub(SHOWN);
        self.messages.drain(..surplus);
    }

    /// Adds the newest messages of all chats between two that somebody is in.
    async fn add_private(&mut self, services: &Services, caller: &Caller) -> Result<(), Failure> {
        let mut after = None;
        for _ in 0..ROWS / CHATS_LOOKED_AT {
            let query = ChatQuery { archived: None, whispers: true, after, limit: CHATS_LOOKED_AT };
            let page = services.chats.list(caller, query).await?;
            for view in &page.chats {
                // Chats come in the order of activity, so from here on none has a message that is new enough.
                let oldest = self.messages.first().filter(|_| self.messages.len() == SHOWN);
                if oldest.is_some_and(|oldest| view.active_at < oldest.created_at) {
                    return Ok(());
                }
                let chat = (view.chat.id, view.chat.kind);
                if view.chat.kind.is_between_two() {
                    self.add(last(services, caller, chat, SHOWN).await?);
                }
            }
            let cursor = |chat: &domain::chat::ChatView| ChatCursor {
                active_at: chat.active_at,
                chat: chat.chat.id,
            };
            after = page.chats.last().filter(|_| page.more).map(cursor);
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }
}

/// The last messages of a chat that were not deleted, at most `most`, oldest first; and the last message of
/// all, even if it was deleted.
async fn last(
    services: &Services,
    caller: &Caller,
    (chat, kind): (ChatId, ChatKind),
    most: usize,
) -> Result<(Vec<Message>, Option<(ChatId, MessageId)>), Failure> {
    let (mut there, mut newest, mut before) = (Vec::new(), None, None);
    let at_once = most.max(LOOKED_AT);
    while there.len() < most {
        let messages = &services.messages;
        let (page, older) = if kind == ChatKind::Room {
            messages.overheard(caller, chat, before, at_once).await?
        } else {
            messages.newest_before(caller, chat, before, at_once).await?
        };
        newest = newest.or(page.last().map(|message| (chat, message.id)));
        before = page.first().map(|message| message.id);
        there.extend(page.into_iter().rev().filter(|message| message.deleted_at.is_none()));
        if !older || before.is_none() {
            break;
        }
    }
    there.truncate(most);
    there.reverse();
    Ok((there, newest))
}
