//! What a chat's admins set for everybody.

use super::{
    ChatActor, ChatView, Chats, Description, GetError, Permissions, PermissionsUpdate, Restriction,
    Standing, Title, UnsuitablePermission, rules,
};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::data::{Data, DataError, DataPatch};
use crate::event::EventBody;
use crate::failure::{Failure, Kind, WriteError};
use crate::ids::ChatId;
use crate::limits;
use crate::session::Caller;
use crate::text::TextError;
use std::time::Duration;

/// What somebody wants to be different; `None` leaves things as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettingsUpdate<'a> {
    /// The title as typed.
    pub title: Option<&'a str>,
    /// What the chat is about, as typed; empty takes it away.
    pub description: Option<&'a str>,
    /// How long a plain member waits between two messages; nothing turns it off.
    pub slow_mode: Option<Duration>,
    /// What it is to let its people do.
    pub permissions: PermissionsUpdate,
    /// JSON that its data is patched with; see [`DataPatch`].
    pub data: Option<&'a str>,
}

/// Settings that kept the rules; `None` leaves a setting as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatSettings {
    /// The title.
    pub title: Option<Title>,
    /// What the chat is about.
    pub description: Option<Description>,
    /// How long a plain member waits between two messages, in whole seconds.
    pub slow_mode: Option<Duration>,
    /// What it lets its people do, unless it is the same as before.
    pub permissions: Option<Permissions>,
    /// What its host keeps with it, unless it is the same as before.
    pub data: Option<Option<Data>>,
}

/// Settings that somebody wants to be different; `None` leaves a setting as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSettings {
    /// Of which chat.
    pub chat: ChatId,
    /// Who wants it.
    pub actor: ChatActor,
    /// Whether that is a service key that calls as itself.
    pub is_key: bool,
    /// The title, or what is wrong with it, which only somebody who may change it is told.
    pub title: Option<Result<Title, TextError>>,
    /// What the chat is about, or what is wrong with that.
    pub description: Option<Result<Description, TextError>>,
    /// How long a plain member waits between two messages.
    pub slow_mode: Option<Duration>,
    /// What it is to let its people do.
    pub permissions: PermissionsUpdate,
    /// What its data is patched with, or what is wrong with that.
    pub data: Option<Result<DataPatch, DataError>>,
    /// Now.
    pub at: Timestamp,
}

/// Why nothing is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsRefusal {
    /// There is no such chat, or the actor is not in it.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The title breaks a rule.
    #[error("The title {0}.")]
    Title(#[from] TextError),
    /// The description breaks a rule.
    #[error("The description {0}.")]
    Description(TextError),
    /// Longer than anybody should wait.
    #[error("slow_mode is a number of seconds from 0 to {}.", limits::SLOW_MODE_MAX.as_secs())]
    SlowMode,
    /// A setting would change nothing in a chat of that kind.
    #[error(transparent)]
    Permission(#[from] UnsuitablePermission),
    /// The data breaks a rule, or what it is merged into would.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Data is the host's, and its service keys change it.
    #[error("Only a service key keeps data with a chat, while it acts as nobody else.")]
    KeyNeeded,
    /// Only admins of the chat may, or only its owner, and not every kind of chat has a title of its own.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
    /// A title and a description are said to everybody, and the actor is silenced.
    #[error(transparent)]
    Restricted(#[from] Restriction),
}

/// Why nothing was set.
pub type SettingsError = WriteError<SettingsRefusal>;

impl From<SettingsRefusal> for Failure {
    fn from(refusal: SettingsRefusal) -> Self {
        match refusal {
            SettingsRefusal::ChatNotFound => Self::new(Kind::NotFound, "chat_not_found", refusal),
            SettingsRefusal::Title(why) => Self::field("title", why.code(), refusal),
            SettingsRefusal::Description(why) => Self::field("description", why.code(), refusal),
            SettingsRefusal::SlowMode => {
                Self::field("slow_mode", "slow_mode_out_of_range", refusal)
            }
            SettingsRefusal::Permission(why) => why.into(),
            SettingsRefusal::Data(why) => why.into(),
            SettingsRefusal::KeyNeeded => Self::new(Kind::Forbidden, "key_needed", refusal),
            SettingsRefusal::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", refusal),
            SettingsRefusal::Restricted(why) => why.into(),
        }
    }
}

impl ChangeSettings {
    /// What is set, given where the actor stands, which is `None` if there is no such chat, or they are not in
    /// it, and the data that the chat has.
    pub fn decide(
        &self,
        actor: Option<Standing>,
        data: Option<&Data>,
    ) -> Result<ChatSettings, SettingsRefusal> {
        let actor = actor.ok_or(SettingsRefusal::ChatNotFound)?;
        if self.data.is_some() && !self.is_key {
            return Err(SettingsRefusal::KeyNeeded);
        }
        if self.title.is_some() && !rules::may_rename(&actor)
            || self.slow_mode.is_some() && !rules::may_set_slow_mode(&actor)
            || self.description.is_some() && !rules::may_describe(&actor)
            || self.permissions != PermissionsUpdate::default()
                && !rules::may_set_permissions(&actor)
        {
            return Err(SettingsRefusal::NotAllowed);
        }
        if self.title.is_some() || self.description.is_some() {
            actor.silenced.lets_speak(self.at)?;
        }
        if self.slow_mode.is_some_and(|wait| wait > limits::SLOW_MODE_MAX) {
            return Err(SettingsRefusal::SlowMode);
        }
        let permissions = self.permissions.applied_to(actor.permissions, actor.kind)?;
        let permissions = Some(permissions).filter(|wanted| *wanted != actor.permissions);
        let title = self.title.clone().transpose()?;
        let description = self.description.clone().transpose();
        let description = description.map_err(SettingsRefusal::Description)?;
        let patch = self.data.clone().transpose()?;
        let patched = patch.map(|patch| patch.apply(data)).transpose()?;
        let data = patched.filter(|patched| patched.as_ref() != data);
        let slow_mode = self.slow_mode;
        Ok(ChatSettings { title, description, slow_mode, permissions, data })
    }

    /// The line of the audit log for it, if there is to be one. Data is the host's own.
    pub fn record(&self) -> Option<Record> {
        let only_data = self.title.is_none()
            && self.description.is_none()
            && self.slow_mode.is_none()
            && self.permissions == PermissionsUpdate::default();
        if only_data { None } else { self.actor.moderated("changed its settings".to_owned()) }
    }
}

impl Chats {
    /// Changes a chat's title, what it is about, how fast people may write in it, what it lets them do, its data,
    /// or all of that.
    pub async fn update(
        &self,
        caller: &Caller,
        chat: ChatId,
        wanted: SettingsUpdate<'_>,
    ) -> Result<ChatView, SettingsError> {
        if wanted != SettingsUpdate::default() {
            let now = self.ports.clock.now();
            let changed = self.ports.chats.update(ChangeSettings {
                chat,
                actor: ChatActor::of(caller, now),
                is_key: caller.is_key(),
                title: wanted.title.map(Title::new),
                description: wanted.description.map(Description::new),
                slow_mode: wanted.slow_mode,
                permissions: wanted.permissions,
                data: wanted.data.map(DataPatch::parse),
                at: now,
            });
            if let Some(changed) = changed.await? {
                self.tell(EventBody::ChatUpdated(changed), chat);
            }
        }
        self.get(caller, chat).await.map_err(|error| match error {
            GetError::NotFound => WriteError::Refused(SettingsRefusal::ChatNotFound),
            GetError::Store(error) => error.into(),
        })
    }
}
