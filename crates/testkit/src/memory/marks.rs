//! Reactions, pins and stars.

use super::MemoryDb;
use super::state::ChatRow;
use async_trait::async_trait;
use domain::chat::Horizon;
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{MarkError, MarkStore, Marked, Message, Pin, React, Star, StarPage};
use std::cmp::Reverse;

#[async_trait]
impl MarkStore for MemoryDb {
    async fn react(&self, react: React) -> Result<Marked, MarkError> {
        let mut state = self.state();
        let facts = state.message_facts(react.message, react.user.into());
        let Some(reaction) = react.decide(facts).map_err(WriteError::Refused)? else {
            return Ok(None);
        };
        let change = |message: &mut Message| reaction.apply(&mut message.extras.reactions);
        Ok(Some(state.change(react.message, change)?))
    }

    async fn pin(&self, pin: Pin) -> Result<Marked, MarkError> {
        let mut state = self.state();
        let facts = state.message_facts(pin.message, pin.actor);
        let all = state.chats.get(&pin.chat).into_iter().flat_map(|row| &row.messages);
        let pinned = all.filter(|message| message.pinned_at.is_some()).count();
        if !pin.decide(facts, pinned).map_err(WriteError::Refused)? {
            return Ok(None);
        }
        state.note(pin.chat.get(), pin.record());
        let change = |message: &mut Message| message.pinned_at = pin.on.then_some(pin.at);
        Ok(Some(state.change(pin.message, change)?))
    }

    async fn pinned(
        &self,
        chat: ChatId,
        viewer: Option<UserId>,
    ) -> Result<Vec<Message>, StoreError> {
        let state = self.state();
        let horizon = match viewer {
            Some(viewer) => state.standing(chat, viewer).ok_or(StoreError::NotFound)?.horizon,
            None => Horizon::NONE,
        };
        let Ok(row) = state.chat(chat) else { return Ok(Vec::new()) };
        let pinned = row.messages.iter().filter(|message| message.pinned_at.is_some());
        let mut pinned: Vec<_> = pinned.filter(|m| !horizon.hides(m)).cloned().collect();
        pinned.sort_by_key(|message| Reverse((message.pinned_at, message.id)));
        Ok(pinned)
    }

    async fn star(&self, star: Star) -> Result<bool, MarkError> {
        let mut state = self.state();
        let message = state.message(star.message).ok_or(StoreError::NotFound)?;
        let there = state.stars.contains(&(star.user, star.message));
        let stars = state.stars.iter().filter(|(user, _)| *user == star.user).count();
        if !star.decide(message, there, stars).map_err(WriteError::Refused)? {
            return Ok(false);
        }
        if star.on {
            state.stars.insert((star.user, star.message));
        } else {
            state.stars.remove(&(star.user, star.message));
        }
        Ok(true)
    }

    async fn starred(
        &self,
        user: UserId,
        whispers: bool,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<StarPage, StoreError> {
        let state = self.state();
        let stars = state.stars.iter().rev().filter(|(owner, _)| *owner == user);
        let seen = stars.filter_map(|(_, id)| state.message(*id)).filter(|message| {
            let is_shown = |row: &ChatRow| {
                row.shows(user, message) && (whispers || row.chat.kind.parent().is_none())
            };
            state.chat(message.chat).is_ok_and(is_shown)
                && before.is_none_or(|before| message.id < before)
        });
        let mut messages: Vec<_> = seen.take(limit + 1).cloned().collect();
        let more = messages.len() > limit;
        messages.truncate(limit);
        Ok(StarPage { messages, more })
    }

    async fn stars_among(
        &self,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<MessageId>, StoreError> {
        let state = self.state();
        let stars = state.stars.iter().filter(|(owner, _)| *owner == user);
        Ok(stars.map(|(_, id)| *id).filter(|id| messages.contains(id)).collect())
    }
}
