//! Who is connected, on whatever node.
//!
//! A node keeps its own connections in memory, and a copy of who was announced to be online anywhere.
//! About once a second it has its turn at Redis: one script that takes in who came and went here,
//! renews the lease of this node, takes over those whose lease has ended, decides who is to be
//! announced, and answers what changed anywhere. So questions are answered from memory, changes that
//! cancel each other out are never sent, and each change is one node's to announce.

mod book;
mod script;

use crate::link::{Link, plainly};
use crate::node::Node;
use async_trait::async_trait;
use book::Book;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::presence::{ConnectionId, PresenceChange, PresenceStore};
use redis::aio::MultiplexedConnection;
use redis::{RedisError, RedisResult};
use script::{Scripts, Turn};
use std::collections::BTreeMap;
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
    /// Names what Redis knows, until it loses everything.
    epoch: String,
    /// How far it knows what changed, once it is in.
    place: Option<Place>,
}

struct Place {
    /// What Redis knows this entrance by. What was said after an earlier one is void, should it arrive
    /// after this one.
    entrance: String,
    last: String,
    /// How many of this node's changes were announced and not said to be.
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

    /// Has turns until nothing is left to do; answers what this node is to announce.
    async fn take_turns(
        &self,
        session: &mut Session,
        now: Timestamp,
    ) -> RedisResult<Vec<PresenceChange>> {
        let mut changes = Vec::new();
        for _ in 0..TURNS {
            if session.connection.is_none() {
                session.connection = Some(self.link.open_to(self.scripts.key()).await?);
            }
            let Session { connection: Some(connection), epoch, place } = session else { break };
            let Some(known) = place else {
                let everything = self.book().everything();
                let entered = self.scripts.enter(connection, now, epoch, &everything).await?;
                self.book().entered(entered.announced);
                *epoch = entered.epoch;
                *place =
                    Some(Place { entrance: entered.entrance, last: entered.last, announced: 0 });
                continue;
            };
            let states = self.book().news(CHANGES);
            let turn = self.scripts.turn(connection, now, (epoch, known), &states).await?;
            let Some(Turn { last, mine, news, worked_on, dead }) = turn else {
                *place = None;
                continue;
            };
            (known.last, known.announced) = (last, mine.len());
            self.book().told(&states, &news);
            changes.extend(mine);
            if dead > 0 {
                (self.node_died)();
            }
            if worked_on < CHANGES && states.len() < CHANGES {
                break;
            }
        }
        Ok(changes)
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

    async fn settle(&self, now: Timestamp) -> Result<Vec<PresenceChange>, StoreError> {
        let mut session = self.session.lock().await;
        let was_there = session.connection.is_some();
        match self.take_turns(&mut session, now).await {
            Ok(changes) => {
                // Of somebody who came and went the last counts.
                let last: BTreeMap<_, _> = changes.into_iter().map(|c| (c.user, c)).collect();
                Ok(last.into_values().collect())
            }
            Err(error) => {
                self.pause(&mut session, was_there, &error);
                Ok(Vec::new())
            }
        }
    }
}

impl Presence {
    /// Presence is as it was until Redis is back; the node then says anew who is connected to it.
    fn pause(&self, session: &mut Session, was_there: bool, error: &RedisError) {
        (session.connection, session.place) = (None, None);
        if was_there {
            tracing::warn!(error = plainly(error), "presence pauses until Redis is back");
        }
    }
}
