//! Messages.

use super::MemoryDb;
use super::state::{AttachmentRow, MemberRow, State};
use async_trait::async_trait;
use domain::chat::{ChatActor, Horizon};
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, MessageId, Seq, UserId};
use domain::limits::EDITS_KEPT;
use domain::message::{
    Admission, AppendError, Appended, ChangeError, Circumstances, DeleteMessage, Draft,
    EarlierText, Edit, Edited, Extras, FoundPage, History, MarkStore, Message, MessageFacts,
    MessagePage, MessageQuery, MessageStore, Page, SendRefusal, ShownPage,
};

impl State {
    /// The author's message of the draft's client id, if it is there.
    fn replayed(&self, draft: &Draft) -> Option<&Message> {
        let key = (draft.author, draft.client_id.clone()?);
        self.message(*self.client_ids.get(&key)?)
    }

    fn append(&mut self, draft: &Draft) -> Result<Appended, AppendError> {
        let chat = draft.chat;
        let replayed = self.replayed(draft);
        let row = self.chat(chat).ok();
        let member = row.and_then(|row| row.present_member(draft.author).ok());
        let admission = draft.admit(Circumstances {
            role: member.map(|member| member.role),
            horizon: member.map(|member| member.horizon).unwrap_or_default(),
            silenced: member.map(MemberRow::silenced).unwrap_or_default(),
            closed: row.is_some_and(|row| self.is_closed(row)),
            hushed: row.is_some_and(|row| row.hushed),
            posting: row.map(|row| row.chat.permissions.posting).unwrap_or_default(),
            slow_mode: row.map(|row| row.chat.slow_mode).unwrap_or_default(),
            last_sent: member.and_then(|member| member.last_sent),
            replayed,
            answered: draft.reply_to.and_then(|id| self.message(id)),
            attachable: draft.attachments.iter().all(|id| {
                let unused =
                    |row: &AttachmentRow| row.owner == draft.author && row.message.is_none();
                self.attachments.get(id).is_some_and(unused)
            }),
        });
        let admission = admission.map_err(WriteError::Refused)?;
        if let (Admission::Replay, Some(message)) = (admission, replayed) {
            return Ok(Appended { message: message.clone(), replayed: true });
        }
        let mentions = self.mentioned(chat, draft.text.mentions());
        let id = MessageId::stored(self.next_id());
        let mut extras = Extras::default();
        extras.set_mentions(mentions);
        for upload in &draft.attachments {
            if let Some(row) = self.attachments.get_mut(upload) {
                row.message = Some(id);
                extras.attachments.push(row.attachment.clone());
            }
        }
        let row =
            self.chat_mut(chat).map_err(|_| WriteError::Refused(SendRefusal::ChatNotFound))?;
        let message = draft.message(id, row.last_seq().next(), row.step(), extras);
        row.active_at = row.active_at.max(draft.sent_at);
        if !row.chat.slow_mode.is_zero()
            && let Ok(member) = row.present_mut(draft.author)
        {
            member.last_sent = Some(draft.sent_at);
        }
        row.messages.push(message.clone());
        self.places.insert(id, (chat, message.seq));
        if let Some(client_id) = message.client_id.clone() {
            self.client_ids.insert((message.author, client_id), id);
        }
        Ok(Appended { message, replayed: false })
    }

    /// The facts that a change of a message by somebody is decided from.
    pub(super) fn message_facts(&self, id: MessageId, actor: ChatActor) -> MessageFacts<'_> {
        let message = self.message(id);
        let actor = message.and_then(|message| self.actor(message.chat, actor));
        MessageFacts { actor, message }
    }

    fn edit(&mut self, wanted: &Edit) -> Result<Option<Message>, ChangeError> {
        let facts = self.message_facts(wanted.message, wanted.actor);
        let attached = facts.message.is_some_and(|m| !m.extras.attachments.is_empty());
        let edited = wanted.decide(facts, attached).map_err(WriteError::Refused)?;
        if edited == Edited::default() {
            return Ok(None);
        }
        let before = self.message(wanted.message).ok_or(StoreError::NotFound)?.clone();
        let text = edited.text.as_ref();
        let mentions = text.map(|text| self.mentioned(before.chat, text.mentions()));
        let says_else = text.is_some();
        let edited = self.change(before.id, |message| {
            edited.apply(message, wanted.at);
            if let Some(mentions) = mentions {
                message.extras.set_mentions(mentions);
            }
        })?;
        if says_else {
            self.keep_text(before);
        }
        Ok(Some(edited))
    }

    /// Keeps the text that a message had before an edit: the first text for ever, and the newest of the others.
    fn keep_text(&mut self, before: Message) {
        let written_at = before.edited_at.unwrap_or(before.created_at);
        let kept = self.edits.entry(before.id).or_default();
        kept.push(EarlierText { text: before.text, written_at });
        if kept.len() > EDITS_KEPT {
            kept.remove(1);
        }
    }

    pub(super) fn delete_message(
        &mut self,
        id: MessageId,
        at: Timestamp,
    ) -> Result<Message, StoreError> {
        let tombstone = self.change(id, |message| message.bury(at))?;
        self.let_go(at, |row| row.message == Some(id));
        self.edits.remove(&id);
        self.stars.retain(|(_, starred)| *starred != id);
        Ok(tombstone)
    }

    /// Changes a message that is no tombstone, by one version.
    pub(super) fn change(
        &mut self,
        id: MessageId,
        change: impl FnOnce(&mut Message),
    ) -> Result<Message, StoreError> {
        let (chat, seq) = *self.places.get(&id).ok_or(StoreError::NotFound)?;
        let row = self.chat_mut(chat)?;
        if row.message(seq).ok_or(StoreError::NotFound)?.deleted_at.is_some() {
            return Err(StoreError::Conflict);
        }
        let version = row.step();
        let message = row.message_mut(seq).ok_or(StoreError::NotFound)?;
        change(message);
        message.version = version;
        Ok(message.clone())
    }
}

