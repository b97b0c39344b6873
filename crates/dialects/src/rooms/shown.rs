//! Rooms with what is said in them, as one person may see it.

use super::render::{self, Room};
use crate::shared::lists::Part;
use crate::shared::services::Services;
use crate::shared::words::{last_there, people};
use domain::chat::{ChatKind, GetError, Outline, RoomSummary};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId, UserId};
use domain::limits::{PAGE_BYTES, PAGE_MAX};
use domain::message::Message;
use domain::session::Caller;
use domain::size;
use serde_json::Value;
use std::collections::HashMap;

/// All rooms, the one active last first, and the last of them if there are more.
pub(super) async fn rooms(
    services: &Services,
    caller: &Caller,
    part: &Part<ChatId>,
) -> Result<(Vec<Value>, Option<i64>), Failure> {
    let after = match part.before {
        Some(room) => Some(outline(services, room).await?.cursor()),
        None => None,
    };
    let page = services.chats.rooms(caller, after, part.limit).await?;
    let (mut shown, mut sizes) = (Vec::new(), Vec::new());
    for some in page.rooms.chunks(PAGE_MAX) {
        let with_last = with_last(services, caller, some).await?;
        sizes.extend(with_last.iter().map(|(_, size)| *size));
        shown.extend(with_last.into_iter().map(|(room, _)| room));
        let fitting = size::fitting(sizes.iter().copied(), PAGE_BYTES);
        if fitting < shown.len() {
            shown.truncate(fitting);
            break;
        }
    }
    let more = page.more || shown.len() < page.rooms.len();
    let next = shown.last().filter(|_| more).map(|room| room.id.get());
    Ok((shown.iter().map(Room::json).collect(), next))
}

/// What a room takes when it is shown, besides its last message.
const ROOM_BYTES: usize = 512;

/// Rooms with what was said last in them, and how large each is.
async fn with_last(
    services: &Services,
    caller: &Caller,
    rooms: &[RoomSummary],
) -> Result<Vec<(Room, usize)>, Failure> {
    let ids: Vec<_> = rooms.iter().map(|room| room.id).collect();
    let crowds = services.presence.crowds(&ids).await?;
    let mut last = services.chats.last_said(caller, &ids).await?;
    let deleted = last.values().filter(|message| message.deleted_at.is_some());
    let deleted: Vec<_> = deleted.map(|message| (message.chat, message.id)).collect();
    for (room, before) in deleted {
        last.remove(&room);
        let near = services.messages.overheard(caller, room, Some(before), PAGE_MAX).await?.0;
        last.extend(last_there(near).map(|message| (room, message)));
    }
    let people = people(services, last.values().map(|message| message.author)).await?;
    let shown = rooms.iter().map(|room| {
        let said = last.get(&room.id);
        let last = said.map(|said| render::message(room.id, said, people.get(&said.author), None));
        let shown = Room {
            id: room.id,
            name: room.name.clone(),
            created_at: room.created_at,
            online: crowds.get(&room.id).copied().unwrap_or(0),
            last_message: last.unwrap_or(Value::Null),
        };
        (shown, ROOM_BYTES + said.map_or(0, Message::size))
    });
    Ok(shown.collect())
}

/// One room as it is listed.
pub(super) async fn room(
    services: &Services,
    caller: &Caller,
    id: ChatId,
) -> Result<Value, Failure> {
    let Outline { chat, active_at, .. } = outline(services, id).await?;
    let summary = RoomSummary {
        id,
        name: chat.title.as_ref().map_or_else(String::new, ToString::to_string),
        created_at: chat.created_at,
        active_at,
        member_count: 0,
    };
    let shown = with_last(services, caller, &[summary]).await?;
    Ok(shown.first().map_or(Value::Null, |(room, _)| room.json()))
}

/// A chat that is a room.
pub(super) async fn outline(services: &Services, id: ChatId) -> Result<Outline, Failure> {
    let outline = services.chats.outline(id).await.map_err(GetError::from)?;
    if outline.chat.kind == ChatKind::Room { Ok(outline) } else { Err(GetError::NotFound.into()) }
}

/// The newest of what the caller may see in a room: what was said to all, and what they said or were
/// told in private, the oldest of it first.
pub(super) struct History {
    pub(super) messages: Vec<Value>,
    /// The last message of each chat among them.
    pub(super) last: HashMap<ChatId, MessageId>,
    /// Before which message there are more, if there are.
    pub(super) next: Option<i64>,
}

impl History {
    pub(super) async fn of(
        services: &Services,
        caller: &Caller,
        room: ChatId,
        part: &Part<MessageId>,
    ) -> Result<Self, Failure> {
        let said = services.messages.overheard(caller, room, part.before, part.limit).await;
        let mut newest = Newest::default();
        newest.add(said?, part.limit);
        let lanes = services.chats.whispers(caller, room).await?;
        for (lane, _) in &lanes {
            let found =
                services.messages.newest_before(caller, *lane, part.before, part.limit).await;
            newest.add(found.map_err(GetError::from)?, part.limit);
        }
        let Newest { messages: all, last, from } = newest;
        let next = from.map(MessageId::get);
        let messages = named(services, caller, room, &all, &lanes).await?;
        Ok(Self { messages, last, next })
    }
}

/// The newest messages of several chats, as many as fit on a page.
#[derive(Default)]
struct Newest {
    /// Without tombstones, the oldest first.
    messages: Vec<Message>,
    /// The last message of each chat, perhaps a tombstone.
    last: HashMap<ChatId, MessageId>,
    /// From which message on these are all, if there are more before it.
    from: Option<MessageId>,
}

impl Newest {
    /// Adds the newest messages of one more chat, of which there may be older ones.
    fn add(&mut self, (messages, older): (Vec<Message>, bool), limit: usize) {
        if let Some(last) = messages.last() {
            self.last.insert(last.chat, last.id);
        }
        if older {
            self.from = self.from.max(messages.first().map(|message| message.id));
        }
        self.messages.extend(messages.into_iter().filter(|m| m.deleted_at.is_none()));
        self.messages.sort_by_key(|message| message.id);
        let before = self.messages.partition_point(|message| Some(message.id) < self.from);
        self.messages.drain(..before);
        let newest_first = self.messages.iter().rev().map(Message::size);
        let fitting = size::fitting(newest_first, PAGE_BYTES).min(limit);
        let surplus = self.messages.len() - fitting;
        if surplus > 0 {
            self.messages.drain(..surplus);
            self.from = self.messages.first().map(|message| message.id);
        }
    }
}

/// With names: of the two of a lane, the caller and their peer, one wrote to the other.
async fn named(
    services: &Services,
    caller: &Caller,
    room: ChatId,
    messages: &[Message],
    lanes: &[(ChatId, UserId)],
) -> Result<Vec<Value>, Failure> {
    let lanes: HashMap<_, _> = lanes.iter().copied().collect();
    let involved = lanes.values().copied().chain([caller.user]);
    let people = people(services, messages.iter().map(|m| m.author).chain(involved)).await?;
    let shown = messages.iter().map(|message| {
        let peer = lanes.get(&message.chat);
        let to = peer.map(|peer| if message.author == *peer { caller.user } else { *peer });
        let to = to.and_then(|to| Some((to, people.get(&to)?.name.as_str())));
        render::message(room, message, people.get(&message.author), to)
    });
    Ok(shown.collect())
}
