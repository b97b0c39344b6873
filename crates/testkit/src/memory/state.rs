//! The tables.

use super::service_keys::KeyRow;
use domain::admin::AuditEntry;
use domain::chat::{
    Ban, Chat, ChatFacts, ChatKey, ChatKind, ChatRole, Horizon, Member, Pair, Preferences, Silence,
    Silenced, Standing, rules,
};
use domain::clock::{Clock, SystemClock, Timestamp};
use domain::data::Data;
use domain::failure::StoreError;
use domain::host::{ExternalId, HostPerson, HostSaid, HostSession, Issuer};
use domain::idempotency::{KeptAnswer, NewRequest};
use domain::ids::{AttachmentId, ChatId, MessageId, Seq, SessionId, UserId, Version};
use domain::invite::Invite;
use domain::media::{Attachment, DuePicture, FileKey};
use domain::message::{ClientId, EarlierText, Mention, Mentions, Message};
use domain::own_data::PendingDeletion;
use domain::push::Subscription;
use domain::second_factor::SecondFactor;
use domain::session::{EndedSession, Registration, Session};
use domain::user::{Email, PasswordHash, User, UserSummary};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Everything the database keeps.
#[derive(Default)]
pub(super) struct State {
    pub(super) clock: StoreClock,
    pub(super) users: BTreeMap<UserId, UserRow>,
    pub(super) audit: Vec<AuditEntry>,
    /// Deletions that have begun but are not finished.
    pub(super) deletions: Vec<PendingDeletion>,
    /// Since when the first has blocked the second.
    pub(super) blocks: BTreeMap<(UserId, UserId), Timestamp>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    /// By the hash of the key.
    pub(super) session_keys: HashMap<[u8; 32], SessionId>,
    /// The sessions at hosts that sessions came of.
    pub(super) host_sessions: HashMap<SessionId, HostSession>,
    pub(super) ended: Vec<(Timestamp, EndedSession)>,
    pub(super) tickets: HashMap<[u8; 32], Ticket>,
    pub(super) subscriptions: BTreeMap<SessionId, Subscription>,
    pub(super) chats: BTreeMap<ChatId, ChatRow>,
    pub(super) keys: HashMap<ChatKey, ChatId>,
    /// Where each message is.
    pub(super) places: HashMap<MessageId, (ChatId, Seq)>,
    /// The earlier texts of edited messages.
    pub(super) edits: HashMap<MessageId, Vec<EarlierText>>,
    pub(super) stars: BTreeSet<(UserId, MessageId)>,
    pub(super) client_ids: HashMap<(UserId, ClientId), MessageId>,
    pub(super) attachments: BTreeMap<AttachmentId, AttachmentRow>,
    /// Keys that nothing refers to: who reserved each, and when it is due for deletion.
    pub(super) loose: BTreeMap<FileKey, (Option<UserId>, Timestamp)>,
    /// Invitations, by the hashes of their codes.
    pub(super) invites: HashMap<[u8; 32], Invite>,
    /// Accounts of host users, and what the host said last.
    pub(super) host_accounts: HashMap<HostPerson, (UserId, Option<HostSaid>)>,
    /// Pictures of hosts' people that are to be fetched, and when.
    pub(super) host_pictures: BTreeMap<UserId, (DuePicture, Timestamp)>,
    /// Chats, by their external ids.
    pub(super) external_chats: HashMap<(Issuer, ExternalId), ChatId>,
    /// Present once the server has been set up; what was decided about registration, if it was.
    pub(super) set_up: Option<Option<Registration>>,
    pub(super) second_factors: BTreeMap<UserId, SecondFactor>,
    /// Accounts that were created for service keys.
    pub(super) service_accounts: BTreeSet<UserId>,
    pub(super) service_keys: BTreeMap<SessionId, KeyRow>,
    /// Requests that may be repeated, by their owners and the digests of their keys, with their answers.
    pub(super) repeated_requests: HashMap<(UserId, [u8; 32]), (NewRequest, Option<KeptAnswer>)>,
    /// Hashes of recovery codes.
    pub(super) recovery_codes: BTreeSet<(UserId, [u8; 32])>,
    pub(super) avatars: BTreeMap<UserId, FileKey>,
    last_id: i64,
}

/// The clock by which the store itself dates things.
pub(super) struct StoreClock(pub(super) Arc<dyn Clock>);

impl Default for StoreClock {
    fn default() -> Self {
        Self(Arc::new(SystemClock))
    }
}

/// An account with what belongs to it.
pub(super) struct UserRow {
    pub(super) user: User,
    pub(super) password: PasswordHash,
    pub(super) email: Email,
    /// The email its owner can sign in with instead of the name.
    pub(super) login_email: Option<String>,
    /// The data its host stores with it.
    pub(super) data: Option<Data>,
    /// When somebody last set its role.
    pub(super) role_set_at: Option<Timestamp>,
}

