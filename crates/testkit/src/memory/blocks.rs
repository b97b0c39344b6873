//! Who has blocked whom, and which chats are closed because of it.

use super::MemoryDb;
use super::state::{ChatRow, State};
use async_trait::async_trait;
use domain::block::{Block, BlockPage, BlockStore, PairFacts};
use domain::chat::Pair;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::UserId;

impl State {
    /// The facts that decide whether a chat between these two is closed.
    fn pair_facts(&self, pair: Pair, both_in: bool) -> PairFacts {
        let (a, b) = (pair.lower(), pair.higher());
        let active = |id| self.user(id).is_ok_and(|user| user.active);
        let blocked = self.blocks.contains_key(&(a, b)) || self.blocks.contains_key(&(b, a));
        PairFacts { both_in, both_active: active(a) && active(b), blocked }
    }

    /// Whether a chat between these two would be closed.
    pub(super) fn closes(&self, pair: Pair) -> bool {
        self.pair_facts(pair, true).is_closed()
    }

    /// Whether a chat is closed, so that nobody may write in it.
    pub(super) fn is_closed(&self, row: &ChatRow) -> bool {
        let both_in = |pair: Pair| pair.people().iter().all(|user| row.is_member(*user));
        row.pair.is_some_and(|pair| self.pair_facts(pair, both_in(pair)).is_closed())
    }
}

#[async_trait]
impl BlockStore for MemoryDb {
    async fn block(
        &self,
        blocker: UserId,
        blocked: UserId,
        capacity: usize,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        state.account(blocked)?;
        if state.blocks.contains_key(&(blocker, blocked)) {
            return Ok(false);
        }
        if state.blocks.keys().filter(|(by, _)| *by == blocker).count() >= capacity {
            return Err(StoreError::Conflict);
        }
        state.blocks.insert((blocker, blocked), at);
        Ok(true)
    }

    async fn unblock(&self, blocker: UserId, blocked: UserId) -> Result<bool, StoreError> {
        Ok(self.state().blocks.remove(&(blocker, blocked)).is_some())
    }

    async fn list(
        &self,
        blocker: UserId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BlockPage, StoreError> {
        let state = self.state();
        let mine = state.blocks.iter().filter(|((by, _), _)| *by == blocker);
        let mut mine = mine.filter(|((_, who), _)| after.is_none_or(|after| *who > after));
        let block = |((_, who), since): (&(UserId, UserId), &Timestamp)| {
            Ok(Block { user: state.summary(*who)?, since: *since })
        };
        let blocks = mine.by_ref().take(limit).map(block).collect::<Result<_, StoreError>>()?;
        Ok(BlockPage { blocks, more: mine.next().is_some() })
    }

    async fn between(&self, a: UserId, b: UserId) -> Result<bool, StoreError> {
        let state = self.state();
        Ok(state.blocks.contains_key(&(a, b)) || state.blocks.contains_key(&(b, a)))
    }

    async fn blockers(
        &self,
        blocked: UserId,
        people: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        let of = state.blocks.keys().filter(|(_, who)| *who == blocked).map(|(by, _)| *by);
        Ok(of.filter(|by| people.contains(by)).collect())
    }
}
