//! Who is typing.

use crate::block::{BlockStore, without_blocked};
use crate::chat::{GetError, MemberStore, rules};
use crate::clock::{Clock, Timestamp};
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::ids::{ChatId, UserId};
use crate::limits::{TYPING_CROWD, TYPING_INTERVAL, TYPING_LIFE};
use crate::session::Caller;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the use case of typing stands on.
pub struct TypingPorts {
    /// Who is in which chat.
    pub members: Arc<dyn MemberStore>,
    /// Who is hidden from whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Who is told.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who types, which those who send messages end.
    pub typists: Arc<Typists>,
}

/// Passes on that somebody is typing: to the others, not to themselves, and not too often. What it
/// passes on expires by itself.
pub struct Typing {
    ports: TypingPorts,
}

impl Typing {
    /// Over the given ports.
    pub fn new(ports: TypingPorts) -> Self {
        Self { ports }
    }

    /// Somebody types in a chat, or stopped. Said again within [`TYPING_INTERVAL`] it is not passed on,
    /// and nothing is looked up; that somebody stopped is, if it was passed on that they typed. In a chat of
    /// more than [`TYPING_CROWD`] members nobody is told.
    pub async fn set(&self, caller: &Caller, chat: ChatId, typing: bool) -> Result<(), GetError> {
        let (ports, who, now) = (&self.ports, (chat, caller.user), self.ports.clock.now());
        if typing && ports.typists.is_noted(who, now) {
            return Ok(());
        }
        let actor = ports.members.standing(chat, caller.user).await?;
        if !typing {
            ports.typists.stop(who, now, &*ports.bus);
            return Ok(());
        }
        // Who may not write there writes for nobody.
        let writes = rules::may_write(&actor) && rules::lets_post(&actor, caller.is_key()).is_ok();
        let told = if writes && actor.member_count <= TYPING_CROWD {
            let others = Audience::MembersExcept(chat, vec![caller.user]);
            Some(without_blocked(&*ports.blocks, caller.user, others).await?)
        } else {
            None
        };
        if ports.typists.note(who, now, told.clone())
            && let Some(audience) = told
        {
            let until = Some(now.plus(TYPING_LIFE));
            ports.bus.publish(Event {
                audience,
                body: EventBody::Typing { chat, user: caller.user, until },
            });
        }
        Ok(())
    }
}

/// Who types, as far as it was said on this node within [`TYPING_LIFE`].
#[derive(Default)]
pub struct Typists {
    noted: Mutex<HashMap<(ChatId, UserId), Noted>>,
}

struct Noted {
    at: Timestamp,
    /// Who was told; `None` if nobody is.
    told: Option<Audience>,
}

impl Typists {
    /// Somebody types no more: whoever was told that they do is told that.
    pub(crate) fn stop(&self, who: (ChatId, UserId), now: Timestamp, bus: &dyn EventBus) {
        let noted = self.noted(now).remove(&who);
        if let Some(audience) = noted.and_then(|noted| noted.told) {
            let (chat, user) = who;
            bus.publish(Event { audience, body: EventBody::Typing { chat, user, until: None } });
        }
    }

    fn is_noted(&self, who: (ChatId, UserId), now: Timestamp) -> bool {
        is_fresh(self.noted(now).get(&who), now)
    }

    /// Whether that is news.
    fn note(&self, who: (ChatId, UserId), at: Timestamp, told: Option<Audience>) -> bool {
        let mut noted = self.noted(at);
        if is_fresh(noted.get(&who), at) {
            return false;
        }
        noted.insert(who, Noted { at, told });
        true
    }

    fn noted(&self, now: Timestamp) -> MutexGuard<'_, HashMap<(ChatId, UserId), Noted>> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, noted| now.since(noted.at) < TYPING_LIFE);
        noted
    }
}

fn is_fresh(noted: Option<&Noted>, now: Timestamp) -> bool {
    noted.is_some_and(|noted| now.since(noted.at) < TYPING_INTERVAL)
}
