//! Finding messages by what protocols name them by.

use super::change::unseen;
use super::{ChangeError, Message, Messages, Page};
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, Seq};
use crate::limits;
use crate::session::Caller;
use crate::size;

impl Messages {
    /// A message that the caller may see, in whatever chat it is; perhaps a tombstone.
    pub async fn find(&self, caller: &Caller, id: MessageId) -> Result<Message, ChangeError> {
        self.seen(caller, id).await.map_err(unseen)
    }

    /// The same, and one of a room that the caller is not in but finds, may enter and look into.
    pub async fn find_overheard(
        &self,
        caller: &Caller,
        id: MessageId,
    ) -> Result<Message, ChangeError> {
        match self.seen(caller, id).await {
            Err(StoreError::NotFound) if self.ports.directory.of(caller).finds_rooms() => {}
            found => return found.map_err(unseen),
        }
        let message = self.ports.messages.get(id).await.map_err(unseen)?;
        let (room, now) = (message.chat, self.ports.clock.now());
        let open = self.ports.addresses.last_said(&[room], caller.user, now).await?;
        if open.is_empty() { Err(unseen(StoreError::NotFound)) } else { Ok(message) }
    }

    /// The message at a place, for whoever delivers its chat's events.
    pub async fn at(&self, chat: ChatId, seq: Seq) -> Result<Option<Message>, StoreError> {
        let page = self.ports.messages.page(chat, Page::Before(seq.next()), 1).await?;
        Ok(page.messages.into_iter().next_back())
    }

    /// The message that this one answers, for whoever delivers its chat's events; perhaps a tombstone.
    pub async fn answered(&self, message: &Message) -> Result<Option<Message>, StoreError> {
        let Some(id) = message.reply_to else { return Ok(None) };
        match self.ports.messages.get(id).await {
            Ok(answered) => Ok(Some(answered)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The newest messages of a chat that the caller is in, at most `most` and of about
    /// [`limits::PAGE_BYTES`], in the order of their seqs, those before `before`, and whether there are
    /// older ones.
    pub async fn newest(
        &self,
        caller: &Caller,
        chat: ChatId,
        before: Option<Seq>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        self.ports.members.standing(chat, caller.user).await?;
        self.pages(chat, before, most).await
    }

    /// The same, those before a message of whatever chat.
    pub async fn newest_before(
        &self,
        caller: &Caller,
        chat: ChatId,
        before: Option<MessageId>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        self.ports.members.standing(chat, caller.user).await?;
        self.pages(chat, self.end(chat, before).await?, most).await
    }

    /// The same of a room that the caller is in, or that they find, may enter and look into.
    pub async fn overheard(
        &self,
        caller: &Caller,
        room: ChatId,
        before: Option<MessageId>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        match self.ports.members.standing(room, caller.user).await {
            Ok(_) => {}
            Err(StoreError::NotFound) if !self.ports.directory.of(caller).finds_rooms() => {
                return Ok((Vec::new(), false));
            }
            Err(StoreError::NotFound) => {
                let now = self.ports.clock.now();
                let open = self.ports.addresses.last_said(&[room], caller.user, now).await?;
                if open.is_empty() {
                    return Ok((Vec::new(), false));
                }
            }
            Err(error) => return Err(error),
        }
        self.pages(room, self.end(room, before).await?, most).await
    }

    /// Before which seq the messages of a chat are that come before one of whatever chat. Ids rise with
    /// the seqs, so it is found by halves.
    async fn end(
        &self,
        chat: ChatId,
        before: Option<MessageId>,
    ) -> Result<Option<Seq>, StoreError> {
        let Some(before) = before else { return Ok(None) };
        let newest = self.ports.messages.page(chat, Page::Latest, 1).await?.messages;
        let last = newest.last().map_or(Seq::ZERO, |message| message.seq);
        // Whatever is before `low` is before it, and what is at `high` is not.
        let (mut low, mut high) = (1, last.get() + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = self.at(chat, Seq::stored(middle)).await?;
            if found.is_some_and(|message| message.id < before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(Some(Seq::stored(low)))
    }

    async fn pages(
        &self,
        chat: ChatId,
        before: Option<Seq>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        let mut newest_first = Vec::new();
        let (mut room, mut older) = (most, true);
        let mut next = before.map_or(Page::Latest, Page::Before);
        while room > 0 && older {
            let page = self.ports.messages.page(chat, next, room.min(limits::PAGE_MAX)).await?;
            room -= page.messages.len().min(room);
            older = page.older;
            let Some(first) = page.messages.first() else { break };
            next = Page::Before(first.seq);
            newest_first.extend(page.messages.into_iter().rev());
            let sizes = newest_first.iter().map(Message::size);
            let fitting = size::fitting(sizes, limits::PAGE_BYTES);
            if fitting < newest_first.len() {
                newest_first.truncate(fitting);
                (room, older) = (0, true);
            }
        }
        newest_first.reverse();
        Ok((newest_first, older))
    }
}
