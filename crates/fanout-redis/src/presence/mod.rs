//! Who is connected, to any node.
//!
//! A node keeps its own connections in memory, and a copy of who was announced to be online on any node. About
//! once a second it takes a turn at Redis: one script that records who came and left here, renews this node's
//! lease, takes over users of nodes whose lease has expired, decides who is to be announced, and returns what
//! changed on any node. So questions are answered from memory, changes that cancel each other out are never
//! sent, and each node informs its own sockets. Redis keeps a log of the changes, from which a node that was
//! away learns what it has missed.

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

/// How many changes a script handles at once, because Redis serves nobody else meanwhile.
const CHANGES: usize = 1_000;
/// The most turns in a row.
const TURNS: usize = 20;

/// Presence across all nodes, kept in Redis. While Redis is unreachable, nothing changes.
pub struct Presence {
    book: Lock<Book>,
    session: Mutex<Session>,
    link: Link,
    scripts: Scripts,
    node_died: Box<dyn Fn() + Send + Sync>,
}

/// This node's session with Redis.
#[derive(Default)]
struct Session {
    /// To the server that keeps presence.
    connection: Option<MultiplexedConnection>,
    /// Identifies Redis's data; a new one after Redis has lost everything. Empty before the first entrance.
    epoch: String,
    /// The last entry of the log of changes that this node has read.
    last: String,
    /// This node's entrance, once it has entered.
    place: Option<Place>,
    /// Whether Redis was ever unreachable.
    was_away: bool,
}

struct Place {
    /// Identifies this entrance to Redis, so that calls of an earlier one that arrive late are ignored.
    entrance: String,
    /// How many changes to record the last turn returned. The next turn tells Redis to drop these.
    announced: usize,
}

impl Presence {
    /// This node's presence, which does nothing before the first call of [`PresenceStore::settle`]. Calls
    /// `node_died` when it finds another node dead.
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

    /// Takes turns until nothing is left to do. What it learns is added to `changes`, and whose changes this node
    /// has to record to `to_note`, also if a later turn fails: Redis has dropped by then what an earlier one returned.
    async fn take_turns(
        &self,
        session: &mut Session,
        now: Timestamp,
        (changes, to_note): (&mut Changes, &mut Vec<UserId>),
    ) -> RedisResult<()> {
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
        Ok(())
    }

    /// Notes that this node has entered. Its next turns read from the log what happened meanwhile; if Redis has
    /// lost its data, they read the new log from its beginning.
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
            // Clients that connected before Redis was reachable were told that nobody is online.
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

/// The presence changes that a node has learnt in its turns.
#[derive(Default)]
struct Changes(BTreeMap<UserId, PresenceChange>);

impl Extend<PresenceChange> for Changes {
    /// Two changes of the same person in a row are opposites, so they cancel each other out.
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
        let mut to_note = Vec::new();
        let turns = self.take_turns(&mut session, now, (&mut changes, &mut to_note)).await;
        if let Err(error) = turns {
            // What the last turn returned, the next one returns again; recording it twice does no harm.
            self.pause(&mut session, was_there, &error);
        }
        Ok(Settled { changes: changes.0.into_values().collect(), to_note })
    }
}

impl Presence {
    /// Leaves presence as it is until Redis is back; the node then reports again who is connected to it.
    fn pause(&self, session: &mut Session, was_there: bool, error: &RedisError) {
        (session.connection, session.place, session.was_away) = (None, None, true);
        if was_there {
            tracing::warn!(error = plainly(error), "presence pauses until Redis is back");
        }
    }
}
