//! What chats need from the outside.

use super::{
    AllChats, BanPage, BanRefusal, ChangeSettings, ChangedMembers, Changes, Chat, ChatCursor,
    ChatFacts, ChatKey, ChatPage, ChatQuery, ChatRole, ChatView, DeleteChat, DeleteRefusal,
    Followed, Horizons, JoinRefusal, Joining, LiftBan, LiftBanRefusal, LiftSilence,
    LiftSilenceRefusal, ManagedChat, ManagedRefusal, ManagedSync, Member, MemberPage, Membership,
    NewBan, NewSilence, Outline, Pair, Permissions, Preferences, PreferencesUpdate, ReadMarker,
    RemoveMember, RemoveMemberRefusal, Restriction, RoomName, RoomPage, SetMember,
    SetMemberRefusal, SettingsRefusal, SilenceRefusal, Standing, Title, Wishes, Writer, rules,
};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::data::Data;
use crate::failure::{StoreError, WriteError};
use crate::host::{ExternalId, Issuer};
use crate::ids::{ChatId, ProjectId, Seq, UserId, Version};
use crate::message::Message;
use async_trait::async_trait;

/// A group to be made.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// Its title.
    pub title: Title,
    /// Who makes it and owns it.
    pub owner: UserId,
    /// The others, each once; not the owner.
    pub members: Vec<UserId>,
    /// See [`Chat::open`].
    pub open: bool,
    /// What it lets its people do.
    pub permissions: Permissions,
    /// What its host is to call it.
    pub external_id: Option<(Issuer, ExternalId)>,
    /// What its host keeps with it.
    pub data: Option<Data>,
    /// Now.
    pub created_at: Timestamp,
}

impl NewGroup {
    /// Whether its members may be in it, given who has blocked the owner.
    pub fn allows(&self, blockers: &[UserId]) -> bool {
        self.members.iter().all(|user| {
            let wishes = Wishes { blocked_actor: blockers.contains(user), ..Wishes::default() };
            rules::may_bring_in(wishes).is_ok()
        })
    }
}

/// A chat that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedChat {
    /// What it was.
    pub chat: Chat,
    /// It, and the whispers in it.
    pub gone: Vec<ChatId>,
}

