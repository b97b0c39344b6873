//! The two scripts that Redis runs for presence, each of them atomically.

use super::Place;
use super::book::{Everything, State};
use crate::node::Node;
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::limits::OFFLINE_GRACE;
use domain::presence::PresenceChange;
use redis::aio::MultiplexedConnection;
use redis::{ErrorKind, RedisError, RedisResult, Script};
use std::collections::HashSet;
use std::time::Duration;

/// How long a silent node counts as alive. With the grace period and a turn, this is well under the 30 seconds
/// after which a dead node's users must be offline.
const LEASE: Duration = Duration::from_secs(15);
/// How long after Redis was unreachable no node is taken for dead.
const QUIET: Duration = Duration::from_secs(5);
/// How long after that nothing is decided about users whom only some nodes know to be online.
const SETTLING: Duration = Duration::from_secs(4);

pub(super) struct Scripts {
    enter: Script,
    turn: Script,
    /// The prefix of all keys. Its braces put them all on one server of a cluster.
    prefix: String,
    node: String,
}

/// What a node learns when it enters.
pub(super) struct Entered {
    /// Identifies this entrance, uniquely among all nodes and entrances.
    pub(super) entrance: String,
    pub(super) epoch: String,
    /// The last entry of the log.
    pub(super) last: String,
    /// Who was announced to be online.
    pub(super) announced: HashSet<UserId>,
}

/// The result of a turn.
pub(super) struct Turn {
    /// The last log entry that the node now knows.
    pub(super) last: String,
    /// Users whose changes this node has to record.
    pub(super) mine: Vec<UserId>,
    /// What was announced on any node since the last turn.
    pub(super) news: Vec<PresenceChange>,
    /// How many users the script handled.
    pub(super) worked_on: usize,
    /// How many nodes were found dead.
    pub(super) dead: usize,
}

impl Scripts {
    pub(super) fn new(installation: &str, node: Node) -> Self {
        Self {
            enter: Script::new(include_str!("enter.lua")),
            turn: Script::new(include_str!("turn.lua")),
            prefix: format!("confab:{{{installation}:presence}}"),
            node: format!("{:x}", node.id),
        }
    }

    /// A key on the server that holds all of them.
    pub(super) fn key(&self) -> &str {
        &self.prefix
    }

    /// Reports everything that this node knows, including the epoch of its last session.
    pub(super) async fn enter(
        &self,
        connection: &mut MultiplexedConnection,
        now: Timestamp,
        epoch: &str,
        everything: &Everything,
    ) -> RedisResult<Entered> {
        let mut call = self.enter.prepare_invoke();
        call.key(&self.prefix).arg(&self.node).arg(now.as_micros());
        call.arg(millis(LEASE)).arg(millis(QUIET)).arg(micros(SETTLING));
        let entrance = format!("{}:{}", self.node, now.as_micros());
        call.arg(&entrance).arg(epoch);
        call.arg(everything.announced.len());
        for user in &everything.announced {
            call.arg(user.get());
        }
        call.arg(micros(OFFLINE_GRACE));
        for state in &everything.states {
            call.arg(state.0.get()).arg(word(state));
        }
        let (epoch, last, announced): (String, String, Vec<i64>) =
            call.invoke_async(connection).await?;
        let announced = announced.into_iter().map(person).collect::<RedisResult<_>>()?;
        Ok(Entered { entrance, epoch, last, announced })
    }

    /// Takes a turn; `None` if the node has to enter again.
    pub(super) async fn turn(
        &self,
        connection: &mut MultiplexedConnection,
        now: Timestamp,
        (epoch, last, place): (&str, &str, &Place),
        states: &[State],
    ) -> RedisResult<Option<Turn>> {
        let mut call = self.turn.prepare_invoke();
        call.key(&self.prefix).arg(&self.node).arg(now.as_micros());
        call.arg(micros(OFFLINE_GRACE)).arg(millis(LEASE)).arg(epoch).arg(last);
        call.arg(place.announced).arg(super::CHANGES).arg(&place.entrance);
        for state in states {
            call.arg(state.0.get()).arg(word(state));
        }
        let answer: redis::Value = call.invoke_async(connection).await?;
        let (said,): (String,) = match &answer {
            redis::Value::Array(parts) if parts.len() == 1 => redis::from_redis_value_ref(&answer)?,
            _ => (String::new(),),
        };
        if said == "enter" {
            return Ok(None);
        }
        let (_, last, mine, news, worked_on, dead): (
            String,
            String,
            Vec<String>,
            Vec<String>,
            usize,
            usize,
        ) = redis::from_redis_value(answer)?;
        let mine = mine.iter().map(|word| Ok(change(word)?.0)).collect::<RedisResult<_>>()?;
        let news = news.iter().map(|word| told(word)).collect::<RedisResult<_>>()?;
        Ok(Some(Turn { last, mine, news, worked_on, dead }))
    }
}

/// A state as the scripts read it.
fn word((_, left_at): &State) -> String {
    left_at.map_or_else(|| "on".to_owned(), |at| at.as_micros().to_string())
}

/// Reads `+7` and `-7`.
fn change(word: &str) -> RedisResult<(UserId, bool)> {
    let user = word.get(1..).and_then(|digits| digits.parse().ok());
    Ok((user.ok_or_else(unreadable)?, word.starts_with('+')))
}

/// Reads `+7@1700000000000000`.
fn told(word: &str) -> RedisResult<PresenceChange> {
    let (who, at) = word.split_once('@').ok_or_else(unreadable)?;
    let (user, online) = change(who)?;
    let at = at.parse().map(Timestamp::from_micros).map_err(|_| unreadable())?;
    Ok(PresenceChange { user, online, at })
}

fn person(number: i64) -> RedisResult<UserId> {
    number.try_into().map_err(|_| unreadable())
}

fn unreadable() -> RedisError {
    (ErrorKind::UnexpectedReturnType, "a person that is no number").into()
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
