//! Changing a chat's title.

use super::{ChatView, Chats, GetError, Title, rules};
use crate::event::EventBody;
use crate::failure::{Failure, Kind};
use crate::ids::ChatId;
use crate::session::Caller;
use crate::text::TextError;

/// Why the title was not changed.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// The title breaks a rule.
    #[error("The title {0}.")]
    Title(#[from] TextError),
    /// Only admins of a group may.
    #[error("Only an admin of the group may change its title.")]
    NotAllowed,
}

impl From<RenameError> for Failure {
    fn from(error: RenameError) -> Self {
        match error {
            RenameError::Chat(error) => error.into(),
            RenameError::Title(why) => Self::field("title", why.code(), error),
            RenameError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
        }
    }
}

impl Chats {
    /// Changes the title of a group.
    pub async fn rename(
        &self,
        caller: &Caller,
        chat: ChatId,
        title: &str,
    ) -> Result<ChatView, RenameError> {
        let actor = self.standing(caller, chat).await?;
        if !rules::may_rename(&actor) {
            return Err(RenameError::NotAllowed);
        }
        let title = Title::new(title)?;
        let changed = self.ports.chats.set_title(chat, title).await.map_err(GetError::from)?;
        self.tell(EventBody::ChatUpdated(changed), chat);
        Ok(self.get(caller, chat).await?)
    }
}