/// Keeps chats. Each call is one atomic change, and a change that returned is there to stay.
/// Whatever changes a chat moves its version forward by exactly one, and versions are given out in
/// the order of the commits. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ChatStore: Send + Sync {
    /// The direct chat of two people, and whether it was made just now, at version 1. Of several
    /// calls at once one makes it and all answer the same chat. `NotFound` if one of the two has no
    /// account. `Conflict` unless it is opened, as [`rules::may_open`] says of whether it is closed, or would be:
    /// see [`crate::block::BlockStore`].
    async fn open_direct(&self, pair: Pair, at: Timestamp) -> Result<(Chat, bool), StoreError>;

    /// Makes a group at version 1 with its owner and its members. `NotFound` if one of them has no
    /// account, or [`NewGroup::allows`] says so. `Conflict` if a chat of that issuer has its external id: of two
    /// at once, one is made. Then nothing is made. Once a chat is deleted, its external id is free.
    async fn create_group(&self, group: NewGroup) -> Result<Chat, StoreError>;

    /// Changes settings as [`ChangeSettings::decide`] says over what is true once the chat is locked, as
    /// one version. `None` if there was nothing to change, and then the version stays. Whispers in the chat are
    /// hushed from then on, or are not, as [`rules::lets_whisper`] says.
    async fn update(
        &self,
        wanted: ChangeSettings,
    ) -> Result<Option<Chat>, WriteError<SettingsRefusal>>;

    /// Deletes the chat as [`DeleteChat::decide`] says over what is true once it is locked, with its
    /// messages and members, and the whispers in it with theirs. Returns what is gone, the chat first. From
    /// then on there is no such chat. Of one with more than [`crate::limits::CHAT_ERASED_AT_ONCE`] messages
    /// these are still kept, with their client ids and files, until [`Self::erase_deleted`] takes them away;
    /// nobody is in a chat in which they could be seen.
    async fn delete(&self, wanted: DeleteChat) -> Result<Vec<ChatId>, WriteError<DeleteRefusal>>;

    /// Takes away up to so many rows of what is left of deleted chats, in one transaction that waits for no
    /// chat that is there; the words of a message go with its row. Returns how many rows; 0 if nothing is left.
    async fn erase_deleted(&self, limit: usize) -> Result<usize, StoreError>;

    /// The chat as the member sees it. `NotFound` if they are not in it.
    async fn view(&self, chat: ChatId, viewer: UserId) -> Result<ChatView, StoreError>;

    /// The chats that the viewer is in, the one active last first (by time, then by id, both
    /// falling), after the cursor.
    async fn list(&self, viewer: UserId, query: ChatQuery) -> Result<ChatPage, StoreError>;

    /// The chat as whoever is not in it sees it: with an owner's rights, nothing unread, no peer and no
    /// preferences. `NotFound` if there is none.
    async fn view_from_outside(&self, chat: ChatId) -> Result<ChatView, StoreError>;

    /// All chats as whoever is not in them sees them, in the order of their ids.
    async fn all(&self, query: AllChats) -> Result<ChatPage, StoreError>;

    /// Sets what a member wants of a chat and returns all of it. The chat's version stays.
    /// `NotFound` if they are not in it.
    async fn set_preferences(
        &self,
        chat: ChatId,
        member: UserId,
        wanted: PreferencesUpdate,
    ) -> Result<Preferences, StoreError>;

    /// Every chat that the viewer is in, with its version now and what they do not see of it, in the order of
    /// their ids.
    async fn followed(&self, viewer: UserId) -> Result<Vec<Followed>, StoreError>;

    /// Those of these chats that there are, with their versions now, in the order of their ids.
    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Version)>, StoreError>;

    /// What changed after `since`, oldest change first, at most about `limit` things: the chat
    /// itself, members (those who left included) and messages (tombstones included), each as it is
    /// now and once. [`Changes::version`] is the version up to which that is complete, and
    /// [`Changes::more`] whether the chat is past it. `NotFound` if there is no such chat.
    async fn changes(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Changes, StoreError>;

    /// The same, read at once with where the viewer stands in the chat, which says what of it they see. `NotFound`
    /// unless they are in it.
    async fn changes_with_standing(
        &self,
        viewer: UserId,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<(Standing, Changes), StoreError>;
}

/// Keeps chats that are found by something else than their number, and are opened, not made. Of
/// several calls at once one makes the chat and all find the same. The promises of [`ChatStore`]
/// hold here too.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AddressStore: Send + Sync {
    /// The room of that name, and whether it was made just now, at version 1 with `by` as its only
    /// member, of that role. `NotFound` if `by` has no account.
    async fn open_room(
        &self,
        name: &RoomName,
        by: (UserId, ChatRole),
        at: Timestamp,
    ) -> Result<(Chat, bool), StoreError>;

    /// All rooms, or those that `member` is in, the one active last first (by time, then by id, both falling),
    /// after the cursor.
    async fn rooms(
        &self,
        after: Option<ChatCursor>,
        limit: usize,
        member: Option<UserId>,
    ) -> Result<RoomPage, StoreError>;

    /// Makes the chat of that address if [`ManagedChat::may_be_made`] says so, or makes it what is wanted as
    /// [`ManagedChat::decide`] says once it is locked, whispers there as [`ChatStore::update`] does: each
    /// difference is one version, none is none, and writes no line of the audit log. Lifts the bans of whom
    /// [`super::ManagedChanges::lifts_bans_of`] names. `NotFound` if somebody named has no account; then nothing
    /// is changed.
    async fn put_managed(
        &self,
        wanted: ManagedChat,
    ) -> Result<ManagedSync, WriteError<ManagedRefusal>>;

    /// Deletes the project's chat as [`crate::admin::AdminStore::delete_chat`] does. `NotFound` if it has
    /// none.
    async fn delete_project(
        &self,
        project: ProjectId,
        record: Record,
    ) -> Result<DeletedChat, StoreError>;

    /// The project's chat. `NotFound` if it has none.
    async fn project(&self, project: ProjectId) -> Result<ChatId, StoreError>;

    /// What two members whisper in a chat, and whether that was opened just now, at version 1.
    /// Refused as [`rules::lets_whisper`] says once the chat is locked, whether it was opened before or not.
    /// `NotFound` unless both are in the chat; `Conflict` as in [`ChatStore::open_direct`]. The chat itself stays
    /// as it is.
    async fn open_whispers(
        &self,
        chat: ChatId,
        pair: Pair,
        at: Timestamp,
    ) -> Result<(Chat, bool), WriteError<Restriction>>;

    /// The chat of that key. `NotFound` if there is none.
    async fn find(&self, key: ChatKey) -> Result<ChatId, StoreError>;

    /// What somebody who is in it whispers in a chat, and with whom, in the order of the chats.
    async fn whispers(
        &self,
        chat: ChatId,
        user: UserId,
    ) -> Result<Vec<(ChatId, UserId)>, StoreError>;

    /// The rooms and direct chats that somebody is in and has written a message in that is not deleted,
    /// in the order of their ids, at most `limit`.
    async fn written(&self, author: UserId, limit: usize) -> Result<Vec<ChatId>, StoreError>;

    /// Who wrote the last `newest` messages of each of these chats, but for those that are deleted and those that
    /// the viewer does not see: each pair of an author and a role once, in the order of the chats, the authors'
    /// ids and the roles. Of chats that they are not in, they see rooms that do not hide their past
    /// ([`rules::hides_past`]).
    async fn writers(
        &self,
        chats: &[ChatId],
        viewer: UserId,
        newest: usize,
    ) -> Result<Vec<Writer>, StoreError>;

    /// A chat as it is called from outside. `NotFound` if there is none.
    async fn outline(&self, chat: ChatId) -> Result<Outline, StoreError>;

    /// The last message of each of those rooms, but for those that the viewer is banned from at `now`; perhaps
    /// tombstones. What is no room is passed over, and so is a message that the viewer does not see: one from
    /// before they came in, or, if they are not in, any of a room that hides its past ([`rules::hides_past`]).
    async fn last_said(
        &self,
        rooms: &[ChatId],
        viewer: UserId,
        now: Timestamp,
    ) -> Result<Vec<Message>, StoreError>;
}

