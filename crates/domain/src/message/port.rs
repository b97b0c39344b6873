//! What messages need from the outside.

use super::{
    ChangeRefusal, DeleteMessage, Draft, EarlierText, Edit, FoundPage, History, Message,
    MessagePage, MessageQuery, Page, SendRefusal, ShownPage,
};
use crate::failure::{StoreError, WriteError};
use crate::ids::{ChatId, MessageId, UserId};
use async_trait::async_trait;

/// A message that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The message as it is now.
    pub message: Message,
    /// Whether it was stored before, by an earlier call with the same client id.
    pub replayed: bool,
}

/// Why a message was not stored.
pub type AppendError = WriteError<SendRefusal>;

/// Keeps messages. Each call is one atomic change, and a change that returned is there to stay.
/// Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Stores a message at the next `seq` of its chat and moves the chat's version, and the time
    /// of its last activity, forward.
    ///
    /// [`Draft::admit`] decides, over what is true in the transaction that numbers the message: so
    /// nobody gets a message in who has left, and of several calls with one client id one stores
    /// the message and the others answer it. A refusal uses up no `seq` and no version. Seqs and
    /// versions are given out in the order of the commits. Calls may be written together; one
    /// that fails does not touch the others. Names that the text may mention are looked up before, so that
    /// nobody waits for that; whether those who have them are members is found out in the same
    /// transaction. Its attachments are its own from then on: of several
    /// calls that name one upload, one gets it.
    ///
    /// When the caller stops waiting, the message is stored whole or not at all.
    async fn append(&self, draft: Draft) -> Result<Appended, AppendError>;

    /// The message, perhaps a tombstone. `NotFound` if there is none.
    async fn get(&self, id: MessageId) -> Result<Message, StoreError>;

    /// A page of a chat's messages, tombstones included, in the order of their seqs, with what they
    /// answer; empty if there is no such chat.
    async fn page(&self, chat: ChatId, page: Page, limit: usize)
    -> Result<MessagePage, StoreError>;

    /// The same page, read at once with whether the viewer is in the chat, and which of the page's messages
    /// have their star. `NotFound` unless they are in it.
    async fn history(
        &self,
        viewer: UserId,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<History, StoreError>;

    /// Those of a chat's messages that are no tombstones, the newest first, without the first `skip` and
    /// at most `limit`, with what they answer and how many there are in all; nothing if there is no such
    /// chat.
    async fn shown(&self, chat: ChatId, skip: usize, limit: usize)
    -> Result<ShownPage, StoreError>;

    /// Sets a message's text, and whom it mentions, and its data, as [`Edit::decide`] says over what is true
    /// once the chat is locked, and moves the chat's version forward by one. What it said before is kept,
    /// if its text is set. `None` if there was nothing to change, and then the version stays.
    async fn edit(&self, edit: Edit) -> Result<Option<Message>, WriteError<ChangeRefusal>>;

    /// Leaves a tombstone as [`DeleteMessage::decide`] says over what is true once the chat is locked:
    /// the text and the data are gone with all that hung on the message, and the chat's version moves forward by one.
    /// `None` if there was nothing to change, and then the version stays.
    async fn delete(
        &self,
        wanted: DeleteMessage,
    ) -> Result<Option<Message>, WriteError<ChangeRefusal>>;

    /// What the message said before it was edited, the first first; of more than
    /// [`crate::limits::EDITS_KEPT`] the first and the newest. Empty for a tombstone, and if there
    /// is no such message.
    async fn edits(&self, id: MessageId) -> Result<Vec<EarlierText>, StoreError>;

    /// Messages that have all the words (see [`crate::words`]), in the chats that the viewer is in
    /// now, the newest first, those before `before`. Of what is stored, all and nothing else is
    /// found: an edit is found by its new text at once, a tombstone by nothing.
    ///
    /// No more than [`crate::limits::SEARCH_WORK_CHARS`] characters of texts are compared. A store that
    /// would have to compare more, or to pass over more in other people's chats, stops there and returns
    /// what it has, with a cursor: pages that follow each other find all the same.
    async fn find(
        &self,
        viewer: UserId,
        query: MessageQuery,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<FoundPage, StoreError>;
}
