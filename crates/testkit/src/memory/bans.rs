//! Bans.

use super::MemoryDb;
use super::state::State;
use async_trait::async_trait;
use domain::chat::{
    Ban, BanError, BanFacts, BanPage, BanStore, ChangedMembers, ChatActor, LiftBan, LiftBanError,
    LiftBanFacts, LiftSilence, LiftSilenceError, NewBan, NewSilence, Silence, SilenceError,
    SilenceFacts,
};
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, UserId};

impl State {
    fn last_silence(&self, chat: ChatId, user: UserId) -> Option<Silence> {
        self.chats.get(&chat)?.members.get(&user)?.silence.clone()
    }

    fn silence_facts<'a>(
        &self,
        (chat, user): (ChatId, UserId),
        actor: ChatActor,
        silence: Option<&'a Silence>,
    ) -> SilenceFacts<'a> {
        let target = self.target(chat, user).role;
        SilenceFacts { actor: self.actor(chat, actor), target, silence }
    }
}

#[async_trait]
impl BanStore for MemoryDb {
    async fn ban(&self, ban: NewBan) -> Result<ChangedMembers, BanError> {
        let mut state = self.state();
        let NewBan { chat, user, by, at, until, .. } = ban;
        let (actor, target) = (state.actor(chat, by), state.target(chat, user));
        let changes = ban.decide(BanFacts { actor, target }).map_err(WriteError::Refused)?;
        state.note(chat.get(), ban.record());
        let by = by.user();
        let ban = Ban { user: state.summary(user)?, by, reason: changes.reason, at, until };
        state.chat_mut(chat)?.bans.insert(user, ban);
        Ok(state.change_members(chat, &changes.members, at)?)
    }

    async fn lift(&self, wanted: LiftBan) -> Result<(), LiftBanError> {
        let mut state = self.state();
        let LiftBan { chat, actor, user } = wanted;
        let banned = state.chats.get(&chat).is_some_and(|row| row.bans.contains_key(&user));
        let facts = LiftBanFacts { actor: state.actor(chat, actor), banned };
        wanted.decide(facts).map_err(WriteError::Refused)?;
        state.note(chat.get(), wanted.record());
        state.chat_mut(chat)?.bans.remove(&user);
        Ok(())
    }

    async fn silence(&self, silence: NewSilence) -> Result<ChangedMembers, SilenceError> {
        let mut state = self.state();
        let NewSilence { chat, user, by, at, .. } = silence;
        let last = state.last_silence(chat, user);
        let decided = silence.decide(state.silence_facts((chat, user), by, last.as_ref()));
        let change = decided.map_err(WriteError::Refused)?;
        state.note(chat.get(), silence.record());
        Ok(state.change_members(chat, &[change], at)?)
    }

    async fn lift_silence(&self, wanted: LiftSilence) -> Result<ChangedMembers, LiftSilenceError> {
        let mut state = self.state();
        let LiftSilence { chat, user, actor, at } = wanted;
        let last = state.last_silence(chat, user);
        let decided = wanted.decide(state.silence_facts((chat, user), actor, last.as_ref()));
        let change = decided.map_err(WriteError::Refused)?;
        state.note(chat.get(), wanted.record());
        Ok(state.change_members(chat, &[change], at)?)
    }

    async fn list(
        &self,
        chat: ChatId,
        now: Timestamp,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BanPage, StoreError> {
        let state = self.state();
        let bans = state.chat(chat).into_iter().flat_map(|row| &row.bans);
        let bans = bans.filter(|(user, _)| after.is_none_or(|after| **user > after));
        let mut bans: Vec<_> =
            bans.filter(|(_, ban)| ban.holds(now)).map(|(_, ban)| ban.clone()).collect();
        let more = bans.len() > limit;
        bans.truncate(limit);
        Ok(BanPage { bans, more })
    }
}
