//! What a member wants of a chat for themselves alone.

use super::{Chats, GetError, Preferences};
use crate::clock::Timestamp;
use crate::event::{Audience, Event, EventBody};
use crate::ids::ChatId;
use crate::session::Caller;

/// What a member wants to be different; `None` leaves things as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PreferencesUpdate {
    /// See [`Preferences::muted_until`]; `Some(None)` ends the silence.
    pub muted_until: Option<Option<Timestamp>>,
    /// See [`Preferences::mentions_only`].
    pub mentions_only: Option<bool>,
    /// See [`Preferences::pinned`].
    pub pinned: Option<bool>,
    /// See [`Preferences::archived`].
    pub archived: Option<bool>,
}

impl PreferencesUpdate {
    /// What is wanted, given what was.
    #[must_use]
    pub fn applied_to(self, before: Preferences) -> Preferences {
        Preferences {
            muted_until: self.muted_until.unwrap_or(before.muted_until),
            mentions_only: self.mentions_only.unwrap_or(before.mentions_only),
            pinned: self.pinned.unwrap_or(before.pinned),
            archived: self.archived.unwrap_or(before.archived),
        }
    }
}

impl Chats {
    /// Sets what the caller wants of a chat and returns all of it.
    pub async fn set_preferences(
        &self,
        caller: &Caller,
        chat: ChatId,
        wanted: PreferencesUpdate,
    ) -> Result<Preferences, GetError> {
        let preferences = self.ports.chats.set_preferences(chat, caller.user, wanted).await?;
        self.ports.bus.publish(Event {
            audience: Audience::Users(vec![caller.user]),
            body: EventBody::ChatPreferences { chat, preferences },
        });
        Ok(preferences)
    }
}
