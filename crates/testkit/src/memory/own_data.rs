//! A user's own data, for its export and its deletion.

use super::MemoryDb;
use super::state::{ChatRow, State};
use async_trait::async_trait;
use domain::admin::Record;
use domain::chat::{ChangedMembers, Member};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{AttachmentId, ChatId, MessageId, Seq, UserId};
use domain::media::StoredAttachment;
use domain::message::{Emoji, Message};
use domain::own_data::succession::{Other, Succession, departure, succession};
use domain::own_data::{OwnDataStore, OwnReactions, PendingDeletion, Withdrawal};
use domain::user::{AccountRole, Email, PasswordHash, Profile, UserName};

impl State {
    fn begin_deletion(&mut self, deletion: PendingDeletion) -> Result<Vec<Member>, StoreError> {
        let PendingDeletion { user, at, .. } = deletion;
        let now = self.now();
        let row = self.account(user)?;
        row.user.name = UserName::deleted();
        row.user.role = AccountRole::User;
        row.user.profile = Profile::default();
        row.user.active = false;
        row.user.last_seen_at = None;
        row.user.deleted_at = Some(at);
        row.user.external_id = None;
        row.password = PasswordHash::stored(String::new());
        row.email = Email::default();
        row.login_email = None;
        row.data = None;
        row.role_set_at = Some(now);
        self.end_sessions(user, None, at);
        self.forget_second_factor(user);
        let hosts = self.host_accounts.values_mut();
        hosts.filter(|(owner, _)| *owner == user).for_each(|(_, said)| *said = None);
        self.stars.retain(|(by, _)| *by != user);
        self.forget_files(user, at);
        self.host_pictures.remove(&user);
        self.blocks.retain(|(by, who), _| *by != user && *who != user);
        self.deletions.push(deletion);
        self.touch(user)
    }

    fn others(&self, row: &ChatRow, user: UserId) -> Vec<Other> {
        let there = |id: UserId| self.user(id).is_ok_and(|other| other.deleted_at.is_none());
        let others = row.present().filter(|(id, _)| *id != user && there(*id));
        others.map(|(user, row)| Other { user, role: row.role, joined_at: row.joined_at }).collect()
    }

    fn withdraw(
        &mut self,
        chat: ChatId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Withdrawal, StoreError> {
        let Some(row) = self.chats.get(&chat) else { return Ok(Withdrawal::Stayed) };
        let Ok(place) = row.present_member(user) else { return Ok(Withdrawal::Stayed) };
        let heir = match succession(row.chat.kind, place.role, &self.others(row, user)) {
            Succession::Stay => return Ok(Withdrawal::Stayed),
            Succession::Dissolve => {
                return Ok(Withdrawal::Dissolved(self.delete_chat(chat)?.1));
            }
            Succession::Leave(heir) => heir,
        };
        let changes = departure(user, heir);
        let ChangedMembers { mut changed, left, .. } = self.change_members(chat, &changes, at)?;
        Ok(Withdrawal::Left { heir: changed.pop().map(Box::new), left })
    }

    /// Somebody's messages in a chat after a seq.
    fn said(&self, chat: ChatId, author: UserId, after: Seq) -> impl Iterator<Item = &Message> {
        let all = self.chats.get(&chat).into_iter().flat_map(|row| &row.messages);
        all.filter(move |message| message.author == author && message.seq > after)
    }
}

/// The emojis somebody has reacted with to a message.
fn reactions_by(message: &Message, user: UserId) -> Vec<Emoji> {
    let reactions = message.extras.reactions.iter();
    let theirs = reactions.filter(|reaction| reaction.users.contains(&user));
    theirs.map(|reaction| reaction.emoji.clone()).collect()
}

#[async_trait]
impl OwnDataStore for MemoryDb {
    async fn begin_deletion(
        &self,
        deletion: PendingDeletion,
        record: Option<Record>,
    ) -> Result<Vec<Member>, StoreError> {
        let mut state = self.state();
        let members = state.begin_deletion(deletion)?;
        if let Some(record) = record {
            state.write_log(deletion.user.get(), record);
        }
        Ok(members)
    }

