//! What becomes of a chat when a member deletes their account. A pure function decides, given the facts in the
//! transaction.

use crate::chat::{ChatKind, ChatRole, MemberChange};
use crate::clock::Timestamp;
use crate::ids::UserId;
use std::cmp::Reverse;

/// Another member of the chat whose account exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Other {
    /// Who.
    pub user: UserId,
    /// Their role.
    pub role: ChatRole,
    /// When they joined.
    pub joined_at: Timestamp,
}

/// What becomes of the chat and of the membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Succession {
    /// The membership stays, because the other person still reads the chat.
    Stay,
    /// The person leaves. If they owned the chat, this is the new owner.
    Leave(Option<UserId>),
    /// Nobody is left, so the chat is deleted.
    Dissolve,
}

/// Decides for a chat of that kind, given the leaving person's role and the other members. The new owner is
/// the admin who has been in the chat for the longest, or if there is none, such a member.
pub fn succession(kind: ChatKind, role: ChatRole, others: &[Other]) -> Succession {
    match kind {
        // The application decides who is in a project's chat, and may add somebody again.
        ChatKind::Project(_) => return Succession::Leave(None),
        // Whispers are left together with the chat that they belong to.
        ChatKind::Whisper(_) => return Succession::Stay,
        _ if others.is_empty() => return Succession::Dissolve,
        ChatKind::Direct => return Succession::Stay,
        ChatKind::Group | ChatKind::Room => {}
    }
    let rank = |other: &&Other| (Reverse(other.role), other.joined_at, other.user);
    let heir = others.iter().filter(|_| role == ChatRole::Owner).min_by_key(rank);
    Succession::Leave(heir.map(|heir| heir.user))
}

/// The changes when somebody leaves a chat to that heir. The heir becomes the owner first, so that the chat
/// always has one.
pub fn departure(user: UserId, heir: Option<UserId>) -> Vec<MemberChange> {
    let follows = heir.map(|user| MemberChange::SetRole { user, role: ChatRole::Owner });
    follows.into_iter().chain([MemberChange::Leave { user, freely: true }]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(id: i64, role: ChatRole, joined: i64) -> Other {
        let (user, joined_at) = (UserId::stored(id), Timestamp::from_micros(joined));
        Other { user, role, joined_at }
    }

    #[test]
    fn the_oldest_admin_follows_or_else_the_oldest_member() {
        use ChatKind::{Direct, Group};
        use ChatRole::{Admin, Member, Owner};
        let follows = |others: &[Other]| succession(Group, Owner, others);
        let heir = |id| Succession::Leave(Some(UserId::stored(id)));
        assert_eq!(follows(&[other(1, Member, 5), other(2, Member, 4)]), heir(2));
        assert_eq!(
            follows(&[other(1, Member, 1), other(2, Admin, 9), other(3, Admin, 8)]),
            heir(3)
        );
        assert_eq!(follows(&[other(7, Admin, 5), other(4, Admin, 5)]), heir(4), "the first of two");
        assert_eq!(follows(&[]), Succession::Dissolve);
        let not_the_owner = succession(Group, Admin, &[other(1, Owner, 1)]);
        assert_eq!(not_the_owner, Succession::Leave(None));
        assert_eq!(succession(Direct, Member, &[other(1, Member, 1)]), Succession::Stay);
        assert_eq!(succession(Direct, Member, &[]), Succession::Dissolve);
        let project = ChatKind::Project(crate::ids::ProjectId::stored(1));
        assert_eq!(succession(project, Owner, &[]), Succession::Leave(None));
        let whispers = ChatKind::Whisper(crate::ids::ChatId::stored(1));
        assert_eq!(succession(whispers, Member, &[]), Succession::Stay);
    }
}