/// Keeps who may not come into which chat, and who may not speak there. The promises of [`ChatStore`] hold here too.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait BanStore: Send + Sync {
    /// Bans somebody as [`NewBan::decide`] says, anew if they are banned, and takes them out as
    /// [`MemberStore::remove`] does if they are in.
    async fn ban(&self, ban: NewBan) -> Result<ChangedMembers, WriteError<BanRefusal>>;

    /// Lifts a ban as [`LiftBan::decide`] says.
    async fn lift(&self, wanted: LiftBan) -> Result<(), WriteError<LiftBanRefusal>>;

    /// Silences a member as [`NewSilence::decide`] says, anew if they are silenced, and in their whispers in the chat,
    /// those included that are opened later. A silence stays with whoever leaves and comes back.
    async fn silence(
        &self,
        silence: NewSilence,
    ) -> Result<ChangedMembers, WriteError<SilenceRefusal>>;

    /// Lifts a silence as [`LiftSilence::decide`] says, and in whispers. It takes no version if they have left.
    async fn lift_silence(
        &self,
        wanted: LiftSilence,
    ) -> Result<ChangedMembers, WriteError<LiftSilenceRefusal>>;

    /// The bans of a chat that hold at `now`, in the order of the ids of the people, after the
    /// cursor.
    async fn list(
        &self,
        chat: ChatId,
        now: Timestamp,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BanPage, StoreError>;
}

