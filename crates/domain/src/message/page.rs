//! Pages of a chat's history.

use super::{ChangeError, Message, Messages};
use crate::chat::{GetError, standing};
use crate::ids::{ChatId, MessageId, Seq};
use crate::limits::PAGE_BYTES;
use crate::session::Caller;
use crate::size::{self, WithAnswered};

/// Which part of a chat's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The newest.
    Latest,
    /// The newest of the messages before this one.
    Before(Seq),
    /// The oldest of the messages after this one.
    After(Seq),
    /// This message, with half of the page before it and the rest after it.
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
    /// Messages of the same chat that these reply to and that are not among them, ordered by seq; they may be
    /// tombstones.
    pub quoted: Vec<Message>,
}

impl MessagePage {
    /// As many messages as fit in so many bytes, including what they quote; at least one. The ones farthest from
    /// where `asked` begins are left out.
    pub fn within(self, bytes: usize, asked: Page) -> Self {
        let mut sizes = WithAnswered::among(self.messages.iter().chain(&self.quoted));
        let order = nearest_first(&self.messages, asked);
        let count = size::fitting(order.iter().map(|&i| sizes.add(&self.messages[i])), bytes);
        if count == self.messages.len() {
            return self;
        }
        let first = order[..count].iter().copied().min().unwrap_or_default();
        let Self { mut messages, older, newer, quoted } = self;
        let after = messages.split_off(first + count);
        let kept = messages.split_off(first);
        let (older, newer) = (older || !messages.is_empty(), newer || !after.is_empty());
        let others = quoted.into_iter().chain(messages).chain(after);
        let quoted = size::quoted(&kept, others);
        Self { messages: kept, older, newer, quoted }
    }
}

/// The indices of messages, in the order in which a page is filled. Any number of them from the first on forms a
/// contiguous range.
fn nearest_first(messages: &[Message], asked: Page) -> Vec<usize> {
    let count = messages.len();
    let Page::Around(seq) = asked else {
        return match asked {
            Page::After(_) => (0..count).collect(),
            _ => (0..count).rev().collect(),
        };
    };
    let middle = messages.partition_point(|message| message.seq < seq);
    let middle = middle.min(count.saturating_sub(1));
    let (mut before, mut from) = ((0..middle).rev(), middle..count);
    let mut order = Vec::with_capacity(count);
    while order.len() < count {
        order.extend(from.next().into_iter().chain(before.next()));
    }
    order
}

/// A page as one viewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The page.
    pub page: MessagePage,
    /// Those of its messages that the viewer has starred.
    pub starred: Vec<MessageId>,
}

impl History {
    /// As much of it as comes to so many bytes; see [`MessagePage::within`].
    fn within(self, bytes: usize, asked: Page) -> Self {
        let Self { page, mut starred } = self;
        let page = page.within(bytes, asked);
        starred.retain(|id| page.messages.iter().any(|message| message.id == *id));
        Self { page, starred }
    }
}

impl Messages {
    /// A page of what the caller sees of a chat's history, of at most [`PAGE_BYTES`] unless a single message is larger.
    pub async fn page(
        &self,
        caller: &Caller,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<History, GetError> {
        let found = if caller.reaches_all() {
            standing(&*self.ports.members, caller, chat).await?;
            let page = self.ports.messages.page(chat, page, limit).await?;
            History { page, starred: Vec::new() }
        } else {
            self.ports.messages.history(caller.user, chat, page, limit).await?
        };
        Ok(found.within(PAGE_BYTES, page))
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
