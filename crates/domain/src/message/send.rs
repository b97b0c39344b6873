//! Sending.

use super::{
    AppendError, Appended, ClientId, Message, MessageKind, MessageText, Messages, NotAClientId,
};
use crate::chat::{
    ChatRole, Posting, Restriction, WhisperError, WhisperPorts, open_whispers, rules,
};
use crate::clock::Timestamp;
use crate::data::{Data, DataError, DataPatch};
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{AttachmentId, ChatId, MessageId, UserId};
use crate::limits;
use crate::session::Caller;
use crate::text::TextError;
use crate::user::AccountRole;
use std::time::Duration;

/// What somebody wants to send.
#[derive(Debug, Clone, Copy)]
pub struct Send<'a> {
    /// To which chat.
    pub chat: ChatId,
    /// To whisper it to this member of the chat; `None` says it to all.
    pub to: Option<UserId>,
    /// What sort of message it is to be.
    pub kind: MessageKind,
    /// The text as typed.
    pub text: &'a str,
    /// What is kept with it: JSON that says what a [`DataPatch`] does of none.
    pub data: Option<&'a str>,
    /// The message of the same chat that it answers.
    pub reply_to: Option<MessageId>,
    /// What the client calls it. Without one, sending twice sends twice.
    pub client_id: Option<&'a str>,
    /// Uploads of the sender's that no message has yet.
    pub attachments: &'a [AttachmentId],
}

impl<'a> Send<'a> {
    /// A text for a whole chat, and nothing else.
    pub fn new(chat: ChatId, text: &'a str) -> Self {
        let (to, kind, data) = (None, MessageKind::Text, None);
        Self { chat, to, kind, text, data, reply_to: None, client_id: None, attachments: &[] }
    }
}

/// A message that kept the rules that need no database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// To which chat.
    pub chat: ChatId,
    /// Who writes.
    pub author: UserId,
    /// The role of their account, which the message keeps.
    pub author_role: Option<AccountRole>,
    /// Whether that is a service key that calls as itself.
    pub is_key: bool,
    /// What the client calls it.
    pub client_id: Option<ClientId>,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// What sort it is.
    pub kind: MessageKind,
    /// What it says.
    pub text: MessageText,
    /// What is kept with it.
    pub data: Option<Data>,
    /// The uploads that go with it, each once.
    pub attachments: Vec<AttachmentId>,
    /// Now.
    pub sent_at: Timestamp,
}

/// What a store found for a draft, in the transaction that is to store it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances<'a> {
    /// What the author may do, if they are in the chat.
    pub role: Option<ChatRole>,
    /// Whether nobody may write here now: the chat is between two people and one of them is not
    /// there to be written to.
    pub closed: bool,
    /// See [`crate::chat::Standing::hushed`].
    pub hushed: bool,
    /// Who may write in the chat.
    pub posting: Posting,
    /// How long a plain member of the chat waits between two messages.
    pub slow_mode: Duration,
    /// When the author last sent something to the chat while it was in slow mode.
    pub last_sent: Option<Timestamp>,
    /// The author's message of that client id, if the draft has one and it is there.
    pub replayed: Option<&'a Message>,
    /// The message that the draft answers, if it names one and it is there.
    pub answered: Option<&'a Message>,
    /// Whether each of the draft's attachments is an upload of its author's that no message has.
    pub attachable: bool,
}

/// What is to be done with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Store it.
    Append,
    /// It is stored already.
    Replay,
}

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    /// There is no such chat, or the author is not in it: which of them is nobody's business.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The other one of the two is disabled or was deleted, has left the chat that is whispered in,
    /// or one of them has blocked the other: which of them is nobody's business.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// The settings of the chat do not let the author write.
    #[error(transparent)]
    Restricted(#[from] Restriction),
    /// The message to answer is not in this chat, or deleted.
    #[error("There is no such message to reply to in this chat.")]
    ReplyNotFound,
    /// The chat is in slow mode, and the author's last message is not long enough ago.
    #[error("This chat is in slow mode; wait {} s.", seconds(*wait))]
    SlowMode {
        /// How long it takes until the author may send again.
        wait: Duration,
    },
    /// The author used this client id in another chat.
    #[error("This client id was used for a message in another chat.")]
    ClientIdReused,
    /// An attachment is not there, is another's, or is in a message already.
    #[error("There is no such upload of yours that is in no message yet.")]
    AttachmentNotFound,
}

impl Draft {
    /// Words that cost as much in a commit as a row does.
    const WORDS_OF_A_ROW: usize = 32;
    /// The same of bytes of data.
    const BYTES_OF_A_ROW: usize = 1_024;

    /// About how much work it is to store it, in rows: its own, those of its attachments and of the names
    /// that it may mention, and the share of its words in the index and of its data. An ordinary message
    /// costs one.
    pub fn cost(&self) -> usize {
        let words = self.text.words().len() / Self::WORDS_OF_A_ROW;
        let data = self.data.as_ref().map_or(0, |data| data.as_str().len() / Self::BYTES_OF_A_ROW);
        1 + words + data + self.text.mentions().names().count() + self.attachments.len()
    }

    /// Whether it is to be stored, given what is true in the store.
    pub fn admit(&self, found: Circumstances<'_>) -> Result<Admission, SendRefusal> {
        let role = found.role.ok_or(SendRefusal::ChatNotFound)?;
        if let Some(replayed) = found.replayed {
            let same_chat = replayed.chat == self.chat;
            return if same_chat {
                Ok(Admission::Replay)
            } else {
                Err(SendRefusal::ClientIdReused)
            };
        }
        if found.closed {
            return Err(SendRefusal::PeerUnavailable);
        }
        rules::lets_write(role, found.posting, found.hushed, self.is_key)?;
        if let Some(wait) = self.must_wait(role, found) {
            return Err(SendRefusal::SlowMode { wait });
        }
        let answers = |m: &Message| m.chat == self.chat && m.deleted_at.is_none();
        if self.reply_to.is_some() && !found.answered.is_some_and(answers) {
            return Err(SendRefusal::ReplyNotFound);
        }
        if !self.attachments.is_empty() && !found.attachable {
            return Err(SendRefusal::AttachmentNotFound);
        }
        Ok(Admission::Append)
    }

    fn must_wait(&self, role: ChatRole, found: Circumstances<'_>) -> Option<Duration> {
        let waited = self.sent_at.since(found.last_sent.filter(|_| role == ChatRole::Member)?);
        found.slow_mode.checked_sub(waited).filter(|wait| !wait.is_zero())
    }
}

/// Whole seconds, after which the wait is over.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
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
    /// It is a message of an app, and has no data to show.
    #[error("A message of the kind app has data.")]
    DataMissing,
    /// It is a system message, and no service key sends it that calls as itself.
    #[error("Only a service key sends system messages, while it acts as nobody else.")]
    KeyNeeded,
    /// It has too many attachments.
    #[error("A message has {0} attachments at most.")]
    TooManyAttachments(usize),
    /// It may not be sent.
    #[error(transparent)]
    Refused(#[from] SendRefusal),
    /// It may not be whispered.
    #[error(transparent)]
    Whisper(#[from] WhisperError),
    /// The database failed. Whether the message is stored is not known: send it again with the
    /// same client id.
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
    /// Sends a message. When this returns, it is stored. A replay returns the message as it is
    /// now, and nobody is told again.
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

    /// The chat of what the caller whispers to somebody in a chat.
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

/// The text. Only beside files somebody may say nothing; what is quiet mentions nobody.
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

/// The data, if the kind allows it and the caller the kind.
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

/// Each attachment once, in the order in which they were first named.
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
