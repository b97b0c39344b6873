//! The entries of the audit log: what was administered and who signed in, by whom, when and from where.

use crate::clock::Timestamp;
use crate::ids::{AuditId, ChatId, InviteId, MessageId, SessionId, UserId};
use crate::session::{EndReason, Origin};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// What somebody did.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction { $($(#[$doc])* $name,)+ }

        impl AuditAction {
            /// Its word in every protocol and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
            /// The action with that word.
            pub fn parse(word: &str) -> Option<Self> {
                [$(Self::$name,)+].into_iter().find(|action| action.as_str() == word)
            }
        }
    };
}

actions! {
    /// Made an account; the detail is its role.
    UserAdded = "user.added",
    /// Gave an account a role, which is the detail.
    UserRole = "user.role",
    /// Changed what an account says about its owner; the detail names the fields.
    UserProfile = "user.profile",
    /// Disabled an account.
    UserDisabled = "user.disabled",
    /// Enabled an account.
    UserEnabled = "user.enabled",
    /// Set an account's password.
    UserPassword = "user.password",
    /// Ended an account's sessions.
    UserSessions = "user.sessions",
    /// Turned off an account's second factor.
    UserSecondFactor = "user.second_factor",
    /// Deleted an account; the detail says what became of its messages.
    UserDeleted = "user.deleted",
    /// Deleted a chat; the detail is its kind and its title.
    ChatDeleted = "chat.deleted",
    /// Made or changed the chat of a project; the detail is the project, the title and how many are in it.
    ProjectChatSet = "chat.project",
    /// Made or changed a group of a host; the detail is the title and how many are named.
    HostChatSet = "chat.host",
    /// Moderated a chat as a service key that reaches every chat; the detail is what it did.
    ChatModerated = "chat.moderated",
    /// Deleted a message.
    MessageDeleted = "message.deleted",
    /// Made an invitation; the detail is for how many and for how long.
    InviteMade = "invite.made",
    /// Revoked an invitation.
    InviteRevoked = "invite.revoked",
    /// Added a service key of an account; the detail is its number and what it may do.
    KeyAdded = "key.added",
    /// Revoked a service key; the detail is its number.
    KeyRevoked = "key.revoked",
    /// Made their own account; the detail is the invitation, if there was one.
    UserRegistered = "user.registered",
    /// Changed their own password.
    PasswordChanged = "password.changed",
    /// Turned their own second factor on.
    SecondFactorOn = "second_factor.on",
    /// Turned it off.
    SecondFactorOff = "second_factor.off",
    /// Made other recovery codes.
    RecoveryCodesMade = "second_factor.codes",
    /// Used a recovery code up.
    RecoveryCodeUsed = "second_factor.code_used",
    /// Proved once more whose their session is.
    SessionProved = "session.proved",
    /// Signed in.
    SessionOpened = "session.opened",
    /// Was refused to sign in; the detail says why.
    SessionRefused = "session.refused",
    /// Ended a session; the detail is its number and why it ended.
    SessionEnded = "session.ended",
}

/// The two kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditKind {
    /// A change by an admin or the operator. Kept for ever.
    Change,
    /// Signing in, and changes of what guards one's own account. Since there is no limit to these, only the
    /// newest [`crate::limits::SIGN_INS_KEPT`] entries of each action and account are kept, for
    /// [`crate::limits::SIGN_IN_MEMORY`].
    SignIn,
}

impl AuditKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Change, Self::SignIn];

    /// Its word in every protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::SignIn => "sign_in",
        }
    }
    /// The kind with that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl AuditAction {
    /// The kind of its entries.
    pub const fn kind(self) -> AuditKind {
        match self {
            Self::UserRegistered
            | Self::PasswordChanged
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::RecoveryCodesMade
            | Self::RecoveryCodeUsed
            | Self::SessionProved
            | Self::SessionOpened
            | Self::SessionRefused
            | Self::SessionEnded => AuditKind::SignIn,
            _ => AuditKind::Change,
        }
    }
}

