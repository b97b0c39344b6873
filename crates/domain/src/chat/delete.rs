//! Deleting a chat for everybody.

use super::{Chat, ChatActor, Chats, RoomOwnership, Standing, rules};
use crate::admin::{AuditAction, Record};
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::ids::{ChatId, UserId};
use crate::limits;
use crate::session::Caller;

/// A chat that is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteChat {
    /// Which.
    pub chat: ChatId,
    /// Who wants it; `None` if it is the application that the chat's project belongs to.
    pub actor: Option<ChatActor>,
    /// Whether a room that nobody owns is deleted by those who wrote in it, as in the dialect `rooms`.
    pub by_writers: bool,
}

/// Why the chat is not deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeleteRefusal {
    /// There is no such chat, or the actor is not in it.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// Only the owner of a group or a room may.
    #[error("Only the owner of the chat may delete it.")]
    NotAllowed,
}

/// Why the chat was not deleted.
pub type DeleteError = WriteError<DeleteRefusal>;

impl From<DeleteRefusal> for Failure {
    fn from(refusal: DeleteRefusal) -> Self {
        match refusal {
            DeleteRefusal::ChatNotFound => Self::new(Kind::NotFound, "chat_not_found", refusal),
            DeleteRefusal::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", refusal),
        }
    }
}

impl DeleteChat {
    /// Whose [`RoomOwnership`] decides about it; nobody's if that does not matter.
    pub fn writer(&self) -> Option<UserId> {
        self.actor.filter(|_| self.by_writers).map(ChatActor::user)
    }

    /// Whether the chat, which is there, is deleted, given where the actor stands in it, if they do, and what is
    /// known of [`Self::writer`].
    pub fn decide(
        &self,
        actor: Option<Standing>,
        ownership: Option<RoomOwnership>,
    ) -> Result<(), DeleteRefusal> {
        if self.actor.is_none() {
            return Ok(());
        }
        let actor = actor.ok_or(DeleteRefusal::ChatNotFound)?;
        let writers_may = |room| rules::may_delete_as_writer(&actor, room);
        let may = rules::may_delete_chat(&actor) || ownership.is_some_and(writers_may);
        if may { Ok(()) } else { Err(DeleteRefusal::NotAllowed) }
    }

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self, deleted: &Chat) -> Option<Record> {
        self.actor?.record(AuditAction::ChatDeleted, deleted.described())
    }
}

impl Chats {
    /// Deletes a chat with everything in it. Either one may delete a direct chat, for both.
    pub async fn delete(&self, caller: &Caller, chat: ChatId) -> Result<(), DeleteError> {
        let actor = ChatActor::of(caller, self.ports.clock.now());
        self.remove_chat(DeleteChat { chat, actor: Some(actor), by_writers: false }).await
    }

    /// The same; a room that has no owner is deleted by whoever is in it and has written in it.
    pub async fn delete_as_writer(&self, caller: &Caller, chat: ChatId) -> Result<(), DeleteError> {
        let actor = Some(caller.user.into());
        self.remove_chat(DeleteChat { chat, actor, by_writers: true }).await
    }

    /// Takes away some of what is left of deleted chats, and returns whether there may be more. To be called
    /// now and then; several at once do no harm, and what a crash breaks off goes on where it was.
    pub async fn erase_deleted(&self) -> Result<bool, StoreError> {
        Ok(self.ports.chats.erase_deleted(limits::CHAT_ERASED_IN_A_STEP).await? > 0)
    }

    /// Deletes a chat, and the whispers in it, and tells those who were in them.
    pub(super) async fn remove_chat(&self, wanted: DeleteChat) -> Result<(), DeleteError> {
        for gone in self.ports.chats.delete(wanted).await? {
            self.tell(EventBody::ChatDeleted(gone), gone);
        }
        Ok(())
    }
}
