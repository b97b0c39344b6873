//! Exporting all of a user's own data, section by section and page by page, so that any amount needs little
//! memory.

use super::{OwnData, OwnReactions};
use crate::block::Block;
use crate::chat::ChatView;
use crate::data::Data;
use crate::failure::StoreError;
use crate::ids::{AttachmentId, ChatId, MessageId, Seq, UserId};
use crate::limits::{BLOCKS, PAGE_BYTES, PAGE_MAX};
use crate::media::StoredAttachment;
use crate::message::{EarlierText, Message};
use crate::session::{Caller, Session};
use crate::user::Account;
use std::iter;

/// An item of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportItem {
    /// The account itself.
    Account(Account),
    /// The data that its host stores with it, if there is any.
    HostData(Data),
    /// A session: a device that the user is signed in on.
    Session(Session),
    /// A person whom the user has blocked.
    Block(Block),
    /// A chat that the user is in.
    Chat(Box<ChatView>),
    /// A message that the user wrote, in any chat.
    Message(Message),
    /// The earlier texts of an edited message; they follow the message.
    Edits {
        /// The message.
        message: MessageId,
        /// The oldest first.
        texts: Vec<EarlierText>,
    },
    /// A message that the user has starred, by any author.
    Star {
        /// Its chat.
        chat: ChatId,
        /// The message.
        message: MessageId,
    },
    /// A message that the user has reacted to, by any author.
    Reactions(OwnReactions),
    /// A file that the user uploaded, sent or not.
    File(StoredAttachment),
}

/// The sections, in order. A new kind of personal data needs a section here.
const SECTIONS: [Section; 8] = [
    Section::Account,
    Section::Sessions,
    Section::Blocks,
    Section::Chats,
    Section::Messages,
    Section::Stars,
    Section::Reactions,
    Section::Files,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Account,
    Sessions,
    Blocks,
    Chats,
    Messages,
    Stars,
    Reactions,
    Files,
}

/// Where an export continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportPlace {
    /// The section's index.
    section: usize,
    /// In a section that goes through chats: the last chat that is done.
    chat: Option<ChatId>,
    /// In the chat after that one: the last message that is done.
    seq: Seq,
    /// In a section that goes through messages: the last one that is done.
    message: Option<MessageId>,
    /// In the section of files: the last one that is done.
    file: Option<AttachmentId>,
}

impl ExportPlace {
    fn next_section(self) -> Self {
        Self { section: self.section + 1, ..Self::default() }
    }
}

/// A page of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPage {
    /// Its items; there may be none before the end.
    pub items: Vec<ExportItem>,
    /// Where to continue; `None` at the end.
    pub next: Option<ExportPlace>,
}

impl OwnData {
    /// The next page of the caller's own data from that place on.
    pub async fn export(
        &self,
        caller: &Caller,
        place: ExportPlace,
    ) -> Result<ExportPage, StoreError> {
        let Some(section) = SECTIONS.get(place.section) else {
            return Ok(ExportPage { items: Vec::new(), next: None });
        };
        let (user, whole) = (caller.user, |items| (items, place.next_section()));
        let (items, next) = match section {
            Section::Account => {
                let account = ExportItem::Account(self.ports.users.account(user).await?);
                let data = self.ports.host_accounts.data_of(user, None).await?;
                whole(iter::once(account).chain(data.map(ExportItem::HostData)).collect())
            }
            Section::Sessions => {
                let now = self.ports.clock.now();
                let sessions = self.ports.sessions.list(user, now).await?;
                whole(sessions.into_iter().map(ExportItem::Session).collect())
            }
            Section::Blocks => {
                let blocks = self.ports.blocks.list(user, None, BLOCKS).await?.blocks;
                whole(blocks.into_iter().map(ExportItem::Block).collect())
            }
            Section::Chats => self.chats(user, place).await?,
            Section::Messages => self.messages(user, place).await?,
            Section::Stars => self.stars(user, place).await?,
            Section::Reactions => self.reactions(user, place).await?,
            Section::Files => self.files(user, place).await?,
        };
        Ok(ExportPage { items, next: Some(next) })
    }