/// An upload.
pub(super) struct AttachmentRow {
    pub(super) attachment: Attachment,
    pub(super) owner: UserId,
    pub(super) key: FileKey,
    pub(super) created_at: Timestamp,
    /// The message it was sent with.
    pub(super) message: Option<MessageId>,
}

/// A ticket that has not been taken yet.
pub(super) struct Ticket {
    pub(super) session: SessionId,
    pub(super) expires_at: Timestamp,
}

/// A chat with everything in it.
pub(super) struct ChatRow {
    pub(super) chat: Chat,
    /// The two people that it is between.
    pub(super) pair: Option<Pair>,
    pub(super) bans: BTreeMap<UserId, Ban>,
    /// Whether these are whispers, and nobody whispers around them.
    pub(super) hushed: bool,
    pub(super) version: Version,
    pub(super) active_at: Timestamp,
    /// Index `n - 1` holds the message of seq `n`.
    pub(super) messages: Vec<Message>,
    /// Former members included.
    pub(super) members: BTreeMap<UserId, MemberRow>,
}

/// A member or former member of a chat. Names are looked up, since they can change.
#[derive(Clone)]
pub(super) struct MemberRow {
    pub(super) role: ChatRole,
    pub(super) joined_at: Timestamp,
    pub(super) left_at: Option<Timestamp>,
    pub(super) read_seq: Seq,
    /// The read marker that others see.
    pub(super) shown_seq: Seq,
    /// What they do not see.
    pub(super) horizon: Horizon,
    /// Their last silence, which may be over.
    pub(super) silence: Option<Silence>,
    pub(super) version: Version,
    pub(super) preferences: Preferences,
    /// Whether a former member left on their own.
    pub(super) left_freely: bool,
    /// When they last sent something while slow mode was on.
    pub(super) last_sent: Option<Timestamp>,
}

impl MemberRow {
    pub(super) fn new(role: ChatRole, at: Timestamp, read_seq: Seq, version: Version) -> Self {
        let preferences = Preferences::default();
        let (joined_at, left_at, last_sent) = (at, None, None);
        let (shown_seq, left_freely) = (read_seq, false);
        Self {
            role,
            joined_at,
            left_at,
            read_seq,
            shown_seq,
            horizon: Horizon::NONE,
            silence: None,
            version,
            preferences,
            left_freely,
            last_sent,
        }
    }
    /// How long they say nothing.
    pub(super) fn silenced(&self) -> Silenced {
        self.silence.as_ref().into()
    }
}

impl State {
    /// The store's time.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.0.now()
    }

    /// An unused id. One counter serves everything, so that a test which confuses the ids of two kinds of
    /// things cannot pass by chance.
    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// Called with an id given from outside; only higher ones are given out from now on.
    pub(super) fn note_id(&mut self, id: i64) {
        self.last_id = self.last_id.max(id);
    }

    pub(super) fn user(&self, id: UserId) -> Result<&User, StoreError> {
        self.users.get(&id).map(|found| &found.user).ok_or(StoreError::NotFound)
    }

    pub(super) fn summary(&self, id: UserId) -> Result<UserSummary, StoreError> {
        let user = self.user(id)?;
        let (name, external_id) = (user.name.as_str().to_owned(), user.external_id.clone());
        Ok(UserSummary { id, name, role: user.role, external_id })
    }

    /// Whether the account exists and is not deleted.
    pub(super) fn exists(&self, id: UserId) -> bool {
        self.user(id).is_ok_and(|user| user.deleted_at.is_none())
    }

    /// `NotFound` unless the account exists and is not deleted.
    pub(super) fn account(&mut self, id: UserId) -> Result<&mut UserRow, StoreError> {
        let row = self.users.get_mut(&id).filter(|row| row.user.deleted_at.is_none());
        row.ok_or(StoreError::NotFound)
    }

    /// Makes a new version in each chat of this person, because what others see of them has changed.
    pub(super) fn touch(&mut self, user: UserId) -> Result<Vec<Member>, StoreError> {
        let mut chats = Vec::new();
        for (id, row) in &mut self.chats {
            if row.is_member(user) {
                let version = row.step();
                row.present_mut(user)?.version = version;
                chats.push(*id);
            }
        }
        chats.into_iter().map(|chat| self.member(chat, user)).collect()
    }

    pub(super) fn chat(&self, id: ChatId) -> Result<&ChatRow, StoreError> {
        self.chats.get(&id).ok_or(StoreError::NotFound)
    }

    pub(super) fn chat_mut(&mut self, id: ChatId) -> Result<&mut ChatRow, StoreError> {
        self.chats.get_mut(&id).ok_or(StoreError::NotFound)
    }

    pub(super) fn member(&self, chat: ChatId, user: UserId) -> Result<Member, StoreError> {
        let row = self.chat(chat)?.members.get(&user).ok_or(StoreError::NotFound)?.clone();
        let MemberRow { role, joined_at, left_at, shown_seq: read_seq, horizon, .. } = row;
        let MemberRow { silence, version, .. } = row;
        let user = self.summary(user)?;
        Ok(Member { chat, user, role, joined_at, left_at, read_seq, horizon, silence, version })
    }

    /// The members of the chat that a text mentions.
    pub(super) fn mentioned(&self, chat: ChatId, mentions: &Mentions) -> Vec<Mention> {
        let Ok(row) = self.chat(chat) else { return Vec::new() };
        mentions.resolve(|name| {
            let mut members = row.present().map(|(id, _)| id);
            members.find(|id| self.user(*id).is_ok_and(|user| user.name.folded() == name))
        })
    }

    pub(super) fn message(&self, id: MessageId) -> Option<&Message> {
        let (chat, seq) = self.places.get(&id)?;
        self.chats.get(chat)?.message(*seq)
    }
}

