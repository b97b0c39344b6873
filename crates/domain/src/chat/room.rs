//! Open rooms.

use super::{
    ChatCursor, ChatKey, ChatRole, ChatView, Chats, GetError, JoinError, JoinRefusal, Joining,
    NotARoomName, RoomName,
};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::ChatId;
use crate::session::Caller;

/// A room, as whoever finds it sees it from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSummary {
    /// Its chat.
    pub id: ChatId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the last message was sent, or else when it was made.
    pub active_at: Timestamp,
    /// How many people are in it.
    pub member_count: i64,
}

/// Rooms, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPage {
    /// The one active last first.
    pub rooms: Vec<RoomSummary>,
    /// Whether there are more.
    pub more: bool,
}

/// Why somebody did not enter a room.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// No room can have that name.
    #[error(transparent)]
    Name(#[from] NotARoomName),
    /// They are not in it and find no rooms, whether or not there is one.
    #[error("There is no such chat.")]
    NotFound,
    /// They are kept out.
    #[error(transparent)]
    Refused(#[from] JoinRefusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<EnterError> for Failure {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::Name(_) => Self::field("name", "room_name_invalid", error),
            EnterError::NotFound => Self::new(Kind::NotFound, "chat_not_found", error),
            EnterError::Refused(why) => why.into(),
            EnterError::Store(error) => error.into(),
        }
    }
}

impl From<GetError> for EnterError {
    /// Of somebody who was let in a moment ago: if the room is not theirs any more, it was deleted since, or they were
    /// taken out. They are told that it has changed in the meantime, and may ask again, which makes the room if it is
    /// gone. [`Self::NotFound`] is for those who enter no rooms at all.
    fn from(error: GetError) -> Self {
        match error {
            GetError::NotFound => Self::Store(StoreError::NotFound),
            GetError::Store(error) => Self::Store(error),
        }
    }
}

impl Chats {
    /// Enters the room of that name, and whether it was made just now, which makes the caller its
    /// owner. Who is in already stays in. Who finds no rooms enters none, and makes none either: that a name is
    /// taken would tell that the room is there.
    pub async fn enter_room(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<(ChatView, bool), EnterError> {
        self.enter_as(caller, name, ChatRole::Owner).await
    }

    /// The same; a room that was made just now has no owner, see [`Self::delete_as_writer`].
    pub async fn enter_common_room(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<(ChatView, bool), EnterError> {
        self.enter_as(caller, name, ChatRole::Member).await
    }

    async fn enter_as(
        &self,
        caller: &Caller,
        name: &str,
        maker: ChatRole,
    ) -> Result<(ChatView, bool), EnterError> {
        let name = RoomName::new(name)?;
        if !self.ports.directory.of(caller).finds_rooms() {
            return Ok((self.room_of(caller, &name).await?, false));
        }
        let mut missed = None;
        loop {
            let (by, at) = ((caller.user, maker), self.ports.clock.now());
            let (chat, made) = self.ports.addresses.open_room(&name, by, at).await?;
            let id = chat.id;
            if made {
                self.announce(chat, vec![caller.user], Some(caller.user));
            } else {
                let (user, capacity) = (caller.user, self.limits.room_members);
                let joining = Joining { chat: id, user, capacity, at };
                match self.let_in(joining).await {
                    Ok(()) => {}
                    // It was deleted in between, and is made anew. Else it is the caller who is gone.
                    Err(JoinError::Store(StoreError::NotFound)) if missed != Some(id) => {
                        missed = Some(id);
                        continue;
                    }
                    Err(JoinError::Refused(why)) => return Err(why.into()),
                    Err(JoinError::Store(error)) => return Err(error.into()),
                }
            }
            return Ok((self.get(caller, id).await?, made));
        }
    }

    /// The room of that name if the caller, who finds no rooms, is in it. If there is none, an id that no chat has is
    /// looked for, by the same statement as for a room that they are not in: so neither the answer nor the time that it
    /// takes tells whether there is a room of that name.
    async fn room_of(&self, caller: &Caller, name: &RoomName) -> Result<ChatView, EnterError> {
        let chat = match self.ports.addresses.find(ChatKey::from(name)).await {
            Ok(chat) => chat,
            Err(StoreError::NotFound) => ChatId::UNKNOWN,
            Err(error) => return Err(error.into()),
        };
        self.get(caller, chat).await.map_err(|error| match error {
            GetError::NotFound => EnterError::NotFound,
            GetError::Store(error) => error.into(),
        })
    }

    /// The rooms that the caller finds, the one active last first: all of them, which anybody who finds them may
    /// enter, or those that the caller is in.
    pub async fn rooms(
        &self,
        caller: &Caller,
        after: Option<ChatCursor>,
        limit: usize,
    ) -> Result<RoomPage, StoreError> {
        let finds_all = self.ports.directory.of(caller).finds_rooms();
        let member = if finds_all { None } else { Some(caller.user) };
        self.ports.addresses.rooms(after, limit, member).await
    }
}
