//! Finding out what was missed, for whoever delivers events.

use super::{Chats, Horizon, Member};
use crate::failure::StoreError;
use crate::ids::{ChatId, UserId, Version};

/// Somebody is in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub user: UserId,
    /// In which chat.
    pub chat: ChatId,
    /// The version of the last change of their membership: they came in by then.
    pub version: Version,
    /// What they do not see.
    pub horizon: Horizon,
}

/// A chat that somebody is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// The chat.
    pub chat: ChatId,
    /// Its version now.
    pub version: Version,
    /// What they do not see of it.
    pub horizon: Horizon,
}

impl Chats {
    /// At which versions these chats are now. One that is not in the answer is gone.
    pub async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Version)>, StoreError> {
        self.ports.chats.heads(chats).await
    }

    /// In which chats these people are now.
    pub async fn memberships(&self, people: &[UserId]) -> Result<Vec<Membership>, StoreError> {
        self.ports.members.memberships(people).await
    }
    /// Somebody as the member that they are, with a version of the chat at which they are in. `None`
    /// if their membership was changed since it was looked up.
    pub async fn entrance(
        &self,
        membership: Membership,
    ) -> Result<Option<(Member, Version)>, StoreError> {
        let Membership { user, chat, version, .. } = membership;
        let before = Version::stored(version.get() - 1);
        // In this order: whoever left after the second look does so at a later version.
        let looked = async {
            let changes = self.ports.chats.changes(chat, before, 1).await?;
            Ok((changes, self.ports.members.standing(chat, user).await?))
        };
        let (changes, standing) = match looked.await {
            Err(StoreError::NotFound) => return Ok(None),
            looked => looked?,
        };
        let is_theirs = |m: &Member| m.user.id == user && m.left_at.is_none();
        let member = changes.members.into_iter().find(is_theirs);
        Ok(member.map(|member| (member, standing.version)))
    }
}
