//! History without tombstones, paged by offset from its end, for protocols that need this.

use super::{Message, Messages};
use crate::chat::GetError;
use crate::ids::ChatId;
use crate::limits::PAGE_BYTES;
use crate::session::Caller;
use crate::size;

/// A page of messages that are not deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShownPage {
    /// The newest first.
    pub messages: Vec<Message>,
    /// How many such messages the viewer sees in the chat in all.
    pub count: usize,
    /// Messages of the same chat that these reply to and that are not among them, ordered by seq; they may be
    /// tombstones.
    pub quoted: Vec<Message>,
}

impl Messages {
    /// A chat's messages that are not deleted, after skipping the newest `skip`: at most `limit`, and at most
    /// [`PAGE_BYTES`] unless a single message is larger.
    pub async fn shown(
        &self,
        caller: &Caller,
        chat: ChatId,
        (skip, limit): (usize, usize),
    ) -> Result<ShownPage, GetError> {
        let mut page = self.ports.messages.shown(caller.user, chat, skip, limit).await?;
        let fitting = size::fitting(page.messages.iter().map(Message::size), PAGE_BYTES);
        let ShownPage { messages, quoted, .. } = &mut page;
        quoted.extend(messages.drain(fitting.min(messages.len())..));
        page.quoted = size::quoted(&page.messages, std::mem::take(&mut page.quoted).into_iter());
        Ok(page)
    }
}
