//! Chats as their members see them.

use super::{ChatView, Chats, Followed};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::ChatId;
use crate::limits::PAGE_BYTES;
use crate::service_key::{CallingKey, KeyRefusal};
use crate::session::Caller;
use crate::size;

/// A place in somebody's list of chats: after the chat that was active then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatCursor {
    /// When the last chat of the page before was active.
    pub active_at: Timestamp,
    /// That chat.
    pub chat: ChatId,
}

/// Which of somebody's chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatQuery {
    /// Only those that are archived, or only those that are not.
    pub archived: Option<bool>,
    /// Whether whispers are among them.
    pub whispers: bool,
    /// Only those after this place.
    pub after: Option<ChatCursor>,
    /// At most this many.
    pub limit: usize,
}

/// Which of all chats, for a service key that reaches every chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllChats {
    /// Whether whispers are among them.
    pub whispers: bool,
    /// Only those after this one.
    pub after: Option<ChatId>,
    /// At most this many.
    pub limit: usize,
}

/// Chats, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPage {
    /// The one active last first.
    pub chats: Vec<ChatView>,
    /// Whether there are more.
    pub more: bool,
}

/// Why a chat was not shown.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// There is no such chat, or the caller is not in it: which of them is nobody's business.
    #[error("There is no such chat.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for GetError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<GetError> for Failure {
    fn from(error: GetError) -> Self {
        match error {
            GetError::NotFound => Self::new(Kind::NotFound, "chat_not_found", error),
            GetError::Store(error) => error.into(),
        }
    }
}

/// Why not all chats were listed.
#[derive(Debug, thiserror::Error)]
pub enum ListAllError {
    /// The caller is not a service key that calls as itself.
    #[error("Only a service key lists all chats, while it acts as nobody else.")]
    KeyNeeded,
    /// The key lacks the scope.
    #[error(transparent)]
    Key(KeyRefusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ListAllError> for Failure {
    fn from(error: ListAllError) -> Self {
        match error {
            ListAllError::KeyNeeded => Self::new(Kind::Forbidden, "key_needed", error),
            ListAllError::Key(why) => why.into(),
            ListAllError::Store(error) => error.into(),
        }
    }
}

impl ChatPage {
    /// As the caller may see it, and as much of it as fits.
    fn shown_to(self, caller: &Caller, now: Timestamp) -> Self {
        let Self { chats, mut more } = self;
        let mut chats: Vec<_> = chats.into_iter().map(|view| view.shown_to(caller, now)).collect();
        let fitting = size::fitting(chats.iter().map(ChatView::size), PAGE_BYTES);
        more |= fitting < chats.len();
        chats.truncate(fitting);
        Self { chats, more }
    }
}

impl ChatView {
    /// Without its last message for a key that may not read messages, and without a silence that is over.
    #[must_use]
    pub(super) fn shown_to(self, caller: &Caller, now: Timestamp) -> Self {
        let reads = caller.key.as_ref().is_none_or(CallingKey::reads_messages);
        let last_message = self.last_message.filter(|_| reads);
        let silence = self.silence.filter(|silence| silence.holds(now));
        Self { last_message, silence, ..self }
    }
}

impl Chats {
    /// One chat that the caller reaches.
    pub async fn get(&self, caller: &Caller, chat: ChatId) -> Result<ChatView, GetError> {
        let view = if caller.reaches_all() {
            self.ports.chats.view_from_outside(chat).await?
        } else {
            self.ports.chats.view(chat, caller.user).await?
        };
        Ok(view.shown_to(caller, self.ports.clock.now()))
    }

    /// All chats of this server after one of them, in the order of their ids.
    pub async fn list_all(
        &self,
        caller: &Caller,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<ChatPage, ListAllError> {
        if !caller.reaches_all() {
            let lacks = caller.lacks_reach();
            return Err(lacks.map_or(ListAllError::KeyNeeded, ListAllError::Key));
        }
        let query = AllChats { whispers: caller.sees_whispers(), after, limit };
        Ok(self.ports.chats.all(query).await?.shown_to(caller, self.ports.clock.now()))
    }

    /// The chats that the caller is in, the one active last first. A chat that becomes active
    /// between two pages moves to the front, and is then on neither of the later pages.
    pub async fn list(&self, caller: &Caller, query: ChatQuery) -> Result<ChatPage, StoreError> {
        let query = ChatQuery { whispers: query.whispers && caller.sees_whispers(), ..query };
        let page = self.ports.chats.list(caller.user, query).await?;
        Ok(page.shown_to(caller, self.ports.clock.now()))
    }

    /// Every chat that the caller is in, with its version now and what they do not see of it.
    pub async fn followed(&self, caller: &Caller) -> Result<Vec<Followed>, StoreError> {
        self.ports.chats.followed(caller.user).await
    }
}
