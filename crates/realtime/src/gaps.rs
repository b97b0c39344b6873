//! Where something may be missing of what was to be delivered.

use crate::feed::Why;
use domain::ids::{ChatId, Version};
use domain::nodes::Doubt;
use std::collections::HashSet;

/// What is to be compared with the database.
#[derive(Default)]
pub(crate) struct ToReconcile {
    pub(crate) chats: HashSet<ChatId>,
    pub(crate) all_chats: bool,
    pub(crate) people: bool,
}

/// Where something is missing in a chat.
pub(crate) struct Gap {
    pub(crate) chat: ChatId,
    /// Up to which version everything was delivered.
    pub(crate) from: Version,
    pub(crate) why: Why,
}

impl Gap {
    pub(crate) fn place(&self) -> (ChatId, Version) {
        (self.chat, self.from)
    }
}

impl ToReconcile {
    pub(crate) fn why(&self, chat: ChatId) -> Why {
        match self.people {
            true => Why::Everything,
            false if self.chats.contains(&chat) => Why::Followed,
            false => Why::Routine,
        }
    }

    pub(crate) fn add(&mut self, doubt: Doubt) {
        match doubt {
            Doubt::Chats(chats) => self.chats.extend(chats),
            Doubt::AnyChat => self.all_chats = true,
            Doubt::Everything => (self.all_chats, self.people) = (true, true),
        }
    }
}