    /// The next chats that somebody is in.
    async fn chats(
        &self,
        user: UserId,
        place: ExportPlace,
    ) -> Result<(Vec<ExportItem>, ExportPlace), StoreError> {
        let mut items = Vec::new();
        let chats = self.ports.own.chats(user, place.chat, PAGE_MAX).await?;
        for chat in &chats {
            match self.ports.chats.view(*chat, user).await {
                // The last message may be somebody else's, so it is not part of the export.
                Ok(view) => {
                    let view = ChatView { last_message: None, ..view };
                    items.push(ExportItem::Chat(Box::new(view)));
                }
                // They have left it, or it was deleted meanwhile.
                Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let next = chats.last().map(|last| ExportPlace { chat: Some(*last), ..place });
        Ok((items, next.unwrap_or_else(|| place.next_section())))
    }

    /// The next messages that somebody has starred.
    async fn stars(
        &self,
        user: UserId,
        place: ExportPlace,
    ) -> Result<(Vec<ExportItem>, ExportPlace), StoreError> {
        let page = self.ports.marks.starred(user, true, place.message, PAGE_MAX).await?;
        let star = |m: &Message| ExportItem::Star { chat: m.chat, message: m.id };
        let next = page.messages.last().filter(|_| page.more);
        let next = next.map(|last| ExportPlace { message: Some(last.id), ..place });
        let items = page.messages.iter().map(star).collect();
        Ok((items, next.unwrap_or_else(|| place.next_section())))
    }

    /// The next messages that somebody has reacted to.
    async fn reactions(
        &self,
        user: UserId,
        place: ExportPlace,
    ) -> Result<(Vec<ExportItem>, ExportPlace), StoreError> {
        let reacted = self.ports.own.reactions(user, place.message, PAGE_MAX).await?;
        let next = reacted.last().map(|last| ExportPlace { message: Some(last.message), ..place });
        let items = reacted.into_iter().map(ExportItem::Reactions).collect();
        Ok((items, next.unwrap_or_else(|| place.next_section())))
    }

    /// The next files that somebody uploaded.
    async fn files(
        &self,
        user: UserId,
        place: ExportPlace,
    ) -> Result<(Vec<ExportItem>, ExportPlace), StoreError> {
        let files = self.ports.own.files(user, place.file, PAGE_MAX).await?;
        let next = files.last().map(|last| ExportPlace { file: Some(last.attachment.id), ..place });
        let items = files.into_iter().map(ExportItem::File).collect();
        Ok((items, next.unwrap_or_else(|| place.next_section())))
    }

    /// The next messages of the chat after `place.chat`. Once that has no more, the place moves to the next chat.
    async fn messages(
        &self,
        user: UserId,
        place: ExportPlace,
    ) -> Result<(Vec<ExportItem>, ExportPlace), StoreError> {
        let chats = self.ports.own.chats(user, place.chat, 1).await?;
        let Some(chat) = chats.first() else { return Ok((Vec::new(), place.next_section())) };
        let said = self.ports.own.messages(*chat, user, place.seq, PAGE_MAX).await?;
        let mut next = ExportPlace { chat: Some(*chat), seq: Seq::ZERO, ..place };
        let (mut items, mut bytes) = (Vec::new(), 0);
        for message in said {
            if bytes >= PAGE_BYTES {
                break;
            }
            next = ExportPlace { seq: message.seq, ..place };
            bytes += message.size();
            let (message_id, edited) = (message.id, message.edited_at.is_some());
            items.push(ExportItem::Message(message));
            if edited {
                let texts = self.ports.messages.edits(message_id).await?;
                bytes += texts.iter().map(|earlier| earlier.text.len()).sum::<usize>();
                items.push(ExportItem::Edits { message: message_id, texts });
            }
        }
        Ok((items, next))
    }
}
