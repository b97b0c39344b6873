//! Sending messages.

use super::{
    AppendError, Appended, ClientId, Extras, Message, MessageKind, MessageText, Messages,
    NotAClientId, SendRefusal,
};
use crate::chat::{
    ChatRole, Horizon, Posting, Silenced, WhisperError, WhisperPorts, open_whispers, rules,
};
use crate::clock::Timestamp;
use crate::data::{Data, DataError, DataPatch};
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{AttachmentId, ChatId, MessageId, Seq, UserId, Version};
use crate::limits;
use crate::session::Caller;
use crate::text::TextError;
use crate::user::AccountRole;
use std::time::Duration;

/// A message to send, as the client gave it.
#[derive(Debug, Clone, Copy)]
pub struct Send<'a> {
    /// The chat.
    pub chat: ChatId,
    /// The member of the chat to whisper it to; `None` sends it to the whole chat.
    pub to: Option<UserId>,
    /// The message's kind.
    pub kind: MessageKind,
    /// The text as typed.
    pub text: &'a str,
    /// Its data: a JSON object, read as a [`DataPatch`] of empty data.
    pub data: Option<&'a str>,
    /// The message of the same chat that it replies to.
    pub reply_to: Option<MessageId>,
    /// The client's id for it. Without one, a retry sends the message a second time.
    pub client_id: Option<&'a str>,
    /// Uploads of the sender's that are in no message yet.
    pub attachments: &'a [AttachmentId],
}

impl<'a> Send<'a> {
    /// A plain text message to a whole chat.
    pub fn new(chat: ChatId, text: &'a str) -> Self {
        let (to, kind, data) = (None, MessageKind::Text, None);
        Self { chat, to, kind, text, data, reply_to: None, client_id: None, attachments: &[] }
    }
}

/// A message that has passed the rules that need no database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The chat.
    pub chat: ChatId,
    /// The author.
    pub author: UserId,
    /// The author's account role at this moment, which is stored with the message.
    pub author_role: Option<AccountRole>,
    /// Whether that is a service key that calls as itself.
    pub is_key: bool,
    /// What the client calls it.
    pub client_id: Option<ClientId>,
    /// The message that it replies to.
    pub reply_to: Option<MessageId>,
    /// Its kind.
    pub kind: MessageKind,
    /// Its text.
    pub text: MessageText,
    /// Its data.
    pub data: Option<Data>,
    /// The uploads to attach, each once.
    pub attachments: Vec<AttachmentId>,
    /// The time of sending.
    pub sent_at: Timestamp,
}

/// What the store found for a draft, in the transaction that will store it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances<'a> {
    /// The author's role in the chat, if they are a member.
    pub role: Option<ChatRole>,
    /// What the author does not see of the chat.
    pub horizon: Horizon,
    /// How long the author says nothing.
    pub silenced: Silenced,
    /// Whether nobody may write here now: the chat is between two people, and one of them cannot be
    /// written to.
    pub closed: bool,
    /// See [`crate::chat::Standing::hushed`].
    pub hushed: bool,
    /// Who may write in the chat.
    pub posting: Posting,
    /// How long a plain member of the chat waits between two messages.
    pub slow_mode: Duration,
    /// When the author last sent something to the chat while it was in slow mode.
    pub last_sent: Option<Timestamp>,
    /// The author's earlier message with the draft's client id, if there is one.
    pub replayed: Option<&'a Message>,
    /// The message that the draft replies to, if it exists.
    pub answered: Option<&'a Message>,
    /// Whether each of the draft's attachments is an upload of its author's that is in no message.
    pub attachable: bool,
}

/// What to do with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Store it.
    Append,
    /// It is stored already.
    Replay,
}

impl Draft {
    /// How many indexed words cost as much to store as one row.
    const WORDS_OF_A_ROW: usize = 32;
    /// How many bytes of data do.
    const BYTES_OF_A_ROW: usize = 1_024;

    /// A text message with nothing that is optional: its author has no account role, and is no service key.
    pub fn new(chat: ChatId, author: UserId, text: MessageText, sent_at: Timestamp) -> Self {
        Self {
            chat,
            author,
            author_role: None,
            is_key: false,
            client_id: None,
            reply_to: None,
            kind: MessageKind::Text,
            text,
            data: None,
            attachments: Vec::new(),
            sent_at,
        }
    }

