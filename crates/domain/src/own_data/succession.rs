//! What becomes of a chat when somebody in it deletes their account. Decided by a pure function over
//! what is true in the transaction that does it.

use crate::chat::{ChatKind, ChatRole, MemberChange};
use crate::clock::Timestamp;
use crate::ids::UserId;
use std::cmp::Reverse;

/// Somebody else in the chat, whose account is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Other {
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub role: ChatRole,
    /// Since when they are in.
    pub joined_at: Timestamp,
}

/// What becomes of the chat, and of the place that one had in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Succession {
    /// The place stays: the other one of the two goes on reading.
    Stay,
    /// One leaves, and this one owns the chat from then on, if it was one's own.
    Leave(Option<UserId>),
    /// Nobody is left, so the chat goes too.
    Dissolve,
}

/// Of a chat of that kind, in which somebody of that role is with these others. Whoever owned it is
/// followed by the admin who is in it for longest, or else by the member.
pub fn succession(kind: ChatKind, role: ChatRole, others: &[Other]) -> Succession {
    match kind {
        // The application says who is in a project's chat, perhaps somebody again.
        ChatKind::Project(_) => return Succession::Leave(None),
        // Whispers are left with the chat around them.
        ChatKind::Whisper(_) => return Succession::Stay,
        _ if others.is_empty() => return Succession::Dissolve,
        ChatKind::Direct => return Succession::Stay,
        ChatKind::Group | ChatKind::Room => {}
    }
    let rank = |other: &&Other| (Reverse(other.role), other.joined_at, other.user);
    let heir = others.iter().filter(|_| role == ChatRole::Owner).min_by_key(rank);
    Succession::Leave(heir.map(|heir| heir.user))
}

/// What changes when somebody leaves a chat to that heir: the heir owns it first, so that it is never
/// without an owner.
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
