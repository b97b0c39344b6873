//! What changes about who is in a chat. Every decision about members ends as a list of these
//! changes, and a store applies them in their order, each as one version of the chat.

use super::{ChatRole, Member, Silence};
use crate::ids::UserId;

/// One change of who is in a chat, or of what they may do there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// Somebody who is not in the chat comes in, having read up to [`super::rules::newcomers_marker`], and not seeing
    /// what [`super::rules::horizon`] says. What they wanted of the chat when they were in it before still holds.
    Join {
        /// Who.
        user: UserId,
        /// What they may do.
        role: ChatRole,
    },
    /// A member gets another role.
    SetRole {
        /// Who.
        user: UserId,
        /// What they may do from now on.
        role: ChatRole,
    },
    /// A member is out.
    Leave {
        /// Who.
        user: UserId,
        /// Whether they went by themselves, and were not taken out.
        freely: bool,
    },
    /// Somebody says nothing until a time, or does again. It stays with them when they leave; of somebody who left
    /// it takes no version, since nobody sees it.
    Silence {
        /// Who.
        user: UserId,
        /// Their silence; one that was lifted is over.
        silence: Silence,
    },
}

impl MemberChange {
    /// Whom it is about.
    pub const fn user(&self) -> UserId {
        match self {
            Self::Join { user, .. }
            | Self::SetRole { user, .. }
            | Self::Leave { user, .. }
            | Self::Silence { user, .. } => *user,
        }
    }

    /// What follows for this person in whispers of theirs in the same chat, given whether they are
    /// in those: who leaves a chat leaves what they whisper there, who comes back is back in it, and who
    /// says nothing does not whisper.
    pub fn in_whispers(&self, present: bool) -> Option<Self> {
        match self {
            Self::Join { user, .. } if !present => {
                Some(Self::Join { user: *user, role: ChatRole::Member })
            }
            Self::Leave { .. } if present => Some(self.clone()),
            Self::Silence { .. } => Some(self.clone()),
            Self::Join { .. } | Self::Leave { .. } | Self::SetRole { .. } => None,
        }
    }
}

/// Whom a change of members is about, as they are in the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Target {
    /// Whether there is such an account, and it was not deleted.
    pub exists: bool,
    /// What they may do in the chat, if they are in it.
    pub role: Option<ChatRole>,
}

/// Members who were changed, each as a version of their chat: those of the chat first, then those of
/// whispers in it, in the order of their chats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedMembers {
    /// Who came in.
    pub joined: Vec<Member>,
    /// Whose role changed, or whose silence.
    pub changed: Vec<Member>,
    /// Who is out.
    pub left: Vec<Member>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn whispers_follow_whoever_comes_and_goes() {
        use MemberChange::{Join, Leave, SetRole};
        let (user, freely) = (UserId::stored(1), true);
        let (by, at) = (UserId::stored(2), Timestamp::from_micros(1));
        let silence = Silence { by, reason: None, at, until: None };
        let silence = MemberChange::Silence { user, silence };
        let back = Join { user, role: ChatRole::Member };
        for (change, present, expected) in [
            (Leave { user, freely }, true, Some(Leave { user, freely })),
            (Leave { user, freely }, false, None),
            (Join { user, role: ChatRole::Admin }, false, Some(back)),
            (Join { user, role: ChatRole::Admin }, true, None),
            (SetRole { user, role: ChatRole::Owner }, true, None),
            (SetRole { user, role: ChatRole::Owner }, false, None),
            (silence.clone(), true, Some(silence.clone())),
            (silence.clone(), false, Some(silence)),
        ] {
            assert_eq!(change.in_whispers(present), expected, "{change:?}, {present}");
            assert_eq!(change.user(), user);
        }
    }
}
