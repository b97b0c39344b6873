//! Who is connected, on whatever node.
//!
//! A node keeps its own connections in memory, and a copy of who was announced to be online anywhere.
//! About once a second it has its turn at Redis: one script that takes in who came and went here,
//! renews the lease of this node, takes over those whose lease has ended, decides who is to be
//! announced, and returns what changed anywhere. So questions are answered from memory, changes that
//! cancel each other out are never sent, and each node tells its own sockets what it has learnt.
//! Redis keeps a log of the changes, so a node that comes back learns what it has missed.

mod book;
mod script;

use crate::link::{Link, plainly};
use crate::node::Node;
use async_trait::async_trait;
use book::Book;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::presence::{ConnectionId, PresenceChange, PresenceStore, Settled};
use redis::aio::MultiplexedConnection;
use redis::{RedisError, RedisResult};
use script::{Entered, Scripts, Turn};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex as Lock, MutexGuard, PoisonError};
use tokio::sync::Mutex;

/// Changes that are worked on at once in Redis, which does nothing else meanwhile.
const CHANGES: usize = 1_000;
/// Turns in a row at most.
const TURNS: usize = 20;

/// Presence over all nodes, kept in Redis. While Redis is away nothing changes.
pub struct Presence {
    book: Lock<Book>,
    session: Mutex<Session>,
    link: Link,
    scripts: Scripts,
    node_died: Box<dyn Fn() + Send + Sync>,
}

/// This node's place at Redis.
#[derive(Default)]
struct Session {
    /// To the server that has presence.
    connection: Option<MultiplexedConnection>,
    /// Names what Redis knows, until it loses everything. Empty before the first entrance.
    epoch: String,
    /// The last entry that it knows of the log of what changed.
    last: String,
    /// Once it is in.
    place: Option<Place>,
    /// Whether Redis was ever away.
    was_away: bool,
}

struct Place {
    /// What Redis knows this entrance by. What was said after an earlier one is void, should it arrive
    /// after this one.
    entrance: String,
    /// How many of this node's changes were noted and not said to be.
    announced: usize,
}

impl Presence {
    /// For this node; nothing happens before the first call of [`PresenceStore::settle`]. When another
    /// node is found dead, `node_died` is called.
    pub(crate) fn new(
        link: Link,
        installation: &str,
        node: Node,
        node_died: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        let scripts = Scripts::new(installation, node);
        Self { book: Lock::default(), session: Mutex::default(), link, scripts, node_died }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has turns until nothing is left to do; returns whose changes this node is to note. What it learns
    /// is added to `changes`.
    async fn take_turns(
        &self,
        session: &mut Session,
        now: Timestamp,
        changes: &mut Changes,
    ) -> RedisResult<Vec<UserId>> {
        let mut to_note = Vec::new();
        for _ in 0..TURNS {
            if session.connection.is_none() {
                session.connection = Some(self.link.open_to(self.scripts.key()).await?);
            }
            let Session { connection: Some(connection), epoch, last, place, .. } = session else {
                break;
            };
            let Some(known) = place else {
                let everything = self.book().everything();
                let entered = self.scripts.enter(connection, now, epoch, &everything).await?;
                self.enter(session, entered, now, changes);
                continue;
            };
            let states = self.book().news(CHANGES);
            let turn = self.scripts.turn(connection, now, (epoch, last, known), &states).await?;
            let Some(Turn { last: newest, mine, news, worked_on, dead }) = turn else {
                *place = None;
                continue;
            };
            (*last, known.announced) = (newest, mine.len());
            let mut book = self.book();
            book.told(&states);
            changes.extend(news.into_iter().filter(|news| book.hear(news.user, news.online)));
            drop(book);
            to_note.extend(mine);
            if dead > 0 {
                (self.node_died)();
            }
            if worked_on < CHANGES && states.len() < CHANGES {
                break;
            }
        }
        Ok(to_note)
    }

    /// This node is in. What happened while it was not, the log tells at its next turns; what was lost of
    /// the log is looked at once more and told again.
    fn enter(
        &self,
        session: &mut Session,
        entered: Entered,
        now: Timestamp,
        changes: &mut Changes,
    ) {
        let Entered { entrance, epoch, last, announced } = entered;
        if session.epoch.is_empty() {
            let news = self.book().compare(announced);
            // Who came to a node that began without Redis believes that nobody is there.
            if session.was_away {
                let change = |(user, online)| PresenceChange { user, online, at: now };
                changes.extend(news.into_iter().map(change));
            }
            session.last = last;
        } else if session.epoch != epoch {
            session.last = "0-0".to_owned();
        }
        session.epoch = epoch;
        session.place = Some(Place { entrance, announced: 0 });
    }
}

/// What a node has learnt in its turns.
#[derive(Default)]
struct Changes(BTreeMap<UserId, PresenceChange>);

impl Extend<PresenceChange> for Changes {
    /// Each is the contrary of the one before it of the same person, so that two are none.
    fn extend<T: IntoIterator<Item = PresenceChange>>(&mut self, changes: T) {
        for change in changes {
            match self.0.entry(change.user) {
                Entry::Vacant(place) => drop(place.insert(change)),
                Entry::Occupied(before) => drop(before.remove()),
            }
        }
    }
}

#[async_trait]
impl PresenceStore for Presence {
    async fn connect(&self, user: UserId, connection: ConnectionId) -> Result<(), StoreError> {
        self.book().connect(user, connection);
        Ok(())
    }

    async fn disconnect(
        &self,
        user: UserId,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.book().disconnect(user, connection, now);
        Ok(())
    }

    async fn online(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let book = self.book();
        Ok(users.iter().copied().filter(|user| book.is_online(*user)).collect())
    }

    async fn settle(&self, now: Timestamp) -> Result<Settled, StoreError> {
        let mut session = self.session.lock().await;
        let was_there = session.connection.is_some();
        let mut changes = Changes::default();
        let to_note = match self.take_turns(&mut session, now, &mut changes).await {
            Ok(to_note) => to_note,
            Err(error) => {
                self.pause(&mut session, was_there, &error);
                // They are answered again.
                Vec::new()
            }
        };
        Ok(Settled { changes: changes.0.into_values().collect(), to_note })
    }
}

impl Presence {
    /// Presence is as it was until Redis is back; the node then says anew who is connected to it.
    fn pause(&self, session: &mut Session, was_there: bool, error: &RedisError) {
        (session.connection, session.place, session.was_away) = (None, None, true);
        if was_there {
            tracing::warn!(error = plainly(error), "presence pauses until Redis is back");
        }
    }
}