    /// The approximate work of storing the draft, in rows: one for the message, one for each attachment and
    /// each name that it may mention, and a share for its words and its data. An ordinary message costs one.
    pub fn cost(&self) -> usize {
        let words = self.text.words().len() / Self::WORDS_OF_A_ROW;
        let data = self.data.as_ref().map_or(0, |data| data.as_str().len() / Self::BYTES_OF_A_ROW);
        1 + words + data + self.text.mentions().names().count() + self.attachments.len()
    }

    /// Decides whether to store the draft, given what the store found.
    pub fn admit(&self, found: Circumstances<'_>) -> Result<Admission, SendRefusal> {
        let role = found.role.ok_or(SendRefusal::ChatNotFound)?;
        if let Some(replayed) = found.replayed {
            // What they said before they left and came back is hidden from them, whoever asks for it.
            let is_seen = replayed.chat == self.chat && !found.horizon.hides(replayed);
            return if is_seen { Ok(Admission::Replay) } else { Err(SendRefusal::ClientIdReused) };
        }
        if found.closed {
            return Err(SendRefusal::PeerUnavailable);
        }
        found.silenced.lets_speak(self.sent_at)?;
        rules::lets_write(role, found.posting, found.hushed, self.is_key)?;
        if let Some(wait) = self.must_wait(role, found) {
            return Err(SendRefusal::SlowMode { wait });
        }
        let answers =
            |m: &Message| m.chat == self.chat && m.deleted_at.is_none() && !found.horizon.hides(m);
        if self.reply_to.is_some() && !found.answered.is_some_and(answers) {
            return Err(SendRefusal::ReplyNotFound);
        }
        if !self.attachments.is_empty() && !found.attachable {
            return Err(SendRefusal::AttachmentNotFound);
        }
        Ok(Admission::Append)
    }

    /// The message that it becomes in that place, with what hangs on it.
    pub fn message(&self, id: MessageId, seq: Seq, version: Version, extras: Extras) -> Message {
        Message {
            id,
            chat: self.chat,
            seq,
            version,
            author: self.author,
            author_role: self.author_role,
            client_id: self.client_id.clone(),
            reply_to: self.reply_to,
            kind: self.kind,
            text: self.text.as_str().to_owned(),
            data: self.data.clone(),
            created_at: self.sent_at,
            edited_at: None,
            deleted_at: None,
            pinned_at: None,
            extras,
        }
    }

