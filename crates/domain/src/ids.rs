//! Ids and counters.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// Ids stay below 2^53, so that JavaScript reads them exactly.
pub const MAX_ID: i64 = (1 << 53) - 1;

/// A number that cannot be an id: not a whole number, or outside 1 ..= [`MAX_ID`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a whole number from 1 to {MAX_ID}")]
pub struct NotAnId;

impl From<ParseIntError> for NotAnId {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// An id that nothing has: ids count up from 1, and imported ones are at most
            /// [`crate::limits::IMPORT_ID_MAX`].
            pub const UNKNOWN: Self = Self(MAX_ID);

            /// The number, from 1 to [`MAX_ID`].
            pub const fn get(self) -> i64 {
                self.0
            }
            /// For adapters: a number that this system assigned.
            pub const fn stored(number: i64) -> Self {
                debug_assert!(number >= 1 && number <= MAX_ID);
                Self(number)
            }
        }
        impl TryFrom<i64> for $name {
            type Error = NotAnId;
            fn try_from(number: i64) -> Result<Self, NotAnId> {
                (1..=MAX_ID).contains(&number).then_some(Self(number)).ok_or(NotAnId)
            }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            /// Digits only: no sign, no space.
            fn from_str(digits: &str) -> Result<Self, NotAnId> {
                if !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(NotAnId);
                }
                digits.parse::<i64>()?.try_into()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// An account.
    UserId
);
id!(
    /// A signed-in device, from its login until it ends; also the family of its refresh tokens.
    SessionId
);
id!(
    /// A chat of any kind.
    ChatId
);
id!(
    /// A project of the application that uses this server; the application assigns it.
    ProjectId
);
id!(
    /// An uploaded file, attached to a message or not yet.
    AttachmentId
);
id!(
    /// A message, unique over all chats. Within a chat, ids rise with [`Seq`].
    MessageId
);
id!(
    /// An entry of the audit log.
    AuditId
);
id!(
    /// An invitation to create an account.
    InviteId
);

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name(i64);

        impl $name {
            /// Before the first.
            pub const ZERO: Self = Self(0);

            /// The number, 0 or more.
            pub const fn get(self) -> i64 {
                self.0
            }
            /// For adapters: a number that this system itself counted.
            pub const fn stored(number: i64) -> Self {
                debug_assert!(number >= 0);
                Self(number)
            }
            /// The one after this.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }
        impl TryFrom<i64> for $name {
            type Error = NotAnId;
            fn try_from(number: i64) -> Result<Self, NotAnId> {
                (0..=MAX_ID).contains(&number).then_some(Self(number)).ok_or(NotAnId)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

counter!(
    /// The position of a message in its chat: 1, 2, 3 … without gaps, in the order of the commits.
    /// 0 is the position before the first message.
    Seq
);
counter!(
    /// How many changes a chat has had; each change carries the number that it led to.
    Version
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_from_1_to_2_pow_53_minus_1() {
        assert_eq!(UserId::try_from(1).map(UserId::get), Ok(1));
        assert_eq!(UserId::try_from(MAX_ID).map(UserId::get), Ok(MAX_ID));
        for bad in [0, -1, MAX_ID + 1, i64::MIN, i64::MAX] {
            assert_eq!(UserId::try_from(bad), Err(NotAnId), "{bad}");
        }
    }

    #[test]
    fn an_id_is_read_from_digits_only() {
        assert_eq!("42".parse(), Ok(ChatId::stored(42)));
        for bad in [
            "",
            "0",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x1",
            "٣",
            "9007199254740992",
            "99999999999999999999",
        ] {
            assert_eq!(bad.parse::<ChatId>(), Err(NotAnId), "{bad:?}");
        }
    }
}
