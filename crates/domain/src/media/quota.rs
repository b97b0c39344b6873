//! How many bytes of files one account may store.

use super::Reservation;
use crate::limits;

/// The facts that a reservation is decided from, read under the lock of the owner's account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReservationFacts {
    /// The owner's attachments that were not sent yet.
    pub waiting: usize,
    /// The owner's reservations that have not expired: uploads on their way.
    pub coming: usize,
    /// The size of all attachments of the owner, in bytes.
    pub stored: u64,
}

/// Why an upload is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReserveRefusal {
    /// The owner has too many uploads that are in no message.
    #[error("Too many uploads wait for their message: send or delete some.")]
    TooMany,
    /// One more file could exceed the owner's quota.
    #[error("Your files take up as much room as they may: delete messages with some.")]
    Quota,
}

impl Reservation {
    /// Whether there is room for one more file. Its size is not known before it has arrived, and neither is
    /// that of other uploads on their way, so each counts as the largest file that is allowed.
    pub fn decide(&self, facts: ReservationFacts) -> Result<(), ReserveRefusal> {
        if facts.waiting + facts.coming >= self.at_most {
            return Err(ReserveRefusal::TooMany);
        }
        let coming = u64::try_from(facts.coming).unwrap_or(u64::MAX).saturating_add(1);
        let needed = facts.stored.saturating_add(coming.saturating_mul(limits::FILE_BYTES));
        match self.quota {
            Some(quota) if needed > quota => Err(ReserveRefusal::Quota),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::ids::UserId;
    use crate::media::FileKey;

    #[test]
    fn a_reservation_needs_room_for_the_largest_file() {
        use ReserveRefusal::{Quota, TooMany};
        const FILE: u64 = limits::FILE_BYTES;
        for (quota, waiting, coming, stored, expected) in [
            (None, 0, 0, u64::MAX, Ok(())),
            (None, 2, 2, 0, Ok(())),
            (None, 3, 2, 0, Err(TooMany)),
            (None, 5, 0, 0, Err(TooMany)),
            (Some(4 * FILE), 0, 0, 3 * FILE, Ok(())),
            (Some(4 * FILE), 0, 0, 3 * FILE + 1, Err(Quota)),
            (Some(4 * FILE), 0, 1, 2 * FILE, Ok(())),
            (Some(4 * FILE), 0, 2, 2 * FILE, Err(Quota)),
            (Some(4 * FILE), 0, 3, 0, Ok(())),
            (Some(4 * FILE), 0, 0, u64::MAX, Err(Quota)),
            (Some(4 * FILE), 5, 0, u64::MAX, Err(TooMany)),
        ] {
            let at = Timestamp::from_micros(0);
            let (owner, key) = (UserId::stored(1), FileKey::new([0; 32]));
            let wanted = Reservation { owner, key, at, until: at, at_most: 5, quota };
            let facts = ReservationFacts { waiting, coming, stored };
            assert_eq!(wanted.decide(facts), expected, "{quota:?} {facts:?}");
        }
    }
}
