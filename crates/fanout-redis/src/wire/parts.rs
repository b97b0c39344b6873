//! What events are made of.

use domain::chat::{
    Chat, ChatKind, ChatRole, Description, Horizon, Member, Permissions, Silence, Title,
};
use domain::clock::Timestamp;
use domain::data::Data;
use domain::host::ExternalId;
use domain::ids::{ChatId, MessageId, ProjectId};
use domain::media::{Attachment, FileName, Picture};
use domain::message::{ClientId, Emoji, Extras, Mention, Message, MessageKind, Reaction};
use domain::user::{AccountRole, UserSummary};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// A number as what it names; `None` if it cannot name it.
pub(super) fn id<T: TryFrom<i64>>(number: i64) -> Option<T> {
    number.try_into().ok()
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireMessage<'a> {
    id: i64,
    chat: i64,
    seq: i64,
    version: i64,
    author: i64,
    /// Nodes of earlier versions leave it out.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    author_role: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    client_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to: Option<i64>,
    /// Nothing for a text; nodes of earlier versions leave it out.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    /// Its JSON. Nodes of earlier versions leave it out.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    data: Option<Cow<'a, str>>,
    created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pinned_at: Option<i64>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<(Cow<'a, str>, Vec<i64>)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<i64>,
    /// Who, after how many characters, and in how many. Nodes of earlier versions leave it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mention_ranges: Vec<(i64, usize, usize)>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<WireAttachment<'a>>,
}

#[derive(Serialize, Deserialize)]
struct WireAttachment<'a> {
    id: i64,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    mime: Cow<'a, str>,
    size: u64,
    /// Its width, its height, its preview.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    picture: Option<(u32, u32, Cow<'a, str>)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireChat<'a> {
    id: i64,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    /// The project of a project's chat, the chat around whispers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<i64>,
    #[serde(borrow)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow)]
    description: Cow<'a, str>,
    slow_mode_micros: u64,
    #[serde(default)]
    open: bool,
    /// Its words, if it permits anything but the usual. Nodes of earlier versions leave it out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    permissions: String,
    created_at: i64,
    /// Nodes of earlier versions leave it out.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    external_id: Option<Cow<'a, str>>,
    /// Its JSON. Nodes of earlier versions leave it out.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    data: Option<Cow<'a, str>>,
    version: i64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireMember<'a> {
    chat: i64,
    user: i64,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    account_role: Cow<'a, str>,
    /// Nodes of earlier versions leave it out.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    external_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    role: Cow<'a, str>,
    joined_at: i64,
    left_at: Option<i64>,
    read_seq: i64,
    /// The seq and the id of the last message that they do not see. Nodes of earlier versions leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hidden: Option<(i64, i64)>,
    version: i64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireSilence<'a> {
    by: i64,
    #[serde(borrow)]
    reason: Option<Cow<'a, str>>,
    at: i64,
    until: Option<i64>,
}

impl<'a> From<&'a Message> for WireMessage<'a> {
    fn from(message: &'a Message) -> Self {
        let reactions = message.extras.reactions.iter().map(|Reaction { emoji, users }| {
            (emoji.as_str().into(), users.iter().map(|user| user.get()).collect())
        });
        Self {
            id: message.id.get(),
            chat: message.chat.get(),
            seq: message.seq.get(),
            version: message.version.get(),
            author: message.author.get(),
            author_role: message.author_role.as_ref().map(|role| role.as_str().into()),
            client_id: message.client_id.as_ref().map(|id| id.as_str().into()),
            reply_to: message.reply_to.map(MessageId::get),
            kind: message.kind.stored_word().map(Cow::from),
            text: message.text.as_str().into(),
            data: message.data.as_ref().map(|data| data.as_str().into()),
            created_at: message.created_at.as_micros(),
            edited_at: message.edited_at.map(Timestamp::as_micros),
            deleted_at: message.deleted_at.map(Timestamp::as_micros),
            pinned_at: message.pinned_at.map(Timestamp::as_micros),
            reactions: reactions.collect(),
            mentions: message.extras.mentions.iter().map(|user| user.get()).collect(),
            mention_ranges: message
                .extras
                .mention_ranges
                .iter()
                .map(|Mention { user, offset, length }| (user.get(), *offset, *length))
                .collect(),
            attachments: message.extras.attachments.iter().map(WireAttachment::from).collect(),
        }
    }
}

impl WireMessage<'_> {
    pub(super) fn into_message(self) -> Option<Message> {
        let reactions = self.reactions.into_iter().map(|(emoji, users)| {
            let users = users.into_iter().map(id).collect::<Option<_>>()?;
            Some(Reaction { emoji: Emoji::stored(emoji.into_owned()), users })
        });
        let attachments = self.attachments.into_iter().map(WireAttachment::into_attachment);
        let mention_ranges = self.mention_ranges.into_iter();
        let mention_ranges = mention_ranges
            .map(|(user, offset, length)| Some(Mention { user: id(user)?, offset, length }));
        Some(Message {
            id: id(self.id)?,
            chat: id(self.chat)?,
            seq: id(self.seq)?,
            version: id(self.version)?,
            author: id(self.author)?,
            author_role: self.author_role.and_then(|role| AccountRole::parse(&role)),
            client_id: self.client_id.map(|id| ClientId::new(&id)).transpose().ok()?,
            reply_to: self.reply_to.map(|number| id(number).ok_or(())).transpose().ok()?,
            kind: MessageKind::stored(self.kind.as_deref()),
            text: self.text.into_owned(),
            data: self.data.map(|data| Data::stored(data.into_owned())),
            created_at: Timestamp::from_micros(self.created_at),
            edited_at: self.edited_at.map(Timestamp::from_micros),
            deleted_at: self.deleted_at.map(Timestamp::from_micros),
            pinned_at: self.pinned_at.map(Timestamp::from_micros),
            extras: Extras {
                reactions: reactions.collect::<Option<_>>()?,
                mentions: self.mentions.into_iter().map(id).collect::<Option<_>>()?,
                mention_ranges: mention_ranges.collect::<Option<_>>()?,
                attachments: attachments.collect::<Option<_>>()?,
            },
        })
    }
}

