//! Invitations.

use super::MemoryDb;
use async_trait::async_trait;
use domain::admin::Record;
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::ids::InviteId;
use domain::invite::{Invite, InvitePage, InviteRefusal, InviteStore, NewInvite};
use domain::limits::{FORGOTTEN_TOGETHER, INVITES};
use domain::user::{NewUser, User};
use std::cmp::Reverse;

#[async_trait]
impl InviteStore for MemoryDb {
    async fn add(&self, new: NewInvite, record: Record) -> Result<Invite, StoreError> {
        let mut state = self.state();
        if state.invites.len() >= INVITES {
            return Err(StoreError::Conflict);
        }
        let invite = Invite {
            id: InviteId::stored(state.next_id()),
            created_by: new.created_by,
            created_at: new.created_at,
            expires_at: new.expires_at,
            uses: new.uses,
            used: 0,
            note: new.note,
        };
        state.invites.insert(new.hash, invite.clone());
        state.write_log(invite.id.get(), record);
        Ok(invite)
    }

    async fn list(&self, before: Option<InviteId>, limit: usize) -> Result<InvitePage, StoreError> {
        let state = self.state();
        let older = |invite: &&Invite| before.is_none_or(|before| invite.id < before);
        let mut invites: Vec<_> = state.invites.values().filter(older).cloned().collect();
        invites.sort_by_key(|invite| Reverse(invite.id));
        let more = invites.len() > limit;
        invites.truncate(limit);
        Ok(InvitePage { invites, more })
    }

    async fn remove(&self, id: InviteId, record: Record) -> Result<(), StoreError> {
        let mut state = self.state();
        let before = state.invites.len();
        state.invites.retain(|_, invite| invite.id != id);
        if state.invites.len() == before {
            return Err(StoreError::NotFound);
        }
        state.write_log(id.get(), record);
        Ok(())
    }

    async fn find(&self, hash: [u8; 32]) -> Result<Invite, StoreError> {
        self.state().invites.get(&hash).cloned().ok_or(StoreError::NotFound)
    }

    async fn register(
        &self,
        hash: [u8; 32],
        mut user: NewUser,
        at: Timestamp,
    ) -> Result<User, WriteError<InviteRefusal>> {
        let mut state = self.state();
        let invite = state.invites.get(&hash).cloned();
        let invite = invite.ok_or(WriteError::Refused(InviteRefusal::Unknown))?;
        invite.admit(at).map_err(WriteError::Refused)?;
        let (origin, since) = (user.origin.take(), user.created_at);
        let made = state.add_user(user)?;
        state.invites.insert(hash, Invite { used: invite.used + 1, ..invite.clone() });
        if let Some(origin) = origin {
            state.write_log(made.id.get(), Record::invited(made.id, invite.id, origin, since));
        }
        Ok(made)
    }

    async fn forget(&self, before: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let old = state.invites.iter().filter(|(_, invite)| invite.expires_at < before);
        let old: Vec<_> = old.map(|(hash, _)| *hash).take(FORGOTTEN_TOGETHER).collect();
        old.iter().for_each(|hash| drop(state.invites.remove(hash)));
        Ok(old.len() == FORGOTTEN_TOGETHER)
    }
}
