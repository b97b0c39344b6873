//! Chats and who is in them.

mod ban;
mod changes;
mod compare;
mod create;
mod delete;
mod join;
mod kind;
mod list;
mod lookup;
mod members;
mod membership;
mod name;
mod port;
mod preferences;
mod project;
mod read;
mod remove_member;
mod room;
pub mod rules;
mod set_member;
mod settings;
mod whisper;

pub use ban::{
    Ban, BanChanges, BanError, BanFacts, BanPage, BanRefusal, LiftBan, LiftBanError, LiftBanFacts,
    LiftBanRefusal, NewBan,
};
pub use changes::{Changes, ChangesError, Missed};
pub use compare::Membership;
pub use create::{CreateGroupError, OpenDirectError};
pub use delete::{DeleteChat, DeleteError, DeleteRefusal};
pub use join::{JoinError, JoinFacts, JoinRefusal, Joining};
pub use kind::{ChatKey, ChatKind, Pair};
pub use list::{ChatCursor, ChatPage, ChatQuery, GetError};
pub use lookup::{Gathering, Outline};
pub use members::MemberPage;
pub use membership::{ChangedMembers, MemberChange, Target};
pub use name::{Description, NotARoomName, RoomName, Title};
pub use port::{AddressStore, BanStore, ChatStore, DeletedChat, MemberStore, NewGroup};
#[cfg(feature = "mocks")]
pub use port::{MockAddressStore, MockBanStore, MockChatStore, MockMemberStore};
pub use preferences::{Preferences, PreferencesUpdate};
pub use project::{ProjectChanges, ProjectChat, ProjectError, ProjectSync, PutProject};
pub use read::{ReadError, ReadMarker};
pub use remove_member::{RemoveMember, RemoveMemberError, RemoveMemberFacts, RemoveMemberRefusal};
pub use room::{EnterError, RoomPage, RoomSummary};
pub use set_member::{
    SetMember, SetMemberError, SetMemberFacts, SetMemberOutcome, SetMemberRefusal,
};
pub use settings::{ChangeSettings, ChatSettings, SettingsError, SettingsRefusal, SettingsUpdate};
pub use whisper::WhisperError;
pub(crate) use whisper::{WhisperPorts, open_whispers};

use crate::clock::{Clock, Timestamp};
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::ids::{ChatId, Seq, UserId, Version};
use crate::message::Message;
use crate::session::Caller;
use crate::user::UserSummary;
use std::sync::Arc;
use std::time::Duration;

/// What the use cases of chats stand on.
pub struct ChatPorts {
    /// Chats.
    pub chats: Arc<dyn ChatStore>,
    /// Chats that have an address.
    pub addresses: Arc<dyn AddressStore>,
    /// Who is in them.
    pub members: Arc<dyn MemberStore>,
    /// Who may not come in.
    pub bans: Arc<dyn BanStore>,
    /// Who is told.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of chats.
pub struct Chats {
    ports: ChatPorts,
}

impl Chats {
    /// Over the given ports.
    pub fn new(ports: ChatPorts) -> Self {
        Self { ports }
    }

    /// Where the caller stands in a chat; everything that concerns one begins with this.
    async fn standing(&self, caller: &Caller, chat: ChatId) -> Result<Standing, GetError> {
        Ok(self.ports.members.standing(chat, caller.user).await?)
    }

    fn tell(&self, body: EventBody, chat: ChatId) {
        self.ports.bus.publish(Event { audience: Audience::Members(chat), body });
    }
}

/// What a member may do in a chat, from least to most. Between two people both are members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChatRole {
    /// Talks.
    Member,
    /// Invites, removes and bans people, deletes messages, changes the settings.
    Admin,
    /// Makes admins and deletes the chat. A group has one owner, other chats one at most.
    Owner,
}

impl ChatRole {
    /// Its word in the native API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|role| role.as_str() == word)
    }
}

/// A chat, as every member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its number.
    pub id: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// Its title, which a chat between two people has not; of a room, its name.
    pub title: Option<Title>,
    /// What it is about.
    pub description: Description,
    /// How long a plain member waits between two messages; nothing if they need not.
    pub slow_mode: Duration,
    /// When it was made.
    pub created_at: Timestamp,
    /// The version of the last change of the above (not of what is in the chat).
    pub version: Version,
}

/// Somebody who is, or was, in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// In which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserSummary,
    /// What they may do.
    pub role: ChatRole,
    /// When they came in, the last time.
    pub joined_at: Timestamp,
    /// When they left or were removed; `None` while they are in.
    pub left_at: Option<Timestamp>,
    /// Up to where they have read.
    pub read_seq: Seq,
    /// The version of the last change of the above.
    pub version: Version,
}

/// Where somebody who is in a chat stands; what permissions are decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The chat.
    pub chat: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub role: ChatRole,
    /// Up to where they have read.
    pub read_seq: Seq,
    /// Whether nobody may write in it: one of the two people that it is between has blocked the
    /// other, is disabled or was deleted.
    pub closed: bool,
    /// The chat's last message.
    pub last_seq: Seq,
    /// The chat's version now.
    pub version: Version,
}

/// A chat, as one member sees it in their list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatView {
    /// The chat.
    pub chat: Chat,
    /// What the viewer may do.
    pub role: ChatRole,
    /// How many people are in it.
    pub member_count: i64,
    /// The other one of a direct chat or of whispers; oneself in one's notes.
    pub peer: Option<UserSummary>,
    /// What the viewer wants of this chat; nobody else learns of it.
    pub preferences: Preferences,
    /// Up to where the viewer has read.
    pub read_seq: Seq,
    /// Messages after that which others wrote and nobody deleted; counted up to
    /// [`limits::UNREAD_COUNT_MAX`].
    pub unread_count: i64,
    /// Those of them that mention the viewer, counted as far.
    pub mention_count: i64,
    /// The last message, perhaps a tombstone.
    pub last_message: Option<Message>,
    /// The place of the last message.
    pub last_seq: Seq,
    /// When the last message was sent, or else when the chat was made.
    pub active_at: Timestamp,
    /// The chat's version now.
    pub version: Version,
}
