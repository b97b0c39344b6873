//! Editing messages.

use super::{
    ChangeError, ChangeRefusal, Message, MessageFacts, MessageKind, MessageText, Messages,
};
use crate::chat::{ChatActor, rules};
use crate::clock::Timestamp;
use crate::data::{Data, DataError, DataPatch};
use crate::event::EventBody;
use crate::ids::{ChatId, MessageId};
use crate::session::Caller;
use crate::text::TextError;

/// A change of a message, as typed; `None` leaves a part as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessageUpdate<'a> {
    /// The text as typed.
    pub text: Option<&'a str>,
    /// A JSON patch for its data; see [`DataPatch`].
    pub data: Option<&'a str>,
}

/// A change of a message's text, its data, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// In which chat.
    pub chat: ChatId,
    /// Which message.
    pub message: MessageId,
    /// Who changes it.
    pub actor: ChatActor,
    /// Whether that is a service key that calls as itself.
    pub is_key: bool,
    /// The new text, or what is wrong with it. The error is reported only if the actor may edit at all.
    pub text: Option<Result<MessageText, TextError>>,
    /// The same for its data.
    pub data: Option<Result<DataPatch, DataError>>,
    /// The time of the change.
    pub at: Timestamp,
}

/// What to set on a message; `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edited {
    /// The new text. Setting the same text again counts as an edit.
    pub text: Option<MessageText>,
    /// The new data, if it differs from the old.
    pub data: Option<Option<Data>>,
}

impl Edit {
    /// A change of nothing, by somebody who is no service key.
    pub fn new(chat: ChatId, message: MessageId, actor: ChatActor, at: Timestamp) -> Self {
        Self { chat, message, actor, is_key: false, text: None, data: None, at }
    }

    /// Decides what to set. `attached` says whether the message has attachments; without any, its text must
    /// not be empty.
    pub fn decide(&self, facts: MessageFacts<'_>, attached: bool) -> Result<Edited, ChangeRefusal> {
        let (actor, message) = facts.seen(Some(self.chat)).ok_or(ChangeRefusal::NotFound)?;
        if self.text.is_some() && !rules::may_edit(self.actor.user(), message)
            || self.data.is_some() && !rules::may_set_data(self.actor.user(), self.is_key, message)
        {
            return Err(ChangeRefusal::NotAllowed);
        }
        if !rules::may_write(&actor) {
            return Err(ChangeRefusal::PeerUnavailable);
        }
        // To say something else where one may not say anything is to write.
        rules::lets_post(&actor, self.is_key, self.at)?;
        let text = self.text.clone().transpose()?;
        let may_be_empty = attached && message.kind == MessageKind::Text;
        if text.as_ref().is_some_and(|text| text.as_str().is_empty()) && !may_be_empty {
            return Err(TextError::Empty.into());
        }
        let patch = self.data.clone().transpose()?;
        if message.deleted_at.is_some() {
            return Err(ChangeRefusal::Deleted);
        }
        let data = patch.map(|patch| patch.apply(message.data.as_ref())).transpose()?;
        if message.kind == MessageKind::App && data == Some(None) {
            return Err(ChangeRefusal::DataMissing);
        }
        let text = text.map(|text| quiet(text, message.kind));
        Ok(Edited { text, data: data.filter(|data| *data != message.data) })
    }
}

impl Edited {
    /// Sets it on the message, but for the mentions of a new text: only the store knows who is a member.
    pub fn apply(&self, message: &mut Message, at: Timestamp) {
        let Self { text, data } = self;
        if let Some(text) = text {
            message.text = text.as_str().to_owned();
            message.edited_at = Some(at);
        }
        if let Some(data) = data {
            message.data.clone_from(data);
        }
    }
}

/// Removes mentions from a message of a kind that does not count as unread.
fn quiet(mut text: MessageText, kind: MessageKind) -> MessageText {
    if !kind.counts_as_unread() {
        text.keep_names(|_| false);
    }
    text
}

impl Messages {
    /// Changes the text of one's own message.
    pub async fn edit(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
        text: &str,
    ) -> Result<Message, ChangeError> {
        let wanted = MessageUpdate { text: Some(text), data: None };
        self.update(caller, chat, id, wanted).await
    }

    /// Changes the text or the data of a message, or both, and returns the changed message.
    pub async fn update(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
        wanted: MessageUpdate<'_>,
    ) -> Result<Message, ChangeError> {
        let (is_key, at) = (caller.is_key(), self.ports.clock.now());
        let actor = ChatActor::of(caller, at);
        // Whether the text may be empty is decided in `Edit::decide`, where the message is known.
        let text = wanted.text.map(|text| {
            let text = MessageText::beside_attachments(text)?;
            self.limits.allow_text(text.as_str()).map(|()| text)
        });
        let data = wanted.data.map(DataPatch::parse);
        let says_else = text.is_some();
        let edit = Edit { chat, message: id, actor, is_key, text, data, at };
        match self.ports.messages.edit(edit).await? {
            Some(edited) if says_else => {
                self.tell(EventBody::MessageEdited(edited.clone()), chat);
                Ok(edited)
            }
            Some(updated) => {
                self.tell(EventBody::MessageUpdated(updated.clone()), chat);
                Ok(updated)
            }
            None => self.get(caller, chat, id).await,
        }
    }
}
