//! The port of messages: their store.

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

/// Stores messages. Each call is one atomic change, which is durable once the call returns.
/// Every method may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Stores a message at the next `seq` of its chat, and advances the chat's version and the time of its last
    /// activity.
    ///
    /// [`Draft::admit`] decides in the transaction that assigns the seq. So nobody who has left can still
    /// send, and of several calls with one client id, one stores the message and the others return it. A
    /// refusal uses up no seq and no version. Seqs and versions are assigned in the order of the commits.
    /// Calls may be committed together, but one that fails does not affect the others. The names in the text
    /// that may be mentions are looked up before the transaction, so that no one waits for that; whether
    /// these people are members is checked in the transaction. The attachments belong to the message from
    /// then on: of several calls that name one upload, one gets it.
    ///
    /// If the caller stops waiting, the message is still stored completely or not at all.
    async fn append(&self, draft: Draft) -> Result<Appended, AppendError>;

    /// The message, perhaps a tombstone. `NotFound` if there is none.
    async fn get(&self, id: MessageId) -> Result<Message, StoreError>;

    /// Those of these messages that the viewer sees, in chats that they are in, ordered by id, read at once with that;
    /// they may be tombstones.
    async fn seen_among(
        &self,
        viewer: UserId,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreError>;

    /// A page of a chat's messages, including tombstones, ordered by seq, with the messages that they reply to;
    /// empty if there is no such chat.
    async fn page(&self, chat: ChatId, page: Page, limit: usize)
    -> Result<MessagePage, StoreError>;

    /// The same page of what the viewer sees of the chat, as if nothing were before that, read at once with whether
    /// they are in the chat, and which of the page's messages have their star. `NotFound` unless they are in it.
    async fn history(
        &self,
        viewer: UserId,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<History, StoreError>;

    /// Those of a chat's messages that are no tombstones and that the viewer sees, the newest first, without the first
    /// `skip` and at most `limit`, with what they answer and how many there are in all, read at once with whether they
    /// are in the chat. `NotFound` unless they are in it.
    async fn shown(
        &self,
        viewer: UserId,
        chat: ChatId,
        skip: usize,
        limit: usize,
    ) -> Result<ShownPage, StoreError>;

    /// Sets what [`Edit::decide`] says under the chat's lock, with the mentions of a new text, and advances the
    /// chat's version by one. If the text is set, the earlier text is kept. `None` if there was nothing to
    /// change; then the version stays.
    async fn edit(&self, edit: Edit) -> Result<Option<Message>, WriteError<ChangeRefusal>>;

    /// Turns a message into a tombstone as [`DeleteMessage::decide`] says under the chat's lock: deletes its
    /// text, its data and everything attached to it, and advances the chat's version by one. `None` if there
    /// was nothing to change; then the version stays.
    async fn delete(
        &self,
        wanted: DeleteMessage,
    ) -> Result<Option<Message>, WriteError<ChangeRefusal>>;

    /// The message's earlier texts, the oldest first. At most [`crate::limits::EDITS_KEPT`] are kept: the
    /// first and the newest ones. Empty for a tombstone, and if there is no such message.
    async fn edits(&self, id: MessageId) -> Result<Vec<EarlierText>, StoreError>;

    /// The messages before `before` that match the query, with all of its words (see [`crate::words`]), in
    /// the chats that the viewer is a member of now, as far as they see them, the newest first. The result is exact: an edited message
    /// is found by its new text at once, a tombstone not at all.
    ///
    /// At most [`crate::limits::SEARCH_WORK_CHARS`] characters of texts are compared. A store that would have to
    /// compare more, or skip too many matches in other people's chats, stops and returns what it has, with a
    /// cursor; following the cursor still finds everything.
    async fn find(
        &self,
        viewer: UserId,
        query: MessageQuery,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<FoundPage, StoreError>;
}