    async fn pending_deletions(&self, limit: usize) -> Result<Vec<PendingDeletion>, StoreError> {
        Ok(self.state().deletions.iter().take(limit).copied().collect())
    }

    async fn chats(
        &self,
        user: UserId,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<Vec<ChatId>, StoreError> {
        let state = self.state();
        let theirs = state.chats.iter().filter(|(_, row)| row.members.contains_key(&user));
        let later = theirs.map(|(id, _)| *id).filter(|id| after.is_none_or(|after| *id > after));
        Ok(later.take(limit).collect())
    }

    async fn messages(
        &self,
        chat: ChatId,
        author: UserId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        Ok(self.state().said(chat, author, after).take(limit).cloned().collect())
    }

    async fn files(
        &self,
        owner: UserId,
        after: Option<AttachmentId>,
        limit: usize,
    ) -> Result<Vec<StoredAttachment>, StoreError> {
        let state = self.state();
        let theirs = state.attachments.values().filter(|row| row.owner == owner);
        let later = theirs.filter(|row| after.is_none_or(|after| row.attachment.id > after));
        Ok(later.take(limit).map(|row| state.stored(row)).collect())
    }

    async fn delete_messages(
        &self,
        chat: ChatId,
        author: UserId,
        after: Seq,
        limit: usize,
        at: Timestamp,
    ) -> Result<Vec<Message>, StoreError> {
        let mut state = self.state();
        let living = state.said(chat, author, after).filter(|m| m.deleted_at.is_none());
        let ids: Vec<_> = living.take(limit).map(|message| message.id).collect();
        ids.into_iter().map(|id| state.delete_message(id, at)).collect()
    }

    async fn reactions(
        &self,
        user: UserId,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<OwnReactions>, StoreError> {
        let state = self.state();
        let all = state.places.keys().filter_map(|id| state.message(*id));
        let later = all.filter(|message| after.is_none_or(|after| message.id > after));
        let own = |message: &Message| OwnReactions {
            chat: message.chat,
            message: message.id,
            emoji: reactions_by(message, user),
        };
        let mut own: Vec<_> = later.map(own).filter(|own| !own.emoji.is_empty()).collect();
        own.sort_by_key(|own| own.message);
        own.truncate(limit);
        Ok(own)
    }

    async fn remove_reactions(
        &self,
        chat: ChatId,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<Message>, StoreError> {
        let mut state = self.state();
        let theirs = |id: &&MessageId| {
            let here = state.message(**id).filter(|message| message.chat == chat);
            here.is_some_and(|message| !reactions_by(message, user).is_empty())
        };
        let ids: Vec<_> = messages.iter().filter(theirs).copied().collect();
        let bare = |message: &mut Message| {
            let reactions = &mut message.extras.reactions;
            reactions.iter_mut().for_each(|reaction| reaction.users.retain(|by| *by != user));
            reactions.retain(|reaction| !reaction.users.is_empty());
        };
        ids.into_iter().map(|id| state.change(id, bare)).collect()
    }

    async fn withdraw(
        &self,
        chat: ChatId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Withdrawal, StoreError> {
        self.state().withdraw(chat, user, at)
    }

    async fn delete_requests(&self, user: UserId, limit: usize) -> Result<bool, StoreError> {
        let mut state = self.state();
        let theirs = state.repeated_requests.keys().filter(|(owner, _)| *owner == user);
        let keys: Vec<_> = theirs.take(limit).copied().collect();
        keys.iter().for_each(|key| drop(state.repeated_requests.remove(key)));
        Ok(keys.len() == limit)
    }

    async fn finish_deletion(&self, user: UserId) -> Result<(), StoreError> {
        self.state().deletions.retain(|deletion| deletion.user != user);
        Ok(())
    }
}
