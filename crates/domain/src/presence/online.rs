//! Going online and offline, and who may see it.

use super::announce::{Unnoted, Untold};
use super::visit::Visits;
use super::{ConnectionId, PresenceStore};
use crate::block::BlockStore;
use crate::chat::MemberStore;
use crate::clock::Clock;
use crate::directory::{Directory, Finding};
use crate::event::EventBus;
use crate::failure::StoreError;
use crate::ids::{ChatId, UserId};
use crate::limits;
use crate::session::Caller;
use crate::user::UserStore;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// The ports that presence needs.
pub struct PresencePorts {
    /// Who is connected.
    pub presence: Arc<dyn PresenceStore>,
    /// Who shares a chat with whom.
    pub members: Arc<dyn MemberStore>,
    /// Stores last-seen times.
    pub users: Arc<dyn UserStore>,
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Decides who may find whom.
    pub directory: Arc<Directory>,
    /// The sockets of this node only: every node informs its own.
    pub here: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of presence.
pub struct PresenceService {
    pub(super) ports: PresencePorts,
    pub(super) untold: Mutex<Untold>,
    pub(super) unnoted: Mutex<Unnoted>,
    pub(super) visits: Mutex<Visits>,
}

impl PresenceService {
    /// Uses the given ports.
    pub fn new(ports: PresencePorts) -> Self {
        Self {
            ports,
            untold: Mutex::default(),
            unnoted: Mutex::default(),
            visits: Mutex::default(),
        }
    }

    /// Somebody opened a connection.
    pub async fn connect(&self, user: UserId, connection: ConnectionId) -> Result<(), StoreError> {
        self.ports.presence.connect(user, connection).await
    }

    /// A connection closed, or its owner no longer wants it to show them as online.
    pub async fn disconnect(
        &self,
        user: UserId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        self.end_visit(user, now).await?;
        self.ports.presence.disconnect(user, connection, now).await
    }

    /// The owner of a connection says that they are going offline. The next [`Self::settle`] announces it,
    /// without the grace period that follows a lost connection.
    pub async fn go_offline(
        &self,
        user: UserId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        let long_ago = self.ports.clock.now().minus(limits::OFFLINE_GRACE);
        self.end_visit(user, long_ago).await?;
        self.ports.presence.disconnect(user, connection, long_ago).await
    }

    /// How many members of each of these open rooms are online.
    pub async fn crowds(&self, rooms: &[ChatId]) -> Result<HashMap<ChatId, usize>, StoreError> {
        let members = self.ports.members.together(rooms, None, limits::MEMBERS_TOGETHER).await?;
        let people: HashSet<_> = members.iter().map(|member| member.user.id).collect();
        let people: Vec<_> = people.into_iter().collect();
        let online: HashSet<_> = self.ports.presence.online(&people).await?.into_iter().collect();
        let mut crowds = HashMap::new();
        for member in members.iter().filter(|member| online.contains(&member.user.id)) {
            *crowds.entry(member.chat).or_default() += 1;
        }
        Ok(crowds)
    }

    /// Who is online of those who share a chat with the caller that is not too large
    /// ([`limits::PRESENCE_CROWD`]), as far as the caller may know.
    pub async fn contacts_online(&self, caller: &Caller) -> Result<Vec<UserId>, StoreError> {
        let contacts = self.contacts(caller.user).await?;
        Ok(self.online(caller, &contacts).await?.online)
    }

    /// Who shares such a chat with this person.
    pub(super) async fn contacts(&self, user: UserId) -> Result<Vec<UserId>, StoreError> {
        let (crowd, limit) = (limits::PRESENCE_CROWD, limits::PRESENCE_AUDIENCE);
        self.ports.members.contacts(user, crowd, limit).await
    }

    /// Who of `users` is online, as far as the caller may know: of themselves, and of those who share a chat with
    /// them. People who have blocked the caller appear as never having been online.
    pub async fn online(&self, caller: &Caller, users: &[UserId]) -> Result<Visible, StoreError> {
        let visible = self.ports.members.sharing(caller.user, users).await?;
        self.unless_hidden(caller, visible).await
    }

    /// As [`Self::online`], also for people who share no chat with the caller, if the caller may find
    /// everybody: some protocols show everybody's presence. People who have blocked the caller stay hidden.
    pub async fn online_openly(
        &self,
        caller: &Caller,
        users: &[UserId],
    ) -> Result<Visible, StoreError> {
        match self.ports.directory.of(caller) {
            Finding::Everybody => self.unless_hidden(caller, users.to_vec()).await,
            Finding::Shared | Finding::Nobody => self.online(caller, users).await,
        }
    }

    async fn unless_hidden(
        &self,
        caller: &Caller,
        visible: Vec<UserId>,
    ) -> Result<Visible, StoreError> {
        let hidden = self.ports.blocks.blockers(caller.user, &visible).await?;
        let shown = |user: &&UserId| !hidden.contains(user);
        let shown: Vec<_> = visible.iter().filter(shown).copied().collect();
        let online = self.ports.presence.online(&shown).await?;
        Ok(Visible { visible, online, hidden })
    }
}

/// What a caller may know about people's presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visible {
    /// Whose presence the caller may see.
    pub visible: Vec<UserId>,
    /// Which of these are online.
    pub online: Vec<UserId>,
    /// Which of these have blocked the caller, and must look like people who were never online.
    pub hidden: Vec<UserId>,
}

impl Visible {
    /// Whether somebody is online; `None` if the caller may not know.
    pub fn of(&self, user: UserId) -> Option<bool> {
        self.visible.contains(&user).then(|| self.online.contains(&user))
    }

    /// Whether the caller may know when somebody was last seen.
    pub fn shows_last_seen(&self, user: UserId) -> bool {
        self.visible.contains(&user) && !self.hidden.contains(&user)
    }
}