impl<'a> From<&'a Attachment> for WireAttachment<'a> {
    fn from(attachment: &'a Attachment) -> Self {
        let picture = attachment.picture.as_ref();
        Self {
            id: attachment.id.get(),
            name: attachment.name.as_str().into(),
            mime: attachment.mime.as_str().into(),
            size: attachment.size,
            picture: picture.map(|p| (p.width, p.height, p.preview.as_str().into())),
        }
    }
}

impl WireAttachment<'_> {
    fn into_attachment(self) -> Option<Attachment> {
        let picture = |(width, height, preview): (u32, u32, Cow<'_, str>)| {
            let preview = preview.into_owned();
            Picture { width, height, preview }
        };
        Some(Attachment {
            id: id(self.id)?,
            name: FileName::stored(self.name.into_owned()),
            mime: self.mime.into_owned(),
            size: self.size,
            picture: self.picture.map(picture),
        })
    }
}

impl<'a> From<&'a Chat> for WireChat<'a> {
    fn from(chat: &'a Chat) -> Self {
        let project = chat.kind.project().map(ProjectId::get);
        Self {
            id: chat.id.get(),
            kind: chat.kind.as_str().into(),
            of: project.or(chat.kind.parent().map(ChatId::get)),
            title: chat.title.as_ref().map(|title| title.as_str().into()),
            description: chat.description.as_str().into(),
            slow_mode_micros: u64::try_from(chat.slow_mode.as_micros()).unwrap_or(u64::MAX),
            open: chat.open,
            permissions: chat.permissions.to_words(),
            created_at: chat.created_at.as_micros(),
            external_id: chat.external_id.as_ref().map(|id| id.as_str().into()),
            data: chat.data.as_ref().map(|data| data.as_str().into()),
            version: chat.version.get(),
        }
    }
}

impl WireChat<'_> {
    pub(super) fn into_chat(self) -> Option<Chat> {
        let kind = match (&*self.kind, self.of) {
            ("direct", _) => ChatKind::Direct,
            ("group", _) => ChatKind::Group,
            ("room", _) => ChatKind::Room,
            ("project", Some(project)) => ChatKind::Project(id(project)?),
            ("whisper", Some(parent)) => ChatKind::Whisper(id(parent)?),
            _ => return None,
        };
        Some(Chat {
            id: id(self.id)?,
            kind,
            title: self.title.map(|title| Title::stored(title.into_owned())),
            description: Description::stored(self.description.into_owned()),
            slow_mode: Duration::from_micros(self.slow_mode_micros),
            open: self.open,
            permissions: Permissions::stored(&self.permissions)?,
            created_at: Timestamp::from_micros(self.created_at),
            external_id: self.external_id.map(|id| ExternalId::stored(id.into_owned())),
            data: self.data.map(|data| Data::stored(data.into_owned())),
            version: id(self.version)?,
        })
    }
}

impl<'a> From<&'a Member> for WireMember<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            chat: member.chat.get(),
            user: member.user.id.get(),
            name: member.user.name.as_str().into(),
            account_role: member.user.role.as_str().into(),
            external_id: member.user.external_id.as_ref().map(|id| id.as_str().into()),
            role: member.role.as_str().into(),
            joined_at: member.joined_at.as_micros(),
            left_at: member.left_at.map(Timestamp::as_micros),
            read_seq: member.read_seq.get(),
            hidden: hidden(member.horizon),
            version: member.version.get(),
        }
    }
}

fn hidden(horizon: Horizon) -> Option<(i64, i64)> {
    horizon.message().map(|message| (horizon.seq().get(), message.get()))
}

impl WireMember<'_> {
    pub(super) fn into_member(self) -> Option<Member> {
        Some(Member {
            chat: id(self.chat)?,
            user: UserSummary {
                id: id(self.user)?,
                name: self.name.into_owned(),
                role: AccountRole::parse(&self.account_role)?,
                external_id: self.external_id.map(|id| ExternalId::stored(id.into_owned())),
            },
            role: ChatRole::parse(&self.role)?,
            joined_at: Timestamp::from_micros(self.joined_at),
            left_at: self.left_at.map(Timestamp::from_micros),
            read_seq: id(self.read_seq)?,
            horizon: match self.hidden {
                Some((seq, message)) => Horizon::at(id(seq)?, id(message)?),
                None => Horizon::NONE,
            },
            // Only the member themselves is told, by an event of its own.
            silence: None,
            version: id(self.version)?,
        })
    }
}

impl<'a> From<&'a Silence> for WireSilence<'a> {
    fn from(silence: &'a Silence) -> Self {
        Self {
            by: silence.by.get(),
            reason: silence.reason.as_deref().map(Into::into),
            at: silence.at.as_micros(),
            until: silence.until.map(Timestamp::as_micros),
        }
    }
}

impl WireSilence<'_> {
    pub(super) fn into_silence(self) -> Option<Silence> {
        Some(Silence {
            by: id(self.by)?,
            reason: self.reason.map(Cow::into_owned),
            at: Timestamp::from_micros(self.at),
            until: self.until.map(Timestamp::from_micros),
        })
    }
}