/// Keeps who is in which chat. The promises of [`ChatStore`] hold here too.
///
/// Where a method takes a wish, it loads what the wish's `decide` asks for once the chat is locked, and
/// makes the changes that are decided before it lets go. So nobody acts who is out or has lost
/// their role, however late they knew: between the decision and the change there is nothing.
/// A refusal uses up no version, nor does a decision that nothing is to change.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MemberStore: Send + Sync {
    /// Where somebody stands in a chat. `NotFound` if they are not in it (any more), or there is
    /// no such chat.
    async fn standing(&self, chat: ChatId, user: UserId) -> Result<Standing, StoreError>;

    /// What the chat is, whoever is in it. `NotFound` if there is no such chat.
    async fn facts(&self, chat: ChatId) -> Result<ChatFacts, StoreError>;

    /// Who is in the chat, in the order of their ids, after the cursor.
    async fn list(
        &self,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<MemberPage, StoreError>;

    /// Who is in each of these chats, in the order of the chats and of the people's ids, at most
    /// `limit` in all. With a viewer, chats that they are not in are passed over.
    async fn together(
        &self,
        chats: &[ChatId],
        viewer: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError>;

    /// Lets somebody in as [`Joining::decide`] says, and back into their whispers in the chat. What they do not
    /// see is what [`rules::horizon`] says at that moment; so does every method that lets somebody in.
    /// `NotFound` if there is no such chat or account.
    async fn add(&self, joining: Joining) -> Result<ChangedMembers, WriteError<JoinRefusal>>;

    /// Lets somebody in, changes their role or hands the chat over as [`SetMember::decide`] says, in
    /// one change of as many versions. Whoever left by themselves, and has not come back, is known by that. Who comes in is back in their whispers in the chat.
    async fn set(&self, wanted: SetMember) -> Result<ChangedMembers, WriteError<SetMemberRefusal>>;

    /// Takes somebody out as [`RemoveMember::decide`] says, and out of their whispers in the chat, of
    /// which the other one can then only read. What is kept says when they left.
    async fn remove(
        &self,
        wanted: RemoveMember,
    ) -> Result<ChangedMembers, WriteError<RemoveMemberRefusal>>;

    /// Moves somebody's read marker forward to `seq` as [`super::move_marker`] says; one that stays, or
    /// moves for its owner alone, takes no version. Moves that wait at the same time may be made together, as
    /// [`super::move_markers`] says; each returns once the marker is stored there or further. Whether the chat is
    /// closed is that of the same moment.
    /// `NotFound` if they are not in the chat. `Conflict` if the chat has no message of that `seq` yet.
    async fn mark_read(
        &self,
        chat: ChatId,
        user: UserId,
        seq: Seq,
    ) -> Result<ReadMarker, StoreError>;

    /// Everybody who shares a chat of at most `crowd` members with this person, each once, not the
    /// person, in the order of their ids, at most `limit`.
    async fn contacts(
        &self,
        user: UserId,
        crowd: usize,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError>;

    /// Those of `others` who share a chat with this person. Everybody shares one with themselves.
    async fn sharing(&self, user: UserId, others: &[UserId]) -> Result<Vec<UserId>, StoreError>;

    /// What is hidden from whom in a chat, of everybody who is in it or was, or of that person: in the order of
    /// their ids, without those from whom nothing is hidden. It is that of the last time that they came in.
    async fn horizons(&self, chat: ChatId, of: Option<UserId>) -> Result<Horizons, StoreError>;

    /// Every chat that each of these people is in, in the order of the people's ids and of the
    /// chats'.
    async fn memberships(&self, people: &[UserId]) -> Result<Vec<Membership>, StoreError>;
}