/// What an action was done to. It may have been deleted since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditTarget {
    /// An account.
    User(UserId),
    /// A chat.
    Chat(ChatId),
    /// A message.
    Message(MessageId),
    /// An invitation.
    Invite(InviteId),
    /// No account: somebody tried to sign in to an account that does not exist.
    Nobody,
}

impl AuditTarget {
    /// The id that stands for [`Self::Nobody`]; no account has it.
    pub const NOBODY: i64 = 0;

    /// The target with that id. What it is the id of follows from the action.
    pub fn of(action: AuditAction, number: i64) -> Self {
        use AuditAction::{
            ChatDeleted, ChatModerated, HostChatSet, InviteMade, InviteRevoked, MessageDeleted,
            ProjectChatSet, SessionRefused,
        };
        match action {
            ChatDeleted | ChatModerated | HostChatSet | ProjectChatSet => {
                Self::Chat(ChatId::stored(number))
            }
            MessageDeleted => Self::Message(MessageId::stored(number)),
            InviteMade | InviteRevoked => Self::Invite(InviteId::stored(number)),
            SessionRefused if number == Self::NOBODY => Self::Nobody,
            _ => Self::User(UserId::stored(number)),
        }
    }
}

/// An entry to write. Its target is given by the call that writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The account that did it; `None` for the operator, and for somebody who did not sign in.
    pub actor: Option<UserId>,
    /// When it was done.
    pub at: Timestamp,
    /// What was done.
    pub action: AuditAction,
    /// Details; may be empty. Never a password or the text of a message.
    pub detail: String,
    /// Where a sign-in came from.
    pub origin: Option<Origin>,
}

impl Record {
    /// Something was done by an account, or by the operator if `actor` is `None`.
    pub fn new(actor: Option<UserId>, action: AuditAction, detail: String, at: Timestamp) -> Self {
        Self { actor, at, action, detail, origin: None }
    }
    /// Somebody registered.
    pub fn registered(user: UserId, origin: Origin, at: Timestamp) -> Self {
        Self::of_oneself(user, AuditAction::UserRegistered, at).from(origin)
    }
    /// Somebody registered with an invitation.
    pub fn invited(user: UserId, invite: InviteId, origin: Origin, at: Timestamp) -> Self {
        Self { detail: format!("invite {invite}"), ..Self::registered(user, origin, at) }
    }
    /// Somebody signed in, which opened that session.
    pub fn opened(user: UserId, session: SessionId, origin: Origin, at: Timestamp) -> Self {
        let line = Self::of_oneself(user, AuditAction::SessionOpened, at).from(origin);
        Self { detail: session.to_string(), ..line }
    }
    /// A session ended.
    pub fn ended(user: UserId, session: SessionId, why: EndReason, at: Timestamp) -> Self {
        let line = Self::of_oneself(user, AuditAction::SessionEnded, at);
        Self { detail: format!("{session}: {}", why.as_str()), ..line }
    }
    /// Somebody changed their own password.
    pub fn password_changed(user: UserId, at: Timestamp) -> Self {
        Self::of_oneself(user, AuditAction::PasswordChanged, at)
    }
    /// A sign-in was refused.
    pub fn refused(why: &'static str, origin: Option<Origin>, at: Timestamp) -> Self {
        let line = Self::new(None, AuditAction::SessionRefused, why.to_owned(), at);
        Self { origin, ..line }
    }

    /// Somebody did something to their own account.
    pub fn of_oneself(user: UserId, action: AuditAction, at: Timestamp) -> Self {
        Self::new(Some(user), action, String::new(), at)
    }
    fn from(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id, which rises.
    pub id: AuditId,
    /// What it was done to.
    pub target: AuditTarget,
    /// Who did what, and when.
    pub record: Record,
    /// How often it happened within the hour from that time on. Attempts to sign in to accounts that do not exist
    /// share an entry; everything else has its own, with a count of 1.
    pub count: u32,
}

/// Which entries to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only of this kind.
    pub kind: Option<AuditKind>,
    /// Only those before this one.
    pub before: Option<AuditId>,
    /// At most this many.
    pub limit: usize,
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// Whether there are older ones.
    pub more: bool,
}