impl State {
    /// A page of a chat as if nothing were in it up to the horizon.
    fn page_beyond(
        &self,
        (chat, horizon): (ChatId, Horizon),
        page: Page,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        let (row, hidden) = (self.chat(chat)?, horizon.seq().get());
        let there = |seq: Seq| Seq::stored((seq.get() - hidden).max(0));
        let page = match page {
            Page::Latest => Page::Latest,
            Page::Before(seq) => Page::Before(there(seq)),
            Page::After(seq) => Page::After(there(seq)),
            Page::Around(seq) => Page::Around(there(seq)),
        };
        let last = row.last_seq().get() - hidden;
        let (start, end) = bounds(page, last, i64::try_from(limit).unwrap_or(i64::MAX / 4));
        let seqs = (start + hidden)..(end + hidden);
        let messages: Vec<_> =
            seqs.filter_map(|seq| row.message(Seq::stored(seq)).cloned()).collect();
        let quoted = row.quoted(&messages, horizon);
        Ok(MessagePage { messages, older: start > 1, newer: end <= last, quoted })
    }
}

/// The first seq of a page and the one after its last, for a chat with messages up to `last`.
fn bounds(page: Page, last: i64, limit: i64) -> (i64, i64) {
    let newest_before = |end: i64, limit: i64| (end - limit, end);
    let (start, end) = match page {
        Page::Latest => newest_before(last + 1, limit),
        Page::Before(seq) => newest_before(seq.get().min(last + 1), limit),
        Page::After(seq) => (seq.get() + 1, (seq.get() + 1).max(1) + limit),
        Page::Around(seq) => {
            let (start, _) = newest_before(seq.get().min(last + 1), limit / 2);
            (start, seq.get().max(1) + limit - limit / 2)
        }
    };
    (start.clamp(1, last + 1), end.clamp(1, last + 1))
}

#[async_trait]
impl MessageStore for MemoryDb {
    async fn append(&self, draft: Draft) -> Result<Appended, AppendError> {
        self.state().append(&draft)
    }

    async fn get(&self, id: MessageId) -> Result<Message, StoreError> {
        self.state().message(id).cloned().ok_or(StoreError::NotFound)
    }

    async fn page(
        &self,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        match self.state().page_beyond((chat, Horizon::NONE), page, limit) {
            Err(StoreError::NotFound) => {
                let (messages, quoted) = Default::default();
                Ok(MessagePage { messages, older: false, newer: false, quoted })
            }
            page => page,
        }
    }

    async fn history(
        &self,
        viewer: UserId,
        chat: ChatId,
        page: Page,
        limit: usize,
    ) -> Result<History, StoreError> {
        let standing = self.state().standing(chat, viewer).ok_or(StoreError::NotFound)?;
        let page = self.state().page_beyond((chat, standing.horizon), page, limit)?;
        let ids: Vec<_> = page.messages.iter().map(|message| message.id).collect();
        let starred = self.stars_among(viewer, &ids).await?;
        Ok(History { page, starred })
    }

    async fn seen_among(
        &self,
        viewer: UserId,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreError> {
        let state = self.state();
        let ids: std::collections::BTreeSet<_> = ids.iter().collect();
        let found = ids.into_iter().filter_map(|id| state.message(*id));
        let seen = found.filter(|message| {
            let standing = state.standing(message.chat, viewer);
            standing.is_some_and(|standing| !standing.horizon.hides(message))
        });
        Ok(seen.cloned().collect())
    }

    async fn shown(
        &self,
        viewer: UserId,
        chat: ChatId,
        skip: usize,
        limit: usize,
    ) -> Result<ShownPage, StoreError> {
        let state = self.state();
        let horizon = state.standing(chat, viewer).ok_or(StoreError::NotFound)?.horizon;
        let row = state.chat(chat)?;
        let shown = row.messages.iter().rev().filter(|message| message.deleted_at.is_none());
        let shown = shown.filter(|message| !horizon.hides(message));
        let messages: Vec<_> = shown.clone().skip(skip).take(limit).cloned().collect();
        Ok(ShownPage { quoted: row.quoted(&messages, horizon), messages, count: shown.count() })
    }

    async fn edit(&self, wanted: Edit) -> Result<Option<Message>, ChangeError> {
        self.state().edit(&wanted)
    }

    async fn delete(&self, wanted: DeleteMessage) -> Result<Option<Message>, ChangeError> {
        let mut state = self.state();
        let (id, facts) = (wanted.message, state.message_facts(wanted.message, wanted.actor));
        let own = facts.message.is_some_and(|message| message.author == wanted.actor.user());
        match wanted.decide(facts) {
            Ok(true) => {
                if !own {
                    state.note(id.get(), wanted.record());
                }
                Ok(Some(state.delete_message(id, wanted.at)?))
            }
            Ok(false) => Ok(None),
            Err(refusal) => Err(WriteError::Refused(refusal)),
        }
    }

    async fn edits(&self, id: MessageId) -> Result<Vec<EarlierText>, StoreError> {
        Ok(self.state().edits.get(&id).cloned().unwrap_or_default())
    }

    async fn find(
        &self,
        viewer: UserId,
        query: MessageQuery,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<FoundPage, StoreError> {
        Ok(self.state().find(viewer, &query, before, limit))
    }
}
