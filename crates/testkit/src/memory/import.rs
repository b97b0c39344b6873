//! The import of another server's data.

use super::MemoryDb;
use super::state::{ChatRow, MemberRow, State, UserRow};
use async_trait::async_trait;
use domain::chat::{Chat, ChatKind, ChatRole, Pair, Permissions};
use domain::failure::StoreError;
use domain::host::HostPerson;
use domain::ids::{Seq, Version};
use domain::import::{
    ImportStore, Imported, MessagePlace, Misplaced, OldChat, OldMember, OldMessage, OldUser,
};
use domain::user::{Email, Profile, User};
use std::collections::BTreeMap;
use std::time::Duration;

#[async_trait]
impl ImportStore for MemoryDb {
    async fn add_user(&self, old: OldUser) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.users.contains_key(&old.id) {
            return Ok(false);
        }
        let taken = |row: &UserRow| row.user.name.folded() == old.name.folded();
        if state.users.values().any(taken) {
            return Err(StoreError::Conflict);
        }
        state.is_unlike_others(&old.name, None)?;
        let person = old.host.external.clone();
        let person = person.map(|(issuer, subject)| HostPerson { issuer, subject });
        if person.as_ref().is_some_and(|person| state.host_accounts.contains_key(person)) {
            return Err(StoreError::Conflict);
        }
        let user = User {
            id: old.id,
            name: old.name,
            role: old.role,
            profile: Profile::default(),
            active: true,
            created_at: old.created_at,
            last_seen_at: old.last_seen_at,
            deleted_at: None,
            external_id: old.host.external.as_ref().map(|(_, id)| id.clone()),
        };
        let account = domain::user::Account { user, email: Email::default() };
        let account = old.profile.apply(account);
        let login_email = state.login_email(&account.email, old.id);
        let row = UserRow {
            user: account.user,
            password: old.password,
            email: account.email,
            login_email,
            data: old.host.data,
            role_set_at: None,
        };
        state.users.insert(old.id, row);
        if let Some(person) = person {
            state.host_accounts.insert(person, (old.id, None));
        }
        state.note_id(old.id.get());
        Ok(true)
    }

    async fn add_chat(&self, old: OldChat) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.chats.contains_key(&old.id) {
            return Ok(false);
        }
        for (user, _) in &old.people {
            state.account(*user)?;
        }
        if old.key.as_ref().is_some_and(|key| state.keys.contains_key(key)) {
            return Err(StoreError::Conflict);
        }
        let external = old.host.external.clone();
        if external.as_ref().is_some_and(|named| state.external_chats.contains_key(named)) {
            return Err(StoreError::Conflict);
        }
        let (version, at) = (Version::stored(1), old.created_at);
        let chat = Chat {
            id: old.id,
            kind: old.kind,
            title: old.title,
            description: old.description,
            slow_mode: Duration::ZERO,
            open: old.open,
            permissions: Permissions::default(),
            created_at: at,
            external_id: old.host.external.as_ref().map(|(_, id)| id.clone()),
            data: old.host.data,
            version,
        };
        let both = |users: &[_]| Some(Pair::new(*users.first()?, *users.last()?));
        let users: Vec<_> = old.people.iter().map(|(user, _)| *user).collect();
        let members = old.people.iter();
        let members =
            members.map(|(user, role)| (*user, MemberRow::new(*role, at, Seq::ZERO, version)));
        let row = ChatRow {
            pair: if old.kind == ChatKind::Direct { both(&users) } else { None },
            chat,
            bans: BTreeMap::new(),
            hushed: false,
            version,
            active_at: at,
            messages: Vec::new(),
            members: members.collect(),
        };
        state.chats.insert(old.id, row);
        state.keys.extend(old.key.map(|key| (key, old.id)));
        state.external_chats.extend(external.map(|named| (named, old.id)));
        state.note_id(old.id.get());
        Ok(true)
    }

    async fn add_member(&self, old: OldMember) -> Result<bool, StoreError> {
        let mut state = self.state();
        state.account(old.user)?;
        let row = state.chat_mut(old.chat)?;
        if row.members.contains_key(&old.user) {
            return Ok(false);
        }
        let owned = row.present().any(|(_, member)| member.role == ChatRole::Owner);
        if row.chat.kind.is_between_two() || (owned && old.role == ChatRole::Owner) {
            return Err(StoreError::Conflict);
        }
        let version = row.step();
        let member = MemberRow::new(old.role, old.joined_at, Seq::ZERO, version);
        row.members.insert(old.user, member);
        Ok(true)
    }

    async fn add_messages(
        &self,
        messages: Vec<OldMessage>,
    ) -> Result<Vec<Result<Imported, Misplaced>>, StoreError> {
        let mut state = self.state();
        Ok(messages.iter().map(|old| state.add_old_message(old)).collect())
    }
}

impl State {
    fn add_old_message(&mut self, old: &OldMessage) -> Result<Imported, Misplaced> {
        let row = self.chats.get(&old.chat);
        let admitted = old.admit(MessagePlace {
            there: self.places.get(&old.id).map(|(chat, _)| *chat),
            has_author: row.is_some_and(|row| row.members.contains_key(&old.author)),
            last: row.and_then(|row| row.messages.iter().map(|message| message.id).max()),
        });
        let Some(row) = self.chats.get_mut(&old.chat) else { return admitted };
        if admitted != Ok(Imported::Added) {
            return admitted;
        }
        let (seq, version) = (row.last_seq().next(), row.step());
        row.active_at = row.active_at.max(old.created_at);
        row.messages.push(old.message(seq, version));
        self.places.insert(old.id, (old.chat, seq));
        self.note_id(old.id.get());
        admitted
    }
}
