//! Telling others who came and who went, no faster than everything else can bear.

use super::{PresenceChange, PresenceService, Settled};
use crate::block::without_blocked;
use crate::clock::Timestamp;
use crate::event::{Audience, Event, EventBody};
use crate::failure::StoreError;
use crate::ids::UserId;
use crate::limits;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{MutexGuard, PoisonError};

/// Of whom others were not told yet. Only how it is with somebody by now will be told.
#[derive(Default)]
pub(super) struct Untold {
    /// Each once; who has waited longest is first.
    turns: VecDeque<UserId>,
    news: HashMap<UserId, News>,
}

struct News {
    online: bool,
    at: Timestamp,
}

impl Untold {
    fn add(&mut self, changes: Vec<PresenceChange>) {
        for PresenceChange { user, online, at } in changes {
            if self.news.insert(user, News { online, at }).is_none() {
                self.turns.push_back(user);
            }
        }
    }

    fn take(&mut self) -> Option<(UserId, News)> {
        let user = self.turns.pop_front()?;
        Some((user, self.news.remove(&user)?))
    }

    /// Nobody could be told. What is known since has the last word.
    fn put_back(&mut self, user: UserId, news: News) {
        if let Entry::Vacant(place) = self.news.entry(user) {
            place.insert(news);
            self.turns.push_front(user);
        }
    }
}

impl PresenceService {
    /// Finds out who came or went since the last call, notes when those who went were last seen, and
    /// begins to tell of them as [`Self::tell`] does. To be called about once a second, and when
    /// neither of the two is under way.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        self.end_idle_visits(now).await?;
        let Settled { changes, to_note } = self.ports.presence.settle(now).await?;
        self.untold().add(changes);
        if !to_note.is_empty() {
            self.ports.users.set_last_seen(&to_note, now).await?;
        }
        self.tell().await
    }

    /// Tells whoever is on this node and shares a chat with them, if it is no crowd
    /// ([`limits::PRESENCE_CROWD`]), about some of those whom [`Self::settle`] found: about as many
    /// as would make [`limits::PRESENCE_SLICE_DELIVERIES`] if all were on this node. When thousands
    /// come at once, as after a restart, news of them take their time, and messages do not wait for
    /// them. To be called every [`limits::PRESENCE_SLICE`].
    pub async fn tell(&self) -> Result<(), StoreError> {
        let mut deliveries = 0;
        for _ in 0..limits::PRESENCE_SLICE_PEOPLE {
            let Some((user, news)) = self.untold().take() else { return Ok(()) };
            match self.audience(user).await {
                Ok(audience) => {
                    deliveries += audience.listening;
                    self.publish(user, news, audience.told);
                }
                Err(error) => {
                    self.untold().put_back(user, news);
                    return Err(error);
                }
            }
            if deliveries >= limits::PRESENCE_SLICE_DELIVERIES {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Tells those on this node once more that somebody is here or is not, who says so. Those on others know.
    pub fn repeat(&self, user: UserId, online: bool) {
        self.untold().add(vec![PresenceChange { user, online, at: self.ports.clock.now() }]);
    }

    fn publish(&self, user: UserId, News { online, at }: News, audience: Audience) {
        self.ports.here.publish(Event {
            audience,
            body: EventBody::Presence { user, online, last_seen_at: at },
        });
    }

    /// Who is told of this person.
    async fn audience(&self, user: UserId) -> Result<PresenceAudience, StoreError> {
        let contacts = Audience::Users(self.contacts(user).await?);
        let told = without_blocked(&*self.ports.blocks, user, contacts).await?;
        let people: &[UserId] = if let Audience::Users(people) = &told { people } else { &[] };
        let listening = self.ports.presence.online(people).await?.len();
        Ok(PresenceAudience { told, listening })
    }

    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct PresenceAudience {
    told: Audience,
    /// How many of them are online: what telling them costs.
    listening: usize,
}
