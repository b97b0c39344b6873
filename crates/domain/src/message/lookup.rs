//! Finding messages by what protocols name them by.

use super::{ChangeError, Message, Messages, Page};
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, Seq};
use crate::session::Caller;

impl Messages {
    /// A message that the caller may see, in whatever chat it is; perhaps a tombstone.
    pub async fn find(&self, caller: &Caller, id: MessageId) -> Result<Message, ChangeError> {
        Ok(self.seen(caller, id).await?)
    }

    /// The message at a place, for whoever delivers its chat's events.
    pub async fn at(&self, chat: ChatId, seq: Seq) -> Result<Option<Message>, StoreError> {
        let page = self.ports.messages.page(chat, Page::Before(seq.next()), 1).await?;
        Ok(page.messages.into_iter().next_back())
    }

    /// The newest messages of a chat that the caller is in, at most `most`, in the order of their
    /// seqs, those before `before`, and whether there are older ones.
    pub async fn newest(
        &self,
        caller: &Caller,
        chat: ChatId,
        before: Option<Seq>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        self.ports.members.standing(chat, caller.user).await?;
        let mut pages = Vec::new();
        let (mut room, mut older) = (most, true);
        let mut next = before.map_or(Page::Latest, Page::Before);
        while room > 0 && older {
            let limit = room.min(crate::limits::PAGE_MAX);
            let page = self.ports.messages.page(chat, next, limit).await?;
            room -= page.messages.len().min(room);
            older = page.older;
            let Some(first) = page.messages.first() else { break };
            next = Page::Before(first.seq);
            pages.push(page.messages);
        }
        Ok((pages.into_iter().rev().flatten().collect(), older))
    }
}
