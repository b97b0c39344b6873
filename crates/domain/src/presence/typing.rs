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

/// The ports that typing needs.
pub struct TypingPorts {
    /// Who is in which chat.
    pub members: Arc<dyn MemberStore>,
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Publishes events.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is typing; shared with sending, because a sent message ends it.
    pub typists: Arc<Typists>,
}

/// Passes on that somebody is typing: to the other members, and not too often. A typing event expires by itself.
pub struct Typing {
    ports: TypingPorts,
}

impl Typing {
    /// Uses the given ports.
    pub fn new(ports: TypingPorts) -> Self {
        Self { ports }
    }

    /// The caller started or stopped typing in a chat. A repetition within [`TYPING_INTERVAL`] is ignored
    /// without a query. Stopping is passed on if typing was. In a chat with more than [`TYPING_CROWD`]
    /// members nothing is passed on.
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
        let lets_post = rules::lets_post(&actor, caller.is_key(), now).is_ok();
        let writes = rules::may_write(&actor) && lets_post;
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

/// Who has said on this node within [`TYPING_LIFE`] that they are typing.
#[derive(Default)]
pub struct Typists {
    noted: Mutex<HashMap<(ChatId, UserId), Noted>>,
}

struct Noted {
    at: Timestamp,
    /// Who was told; `None` if nobody.
    told: Option<Audience>,
}

impl Typists {
    /// Somebody stopped typing: informs those who were told that they started.
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

    /// Notes that somebody is typing, and returns whether to pass it on.
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
