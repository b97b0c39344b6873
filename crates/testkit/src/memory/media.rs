//! Attachments and avatars.

use super::MemoryDb;
use super::state::{AttachmentRow, State};
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::ids::{AttachmentId, ChatId, UserId};
use domain::media::{
    Attachment, ChatFile, FileKey, MediaStore, NewAttachment, Reservation, ReservationFacts,
    ReserveRefusal, StoredAttachment,
};
use std::collections::HashMap;

impl State {
    /// Removes a key from the loose ones; `Conflict` unless its owner may still use it.
    fn take_key(&mut self, key: &FileKey, owner: UserId, at: Timestamp) -> Result<(), StoreError> {
        let usable = |(by, until): &(Option<UserId>, Timestamp)| *by == Some(owner) && *until > at;
        if !self.loose.get(key).is_some_and(usable) {
            return Err(StoreError::Conflict);
        }
        self.loose.remove(key);
        Ok(())
    }

    /// Sets or removes somebody's avatar. A picture of their host is fetched no more.
    pub(super) fn set_avatar(
        &mut self,
        user: UserId,
        key: Option<FileKey>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(key) = &key {
            self.take_key(key, user, at)?;
        }
        if let Some(before) = self.avatars.remove(&user) {
            self.loose.insert(before, (None, at));
        }
        self.avatars.extend(key.map(|key| (user, key)));
        self.host_pictures.remove(&user);
        Ok(())
    }

    /// An attachment, with its message, and the chat of that.
    pub(super) fn stored(&self, row: &AttachmentRow) -> StoredAttachment {
        StoredAttachment {
            attachment: row.attachment.clone(),
            owner: row.owner,
            key: row.key.clone(),
            sent: row.message.and_then(|id| Some((self.message(id)?.chat, id))),
        }
    }

    /// Removes somebody's avatar and what they uploaded without sending it; uploads still in progress can no
    /// longer be used.
    pub(super) fn forget_files(&mut self, user: UserId, at: Timestamp) {
        for (by, _) in self.loose.values_mut().filter(|(by, _)| *by == Some(user)) {
            *by = None;
        }
        self.let_go(at, |row| row.owner == user && row.message.is_none());
        if let Some(key) = self.avatars.remove(&user) {
            self.loose.insert(key, (None, at));
        }
    }

    /// Removes attachments and makes their keys due for deletion.
    pub(super) fn let_go(&mut self, at: Timestamp, gone: impl Fn(&AttachmentRow) -> bool) {
        let State { attachments, loose, .. } = self;
        attachments.retain(|_, row| {
            let goes = gone(row);
            if goes {
                loose.insert(row.key.clone(), (None, at));
            }
            !goes
        });
    }
}

#[async_trait]
impl MediaStore for MemoryDb {
    async fn reserve(&self, wanted: Reservation) -> Result<(), WriteError<ReserveRefusal>> {
        let Reservation { owner, at, .. } = wanted;
        let mut state = self.state();
        state.account(owner)?;
        let theirs = || state.attachments.values().filter(|row| row.owner == owner);
        let coming = state.loose.values().filter(|(by, due)| *by == Some(owner) && *due > at);
        let facts = ReservationFacts {
            waiting: theirs().filter(|row| row.message.is_none()).count(),
            coming: coming.count(),
            stored: theirs().map(|row| row.attachment.size).sum(),
        };
        wanted.decide(facts).map_err(WriteError::Refused)?;
        state.loose.insert(wanted.key, (Some(owner), wanted.until));
        Ok(())
    }

    async fn give_up(&self, key: &FileKey, at: Timestamp) -> Result<(), StoreError> {
        if let Some(loose) = self.state().loose.get_mut(key) {
            *loose = (None, at);
        }
        Ok(())
    }

    async fn add(&self, new: NewAttachment) -> Result<Attachment, StoreError> {
        let mut state = self.state();
        state.take_key(&new.key, new.owner, new.created_at)?;
        let attachment = Attachment {
            id: AttachmentId::stored(state.next_id()),
            name: new.name,
            mime: new.mime.to_owned(),
            size: new.size,
            picture: new.picture,
        };
        let row = AttachmentRow {
            attachment: attachment.clone(),
            owner: new.owner,
            key: new.key,
            created_at: new.created_at,
            message: None,
        };
        state.attachments.insert(attachment.id, row);
        Ok(attachment)
    }

    async fn get(&self, id: AttachmentId) -> Result<StoredAttachment, StoreError> {
        let state = self.state();
        let row = state.attachments.get(&id).ok_or(StoreError::NotFound)?;
        Ok(state.stored(row))
    }

    async fn in_chat(
        &self,
        viewer: UserId,
        chat: ChatId,
        limit: usize,
    ) -> Result<Vec<ChatFile>, StoreError> {
        let state = self.state();
        let horizon = state.standing(chat, viewer).ok_or(StoreError::NotFound)?.horizon;
        let here = |row: &&AttachmentRow| {
            let sent = state.stored(row).sent;
            sent.is_some_and(|(there, message)| there == chat && !horizon.hides_id(message))
        };
        let files = state.attachments.values().filter(here).map(|row| ChatFile {
            attachment: row.attachment.clone(),
            owner: row.owner,
            uploaded_at: row.created_at,
        });
        let mut files: Vec<_> = files.collect();
        files.sort_by_key(|file| file.attachment.id);
        files.drain(..files.len().saturating_sub(limit));
        Ok(files)
    }

    async fn remove_unused(
        &self,
        owner: UserId,
        id: AttachmentId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = state.attachments.get(&id).ok_or(StoreError::NotFound)?;
        if row.owner != owner || row.message.is_some() {
            return Err(StoreError::NotFound);
        }
        state.let_go(at, |row| row.attachment.id == id);
        Ok(())
    }

    async fn set_avatar(
        &self,
        user: UserId,
        key: Option<FileKey>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.state().set_avatar(user, key, at)
    }

    async fn avatar(&self, user: UserId) -> Result<Option<FileKey>, StoreError> {
        Ok(self.state().avatars.get(&user).cloned())
    }

    async fn avatars(&self, users: &[UserId]) -> Result<HashMap<UserId, FileKey>, StoreError> {
        let state = self.state();
        let shown = users.iter().filter_map(|user| Some((*user, state.avatars.get(user)?.clone())));
        Ok(shown.collect())
    }

    async fn collect(
        &self,
        at: Timestamp,
        unused: Timestamp,
        limit: usize,
    ) -> Result<Vec<FileKey>, StoreError> {
        let mut state = self.state();
        let waited = |row: &AttachmentRow| row.message.is_none() && row.created_at < unused;
        let rows = state.attachments.values().filter(|row| waited(row));
        let mut gone: Vec<_> = rows.map(|row| (row.created_at, row.attachment.id)).collect();
        gone.sort();
        gone.truncate(limit);
        state.let_go(at, |row| gone.contains(&(row.created_at, row.attachment.id)));
        let due = state.loose.iter().filter(|(_, (_, due))| *due <= at);
        let mut due: Vec<_> = due.map(|(key, (_, due))| (*due, key.clone())).collect();
        due.sort();
        Ok(due.into_iter().take(limit).map(|(_, key)| key).collect())
    }

    async fn forget(&self, keys: &[FileKey]) -> Result<(), StoreError> {
        let mut state = self.state();
        state.loose.retain(|key, _| !keys.contains(key));
        Ok(())
    }
}
