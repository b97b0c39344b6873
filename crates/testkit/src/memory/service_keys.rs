//! Service keys.

use super::MemoryDb;
use super::state::State;
use async_trait::async_trait;
use domain::chat::ChatKind;
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::host::Issuer;
use domain::ids::{ChatId, SessionId, UserId};
use domain::service_key::{
    AddKeyRefusal, KeyAccount, KeyFacts, KeyRate, NewServiceKey, Place, RevokeKeys, Scopes,
    ServiceKey, ServiceKeyStore,
};
use domain::session::{Client, Device, Session};
use domain::user::UserName;

/// The part of a service key that belongs neither to its session nor to its account.
#[derive(Clone)]
pub(super) struct KeyRow {
    hash: [u8; 32],
    scopes: Scopes,
    issuer: Issuer,
    rate: KeyRate,
}

impl State {
    /// The key of a session that is live at that time.
    fn key(&self, id: SessionId, now: Timestamp) -> Option<ServiceKey> {
        let row = self.service_keys.get(&id)?;
        let session = self.sessions.get(&id).filter(|session| session.expires_at >= now)?;
        let user = self.user(session.user).ok()?;
        Some(ServiceKey {
            session: id,
            account: user.id,
            name: user.name.clone(),
            role: user.role,
            scopes: row.scopes,
            issuer: row.issuer.clone(),
            rate: row.rate,
            created_at: session.created_at,
            used_at: session.refreshed_at,
        })
    }

    fn keys(&self, now: Timestamp) -> Vec<ServiceKey> {
        self.service_keys.keys().filter_map(|id| self.key(*id, now)).collect()
    }

    fn key_account(&self, name: &UserName) -> Option<KeyAccount> {
        let mut ours = self.service_accounts.iter().filter_map(|id| self.user(*id).ok());
        let user = ours.find(|user| user.name.folded() == name.folded())?;
        let is_its = |id: &&SessionId| self.sessions.get(*id).is_some_and(|s| s.user == user.id);
        let keys = self.service_keys.keys().filter(is_its).count();
        Some(KeyAccount { id: user.id, active: user.active, keys })
    }

    fn add_key_account(&mut self, new: &NewServiceKey) -> Result<UserId, StoreError> {
        let made = self.add_user(new.user.clone())?.id;
        self.service_accounts.insert(made);
        self.write_log(made.get(), new.account_added());
        Ok(made)
    }
}

#[async_trait]
impl ServiceKeyStore for MemoryDb {
    async fn add(&self, new: NewServiceKey) -> Result<ServiceKey, WriteError<AddKeyRefusal>> {
        let mut state = self.state();
        let account = state.key_account(&new.user.name);
        let facts = KeyFacts { keys: state.service_keys.len(), account };
        let user = match new.decide(facts).map_err(WriteError::Refused)? {
            Some(account) => account,
            None => state.add_key_account(&new)?,
        };
        let id = SessionId::stored(state.next_id());
        let session = Session {
            id,
            user,
            seed: new.seed,
            generation: 0,
            client: Client::from(Device::new("service key")),
            created_at: new.at,
            refreshed_at: new.at,
            expires_at: new.expires_at,
            proved_at: None,
        };
        state.sessions.insert(id, session);
        let line = new.added(id);
        let NewServiceKey { hash, scopes, issuer, rate, at, .. } = new;
        state.service_keys.insert(id, KeyRow { hash, scopes, issuer, rate });
        state.write_log(user.get(), line);
        Ok(state.key(id, at).ok_or(StoreError::NotFound)?)
    }

    async fn list(&self, now: Timestamp) -> Result<Vec<ServiceKey>, StoreError> {
        Ok(self.state().keys(now))
    }

    async fn revoke(&self, keys: RevokeKeys) -> Result<Vec<SessionId>, StoreError> {
        let mut state = self.state();
        let mut found = state.keys(keys.at);
        found.retain(|key| key.name.folded() == keys.name.folded());
        found.retain(|key| keys.session.is_none_or(|id| id == key.session));
        if found.is_empty() {
            return Err(StoreError::NotFound);
        }
        for key in &found {
            state.end_session(key.session);
            state.write_log(key.account.get(), keys.revoked(key.session));
        }
        Ok(found.into_iter().map(|key| key.session).collect())
    }

    async fn find(&self, hash: [u8; 32], now: Timestamp) -> Result<ServiceKey, StoreError> {
        let state = self.state();
        let id = state.service_keys.iter().find(|(_, row)| row.hash == hash).map(|(id, _)| *id);
        id.and_then(|id| state.key(id, now)).ok_or(StoreError::NotFound)
    }

    async fn note_use(
        &self,
        id: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let session = state.sessions.get_mut(&id).filter(|session| session.expires_at >= now);
        if let Some(session) = session {
            (session.refreshed_at, session.expires_at) = (now, expires_at);
        }
        Ok(())
    }

    async fn is_whisper(&self, place: Place) -> Result<bool, StoreError> {
        let state = self.state();
        let of_message = |id| state.message(id).map(|message| message.chat);
        let chat: Option<ChatId> = match place {
            Place::Chat(chat) => Some(chat),
            Place::Message(id) => of_message(id),
            Place::Attachment(id) => {
                state.attachments.get(&id).and_then(|row| row.message).and_then(of_message)
            }
        };
        let kind = chat.and_then(|chat| state.chat(chat).ok()).map(|row| row.chat.kind);
        Ok(matches!(kind, Some(ChatKind::Whisper(_))))
    }
}
