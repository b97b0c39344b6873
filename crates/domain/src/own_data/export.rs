//! Taking all of one's own data along, section by section and page by page, so that any amount
//! takes little memory.

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

/// Something of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportItem {
    /// The account itself.
    Account(Account),
    /// What its host keeps with it, if it keeps something.
    HostData(Data),
    /// A device that one is signed in on.
    Session(Session),
    /// Somebody whom one has blocked.
    Block(Block),
    /// A chat that one is in.
    Chat(Box<ChatView>),
    /// A message that one wrote, wherever that was.
    Message(Message),
    /// What such a message said before it was edited; it follows the message.
    Edits {
        /// Which.
        message: MessageId,
        /// The first first.
        texts: Vec<EarlierText>,
    },
    /// A message that one has starred, by whomever it is.
    Star {
        /// In which chat.
        chat: ChatId,
        /// Which.
        message: MessageId,
    },
    /// A message that one has reacted to, by whomever it is.
    Reactions(OwnReactions),
    /// A file that one uploaded, sent or not.
    File(StoredAttachment),
}

/// The sections, in their order. Whatever else is somebody's own gets a section of its own.
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

/// How far an export has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportPlace {
    /// Which of the sections.
    section: usize,
    /// The last chat of that section, where it goes by chats.
    chat: Option<ChatId>,
    /// Up to which message of the chat after it.
    seq: Seq,
    /// The last message of that section, where it goes by messages.
    message: Option<MessageId>,
    /// The last file.
    file: Option<AttachmentId>,
}

impl ExportPlace {
    fn next_section(self) -> Self {
        Self { section: self.section + 1, ..Self::default() }
    }
}

/// A part of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPage {
    /// What is on it, perhaps nothing.
    pub items: Vec<ExportItem>,
    /// Where it goes on; `None` at the end.
    pub next: Option<ExportPlace>,
}

impl OwnData {
    /// The part of everything that is the caller's own from that place on.
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
                // What others said there is not one's own.
                Ok(view) => {
                    let view = ChatView { last_message: None, ..view };
                    items.push(ExportItem::Chat(Box::new(view)));
                }
                // They left it, or it is gone since.
                Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let next = chats.last().map(|last| ExportPlace { chat: Some(*last), ..place });
        Ok((items, next.unwrap_or_else(|| place.next_section())))
    }

    /// The next messages with somebody's star.
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

    /// The next messages of the chat after the place, or the next chat.
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