impl ChatRow {
    pub(super) fn last_seq(&self) -> Seq {
        self.messages.last().map_or(Seq::ZERO, |message| message.seq)
    }

    /// Its newest message, as what is hidden from somebody.
    pub(super) fn newest(&self) -> Horizon {
        let newest = |message: &Message| Horizon::at(message.seq, message.id);
        self.messages.last().map_or(Horizon::NONE, newest)
    }

    /// What is hidden from somebody who is in it.
    pub(super) fn horizon(&self, viewer: UserId) -> Horizon {
        self.present_member(viewer).map_or(Horizon::NONE, |member| member.horizon)
    }

    /// Whether somebody sees a message, who is in the chat.
    pub(super) fn shows(&self, viewer: UserId, message: &Message) -> bool {
        self.present_member(viewer).is_ok_and(|member| !member.horizon.hides(message))
    }

    /// Whether somebody sees a message of a room, whether they are in it or could come in.
    pub(super) fn shows_to_all(&self, viewer: UserId, message: &Message) -> bool {
        let open = self.chat.kind == ChatKind::Room && !rules::hides_past(self.chat.permissions);
        self.shows(viewer, message) || open && !self.is_member(viewer)
    }

    /// The messages that these reply to and that are not among them, but for those that are hidden.
    pub(super) fn quoted(&self, shown: &[Message], horizon: Horizon) -> Vec<Message> {
        let is_wanted = |message: &&Message| {
            let is_answered = shown.iter().any(|other| other.reply_to == Some(message.id));
            is_answered
                && !horizon.hides(message)
                && shown.iter().all(|other| other.id != message.id)
        };
        self.messages.iter().filter(is_wanted).cloned().collect()
    }

    pub(super) fn message(&self, seq: Seq) -> Option<&Message> {
        self.messages.get(usize::try_from(seq.get() - 1).ok()?)
    }

    pub(super) fn message_mut(&mut self, seq: Seq) -> Option<&mut Message> {
        self.messages.get_mut(usize::try_from(seq.get() - 1).ok()?)
    }

    /// Counts one more change. Only called where something really changes.
    pub(super) fn step(&mut self) -> Version {
        self.version = self.version.next();
        self.version
    }

    /// The present members, in the order of their ids.
    pub(super) fn present(&self) -> impl Iterator<Item = (UserId, &MemberRow)> {
        self.members.iter().filter(|(_, row)| row.left_at.is_none()).map(|(id, row)| (*id, row))
    }

    pub(super) fn present_member(&self, user: UserId) -> Result<&MemberRow, StoreError> {
        let row = self.members.get(&user).filter(|row| row.left_at.is_none());
        row.ok_or(StoreError::NotFound)
    }

    pub(super) fn present_mut(&mut self, user: UserId) -> Result<&mut MemberRow, StoreError> {
        let row = self.members.get_mut(&user).filter(|row| row.left_at.is_none());
        row.ok_or(StoreError::NotFound)
    }

    pub(super) fn is_member(&self, user: UserId) -> bool {
        self.present_member(user).is_ok()
    }

    pub(super) fn standing(&self, user: UserId, closed: bool) -> Result<Standing, StoreError> {
        let row = self.present_member(user)?;
        Ok(self.facts(closed).standing(user, row.role, (row.read_seq, row.horizon, row.silenced())))
    }

    pub(super) fn facts(&self, closed: bool) -> ChatFacts {
        ChatFacts {
            chat: self.chat.id,
            kind: self.chat.kind,
            closed,
            hushed: self.hushed,
            open: self.chat.open,
            permissions: self.chat.permissions,
            member_count: i64::try_from(self.present().count()).unwrap_or(i64::MAX),
            last_seq: self.last_seq(),
            version: self.version,
        }
    }

    /// The other one of the two; oneself in one's notes.
    pub(super) fn peer_of(&self, user: UserId) -> Option<UserId> {
        let pair = self.pair?;
        Some(if pair.lower() == user { pair.higher() } else { pair.lower() })
    }
}
