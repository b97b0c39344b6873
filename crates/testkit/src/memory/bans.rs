//! Who may not come in.

use super::MemoryDb;
use async_trait::async_trait;
use domain::chat::{Ban, BanPage, BanStore, Member, NewBan};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId};

#[async_trait]
impl BanStore for MemoryDb {
    async fn ban(&self, ban: NewBan) -> Result<Vec<Member>, StoreError> {
        let mut state = self.state();
        let NewBan { chat, user, by, reason, at, until } = ban;
        let ban = Ban { user: state.summary(user)?, by, reason, at, until };
        let is_in = state.chat(chat)?.is_member(user);
        if is_in {
            state.spare(chat, user)?;
        }
        state.chat_mut(chat)?.bans.insert(user, ban);
        if is_in { state.remove_member(chat, user, at) } else { Ok(Vec::new()) }
    }

    async fn lift(&self, chat: ChatId, user: UserId) -> Result<(), StoreError> {
        let mut state = self.state();
        state.chat_mut(chat)?.bans.remove(&user).map(drop).ok_or(StoreError::NotFound)
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
        let mut bans: Vec<_> = bans
            .filter(|(_, ban)| ban.until.is_none_or(|until| until > now))
            .map(|(_, ban)| ban.clone())
            .collect();
        let more = bans.len() > limit;
        bans.truncate(limit);
        Ok(BanPage { bans, more })
    }
}
