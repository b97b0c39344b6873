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
    /// Messages of the same chat that some of these answer and that are not among them, in the order
    /// of their seqs; perhaps tombstones.
    pub quoted: Vec<Message>,
}

/// A page as one viewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The page.
    pub page: MessagePage,
    /// Those of its messages that have the viewer's star.
    pub starred: Vec<MessageId>,
}

impl Messages {
    /// A page of a chat's history.
    pub async fn page(
        &self,
        caller: &Caller,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<History, GetError> {
        self.ports.members.standing(chat, caller.user).await?;
        let page = self.ports.messages.page(chat, page, limit).await?;
        let ids: Vec<_> = page.messages.iter().map(|message| message.id).collect();
        let starred = self.ports.marks.stars_among(caller.user, &ids).await?;
        Ok(History { page, starred })
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
