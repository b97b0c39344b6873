//! What a chat's admins set for everybody.

use super::{ChatView, Chats, Description, GetError, Title, rules};
use crate::event::EventBody;
use crate::failure::{Failure, Kind};
use crate::ids::ChatId;
use crate::limits;
use crate::session::Caller;
use crate::text::TextError;
use std::time::Duration;

/// What somebody wants to be different; `None` leaves things as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettingsUpdate<'a> {
    /// The title as typed.
    pub title: Option<&'a str>,
    /// What the chat is about, as typed; empty takes it away.
    pub description: Option<&'a str>,
    /// How long a plain member waits between two messages; nothing turns it off.
    pub slow_mode: Option<Duration>,
}

/// Settings that kept the rules; `None` leaves a setting as it is.
#[derive(Debug, Clone, Default)]
pub struct ChatSettings {
    /// The title.
    pub title: Option<Title>,
    /// What the chat is about.
    pub description: Option<Description>,
    /// How long a plain member waits between two messages, in whole seconds.
    pub slow_mode: Option<Duration>,
}

/// Why nothing was set.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// The title breaks a rule.
    #[error("The title {0}.")]
    Title(#[from] TextError),
    /// The description breaks a rule.
    #[error("The description {0}.")]
    Description(TextError),
    /// Longer than anybody should wait.
    #[error("slow_mode is a number of seconds from 0 to {}.", limits::SLOW_MODE_MAX.as_secs())]
    SlowMode,
    /// Only admins of the chat may, and not every kind of chat has a title of its own.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Chat(error) => error.into(),
            SettingsError::Title(why) => Self::field("title", why.code(), error),
            SettingsError::Description(why) => Self::field("description", why.code(), error),
            SettingsError::SlowMode => Self::field("slow_mode", "slow_mode_out_of_range", error),
            SettingsError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
        }
    }
}

impl Chats {
    /// Changes a chat's title, what it is about, how fast people may write in it, or all of that.
    pub async fn update(
        &self,
        caller: &Caller,
        chat: ChatId,
        wanted: SettingsUpdate<'_>,
    ) -> Result<ChatView, SettingsError> {
        let actor = self.standing(caller, chat).await?;
        let renames = wanted.title.is_some();
        let slows = wanted.slow_mode.is_some();
        let describes = wanted.description.is_some();
        if renames && !rules::may_rename(&actor)
            || slows && !rules::may_set_slow_mode(&actor)
            || describes && !rules::may_describe(&actor)
        {
            return Err(SettingsError::NotAllowed);
        }
        if wanted.slow_mode.is_some_and(|wait| wait > limits::SLOW_MODE_MAX) {
            return Err(SettingsError::SlowMode);
        }
        let title = wanted.title.map(Title::new).transpose()?;
        let description = wanted.description.map(Description::new).transpose();
        let description = description.map_err(SettingsError::Description)?;
        let settings = ChatSettings { title, description, slow_mode: wanted.slow_mode };
        if renames || slows || describes {
            let changed = self.ports.chats.update(chat, settings).await.map_err(GetError::from)?;
            self.tell(EventBody::ChatUpdated(changed), chat);
        }
        Ok(self.get(caller, chat).await?)
    }
}
