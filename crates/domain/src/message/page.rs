//! History.

use super::{ChangeError, Message, Messages};
use crate::chat::GetError;
use crate::ids::{ChatId, MessageId, Seq};
use crate::session::Caller;

/// Which part of a chat's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The newest.
    Latest,
    /// The newest of those before this one.
    Before(Seq),
    /// The oldest of those after this one.
    After(Seq),
    /// This one, half of the page before it and the rest after it.
    Around(Seq),
}

/// Messages, and whether there are more on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// In the order of their seqs, tombstones included.
    pub messages: Vec<Message>,
    /// Whether there are older ones than the first.
    pub older: bool,
    /// Whether there are newer ones than the last.
    pub newer: bool,
}

impl Messages {
    /// A page of a chat's history.
    pub async fn page(
        &self,
        caller: &Caller,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<MessagePage, GetError> {
        self.ports.members.standing(chat, caller.user).await?;
        Ok(self.ports.messages.page(chat, page, limit).await?)
    }

    /// One message.
    pub async fn get(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<Message, ChangeError> {
        Ok(self.visible(caller, chat, id).await?.1)
    }
}
