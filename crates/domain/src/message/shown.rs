//! History counted from its end, without tombstones, for protocols that page by numbers.

use super::{Message, Messages};
use crate::chat::GetError;
use crate::ids::ChatId;
use crate::limits::PAGE_BYTES;
use crate::session::Caller;
use crate::size;

/// Messages that nobody deleted, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShownPage {
    /// The newest first.
    pub messages: Vec<Message>,
    /// How many the chat has in all.
    pub count: usize,
    /// Messages of the same chat that some of these answer and that are not among them, in the order
    /// of their seqs; perhaps tombstones.
    pub quoted: Vec<Message>,
}

impl Messages {
    /// Those of a chat's messages that nobody deleted, without the newest `skip`: at most `limit`, of
    /// [`PAGE_BYTES`] at most, or one message.
    pub async fn shown(
        &self,
        caller: &Caller,
        chat: ChatId,
        (skip, limit): (usize, usize),
    ) -> Result<ShownPage, GetError> {
        self.ports.members.standing(chat, caller.user).await?;
        let mut page = self.ports.messages.shown(chat, skip, limit).await?;
        let fitting = size::fitting(page.messages.iter().map(Message::size), PAGE_BYTES);
        let ShownPage { messages, quoted, .. } = &mut page;
        quoted.extend(messages.drain(fitting.min(messages.len())..));
        page.quoted = size::quoted(&page.messages, std::mem::take(&mut page.quoted).into_iter());
        Ok(page)
    }
}
