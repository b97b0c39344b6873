//! Chats and who is in them.

mod actor;
mod arrive;
mod ban;
mod changes;
mod compare;
mod consent;
mod create;
mod delete;
mod entities;
mod horizon;
mod host_chat;
mod join;
mod kind;
mod list;
mod lookup;
mod managed;
mod members;
mod membership;
mod name;
mod permissions;
mod port;
mod preferences;
mod project;
mod reach;
mod read;
mod remove_member;
mod room;
pub mod rules;
mod set_member;
mod settings;
mod silence;
mod whisper;

pub use actor::{ChatActor, ChatFacts};
pub use ban::{
    BanChanges, BanError, BanFacts, BanPage, BanRefusal, LiftBan, LiftBanError, LiftBanFacts,
    LiftBanRefusal, NewBan,
};
pub use changes::{Changes, ChangesError, Missed};
pub use compare::{Followed, Membership};
pub use consent::{Unwilling, Wishes};
pub use create::{CreateGroup, CreateGroupError, NotAnExternalId, OpenDirectError};
pub use delete::{DeleteChat, DeleteError, DeleteRefusal};
pub use entities::{
    Ban, Chat, ChatRole, ChatView, Member, Preferences, RoomOwnership, Silence, Silenced, Standing,
};
pub use horizon::{Horizon, Horizons};
pub use host_chat::{ChangeHostMembers, HostChatError, PutHostChat};
pub use join::{JoinError, JoinFacts, JoinRefusal, Joining};
pub use kind::{ChatKey, ChatKind, Pair};
pub use list::{AllChats, ChatCursor, ChatPage, ChatQuery, GetError, ListAllError};
pub use lookup::{Gathering, Outline, Writer};
pub use managed::{
    ManagedAddress, ManagedChanges, ManagedChat, ManagedRefusal, ManagedState, ManagedSync,
    MemberList, MemberListError, Named,
};
pub use members::MemberPage;
pub use membership::{ChangedMembers, MemberChange, Target};
pub use name::{Description, NotARoomName, RoomName, Title};
pub use permissions::{
    HistoryShown, Inviting, Leaving, Permissions, PermissionsUpdate, Posting, Reacting,
    Restriction, UnsuitablePermission, Whispering,
};
pub use port::{AddressStore, BanStore, ChatStore, DeletedChat, MemberStore, NewGroup};
#[cfg(feature = "mocks")]
pub use port::{MockAddressStore, MockBanStore, MockChatStore, MockMemberStore};
pub use preferences::PreferencesUpdate;
pub use project::{ProjectError, PutProject};
pub use reach::ReachError;
pub(crate) use reach::{check_reach, standing};
pub(crate) use read::tell_read;
pub use read::{MarkerMove, Moved, ReadError, ReadMarker, Reader, move_marker, move_markers};
pub use remove_member::{RemoveMember, RemoveMemberError, RemoveMemberFacts, RemoveMemberRefusal};
pub use room::{EnterError, RoomPage, RoomSummary};
pub use set_member::{
    SetMember, SetMemberError, SetMemberFacts, SetMemberOutcome, SetMemberRefusal,
};
pub use settings::{ChangeSettings, ChatSettings, SettingsError, SettingsRefusal, SettingsUpdate};
pub use silence::{
    LiftSilence, LiftSilenceError, LiftSilenceRefusal, NewSilence, SilenceError, SilenceFacts,
    SilenceRefusal,
};
pub use whisper::WhisperError;
pub(crate) use whisper::{WhisperPorts, open_whispers};

use crate::block::BlockStore;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::ids::ChatId;
use crate::limits::Chosen;
use std::sync::Arc;

/// What the use cases of chats stand on.
pub struct ChatPorts {
    /// Chats.
    pub chats: Arc<dyn ChatStore>,
    /// Chats that have an address.
    pub addresses: Arc<dyn AddressStore>,
    /// Who is in them.
    pub members: Arc<dyn MemberStore>,
    /// Who may not come in, and who may not speak.
    pub bans: Arc<dyn BanStore>,
    /// Who is hidden from whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Who finds whom, and which rooms.
    pub directory: Arc<Directory>,
    /// Who is told.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of chats.
pub struct Chats {
    ports: ChatPorts,
    limits: Chosen,
}

impl Chats {
    /// Over the given ports, with the limits that hold unless others are chosen.
    pub fn new(ports: ChatPorts) -> Self {
        Self { ports, limits: Chosen::default() }
    }

    /// With these limits.
    pub fn within(self, limits: Chosen) -> Self {
        Self { limits, ..self }
    }

    fn tell(&self, body: EventBody, chat: ChatId) {
        self.ports.bus.publish(Event { audience: Audience::Members(chat), body });
    }
}