    fn must_wait(&self, role: ChatRole, found: Circumstances<'_>) -> Option<Duration> {
        let waited = self.sent_at.since(found.last_sent.filter(|_| role == ChatRole::Member)?);
        found.slow_mode.checked_sub(waited).filter(|wait| !wait.is_zero())
    }
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The text breaks a rule.
    #[error("The text {0}.")]
    Text(#[from] TextError),
    /// The client id breaks a rule.
    #[error("The client id {0}.")]
    ClientId(#[from] NotAClientId),
    /// The data breaks a rule.
    #[error(transparent)]
    Data(#[from] DataError),
    /// It is of the kind `app`, and has no data.
    #[error("A message of the kind app has data.")]
    DataMissing,
    /// It is a system message, and the caller is not a service key acting as itself.
    #[error("Only a service key sends system messages, while it acts as nobody else.")]
    KeyNeeded,
    /// It has too many attachments.
    #[error("A message has {0} attachments at most.")]
    TooManyAttachments(usize),
    /// The rules refuse it, given what the store found.
    #[error(transparent)]
    Refused(#[from] SendRefusal),
    /// It may not be whispered.
    #[error(transparent)]
    Whisper(#[from] WhisperError),
    /// The database failed. The message may have been stored: send it again with the same client id.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AppendError> for SendError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Refused(why) => why.into(),
            AppendError::Store(error) => error.into(),
        }
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Text(why) => Self::field("text", why.code(), error),
            SendError::ClientId(_) => Self::field("client_id", "client_id_invalid", error),
            SendError::Data(why) => why.into(),
            SendError::DataMissing => Self::field("data", "data_missing", error),
            SendError::KeyNeeded => Self::new(Kind::Forbidden, "key_needed", error),
            SendError::Refused(SendRefusal::ChatNotFound) => {
                Self::new(Kind::NotFound, "chat_not_found", error)
            }
            SendError::Refused(SendRefusal::PeerUnavailable) => {
                Self::new(Kind::Forbidden, "peer_unavailable", error)
            }
            SendError::Refused(SendRefusal::Restricted(why)) => why.into(),
            SendError::Refused(SendRefusal::ReplyNotFound) => {
                Self::field("reply_to", "reply_not_found", error)
            }
            SendError::Refused(SendRefusal::SlowMode { wait }) => {
                Self::too_many(wait, "slow_mode", error)
            }
            SendError::Whisper(error) => error.into(),
            SendError::Refused(SendRefusal::ClientIdReused) => {
                Self::new(Kind::Conflict, "client_id_reused", error)
            }
            SendError::Refused(SendRefusal::AttachmentNotFound) => {
                Self::field("attachments", "attachment_not_found", error)
            }
            SendError::TooManyAttachments(_) => {
                Self::field("attachments", "too_many_attachments", error)
            }
            SendError::Store(error) => error.into(),
        }
    }
}

impl Messages {
    /// Sends a message. When this returns, it is stored. A replay returns the message as it is now, and
    /// publishes no event.
    pub async fn send(&self, caller: &Caller, command: Send<'_>) -> Result<Appended, SendError> {
        let client_id = command.client_id.map(ClientId::new).transpose()?;
        let attachments = distinct(command.attachments, self.limits.attachments)?;
        let (kind, text) = (command.kind, text_of(&command, &attachments)?);
        self.limits.allow_text(text.as_str())?;
        let data = data_of(caller, &command)?;
        let chat = match command.to {
            Some(to) => self.whispers(caller, command.chat, to).await?,
            None => command.chat,
        };
        let sent_at = self.ports.clock.now();
        let (author, author_role) = (caller.user, Some(caller.role));
        let reply_to = command.reply_to;
        let draft = Draft {
            chat,
            author,
            author_role,
            is_key: caller.is_key(),
            client_id,
            reply_to,
            kind,
            text,
            data,
            attachments,
            sent_at,
        };
        let appended = self.ports.messages.append(draft).await?;
        if !appended.replayed {
            self.ports.typists.stop((chat, author), sent_at, &*self.ports.bus);
            self.tell(EventBody::MessageCreated(appended.message.clone()), chat);
        }
        Ok(appended)
    }

    /// The whisper chat of the caller and somebody else within a chat, created if need be.
    async fn whispers(
        &self,
        caller: &Caller,
        chat: ChatId,
        to: UserId,
    ) -> Result<ChatId, WhisperError> {
        let ports = WhisperPorts {
            addresses: &*self.ports.addresses,
            members: &*self.ports.members,
            bus: &*self.ports.bus,
            clock: &*self.ports.clock,
        };
        Ok(open_whispers(ports, caller, chat, to).await?.0.id)
    }
}

/// Checks the text. It may be empty only beside attachments; kinds that do not count as unread mention nobody.
fn text_of(command: &Send<'_>, attachments: &[AttachmentId]) -> Result<MessageText, TextError> {
    let mut text = if attachments.is_empty() || command.kind != MessageKind::Text {
        MessageText::new(command.text)?
    } else {
        MessageText::beside_attachments(command.text)?
    };
    if !command.kind.counts_as_unread() {
        text.keep_names(|_| false);
    }
    Ok(text)
}

/// Checks the data, and that the caller may send this kind.
fn data_of(caller: &Caller, command: &Send<'_>) -> Result<Option<Data>, SendError> {
    if matches!(command.kind, MessageKind::System { .. }) && !caller.is_key() {
        return Err(SendError::KeyNeeded);
    }
    let data = match command.data {
        Some(data) => DataPatch::parse(data)?.apply(None)?,
        None => None,
    };
    if command.kind == MessageKind::App && data.is_none() {
        return Err(SendError::DataMissing);
    }
    Ok(data)
}

/// The attachments without repetitions, in the order in which they were first named.
fn distinct(named: &[AttachmentId], at_most: usize) -> Result<Vec<AttachmentId>, SendError> {
    let at_most = at_most.min(limits::MESSAGE_ATTACHMENTS);
    let mut attachments = Vec::new();
    for id in named {
        if attachments.len() > at_most {
            break;
        }
        if !attachments.contains(id) {
            attachments.push(*id);
        }
    }
    if attachments.len() > at_most {
        return Err(SendError::TooManyAttachments(at_most));
    }
    Ok(attachments)
}
