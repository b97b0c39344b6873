//! Finding messages in the ways that the different protocols name them.

use super::change::unseen;
use super::{ChangeError, Message, Messages, Page};
use crate::chat::Horizon;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, Seq, UserId};
use crate::limits;
use crate::session::Caller;
use crate::size;

/// How somebody looks at a room.
enum Look {
    /// Being in it, behind that horizon.
    Member(Horizon),
    /// From outside: they may find, enter and read it, and it shows its past.
    Guest,
}

impl Messages {
    /// A message that the caller may see, in any chat; it may be a tombstone.
    pub async fn find(&self, caller: &Caller, id: MessageId) -> Result<Message, ChangeError> {
        self.seen(caller, id).await.map_err(unseen)
    }

    /// As [`Self::find`], of several messages at once, ordered by id, without those that the caller does not see.
    pub async fn find_each(
        &self,
        caller: &Caller,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.ports.messages.seen_among(caller.user, ids).await
    }

    /// As [`Self::find`], also in a room that the caller is not in, if they may find, enter and read it, past
    /// included.
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
        let sees = match self.looked_into(caller, message.chat).await? {
            Some(Look::Member(horizon)) => !horizon.hides(&message),
            Some(Look::Guest) => true,
            None => false,
        };
        if sees { Ok(message) } else { Err(unseen(StoreError::NotFound)) }
    }

    /// How the caller looks at a room; `None` if they see nothing of it.
    async fn looked_into(&self, caller: &Caller, room: ChatId) -> Result<Option<Look>, StoreError> {
        match self.ports.members.standing(room, caller.user).await {
            Ok(standing) => return Ok(Some(Look::Member(standing.horizon))),
            Err(StoreError::NotFound) if !self.ports.directory.of(caller).finds_rooms() => {
                return Ok(None);
            }
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
        let now = self.ports.clock.now();
        let open = self.ports.addresses.last_said(&[room], caller.user, now).await?;
        Ok((!open.is_empty()).then_some(Look::Guest))
    }

    /// The message with that seq, for delivering its chat's events: whether anybody may see it is not checked.
    pub async fn at(&self, chat: ChatId, seq: Seq) -> Result<Option<Message>, StoreError> {
        let page = self.ports.messages.page(chat, Page::Before(seq.next()), 1).await?;
        Ok(page.messages.into_iter().next_back())
    }

    /// The message that this one replies to, for delivering its chat's events; it may be a tombstone.
    pub async fn answered(&self, message: &Message) -> Result<Option<Message>, StoreError> {
        let Some(id) = message.reply_to else { return Ok(None) };
        match self.ports.messages.get(id).await {
            Ok(answered) => Ok(Some(answered)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The newest messages before `before` of a chat that the caller is in, ordered by seq, at most `most`
    /// and about [`limits::PAGE_BYTES`]; and whether there are older ones.
    pub async fn newest(
        &self,
        caller: &Caller,
        chat: ChatId,
        before: Option<Seq>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        self.pages(chat, Some(caller.user), before, most).await
    }

    /// As [`Self::newest`], before a message that may be of any chat.
    pub async fn newest_before(
        &self,
        caller: &Caller,
        chat: ChatId,
        before: Option<MessageId>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        // Whoever is not in the chat has nothing looked for in it.
        self.ports.members.standing(chat, caller.user).await?;
        self.pages(chat, Some(caller.user), self.end(chat, before).await?, most).await
    }

    /// As [`Self::newest_before`], of a room that the caller is in, or that they may find, enter and read.
    pub async fn overheard(
        &self,
        caller: &Caller,
        room: ChatId,
        before: Option<MessageId>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        let viewer = match self.looked_into(caller, room).await? {
            None => return Ok((Vec::new(), false)),
            Some(Look::Member(_)) => Some(caller.user),
            Some(Look::Guest) => None,
        };
        self.pages(room, viewer, self.end(room, before).await?, most).await
    }

    /// The seq in the chat before which all messages are older than `before`, a message of any chat. It is
    /// found by binary search, because ids rise with seqs.
    async fn end(
        &self,
        chat: ChatId,
        before: Option<MessageId>,
    ) -> Result<Option<Seq>, StoreError> {
        let Some(before) = before else { return Ok(None) };
        let newest = self.ports.messages.page(chat, Page::Latest, 1).await?.messages;
        let last = newest.last().map_or(Seq::ZERO, |message| message.seq);
        // Messages before `low` are older than `before`; the one at `high`, if any, is not.
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

    /// Each page is read at once with whether the viewer is in the chat; without a viewer nothing is hidden.
    async fn pages(
        &self,
        chat: ChatId,
        viewer: Option<UserId>,
        before: Option<Seq>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        let mut newest_first = Vec::new();
        let (mut room, mut older) = (most, true);
        let mut next = before.map_or(Page::Latest, Page::Before);
        while room > 0 && older {
            let (messages, limit) = (&self.ports.messages, room.min(limits::PAGE_MAX));
            let page = match viewer {
                Some(viewer) => messages.history(viewer, chat, next, limit).await?.page,
                None => messages.page(chat, next, limit).await?,
            };
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
