//! Informing others who came online and went offline, slowly enough not to delay messages.

use super::{PresenceChange, PresenceService, Settled};
use crate::block::without_blocked;
use crate::clock::Timestamp;
use crate::event::{Audience, Event, EventBody};
use crate::failure::StoreError;
use crate::ids::UserId;
use crate::limits;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{MutexGuard, PoisonError};

/// Presence changes that others have not been told yet. Of each person, only the latest is kept.
#[derive(Default)]
pub(super) struct Untold {
    /// The people with a pending change, each once; who has waited the longest comes first.
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

    /// Puts back a change that could not be told, unless there is a newer one.
    fn put_back(&mut self, user: UserId, news: News) {
        if let Entry::Vacant(place) = self.news.entry(user) {
            place.insert(news);
            self.turns.push_front(user);
        }
    }
}

/// Last-seen times that are not stored yet; of each person, only the latest.
#[derive(Default)]
pub(super) struct Unnoted(HashMap<UserId, Timestamp>);

impl Unnoted {
    /// Past [`limits::LAST_SEEN_KEPT`] people, those who come new are left out.
    fn add(&mut self, people: Vec<UserId>, at: Timestamp) {
        for user in people {
            if self.0.len() < limits::LAST_SEEN_KEPT || self.0.contains_key(&user) {
                self.0.insert(user, at);
            }
        }
    }

    /// The people of the oldest times, at most [`limits::LAST_SEEN_TIMES`] of these, so that a call does not take long
    /// after the store was away.
    fn oldest(&self) -> BTreeMap<Timestamp, Vec<UserId>> {
        let mut times = BTreeMap::<_, Vec<_>>::new();
        for (user, at) in &self.0 {
            times.entry(*at).or_default().push(*user);
        }
        times.into_iter().take(limits::LAST_SEEN_TIMES).collect()
    }

    fn forget(&mut self, people: &[UserId], at: Timestamp) {
        for user in people {
            if self.0.get(user) == Some(&at) {
                self.0.remove(user);
            }
        }
    }
}

impl PresenceService {
    /// Finds out who came or left since the last call, stores last-seen times (those that could not be stored are kept and tried
    /// again), and starts to inform others, like
    /// [`Self::tell`]. To be called about once a second, and never while a call of either is running.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        self.end_idle_visits(now).await?;
        let Settled { changes, to_note } = self.ports.presence.settle(now).await?;
        self.untold().add(changes);
        self.unnoted().add(to_note, now);
        let noted = self.note_last_seen().await;
        self.tell().await?;
        noted
    }

    /// Stores last-seen times that are not stored yet. Those of a failed attempt are kept for the next call.
    async fn note_last_seen(&self) -> Result<(), StoreError> {
        let due = self.unnoted().oldest();
        for (at, people) in due {
            self.ports.users.set_last_seen(&people, at).await?;
            self.unnoted().forget(&people, at);
        }
        Ok(())
    }

    /// Informs people on this node about some of those whom [`Self::settle`] found, if they share a chat with
    /// them that is not too large ([`limits::PRESENCE_CROWD`]): about so many as would cause
    /// [`limits::PRESENCE_SLICE_DELIVERIES`] if everybody were on this node. So if thousands come at once, as
    /// after a restart, it takes a while, but does not delay messages. To be called every
    /// [`limits::PRESENCE_SLICE`].
    pub async fn tell(&self) -> Result<(), StoreError> {
        let mut deliveries = 0;
        for _ in 0..limits::PRESENCE_SLICE_PEOPLE {
            let Some((user, news)) = self.untold().take() else { return Ok(()) };
            match self.audience(user).await {
                Ok(None) => {}
                Ok(Some(audience)) => {
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

    /// Informs people on this node again about somebody's presence, because their client asked for it. Those
    /// on other nodes know it already.
    pub fn repeat(&self, user: UserId, online: bool) {
        self.untold().add(vec![PresenceChange { user, online, at: self.ports.clock.now() }]);
    }

    fn publish(&self, user: UserId, News { online, at }: News, audience: Audience) {
        self.ports.here.publish(Event {
            audience,
            body: EventBody::Presence { user, online, last_seen_at: at },
        });
    }

    /// Who is informed about this person, if there is anybody.
    async fn audience(&self, user: UserId) -> Result<Option<PresenceAudience>, StoreError> {
        let contacts = self.contacts(user).await?;
        if contacts.is_empty() {
            // Thousands may come at once, and each question is asked for each of them.
            return Ok(None);
        }
        let told = without_blocked(&*self.ports.blocks, user, Audience::Users(contacts)).await?;
        let people: &[UserId] = if let Audience::Users(people) = &told { people } else { &[] };
        let listening = self.ports.presence.online(people).await?.len();
        Ok(Some(PresenceAudience { told, listening }))
    }

    fn unnoted(&self) -> MutexGuard<'_, Unnoted> {
        self.unnoted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct PresenceAudience {
    told: Audience,
    /// How many of them are online, which is what informing them costs.
    listening: usize,
}
