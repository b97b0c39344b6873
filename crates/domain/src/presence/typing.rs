//! Who is typing.

use crate::chat::{GetError, MemberStore, rules};
use crate::clock::{Clock, Timestamp};
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::ids::{ChatId, UserId};
use crate::limits::{TYPING_INTERVAL, TYPING_LIFE};
use crate::session::Caller;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Passes on that somebody is typing: to the others, not to themselves, and not too often. What it
/// passes on expires by itself.
pub struct Typing {
    members: Arc<dyn MemberStore>,
    bus: Arc<dyn EventBus>,
    clock: Arc<dyn Clock>,
    /// When somebody's typing was last passed on; entries older than its life are dropped.
    passed_on: Mutex<HashMap<(ChatId, UserId), Timestamp>>,
}

impl Typing {
    /// Over the given ports.
    pub fn new(
        members: Arc<dyn MemberStore>,
        bus: Arc<dyn EventBus>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { members, bus, clock, passed_on: Mutex::default() }
    }

    /// Somebody types in a chat, or stopped. Said again within
    /// [`crate::limits::TYPING_INTERVAL`] it is not passed on; that somebody stopped is, if it was
    /// passed on that they typed.
    pub async fn set(&self, caller: &Caller, chat: ChatId, typing: bool) -> Result<(), GetError> {
        let now = self.clock.now();
        let actor = self.members.standing(chat, caller.user).await?;
        // Who may not write there writes for nobody.
        if !rules::may_write(&actor) || !self.is_news((chat, caller.user), typing, now) {
            return Ok(());
        }
        self.bus.publish(Event {
            audience: Audience::MembersExcept(chat, caller.user),
            body: EventBody::Typing {
                chat,
                user: caller.user,
                until: typing.then(|| now.plus(TYPING_LIFE)),
            },
        });
        Ok(())
    }

    fn is_news(&self, who: (ChatId, UserId), typing: bool, now: Timestamp) -> bool {
        let mut passed_on = self.passed_on();
        passed_on.retain(|_, at| now.since(*at) < TYPING_LIFE);
        if !typing {
            return passed_on.remove(&who).is_some();
        }
        if passed_on.get(&who).is_some_and(|at| now.since(*at) < TYPING_INTERVAL) {
            return false;
        }
        passed_on.insert(who, now);
        true
    }

    fn passed_on(&self) -> MutexGuard<'_, HashMap<(ChatId, UserId), Timestamp>> {
        self.passed_on.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
