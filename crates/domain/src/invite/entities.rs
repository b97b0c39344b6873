//! Invitations, and whether one can still be used.

use crate::clock::Timestamp;
use crate::failure::{Failure, Kind};
use crate::ids::{InviteId, UserId};
use crate::limits;
use crate::text::{self, TextError};

/// What an invitation is for, as its maker says: up to [`limits::INVITE_NOTE_CHARS`] visible characters, or none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InviteNote(String);

impl InviteNote {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        match text::visible(typed, limits::INVITE_NOTE_CHARS) {
            Ok(note) => Ok(Self(note.to_owned())),
            Err(TextError::Empty) => Ok(Self::default()),
            Err(why) => Err(why),
        }
    }
    /// For adapters: a note that was checked before.
    pub fn stored(note: String) -> Self {
        Self(note)
    }
    /// The note, perhaps empty.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An invitation to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvite {
    /// The hash of its code. The code itself is not stored.
    pub hash: [u8; 32],
    /// The admin who makes it; `None` for an operator.
    pub created_by: Option<UserId>,
    /// Now.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// How many accounts can be made with it.
    pub uses: u32,
    /// What it is for.
    pub note: InviteNote,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// The admin who made it; `None` for an operator.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// How many accounts can be made with it.
    pub uses: u32,
    /// How many have been made with it.
    pub used: u32,
    /// What it is for.
    pub note: InviteNote,
}

/// Why an invitation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteRefusal {
    /// There is no invitation with that code, or it was revoked.
    #[error("This invitation is not valid.")]
    Unknown,
    /// It has expired.
    #[error("This invitation has expired.")]
    Expired,
    /// As many accounts as it allows have been made with it.
    #[error("This invitation has been used up.")]
    UsedUp,
}

impl From<InviteRefusal> for Failure {
    fn from(refusal: InviteRefusal) -> Self {
        match refusal {
            InviteRefusal::Unknown => Self::new(Kind::Forbidden, "invite_invalid", refusal),
            InviteRefusal::Expired => Self::new(Kind::Forbidden, "invite_expired", refusal),
            InviteRefusal::UsedUp => Self::new(Kind::Forbidden, "invite_used_up", refusal),
        }
    }
}

impl Invite {
    /// Whether an account may be made with it now. Final under the lock of its row only (ADR 53).
    pub fn admit(&self, now: Timestamp) -> Result<(), InviteRefusal> {
        if self.used >= self.uses {
            return Err(InviteRefusal::UsedUp);
        }
        if now >= self.expires_at {
            return Err(InviteRefusal::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_admits_so_many_until_its_end() {
        let at = Timestamp::from_micros;
        let invite = |used, expires| Invite {
            id: InviteId::stored(1),
            created_by: None,
            created_at: at(0),
            expires_at: at(expires),
            uses: 2,
            used,
            note: InviteNote::default(),
        };
        assert_eq!(invite(1, 10).admit(at(9)), Ok(()));
        assert_eq!(invite(1, 10).admit(at(10)), Err(InviteRefusal::Expired));
        assert_eq!(invite(2, 10).admit(at(9)), Err(InviteRefusal::UsedUp));
        assert_eq!(invite(2, 10).admit(at(11)), Err(InviteRefusal::UsedUp));
    }
}
