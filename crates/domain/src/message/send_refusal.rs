//! The reasons for which a store refuses a message.

use crate::chat::Restriction;
use std::time::Duration;

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    /// There is no such chat, or the author is not a member. The caller must not learn which.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The other person is disabled or deleted, has left the chat that the whisper belongs to, or one of the
    /// two has blocked the other. The caller must not learn which.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// The settings of the chat do not let the author write, or they are silenced.
    #[error(transparent)]
    Restricted(#[from] Restriction),
    /// The message to answer is not in this chat, deleted, or hidden from the author.
    #[error("There is no such message to reply to in this chat.")]
    ReplyNotFound,
    /// The chat is in slow mode, and the author's last message is too recent.
    #[error("This chat is in slow mode; wait {} s.", seconds(*wait))]
    SlowMode {
        /// How long the author still has to wait.
        wait: Duration,
    },
    /// The author used this client id in another chat, or in this one before they came in the last time, of which
    /// they see nothing.
    #[error("This client id was used for a message that is not in this chat.")]
    ClientIdReused,
    /// An attachment does not exist, is somebody else's, or is in a message already.
    #[error("There is no such upload of yours that is in no message yet.")]
    AttachmentNotFound,
}

/// The wait in whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
